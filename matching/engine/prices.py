"""Seat prices from a matching, and the bound they prove. Whole numbers, no solver.

For any prices v >= 0 no matching is worth more than D(v) = sum_i u_i + sum_j capacity_j * v_j with
u_i = max(0, max_j gain_ij - v_j) and gain = price of staying unmatched + score. A matching worth
D(v) is therefore the best there is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.engine.columns import RULED_OUT, Flags, Floats, Ints
from matching.engine.passes import Work, is_allowed, over
from matching.engine.policy import TOTAL
from matching.engine.scoring import UNMATCHED, Problem, running

EXACT_IN_FLOAT32: Final = 2**23


def least_prices(rows: Ints, columns: Ints, gains: Ints, partner: Ints, wide: int) -> Ints:
    """The least prices under which nobody would do better at another of the given pairs.

    Longest paths over mentors: a mentee who would gain g by moving from j to k makes k dearer than
    j by at least g; one without a mentor makes k cost the whole gain. For a matching that is the
    best on these pairs each price is exactly what one more seat there would add. Rounds look only
    at moves from mentors whose price has risen; for another matching they stop after `wide`.
    """
    own = np.zeros(len(partner), dtype=np.int64)
    taken = columns == partner[rows]
    own[rows[taken]] = gains[taken]
    moves = ~taken
    source = np.where(partner[rows] == UNMATCHED, wide, partner[rows])[moves]
    order = np.argsort(source, kind="stable")
    to, rise = columns[moves][order], (gains - own[rows])[moves][order]
    first = np.searchsorted(source[order], np.arange(wide + 2))
    # One more place than mentors: having none, which costs nothing.
    return longest_paths(first, to, rise, np.zeros(wide + 1, dtype=np.int64))[:wide]


def longest_paths(first: Ints, to: Ints, rise: Ints, prices: Ints) -> Ints:
    """Raise prices along moves until nothing rises; moves of j are first[j]:first[j + 1]."""
    prices = prices.copy()
    risen = np.arange(len(prices))
    for _ in range(len(prices) + 1):
        if not len(risen):
            break
        counts = first[risen + 1] - first[risen]
        at = running(counts) + np.repeat(first[risen], counts)
        higher = np.repeat(prices[risen], counts) + rise[at]
        here = to[at]
        up = higher > prices[here]
        np.maximum.at(prices, here[up], higher[up])
        risen = np.unique(here[up])
    return prices


@dataclass(frozen=True, slots=True)
class Bounds:
    """What prices prove about every possible matching.

    `dual` = D(v), locked pairs apart. `matched` and `score` as in `Result`, locked pairs included.
    `values[i]` = u_i.
    """

    dual: int
    matched: int
    score: int
    values: Ints


def bounds(problem: Problem, prices: Ints, price: int, matched: int, work: Work) -> Bounds:
    """One pass over all pairs, in whole numbers.

    `price` is that of staying unmatched, `matched` the number of pairs of the matching that is
    judged, locked ones included.
    """
    size = len(problem.mentee_ids)
    values = np.zeros(size, dtype=np.int64)
    reachable = np.zeros(size, dtype=np.bool_)
    is_open = problem.capacity > 0
    closed = np.flatnonzero(~is_open)
    level = (prices - price).astype(np.float32)
    exact = float(np.abs(prices - price).max(initial=0)) < EXACT_IN_FLOAT32
    # Mostly what is ruled out lies so low that it stays below 0 even where a seat costs nothing.
    may_lift = price + problem.most >= RULED_OUT

    def look(rows: Ints, scores: Floats) -> tuple[Ints, Ints, Flags]:
        surplus = scores - level if exact else scores.astype(np.float64) - (prices - price)
        if may_lift:
            np.copyto(surplus, -np.inf, where=~is_allowed(scores))
        high = np.maximum(surplus.max(axis=1, initial=0), 0)
        if len(closed):
            scores[:, closed] = -RULED_OUT
        return rows, high.astype(np.int64), np.asarray(is_allowed(scores).any(axis=1))

    for rows, high, reach in over(problem, problem.free, "proof", work, look):
        values[rows], reachable[rows] = high, reach
    dual = int(values.sum()) + int((problem.capacity * prices).sum())
    return claims(problem, int(reachable.sum()), dual, price, matched, values)


def claims(
    problem: Problem, reachable: int, dual: int, price: int, matched: int, values: Ints
) -> Bounds:
    """What D(v) says of people and points. `reachable` free mentees have a mentor to go to."""
    locked = np.flatnonzero(problem.locked >= 0)
    given = int(problem.pairs(locked, problem.locked[locked])[0].sum())
    most = min(reachable, int(problem.capacity.sum()))
    if problem.objective == TOTAL:
        return Bounds(dual, most + len(locked), dual + given, values)
    if price > len(problem.free) * problem.most:
        most = min(most, dual // price)
    score = dual - price * (matched - len(locked))
    return Bounds(dual, most + len(locked), score + given, values)
