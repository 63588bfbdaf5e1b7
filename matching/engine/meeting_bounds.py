"""What no plan of meetings can surpass: a bound from prices, over all pairs there are.

A plan serves mentees in steps: its m-th meeting of a mentee counts for every goal that asks for m
or more. Let `level[m]` be what that is worth, with prices mu >= 0 of what earlier goals have
reached (N_l, meetings of mentees up to the l-th each). Then for any cost a_i of a mentee's meeting,
prices v_j >= 0 of a mentor's meeting and t >= 0 of anybody's slot, no plan has more than

    sum_i sum_m max(0, level[m] - a_i) + sum_j most * v_j + sum t - sum_l mu_l N_l
    + sum_ij max(0, points_ij + a_i - v_j - min_s (t_is + t_js))

over the slots s in which both are free; points count where the goal is points. (Lagrange: each
meeting is charged to what it takes, and a pair meets once.) Whole numbers, no solver.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.engine.columns import Flags, Floats, Ints
from matching.engine.input import Input
from matching.engine.passes import Work, is_allowed, over
from matching.engine.rounds import PRICE_UNIT, MeetingPrices, MeetingRound
from matching.engine.scoring import Problem

POINTS: Final = 0
"""The goal that counts points; goal n counts mentees with n meetings."""

MOST_PRICE: Final = 2**40
"""So that every sum over a tile is exact in float64 and fits 64 bits."""

Offers = NDArray[np.float64]
Values = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table:
    """A round in the engine's own order of people; who takes no part is never free.

    `clock[j]` is the row of `times` a mentor's time stands in: their own, or, for somebody who is
    a mentee too, the mentee's.
    """

    problem: Problem
    mentee_free: Flags
    mentor_free: Flags
    mentee_most: int
    mentor_most: int
    clock: Ints

    @classmethod
    def of(cls, asked: Input, asked_round: MeetingRound) -> Self:
        """The tables of a round, one row a person, beside the arrays of its people."""
        if asked_round.same:
            asked = asked.changed(excluded=asked.excluded | asked_round.same)
        problem = Problem.of(asked)
        row = {person: at for at, person in enumerate(problem.mentee_ids)}
        column = {person: at for at, person in enumerate(problem.mentor_ids)}
        mentees = np.array([row[person.id] for person in asked.mentees], dtype=np.int64)
        mentors = np.array([column[person.id] for person in asked.mentors], dtype=np.int64)
        mentee_free = np.zeros_like(asked_round.mentee_free)
        mentor_free = np.zeros_like(asked_round.mentor_free)
        mentee_free[mentees], mentor_free[mentors] = (
            asked_round.mentee_free,
            asked_round.mentor_free,
        )
        clock = len(row) + np.arange(len(column))
        for mentee, mentor in asked_round.same:
            if mentee in row and mentor in column:
                clock[column[mentor]] = row[mentee]
        table = cls(
            problem,
            mentee_free,
            mentor_free,
            asked_round.mentee_most,
            asked_round.mentor_most,
            clock,
        )
        mentee_free[problem.locked >= 0] = False
        mentor_free[~table.open_mentors] = False
        return table

    @property
    def shape(self) -> tuple[int, int, int]:
        """Mentees, mentors, slots."""
        return len(self.mentee_free), len(self.mentor_free), self.mentee_free.shape[1]

    @property
    def open_mentors(self) -> Flags:
        """Who of the mentors has a seat left, and so takes part."""
        problem = self.problem
        settled = problem.locked[problem.locked >= 0]
        left: Flags = problem.seats > np.bincount(settled, minlength=len(problem.seats))
        return left

    @property
    def goals(self) -> tuple[int, ...]:
        """In the order in which they count."""
        return (*range(1, self.mentee_most + 1), POINTS)

    def served(self, rows: Ints) -> Ints:
        """Meetings of all mentees up to the first, the second, .. of each; `rows` of meetings."""
        counts = np.bincount(rows, minlength=self.shape[0])
        up_to = np.arange(1, self.mentee_most + 1)
        served: Ints = np.minimum(counts[:, None], up_to).sum(axis=0, dtype=np.int64)
        return served


@dataclass(frozen=True, slots=True)
class Possible:
    """Possible meetings: pairs in slots in which both are free, sorted by pair and slot.

    Of every one the number of its pair, its mentee, mentor and slot, and the points of the pair.
    """

    pairs: Ints
    rows: Ints
    columns: Ints
    slots: Ints
    points: Ints

    @classmethod
    def of(cls, table: Table, rows: Ints, columns: Ints, points: Ints) -> Self:
        """All meetings of listed pairs, each pair once."""
        pairs, slots = np.nonzero(table.mentee_free[rows] & table.mentor_free[columns])
        return cls(pairs, rows[pairs], columns[pairs], slots, points[pairs])

    def __len__(self) -> int:
        return len(self.pairs)

    def take(self, which: Ints | Flags) -> Self:
        """Some of them."""
        return type(self)(
            self.pairs[which],
            self.rows[which],
            self.columns[which],
            self.slots[which],
            self.points[which],
        )


@dataclass(frozen=True, slots=True)
class Duals:
    """Prices as arrays, in parts of `PRICE_UNIT`: the letters of the formula above."""

    earlier: Ints
    costs: Ints
    mentors: Ints
    times: Ints

    @classmethod
    def zero(cls, table: Table, goal: int) -> Self:
        mentees, mentors, slots = table.shape
        before = goal - 1 if goal else table.mentee_most
        return cls(
            np.zeros(before, dtype=np.int64),
            np.zeros(mentees, dtype=np.int64),
            np.zeros(mentors, dtype=np.int64),
            np.zeros((mentees + mentors, slots), dtype=np.int64),
        )

    def levels(self, goal: int, most: int) -> Ints:
        """What the first, the second, .. meeting of a mentee is worth."""
        worth = np.zeros(most, dtype=np.int64)
        worth[:goal] = PRICE_UNIT
        for at, price in enumerate(self.earlier.tolist(), start=1):
            worth[:at] += price
        return worth

    def offers(self, table: Table, goal: int, meetings: Possible) -> Ints:
        """What each of these meetings has above the prices, in parts; it may be below 0."""
        offers = self.costs[meetings.rows] - self.mentors[meetings.columns]
        offers -= self.times[meetings.rows, meetings.slots]
        offers -= self.times[table.clock[meetings.columns], meetings.slots]
        if goal == POINTS:
            offers += meetings.points * PRICE_UNIT
        return offers

    def told(self, table: Table) -> MeetingPrices:
        """The same by ids."""
        ids, others = table.problem.mentee_ids, table.problem.mentor_ids
        own = self.times[: len(ids)].tolist()
        theirs = self.times[table.clock].tolist()
        return MeetingPrices(
            tuple(self.earlier.tolist()),
            {
                person: (cost, *times)
                for person, cost, times in zip(ids, self.costs.tolist(), own, strict=True)
            },
            {
                person: (price, *times)
                for person, price, times in zip(others, self.mentors.tolist(), theirs, strict=True)
            },
        )


def fixed_part(table: Table, duals: Duals, goal: int) -> int:
    """The bound in parts, but for what pairs add and what earlier goals have reached."""
    levels = duals.levels(goal, table.mentee_most)
    surplus = np.maximum(levels - duals.costs[:, None], 0)
    limits = table.mentor_most * int(duals.mentors.sum())
    return int(surplus.sum()) + limits + int(duals.times.sum())


def less_reached(duals: Duals, reached: Sequence[int]) -> int:
    """What the bound loses for what earlier goals have reached, in parts."""
    return sum(
        price * number for price, number in zip(duals.earlier.tolist(), reached, strict=True)
    )


def pairs_part(table: Table, duals: Duals, goal: int, work: Work) -> int:
    """What all pairs add to the bound, in parts."""

    def look(rows: Ints, offers: Offers) -> int:
        return int(np.maximum(offers, 0).astype(np.int64).sum())

    return sum(over_offers(table, duals, goal, work, look))


def over_offers(
    table: Table, duals: Duals, goal: int, work: Work, look: Callable[[Ints, Offers], T]
) -> list[T]:
    """What `look` makes of rows and all that their pairs have above the prices, in parts.

    Minus infinity for pairs that cannot meet. `look` may overwrite what it gets.
    """
    size = table.shape[0]
    left = np.where(table.mentee_free, duals.times[:size], np.inf)
    right = np.where(table.mentor_free, duals.times[table.clock], np.inf).T

    def offered(rows: Ints, scores: Floats) -> T:
        dear = np.full(scores.shape, np.inf)
        both = np.empty_like(dear)
        for slot in range(right.shape[0]):
            np.add(left[rows, slot, None], right[slot], out=both)
            np.minimum(dear, both, out=dear)
        dear += duals.mentors
        offers = duals.costs[rows, None] - dear
        if goal == POINTS:
            offers += scores.astype(np.float64) * PRICE_UNIT
        offers[~is_allowed(scores)] = -np.inf
        return look(rows, offers)

    return over(table.problem, table.problem.free, "meetings", work, offered)
