"""Which pairs are worth looking at, and what is known of all the others.

A pass lists each mentee's best pairs by score less a *reference* price of the seat, and keeps a
limit: no pair that is not listed has more. Prices found later prove most mentees by that limit
alone, without looking at any pair again; how well depends on how near the reference is, so it is
taken from a small sample of the same market.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.engine.columns import RULED_OUT, Flags, Floats, Ints, Reals
from matching.engine.flow import assign
from matching.engine.lists import NOTHING, Lists
from matching.engine.passes import Work, is_allowed, over
from matching.engine.prices import least_prices
from matching.engine.scoring import Problem

LISTED: Final = 64
"""Pairs listed per mentee; where scores tie, a few more."""

SOLVED_WITH: Final = 20
"""Pairs per mentee that the solver is given first."""

MOST_LISTED: Final = 256
GROUPS: Final = 16

WORTH_A_SAMPLE: Final = 2_000_000
"""Pairs from which on a sample costs less than what it saves."""

ROOMY: Final = 1.3
"""With so many seats per mentee prices stay near 0, and 0 is as good a guess as any."""

SAMPLE: Final = 4
MOST_SAMPLED: Final = 4_000
SAMPLE_LISTED: Final = 24
SAMPLE_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Survey:
    """Lists, and which of their pairs are the most promising of each row, for the solver."""

    lists: Lists
    first: Flags


def survey(problem: Problem, reference: Ints, work: Work) -> Survey:
    """One pass over all pairs of free mentees."""
    size = len(problem.mentee_ids)
    limit = np.full(size, NOTHING, dtype=np.int64)
    reachable = np.zeros(size, dtype=np.bool_)
    level = reference.astype(np.float32)
    is_open = problem.capacity > 0
    closed, no_reach = not is_open.all(), np.zeros(0, dtype=np.bool_)

    def look(rows: Ints, scores: Floats) -> tuple[Ints, Ints, Ints, Ints, Flags, Ints, Flags]:
        reach = np.asarray(is_allowed(scores[:, is_open]).any(axis=1)) if closed else no_reach
        less = np.subtract(scores, level, out=scores)
        at, columns, limits = select(less, LISTED, rows)
        given = less[at, columns]
        bars: Reals = np.full(len(rows), -RULED_OUT, dtype=np.float32)
        if less.shape[1] > SOLVED_WITH:
            bars = highest(less, SOLVED_WITH)
        points: Ints = given.astype(np.int64) + reference[columns]
        if not closed:
            # Some allowed pair is listed if there is any.
            reach = np.bincount(at, minlength=len(rows)) > 0
        return rows, rows[at], columns, points, given >= bars[at], limits, reach

    found = over(problem, problem.free, "scores", work, look)
    none = np.zeros(0, dtype=np.int64)
    for rows, _, _, _, _, limits, reach in found:
        limit[rows], reachable[rows] = limits, reach
    lists = Lists(
        np.concatenate([none, *(f[1] for f in found)]),
        np.concatenate([none, *(f[2] for f in found)]),
        np.concatenate([none, *(f[3] for f in found)]),
        reference,
        limit,
        reachable,
    )
    return Survey(lists, np.concatenate([none > 0, *(f[4] for f in found)]))


def highest(less: Reals, count: int) -> Reals:
    """A bar for each row that about its `count` highest reach, and never fewer.

    The least of the `count` highest group maxima is not above the `count`-th highest of all.
    """
    high, wide = less.shape
    groups = max(1, min(GROUPS, wide // count))
    width = wide // groups
    most: Reals = less[:, : groups * width].reshape(high, groups, width).max(axis=1)
    if width <= count:
        least: Reals = most.min(axis=1)
        return least
    bars: Reals = np.partition(most, width - count, axis=1)[:, width - count]
    return bars


def select(less: Floats, listed: int, rows: Ints) -> tuple[Ints, Ints, Ints]:
    """Row within the tile and column of about the best `listed` pairs, and each row's limit.

    Everything from the bar on is taken: all ties or none, whatever the order of columns. A row
    with more than `MOST_LISTED` takes those above, and of the ties as many as fit, from a place
    of its own on.
    """
    high, wide = less.shape
    lowest = np.float32(-RULED_OUT / 2)
    bars: Reals = np.full(high, lowest)
    if wide > listed:
        bars = np.maximum(highest(less, listed), lowest)
    at, columns = np.nonzero(less >= bars[:, None])
    limit = np.where(bars > lowest, bars.astype(np.int64) - 1, NOTHING)
    counts = np.bincount(at, minlength=high)
    crowded = np.flatnonzero(counts > max(MOST_LISTED, listed))
    if len(crowded):
        kept = ~np.isin(at, crowded)
        rest = [fewer(less[row], MOST_LISTED, int(rows[row])) for row in crowded.tolist()]
        limit[crowded] = [bar for _, bar in rest]
        at = np.concatenate([at[kept], np.repeat(crowded, [len(r) for r, _ in rest])])
        columns = np.concatenate([columns[kept], *(r for r, _ in rest)])
        order = np.argsort(at, kind="stable")
        at, columns = at[order], columns[order]
    return at, columns, limit


def fewer(less: Floats, count: int, row: int) -> tuple[Ints, int]:
    """The `count` best columns of one row, ties from a place of its own on, and the limit."""
    bar = np.partition(less, len(less) - count)[len(less) - count]
    above = np.flatnonzero(less > bar)
    ties = np.flatnonzero(less == bar)
    ties = np.roll(ties, -(row * 2654435761 % len(ties)))[: count - len(above)]
    return np.sort(np.concatenate([above, ties])), int(bar)


def reference_prices(problem: Problem, solver: str, work: Work) -> Ints:
    """Prices to measure by: those of a sample market, 0 where they would be near 0 anyway.

    A share of the mentees and the same share of all seats; the price of a mentor without a
    sampled seat is what the sampled mentees would pay there. A guess that only costs time where
    it is wrong.
    """
    wide = len(problem.mentor_ids)
    size, seats = len(problem.free), int(problem.capacity.sum())
    if size * wide < WORTH_A_SAMPLE or seats >= ROOMY * size or not seats:
        return np.zeros(wide, dtype=np.int64)
    every = max(SAMPLE, size // MOST_SAMPLED)
    rows = problem.free[::every]
    mentors, capacity = np.unique(
        np.repeat(np.arange(wide), problem.capacity)[::every], return_counts=True
    )
    few = np.concatenate(over(problem, rows, "sample", work, lambda _, s: small(s[:, mentors])))
    top = few.max(axis=1).astype(np.int64)
    # Where there are seats enough, nobody pays more than `dearest`: a mentee is content to lose
    # so many points against their best. Without that a chance shortage in the sample would lift
    # all its prices. Where seats are scarce, that is what prices should tell.
    dearest = problem.most // 2 if seats >= size else 2 * problem.most + 1
    apart = top - dearest if seats >= size else np.full(len(rows), -problem.most - 1)
    prices, values = sample_prices(few, apart, capacity, solver)
    level = (values + apart).astype(np.float32)[:, None]
    place = np.zeros(len(problem.mentee_ids), dtype=np.int64)
    place[rows] = np.arange(len(rows))
    # Less than nothing is offered where a pair must not be.
    offers = over(problem, rows, "sample", work, lambda r, s: (s - level[place[r]]).max(axis=0))
    guess = np.maximum(np.max(offers, axis=0), 0).astype(np.int64)
    guess[mentors] = np.maximum(guess[mentors], prices)
    # Only differences matter; large ones would bring allowed pairs near those ruled out.
    even: Ints = np.minimum(guess - guess.min(), problem.most)
    return even


LARGE: Final = 15_000
"""Scores of a sample above this are cut, to keep it small; it is only a guess."""


def small(scores: Floats) -> NDArray[np.int16]:
    """Scores of a sample in half the memory; -LARGE where a pair must not be."""
    return np.clip(scores, -LARGE, LARGE).astype(np.int16)


def sample_prices(
    scores: NDArray[np.int16], apart: Ints, capacity: Ints, solver: str
) -> tuple[Ints, Ints]:
    """Prices and values of a small market; a mentee without a mentor has `apart`.

    Solved on the best pairs of each row, then again with the pairs that would have done better.
    """
    size, wide = scores.shape
    seen = np.zeros(scores.shape, dtype=np.bool_)
    prices, values = np.zeros(wide, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for _ in range(SAMPLE_ROUNDS):
        worse = 0
        for start in range(0, size, 512):
            part = slice(start, start + 512)
            less = scores[part].astype(np.float32) - (prices + 0.5).astype(np.float32)
            bars = highest(less, min(SAMPLE_LISTED, wide))
            bars = np.maximum(bars, (values + apart)[part].astype(np.float32))
            found = less >= bars[:, None]
            worse += int((found & ~seen[part]).any(axis=1).sum())
            seen[part] |= found
        if worse * 50 < size:
            break
        rows, columns = np.nonzero(seen)
        gains = scores[rows, columns] - apart[rows]
        rows, columns, gains = (a[gains > 0] for a in (rows, columns, gains))
        partner = assign(rows, columns, gains, capacity, size, solver)
        prices = least_prices(rows, columns, gains, partner, wide)
        values = np.zeros(size, dtype=np.int64)
        np.maximum.at(values, rows, gains - prices[columns])
    return prices, values
