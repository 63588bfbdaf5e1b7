"""The best matching over all pairs, with the prices that prove it.

1. Every mentee's best pairs are listed in one pass (`candidates`).
2. A solver finds the best matching on the most promising of them (`flow`), the least seat prices
   that belong to it are recovered (`prices`).
3. The prices show which listed pairs would do better, and by their limits for which mentees no
   other pair can. The rest is looked at once; what would do better is added, and 2. begins again.
   When nothing would, the matching is the best over all pairs.
4. Among equally good matchings the one with the highest sum of pair hashes is taken (`ties`).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.engine.candidates import Survey, highest, reference_prices, survey
from matching.engine.columns import Flags, Floats, Ints, Reals, Which
from matching.engine.flow import assign
from matching.engine.lists import NOTHING, Lists
from matching.engine.mending import Market
from matching.engine.passes import Work, is_allowed, over
from matching.engine.policy import TOTAL
from matching.engine.prices import EXACT_IN_FLOAT32, least_prices
from matching.engine.scoring import UNMATCHED, Problem

NEAR: Final = 20
"""One part in so many of the most points: how near a pair is taken along with those that would
do better."""

NONE: Final = np.zeros(0, dtype=np.int64)

ADDED: Final = 32
"""About so many of a mentee's pairs are added at a time, the best ones."""

FAR: Final = 12
"""One part in so many of the most points: what loses more is not given to the solver again."""

MENDED: Final = 40
"""So few mentees who would do better are mended one by one; more are solved anew."""

NARROWED: Final = 4
"""In so many rounds pairs are taken away from the solver again."""

FALLEN: Final = (0, 10, 25, 50, 100, 200, 400, 800, 1600)


@dataclass(frozen=True, slots=True)
class Found:
    """A matching and what is known of it; arrays by row and column of the problem.

    `gap` is how much another matching could be worth at most, in gains, beyond this one.
    `inside` are the listed pairs that were given to the solver.
    """

    partner: Ints
    prices: Ints
    values: Ints
    price: int
    gap: int
    lists: Lists
    inside: Flags


def best(problem: Problem, solver: str, work: Work, surveyed: Survey | None = None) -> Found:
    """The best matching of the free rows under the problem's objective, `gap` 0 unless late.

    `surveyed` is the problem's survey, where that is at hand.
    """
    if surveyed is None:
        surveyed = survey(problem, reference_prices(problem, solver, work), work)
    lists, inside = surveyed.lists, surveyed.first
    price = first_price(problem)
    found = proven(problem, lists, inside, price, solver, work)
    matched = int((found.partner[problem.free] != UNMATCHED).sum())
    if problem.objective == TOTAL or matched == most_possible(problem, lists) or work.is_late():
        return found
    # Somebody reachable stays unmatched: only a price above all scores together proves that more
    # cannot be placed.
    price = len(problem.free) * problem.most + 1
    return proven(problem, found.lists, found.inside, price, solver, work)


def first_price(problem: Problem) -> int:
    """The price of staying unmatched that is tried first.

    A few scores high it nearly always places as many as one above all scores together would,
    and it lets prices stay small; that it did is proven by counting.
    """
    if problem.objective == TOTAL:
        return 0
    return min(len(problem.free), 4) * problem.most + 1


def most_possible(problem: Problem, lists: Lists) -> int:
    """As many free mentees as can be placed at most, by counting people and seats."""
    return min(int(lists.reachable.sum()), int(problem.capacity.sum()))


def proven(
    problem: Problem, lists: Lists, inside: Flags, price: int, solver: str, work: Work
) -> Found:
    """The best matching at this price of staying unmatched."""
    near = problem.most // NEAR
    widened, narrowed, is_mended = False, 0, False
    matching = solved(problem, lists, inside, price, solver, work)
    while True:
        partner, prices, values = matching
        surplus = lists.scores + price - prices[lists.columns] - values[lists.rows]
        raised = values.copy()
        np.maximum.at(raised, lists.rows, values[lists.rows] + surplus)
        worse = raised > values
        late = work.is_late()
        placed = int((partner != UNMATCHED).sum())
        if placed < most_possible(problem, lists) and not widened and not late:
            # Prices of a matching that leaves somebody out for want of pairs say little.
            widened = True
            wider = inside | near_best(lists, problem.most // FAR)
            if (wider != inside).any():
                inside = wider
                matching = solved(problem, lists, inside, price, solver, work)
                continue
        more = (
            beyond(problem, lists, prices, raised, price, near, work)
            if (late or int(worse.sum()) <= MENDED)
            else NONE_BEYOND
        )
        gap = int((raised - values).sum()) + more.missing
        if not gap and is_mended and not late:
            # Paths leave prices that prove the matching; the least ones are wanted.
            matching = repriced(lists, inside, price, partner)
            if (matching[1] == prices).all():
                is_mended = False
            continue
        if not gap:
            lists = lists.measured_by(prices, values, price)
        if late or not gap:
            return Found(partner, prices, values, price, gap, lists, inside)
        worse[more.rows] = True
        if placed == most_possible(problem, lists) and narrowed < NARROWED:
            # Prices near the last ones show which pairs cannot matter any more. Not for ever:
            # pairs that come and go could do so without end.
            narrowed += 1
            inside = inside & (surplus >= -(problem.most // FAR))
        inside = inside | (worse[lists.rows] & (surplus > -near))
        lists, inside = with_flags(lists, inside, more)
        if int(worse.sum()) > MENDED:
            matching = solved(problem, lists, inside, price, solver, work)
        else:
            is_mended = True
            matching = mended(problem, lists, inside, price, matching, np.flatnonzero(worse))


Matching = tuple[Ints, Ints, Ints]
"""Partner by row, price by column, value by row; the prices prove it on the pairs inside."""


def solved(
    problem: Problem, lists: Lists, inside: Flags, price: int, solver: str, work: Work
) -> Matching:
    """The best matching of the pairs inside, from nothing."""
    work.watch("solving", 0.0)
    size = len(problem.mentee_ids)
    rows, columns = lists.rows[inside], lists.columns[inside]
    gains = lists.scores[inside] + price
    partner = assign(rows, columns, gains, problem.capacity, size, solver)
    return repriced(lists, inside, price, partner)


def repriced(lists: Lists, inside: Flags, price: int, partner: Ints) -> Matching:
    """The best matching of the pairs inside with its least prices."""
    rows, columns = lists.rows[inside], lists.columns[inside]
    gains = lists.scores[inside] + price
    prices = least_prices(rows, columns, gains, partner, len(lists.reference))
    values = np.zeros(len(partner), dtype=np.int64)
    taken = columns == partner[rows]
    values[rows[taken]] = gains[taken] - prices[columns[taken]]
    return partner, prices, values


def mended(
    problem: Problem, lists: Lists, inside: Flags, price: int, matching: Matching, worse: Ints
) -> Matching:
    """The same from the best matching of fewer pairs, where few mentees would do better now."""
    rows, columns = lists.rows[inside], lists.columns[inside]
    gains = lists.scores[inside] + price
    market = Market(rows, columns, gains, problem.capacity, *matching, pending=worse)
    for row in worse.tolist():
        market.place(row)
    return market.partner, market.prices, market.values


def near_best(lists: Lists, loss: int) -> Flags:
    """The listed pairs that lose no more than this against the best of their row."""
    less = lists.scores - lists.reference[lists.columns]
    best = np.full(len(lists.limit), NOTHING, dtype=np.int64)
    np.maximum.at(best, lists.rows, less)
    flags: Flags = less >= best[lists.rows] - loss
    return flags


@dataclass(frozen=True, slots=True)
class Beyond:
    """Pairs that are not listed: those that come near, and what the best are worth."""

    rows: Ints
    columns: Ints
    scores: Ints
    missing: int


NONE_BEYOND: Final = Beyond(NONE, NONE, NONE, 0)


def with_flags(lists: Lists, inside: Flags, more: Beyond) -> tuple[Lists, Flags]:
    """Lists and flags with further pairs, all of them for the solver."""
    if not len(more.rows):
        return lists, inside
    return lists.with_pairs(more.rows, more.columns, more.scores, inside)


def not_proven(lists: Lists, prices: Ints, values: Ints, price: int) -> Ints:
    """The rows whose limit does not say by itself that no other pair is better."""
    fall = int((lists.reference - prices).max(initial=0))
    known = lists.limit > NOTHING
    return np.flatnonzero(known & (lists.limit + price + fall > values))


def beyond(
    problem: Problem,
    lists: Lists,
    prices: Ints,
    values: Ints,
    price: int,
    near: int,
    work: Work,
) -> Beyond:
    """Look at the pairs whose limit does not prove that they are no better.

    A pair that is not listed has at most limit + price + (reference - price of its seat). So
    where a mentee's limit is low enough even for the columns that fell most, nothing is to be
    seen; otherwise the few fallen columns are looked at for all, and the other rows as a whole,
    whichever way is the least.
    """
    unproven = not_proven(lists, prices, values, price)
    if not len(unproven):
        return NONE_BEYOND
    fall = lists.reference - prices
    order = np.argsort(-fall, kind="stable")
    cost, columns, rows = None, order[:0], unproven
    for count in FALLEN:
        if count >= len(order):
            break
        left = unproven[lists.limit[unproven] + price + fall[order[count]] > values[unproven]]
        this = len(left) * len(order) + count * len(unproven)
        if cost is None or this < cost:
            cost, columns, rows = this, np.sort(order[:count]), left
    others = np.setdiff1d(unproven, rows, assume_unique=True) if len(columns) else rows[:0]
    seen = [look_again(problem, rows, slice(None), prices, values, price, near, work)]
    seen.append(look_again(problem, others, columns, prices, values, price, near, work))
    return Beyond(
        np.concatenate([s.rows for s in seen]),
        np.concatenate([s.columns for s in seen]),
        np.concatenate([s.scores for s in seen]),
        sum(s.missing for s in seen),
    )


def look_again(
    problem: Problem,
    rows: Ints,
    columns: Which,
    prices: Ints,
    values: Ints,
    price: int,
    near: int,
    work: Work,
) -> Beyond:
    """All pairs of these rows and columns: those that would do better, with those near them."""
    none = np.zeros(0, dtype=np.int64)
    numbers = np.arange(len(problem.mentor_ids))[columns]
    if not len(rows) or not len(numbers):
        return NONE_BEYOND
    level = prices[columns] - price
    exact = float(np.abs(level).max(initial=0) + np.abs(values).max()) < EXACT_IN_FLOAT32
    kind = np.float32 if exact else np.float64
    level = level.astype(kind)

    def look(part: Ints, scores: Floats) -> tuple[Ints, Ints, Ints, int]:
        surplus: Reals = scores - level
        np.copyto(surplus, -np.inf, where=~is_allowed(scores))
        high = surplus.max(axis=1)
        own: Reals = values[part].astype(kind)
        worse = high > own
        bar: Reals = own - near + 1
        if len(numbers) > ADDED:
            # What is better than what the mentee has is among the best: the loop gets on.
            bar = np.maximum(bar, highest(surplus, ADDED))
        at, to = np.nonzero((surplus >= bar[:, None]) & worse[:, None])
        missing = int((high[worse] - own[worse]).sum())
        return part[at], numbers[to], scores[at, to].astype(np.int64), missing

    found = over(problem, rows, "proof", work, look, columns)
    return Beyond(
        np.concatenate([none, *(f[0] for f in found)]),
        np.concatenate([none, *(f[1] for f in found)]),
        np.concatenate([none, *(f[2] for f in found)]),
        sum(f[3] for f in found),
    )
