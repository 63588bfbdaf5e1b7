"""Where one more seat would do most, and whom to recruit next: for coordinators."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.engine.columns import Flags, Ints
from matching.engine.criteria import SetKind
from matching.engine.explain import is_private
from matching.engine.input import Input, answer_of, asks
from matching.engine.policy import Criterion
from matching.engine.result import Result
from matching.engine.scoring import UNMATCHED, Problem
from matching.engine.solved import Solved, laid_out
from matching.engine.types import Mentee

TOLD: Final = 10
"""Mentors, and values, that are told at most."""


@dataclass(frozen=True, slots=True)
class SeatPrice:
    """What one more seat with a mentor adds: a place for one more mentee or none, and `points`.

    `gain` is both together, a place counting `unmatched_price`. `points` may be below 0 where a
    place is gained: others then move over for it. The objective "fair-floor": under its floor.
    """

    mentor: str
    places: int
    points: int
    gain: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value that mentees want, no free seat offers, and not every mentor has.

    `unmatched` mentees without a mentor want it, and `lacking` mentees whose mentor shares nothing
    with them in this criterion. `best`: of the mentors who have it, the one whose one more seat
    would add most; None where nobody has it, or it would add nothing.
    """

    criterion: str
    value: str
    unmatched: int
    lacking: int
    best: SeatPrice | None


@dataclass(frozen=True, slots=True)
class Recruit:
    """Whom to look for: somebody like `like`, or who has what is `wanted`, the most first.

    A new mentor with one seat and the same answers as one of `like` adds what that mentor's price
    says, at the least, unless ranks of single people or a place kept for them made the difference.
    """

    like: tuple[SeatPrice, ...]
    wanted: tuple[Wanted, ...]


def seat_prices(
    asked: Input, result: Result, *, problem: Problem | None = None
) -> tuple[SeatPrice, ...]:
    """All mentors, those whose one more seat would add most first; nobody in a stable run.

    `gain` is exact for one seat when the gap is 0; of several it is the most each can add.
    """
    solved = laid_out(asked, result, problem)
    if not solved.has_prices:
        return ()
    gains = solved.prices
    places = seats_that_place(solved)
    points = gains - places * result.unmatched_price
    order = np.lexsort((np.array(solved.problem.mentor_ids), -points, -places.astype(np.int64)))
    return tuple(
        SeatPrice(solved.problem.mentor_ids[at], int(places[at]), int(points[at]), int(gains[at]))
        for at in order.tolist()
    )


def seats_that_place(solved: Solved) -> Flags:
    """The mentors whose one more seat places one more mentee.

    A price above all scores together tells it by itself: a seat that places nobody adds no more
    than what the placed could still score. A smaller price does not, but the listed pairs show
    whom a seat leads to; without them half of it must do, which is wrong only where one seat moves
    so many people that they gain or lose over two full scores together.
    """
    problem, result = solved.problem, solved.result
    alone = np.flatnonzero((solved.partner == UNMATCHED) & (problem.locked == UNMATCHED))
    price = result.unmatched_price
    if not len(alone):
        return np.zeros(len(solved.column), dtype=np.bool_)
    if price > len(problem.free) * problem.most:
        free = (solved.partner != UNMATCHED) & (problem.locked == UNMATCHED)
        return solved.prices >= price - int(solved.scores[free].sum())
    if solved.lists is not None:
        return solved.led_to(alone)
    return (solved.prices > price // 2) & (price > 0)


def recruit(
    asked: Input, result: Result, *, count: int = TOLD, problem: Problem | None = None
) -> Recruit:
    """Whom to recruit next, by what one more seat of each mentor adds and what is wanted."""
    solved = laid_out(asked, result, problem)
    prices = seat_prices(asked, result, problem=solved.problem)
    like = [price for price in prices if price.gain > 0]
    found = [
        wanted
        for criterion in asked.policy.criteria
        if (kind := shared_kind(criterion)) is not None
        for wanted in unmet(asked, solved, criterion, kind, like)
    ]
    found.sort(key=lambda w: (-w.unmatched, -w.lacking, w.criterion, w.value))
    return Recruit(tuple(like[:count]), tuple(found[:count]))


def shared_kind(criterion: Criterion) -> SetKind | None:
    """The kind, if it gives points for something to have in common that may be told."""
    kind = criterion.kind
    is_told = criterion.points and not is_private(criterion)
    return kind if is_told and isinstance(kind, SetKind) and kind.is_for_sharing else None


def unmet(
    asked: Input, solved: Solved, criterion: Criterion, kind: SetKind, like: Sequence[SeatPrice]
) -> Iterator[Wanted]:
    """What is wanted in one criterion and offered by no free seat."""
    offers = {}
    for mentor in asked.mentors:
        answer = answer_of(mentor, criterion)
        offers[mentor.id] = set() if answer is None else set(kind.has(answer))
    left = seats_left(solved)
    offered: set[str] = set().union(*(offers[m] for m, seats in left.items() if seats > 0))
    # What everybody who answered has makes no difference.
    told = [has for has in offers.values() if has]
    offered |= set.intersection(*told) if len(told) > 1 else set()
    partner = {pair.mentee: pair.mentor for pair in solved.result.pairs}
    counts: dict[str, list[int]] = {}
    for mentee in asked.mentees:
        wanted = wants(mentee, criterion, kind)
        with_whom = partner.get(mentee.id)
        if with_whom is not None and (not offers[with_whom] or wanted & offers[with_whom]):
            continue
        for value in wanted - offered:
            counts.setdefault(value, [0, 0])[with_whom is not None] += 1
    for value, (unmatched, lacking) in counts.items():
        best = next((price for price in like if value in offers[price.mentor]), None)
        yield Wanted(criterion.name, value, unmatched, lacking, best)


def wants(mentee: Mentee, criterion: Criterion, kind: SetKind) -> set[str]:
    """What a mentee named, if the criterion speaks for them."""
    answer = answer_of(mentee, criterion) if asks(mentee, criterion) else None
    return set() if answer is None else set(kind.wants(answer))


def seats_left(solved: Solved) -> Mapping[str, int]:
    """Seats of every mentor that nobody has."""
    taken = np.bincount(solved.partner[solved.partner != UNMATCHED], minlength=len(solved.column))
    left: Ints = solved.problem.seats - taken
    return dict(zip(solved.problem.mentor_ids, left.tolist(), strict=True))
