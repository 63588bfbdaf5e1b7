"""A meet-and-greet round: what is asked of its planner, and what comes back.

Before anybody is matched, mentees and mentors meet a few of each other, in slots of a few minutes
in which both are free. `meetings.plan_meetings` finds the meetings, `meeting_check.check_meetings`
holds them against the question.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from matching.engine.columns import Flags
from matching.engine.criteria import answered
from matching.engine.hours import HALF_HOURS, read_hours
from matching.engine.input import Input, is_whole
from matching.engine.stored import json_of
from matching.engine.types import Mentee, Mentor, PairOfIds, ProblemError

PRICE_UNIT: Final = 2**20
"""Prices are whole numbers of so many parts of a point, or of a mentee served."""

DAYTIME: Final = ("0" * 16 + "1" * 24 + "0" * 8) * 7
"""The week of whoever told no hours: 08:00 to 20:00 of every day, on their own clock."""

WEEK: Final = 7 * 24 * 60
MOST_MEETINGS: Final = 50

NOBODY: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class MeetingRound:
    """When everybody can meet, and how often.

    `mentee_free[i, s]`: the i-th of `Input.mentees`, as they stand there, is free throughout slot
    `s`; `mentor_free` the same for `Input.mentors`. Slots are numbers from 0 and do not overlap.
    `mentee_most` and `mentor_most` are the most meetings of one mentee and of one mentor, 1 to 50.
    `same` are the pairs of ids that are one person in both roles, who can be in one meeting at a
    time only and never meets themself.

    Raises ProblemError, a sentence, for numbers of slots that differ, limits that are none, or
    somebody who is two others.
    """

    mentee_free: Flags
    mentor_free: Flags
    mentee_most: int
    mentor_most: int
    same: frozenset[PairOfIds] = frozenset()

    def __post_init__(self) -> None:
        for free in (self.mentee_free, self.mentor_free):
            if free.ndim != 2 or free.dtype != np.bool_:
                raise ProblemError("Who is free must be a table of yes and no, people by slots.")
        if self.mentee_free.shape[1] != self.mentor_free.shape[1]:
            raise ProblemError("Mentees and mentors must be asked about the same slots.")
        for side, most in (("mentee", self.mentee_most), ("mentor", self.mentor_most)):
            if not is_whole(most) or not 1 <= most <= MOST_MEETINGS:
                raise ProblemError(
                    f"The most meetings of a {side} must be a whole number, 1 to {MOST_MEETINGS}."
                )
        for at, side in enumerate(("mentee", "mentor")):
            if len({pair[at] for pair in self.same}) < len(self.same):
                raise ProblemError(f"A {side} is said to be one person with two others.")

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return int(self.mentee_free.shape[1])

    def digest(self, asked: Input) -> str:
        """SHA-256 (hex) of everything that decides the plan; nothing in it depends on order.

        ProblemError where the tables are not of these people.
        """
        told = (
            free_of([person.id for person in asked.mentees], self.mentee_free, "mentee"),
            free_of([person.id for person in asked.mentors], self.mentor_free, "mentor"),
        )
        rules = [self.slots, self.mentee_most, self.mentor_most, sorted(self.same)]
        text = json_of([asked.digest(), rules, told])
        return hashlib.sha256(text.encode()).hexdigest()


def free_of(ids: Sequence[str], free: Flags, side: str) -> list[tuple[str, str]]:
    """Everybody's slots as 0s and 1s, in the order of ids."""
    if len(ids) != len(free):
        raise ProblemError(f"There must be one row of free slots for each {side}.")
    rows = zip(ids, free.astype(np.uint8).tolist(), strict=True)
    return sorted((person, "".join(map(str, row))) for person, row in rows)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A mentee and a mentor meet in a slot; `score` are the points of the pair, not to be shown
    to the two."""

    mentee: str
    mentor: str
    slot: int
    score: int


@dataclass(frozen=True, slots=True)
class MeetingPrices:
    """What proves a bound, in parts (`PRICE_UNIT`) of what the goal counts.

    `earlier[l]`: of one more mentee for the goals before it, l of them. For each mentee by id:
    what their next meeting costs them (it may be below 0), then the price of their time in every
    slot; for each mentor: the price of one of their meetings, then of their time in every slot.
    Whoever is both has one price of time, the mentee's, and it counts once.
    """

    earlier: tuple[int, ...]
    mentees: Mapping[str, tuple[int, ...]]
    mentors: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class MeetingGoal:
    """One of the things a plan is to have as much of as can be, once all goals before it are met.

    `at_least` n above 0: mentees with at least n meetings. 0, the last goal: points of all
    meetings together. The plan has `reached` of it. No plan that does as well by every goal before
    has more than `bound`; `by_prices` is what `prices` prove of that over all pairs there are,
    without trust in any solver, and is never below `bound`. Where the two differ the solver's
    search has shown the rest.
    """

    at_least: int
    reached: int
    bound: int
    by_prices: int
    prices: MeetingPrices = field(repr=False)

    @property
    def gap(self) -> int:
        """What is missing to the bound; 0 is proven best."""
        return self.bound - self.reached


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """The meetings of a round, in order of slot and mentee, and how good they are at least.

    `goals`: mentees with at least one meeting, with two, and so on up to the most a mentee may
    have; then points. `unmet` are the mentees and `idle` the mentors without any meeting, those
    who take no part (a locked mentee, a mentor without an open seat) left out; why is not said,
    since it may be somebody's private wish.
    """

    meetings: tuple[Meeting, ...]
    unmet: tuple[str, ...]
    idle: tuple[str, ...]
    goals: tuple[MeetingGoal, ...]
    solver: str
    digest: str

    @property
    def score(self) -> int:
        """Points of all meetings together."""
        return self.goals[-1].reached

    @property
    def gap(self) -> int:
        """At most so many points are missing to the best plan that serves mentees as well."""
        return self.goals[-1].gap

    @property
    def served_gap(self) -> int:
        """0 when it is proven that mentees cannot be served better; else how many are missing,
        over all numbers of meetings."""
        return sum(goal.gap for goal in self.goals[:-1])

    @property
    def is_proven(self) -> bool:
        """Whether no plan at all is better."""
        return not self.gap and not self.served_gap


def free_in_slots(
    people: Sequence[Mentee] | Sequence[Mentor],
    slots: Sequence[tuple[int, int]],
    offsets: Mapping[str, int] = NOBODY,
) -> Flags:
    """Who is free in which slot by their weekly hours, people x slots.

    A slot is (minutes from Monday 00:00 UTC of a week, its length in minutes); a later week's
    is the same as the first's. Somebody is free when every half-hour of theirs that the slot
    touches is one of the fact `hours`. Their clock is `offsets` (by id, minutes east of UTC in the
    week of the round) or else the facts `utc_offsets`, of which all must suit, or `utc_offset`.
    Whoever told no hours, or no clock, counts as free from 08:00 to 20:00 of their own clock,
    UTC where there is none.

    ProblemError for hours that are no week of half-hours, or a slot without a length.
    """
    if any(minutes < 1 or minutes > WEEK for _, minutes in slots):
        raise ProblemError("A slot must last a minute at least and a week at most.")
    free = np.zeros((len(people), len(slots)), dtype=np.bool_)
    for at, (hours, clocks) in enumerate(week_of(person, offsets) for person in people):
        week = np.frombuffer(hours.encode("ascii"), dtype=np.uint8) == ord("1")
        for slot, (start, minutes) in enumerate(slots):
            free[at, slot] = all(
                week[touched(start + clock, minutes)].all() for clock in clocks or (0,)
            )
    return free


def week_of(person: Mentee | Mentor, offsets: Mapping[str, int]) -> tuple[str, tuple[int, ...]]:
    """Somebody's half-hours and the clocks they hold on; none for an unknown clock."""
    several, one = person.facts.get("utc_offsets"), person.facts.get("utc_offset")
    clocks: tuple[int, ...] = ()
    if person.id in offsets:
        clocks = (offsets[person.id],)
    elif isinstance(several, tuple) and several:
        clocks = several
    elif isinstance(one, int):
        clocks = (one,)
    hours = answered(person.facts.get("hours"))
    if hours is None or not clocks:
        return DAYTIME, clocks
    return read_hours(str(hours), person.id), clocks


def touched(start: int, minutes: int) -> list[int]:
    """The half-hours of a week, 0 to 335, that a slot has a part in."""
    return [at % HALF_HOURS for at in range(start // 30, -(-(start + minutes) // 30))]
