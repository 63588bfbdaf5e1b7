"""The first look at a round: who could meet whom at all, and bounds that need no solver."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.engine.columns import Flags, Floats, Ints
from matching.engine.meeting_bounds import POINTS, Duals, Offers, Table, fixed_part
from matching.engine.passes import Work, is_allowed, over
from matching.engine.rounds import PRICE_UNIT

LISTED: Final = 8
"""Pairs per mentee and per mentor to begin with."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a round: in which slots somebody could meet anybody, and for how many points at
    most."""

    slots: Flags
    points: Ints


@dataclass(frozen=True, slots=True)
class Survey:
    """Both sides, and the most promising pairs with their points."""

    mentees: Side
    mentors: Side
    rows: Ints
    columns: Ints
    points: Ints


def survey(table: Table, work: Work) -> Survey:
    """One pass over all pairs."""
    mentees, mentors, slots = table.shape
    left = Side(np.zeros((mentees, slots), dtype=np.bool_), np.zeros(mentees, dtype=np.int64))
    right = Side(np.zeros((mentors, slots), dtype=np.bool_), np.zeros(mentors, dtype=np.int64))
    mentor_free = table.mentor_free.astype(np.float32)

    def look(rows: Ints, scores: Floats) -> tuple[Ints, Ints, Ints]:
        free = table.mentee_free[rows].astype(np.float32)
        allowed = is_allowed(scores)
        partners = allowed.astype(np.float32)
        left.slots[rows] = table.mentee_free[rows] & (partners @ mentor_free > 0)
        theirs = table.mentor_free & (partners.T @ free > 0)
        np.logical_or(right.slots, theirs, out=right.slots)
        some = np.where(allowed & (free @ mentor_free.T > 0), scores, np.float32(-1))
        left.points[rows] = some.max(axis=1, initial=0)
        best = some.max(axis=0, initial=0).astype(np.int64)
        np.maximum(right.points, best, out=right.points)
        at, columns = np.nonzero(highest(some, LISTED) | highest(some.T, LISTED).T)
        return rows[at], columns, some[at, columns].astype(np.int64)

    # On one thread, since all blocks write to the mentors.
    found = over(table.problem, table.problem.free, "meetings", Work(1, work.watch), look)
    none = np.zeros(0, dtype=np.int64)
    return Survey(
        left,
        right,
        np.concatenate([none, *(f[0] for f in found)]),
        np.concatenate([none, *(f[1] for f in found)]),
        np.concatenate([none, *(f[2] for f in found)]),
    )


def highest(values: Floats | Offers, count: int) -> Flags:
    """The `count` highest of each row, of those that are not below 0."""
    flags: Flags = values >= 0
    if values.shape[1] > count:
        best = np.argpartition(-values, count - 1, axis=1)[:, :count]
        kept = np.zeros_like(flags)
        np.put_along_axis(kept, best, True, axis=1)
        flags = flags & kept
    return flags


def at_sight(table: Table, seen: Survey, goal: int) -> tuple[Duals, int]:
    """Prices by everybody's limits, slots and best points, and the bound they prove in parts.

    No pair has anything above these prices, so that no further pass is needed.
    """
    ways = (by_mentees(table, seen.mentees, goal), by_mentors(table, seen.mentors, goal))
    return min(((duals, fixed_part(table, duals, goal)) for duals in ways), key=lambda way: way[1])


def by_mentees(table: Table, side: Side, goal: int) -> Duals:
    """Nobody has more meetings than wanted, nor than slots, nor more points than the best."""
    duals = Duals.zero(table, goal)
    dear = worth_of(side, goal)
    few = side.slots.sum(axis=1) < (goal or table.mentee_most)
    duals.times[: len(dear)] = np.where(few[:, None] & side.slots, dear[:, None], 0)
    if goal == POINTS:
        duals.costs[~few] = -dear[~few]
    else:
        duals.costs[few] = PRICE_UNIT
    return duals


def by_mentors(table: Table, side: Side, goal: int) -> Duals:
    """The same by what mentors can give."""
    duals = Duals.zero(table, goal)
    dear = worth_of(side, goal)
    few = side.slots.sum(axis=1) < table.mentor_most
    duals.times[table.clock] = np.where(few[:, None] & side.slots, dear[:, None], 0)
    duals.mentors[~few] = dear[~few]
    if goal != POINTS:
        duals.costs[:] = PRICE_UNIT
    return duals


def worth_of(side: Side, goal: int) -> Ints:
    """What one more meeting of each could bring at most, in parts."""
    if goal == POINTS:
        return side.points * PRICE_UNIT
    return np.full(len(side.points), PRICE_UNIT, dtype=np.int64)
