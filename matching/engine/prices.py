"""Seat prices from a matching, and the bound they prove. Whole numbers, no solver."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.engine.scoring import VETOED, Problem
from matching.engine.tiles import Ints

NEVER: Final = np.iinfo(np.int64).min // 4
UNMATCHED: Final = -1


def least_prices(problem: Problem, partner: Ints) -> Ints:
    """The least seat prices under which nobody in the matching would do better elsewhere.

    `partner[i]` is the column of mentee i's mentor or `UNMATCHED`. Longest paths over mentors: a
    mentee who would gain `g` by moving from j to k makes k dearer than j by at least `g`; one
    without a mentor makes k cost the whole gain. For an optimal matching each price is exactly
    what one more seat there would add. For any other one the rounds stop after K, and the prices
    are still good for a bound.
    """
    mentors = len(problem.mentors)
    rise = np.full((mentors, mentors), NEVER, dtype=np.int64)
    prices = np.zeros(mentors, dtype=np.int64)
    for rows, scores in problem.tiles():
        for row, gains in zip(rows.tolist(), scores.astype(np.int64), strict=True):
            own = int(partner[row])
            allowed = gains != VETOED
            if own == UNMATCHED:
                np.maximum(prices, gains + problem.price, out=prices, where=allowed)
            else:
                np.maximum(rise[own], gains - gains[own], out=rise[own], where=allowed)
    return longest_paths(rise, prices)


def longest_paths(rise: Ints, prices: Ints) -> Ints:
    """Raise prices along `rise` (K x K, from row to column) until nothing moves."""
    moved = np.flatnonzero(prices >= 0)
    for _ in range(len(prices) + 1):
        if not len(moved):
            break
        higher = prices.copy()
        for j in moved.tolist():
            np.maximum(higher, rise[j] + prices[j], out=higher)
        moved = np.flatnonzero(higher > prices)
        prices = higher
    return prices


@dataclass(frozen=True, slots=True)
class Bounds:
    """What prices prove about every possible matching.

    `dual` = D(v). `matched` and `score` as in `Result`. `values[i]` = max(0, max_j gain - v_j).
    """

    dual: int
    matched: int
    score: int
    values: Ints


def bounds(problem: Problem, prices: Ints, matched: int) -> Bounds:
    """One pass over all pairs, in whole numbers."""
    values = np.zeros(len(problem.mentees), dtype=np.int64)
    best = np.full(len(problem.mentees), VETOED, dtype=np.int64)
    open_column = problem.capacity > 0
    for rows, scores in problem.tiles():
        if not len(problem.mentors):
            break
        allowed = scores != VETOED
        surplus = np.where(allowed, scores + problem.price - prices, 0)
        values[rows] = np.maximum(surplus.max(axis=1), 0)
        best[rows] = np.where(allowed & open_column, scores, VETOED).max(axis=1)
    seats = sum(m.seats * int(v) for m, v in zip(problem.mentors, prices, strict=True))
    dual = int(values.sum()) + seats
    reachable = best[best != VETOED]
    most = min(len(reachable), int(problem.capacity.sum()))
    if problem.price == 0:
        return Bounds(dual, most, dual, values)
    # `matched` pairs cannot score more than the best scores of as many mentees.
    highest = int(np.sort(reachable)[len(reachable) - matched :].sum())
    score = min(highest, dual - problem.price * matched)
    return Bounds(dual, min(most, dual // problem.price), score, values)


def worth(problem: Problem, partner: Ints) -> int:
    """The gains of a matching, added up."""
    total = 0
    for rows, scores in problem.tiles():
        matched = np.flatnonzero(partner[rows] != UNMATCHED)
        own = scores[matched, partner[rows[matched]]].astype(np.int64)
        total += int(own.sum()) + problem.price * len(matched)
    return total
