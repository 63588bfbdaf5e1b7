"""An independent check of a plan of meetings: no solver is imported, nothing in it trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.certificate import agree
from matching.engine.columns import Ints
from matching.engine.input import Input, is_whole
from matching.engine.meeting_bounds import (
    MOST_PRICE,
    Duals,
    Table,
    fixed_part,
    less_reached,
    pairs_part,
)
from matching.engine.passes import Work
from matching.engine.rounds import PRICE_UNIT, MeetingGoal, MeetingPlan, MeetingRound
from matching.engine.types import CertificateError

ALONE = Work()


@dataclass(frozen=True, slots=True)
class Places:
    """Meetings as rows, columns and slots."""

    rows: Ints
    columns: Ints
    slots: Ints


def check_meetings(
    asked: Input, asked_round: MeetingRound, plan: MeetingPlan, work: Work = ALONE
) -> None:
    """Return if the plan keeps every rule and is as good as it says; else raise.

    Of each goal's bound `by_prices` is computed anew over all pairs. A `bound` below it rests on
    the solver's search, and only that it lies between the two is looked at. ProblemError when the
    question cannot be planned, CertificateError, naming what is wrong, for a plan of another
    question, a meeting that must not be, or figures that do not follow.
    """
    agree("The question", plan.digest, asked_round.digest(asked))
    table = Table.of(asked, asked_round)
    places = read_places(table, plan)
    check_pairs(table, plan, places)
    check_times(table, places)
    check_left_out(table, plan, places)
    agree("The goals", tuple(goal.at_least for goal in plan.goals), table.goals)
    served = table.served(places.rows).tolist()
    for goal in plan.goals:
        check_goal(table, goal, served, sum(m.score for m in plan.meetings), work)


def read_places(table: Table, plan: MeetingPlan) -> Places:
    row = {person: at for at, person in enumerate(table.problem.mentee_ids)}
    column = {person: at for at, person in enumerate(table.problem.mentor_ids)}
    slots = range(table.shape[2])
    for meeting in plan.meetings:
        if meeting.mentee not in row or meeting.mentor not in column or meeting.slot not in slots:
            raise CertificateError("A meeting is of somebody, or in a slot, that is not there.")
    return Places(
        np.array([row[m.mentee] for m in plan.meetings], dtype=np.int64),
        np.array([column[m.mentor] for m in plan.meetings], dtype=np.int64),
        np.array([m.slot for m in plan.meetings], dtype=np.int64),
    )


def check_pairs(table: Table, plan: MeetingPlan, places: Places) -> None:
    """Everybody may meet whom they meet, once, and has the points that are stated."""
    scores, allowed = table.problem.pairs(places.rows, places.columns)
    if not allowed.all():
        raise CertificateError("Two are to meet who must not be put together.")
    agree("Points", tuple(m.score for m in plan.meetings), tuple(scores.tolist()))
    if is_twice(places.rows, places.columns):
        raise CertificateError("Two are to meet twice.")
    for side, people, most in (
        ("mentee", places.rows, table.mentee_most),
        ("mentor", places.columns, table.mentor_most),
    ):
        if np.bincount(people).max(initial=0) > most:
            raise CertificateError(f"A {side} has more meetings than they may have.")


def check_times(table: Table, places: Places) -> None:
    """Everybody is free, takes part, and has one meeting at a time."""
    free = table.mentee_free[places.rows, places.slots]
    free &= table.mentor_free[places.columns, places.slots]
    if not free.all():
        raise CertificateError("Somebody is to meet when they are not free, or takes no part.")
    clocks = np.concatenate([places.rows, table.clock[places.columns]])
    if is_twice(clocks, np.concatenate([places.slots, places.slots])):
        raise CertificateError("Somebody has two meetings in one slot.")


def is_twice(left: Ints, right: Ints) -> bool:
    return len(np.unique(np.stack([left, right]), axis=1).T) < len(left)


def check_left_out(table: Table, plan: MeetingPlan, places: Places) -> None:
    """The people without a meeting, and the order of all lists, are as promised."""
    unmet, idle = left_out(table, places.rows, places.columns)
    agree("Who meets nobody", plan.unmet, unmet)
    agree("Which mentors meet nobody", plan.idle, idle)
    order = [(m.slot, m.mentee) for m in plan.meetings]
    agree("The order of the meetings", order, sorted(order))


def left_out(table: Table, rows: Ints, columns: Ints) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of mentees and of mentors who take part and are in no meeting."""
    problem = table.problem
    mentees = np.setdiff1d(problem.free, rows).tolist()
    mentors = np.setdiff1d(np.flatnonzero(table.open_mentors), columns).tolist()
    return (
        tuple(sorted(problem.mentee_ids[at] for at in mentees)),
        tuple(sorted(problem.mentor_ids[at] for at in mentors)),
    )


def check_goal(
    table: Table, goal: MeetingGoal, served: Sequence[int], score: int, work: Work
) -> None:
    """One goal's figures follow from the meetings and from its prices."""
    number = goal.at_least
    earlier = [*served[: number - 1]] if number else [*served]
    before = earlier[-1] if number and earlier else 0
    agree("What a goal reaches", goal.reached, served[number - 1] - before if number else score)
    duals = read_prices(table, goal)
    whole = fixed_part(table, duals, number) + pairs_part(table, duals, number, work)
    proven = (whole - less_reached(duals, earlier)) // PRICE_UNIT - before
    agree("What prices prove of a goal", goal.by_prices, proven)
    if not is_whole(goal.bound) or not goal.reached <= goal.bound <= goal.by_prices:
        raise CertificateError("The bound of a goal lies outside what can be.")


def read_prices(table: Table, goal: MeetingGoal) -> Duals:
    """Stated prices as arrays. CertificateError for any that prove nothing."""
    prices = goal.prices
    before = goal.at_least - 1 if goal.at_least else table.mentee_most
    mentees, mentors, slots = table.shape
    own = rows_of(prices.mentees, table.problem.mentee_ids, slots)
    theirs = rows_of(prices.mentors, table.problem.mentor_ids, slots)
    times = np.zeros((mentees + mentors, slots), dtype=np.int64)
    times[table.clock] = theirs[:, 1:]
    times[:mentees] = own[:, 1:]
    earlier = numbers(prices.earlier, before)
    if min(times.min(initial=0), theirs.min(initial=0), earlier.min(initial=0)) < 0:
        raise CertificateError("A price is below 0.")
    return Duals(earlier, own[:, 0], theirs[:, 0], times)


def rows_of(stated: Mapping[str, tuple[int, ...]], ids: tuple[str, ...], slots: int) -> Ints:
    if stated.keys() != set(ids):
        raise CertificateError("The prices are not those of these people.")
    rows = [numbers(stated[person], slots + 1) for person in ids]
    return np.array(rows, dtype=np.int64).reshape(len(ids), slots + 1)


def numbers(stated: Sequence[int], count: int) -> Ints:
    if len(stated) != count or not all(is_whole(n) and abs(n) <= MOST_PRICE for n in stated):
        raise CertificateError("Prices must be whole numbers, one for each thing that has one.")
    return np.array(stated, dtype=np.int64)
