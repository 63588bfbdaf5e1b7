"""The problem as arrays, and its scores in tiles. Nothing else computes scores for solving.

People are put into an order of their own (`order_key`), so nothing after this can depend on the
order in which they arrived.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from typing import Final, Self

import numpy as np

from matching.engine.columns import (
    RULED_OUT,
    Answers,
    Column,
    Flags,
    Floats,
    Ints,
    Room,
    Silence,
    Which,
)
from matching.engine.criteria import Answer, Ranks
from matching.engine.input import Input, answers_of, asks, refuse_unknown_facts
from matching.engine.policy import MOST_MENTEES, MOST_TOTAL
from matching.engine.types import (
    MOST_PEOPLE_POINTS,
    Fact,
    Mentee,
    Mentor,
    PairOfIds,
    ProblemError,
)

UNMATCHED: Final = -1

COLUMNS: Final = 640
"""Mentors scored in one piece: with 512 mentees the piece and its scratch stay near the core."""


def order_key(seed: int, side: str, person: str) -> bytes:
    """A hash that no name, no id and no time of arrival can steer; 32 bytes."""
    return hashlib.sha256(f"{seed}\n{side}\n{person}".encode()).digest()


class Problem:
    """People and rules laid out as arrays; M mentees (rows) and K mentors (columns).

    `mentee_ids` and `mentor_ids` are in the engine's own order. `seats[j]` are mentor j's,
    `capacity[j]` what is left of them without locked mentees, at most M. `free` are the rows to
    be placed; `locked[i]` is the column a row is locked to, or UNMATCHED. `most` is the most one
    pair can score, `objective` one of the policy's. A pair that scores less than `floor` must not
    be (0 outside the fair floor). `mentee_ranks` and `mentor_ranks` hold, at the pairs of who
    ranked and whom, the place in their ranks (0 is the first choice); `ranks_columns` names the
    criteria that give points for ranks. Arrays are never written to after this.
    """

    def __init__(
        self,
        mentee_ids: Sequence[str],
        mentor_ids: Sequence[str],
        seats: Ints,
        columns: Mapping[str, Column],
        *,
        most: int,
        objective: str = MOST_MENTEES,
        barred: tuple[Ints, Ints] | None = None,
        locked: Ints | None = None,
        seed: int = 0,
        mentee_ranks: tuple[Ints, Ints, Ints] | None = None,
        mentor_ranks: tuple[Ints, Ints, Ints] | None = None,
        ranks_columns: Collection[str] = (),
    ) -> None:
        """Directly from arrays; people stand in the order they are given in.

        `barred` are the rows and columns of pairs that must not be; ranks are rows, columns and
        places. ProblemError where sums could not be added up exactly.
        """
        self.mentee_ids, self.mentor_ids = tuple(mentee_ids), tuple(mentor_ids)
        self.columns = dict(columns)
        self.seats = seats.astype(np.int64)
        self.most, self.objective, self.seed, self.floor = most, objective, seed, 0
        size = len(self.mentee_ids)
        self.locked = np.full(size, UNMATCHED, dtype=np.int64) if locked is None else locked
        taken = np.bincount(self.locked[self.locked >= 0], minlength=len(self.mentor_ids))
        self.capacity = np.minimum(self.seats - taken, size)
        self.free = np.flatnonzero(self.locked == UNMATCHED)
        if most > MOST_TOTAL or (most + 1) * size * (size + 1) >= MOST_PEOPLE_POINTS:
            raise ProblemError(
                "So many mentees with so many points cannot be added up exactly; "
                "use smaller points in the policy."
            )
        none = np.zeros(0, dtype=np.int64)
        self._barred = Sparse(size, *(barred or (none, none)), None)
        self.mentee_ranks = Sparse(size, *(mentee_ranks or (none, none, none)))
        self.mentor_ranks = Sparse(size, *(mentor_ranks or (none, none, none)))
        self.ranks_columns = frozenset(ranks_columns)
        self._scorer: Scorer | None = None

    @classmethod
    def of(cls, asked: Input, times: Mapping[str, int] | None = None) -> Self:
        """The arrays of an input. `times` multiplies the points of criteria, by name.

        ProblemError for an answer of the wrong type, a fact that nobody was asked for, a lock
        that a must rules out.
        """
        refuse_unknown_facts(asked)
        seed = asked.seed
        mentees = sorted(asked.mentees, key=lambda p: order_key(seed, "mentee", p.id))
        # By clock first, so that the hours of mentors on one clock are counted together.
        mentors = sorted(
            asked.mentors, key=lambda p: (*clock_of(p.facts), order_key(seed, "mentor", p.id))
        )
        row = {person.id: at for at, person in enumerate(mentees)}
        column = {person.id: at for at, person in enumerate(mentors)}
        columns: dict[str, Column] = {}
        times = times or {}
        for criterion in asked.policy.criteria:
            answers: Answers[Answer] = Answers(
                answers_of(mentees, criterion), answers_of(mentors, criterion)
            )
            silence = Silence(
                criterion.points_unanswered,
                criterion.must,
                criterion.must_answer,
                np.array([asks(p, criterion) for p in mentees], dtype=np.bool_),
                times.get(criterion.name, 1),
            )
            columns[criterion.name] = criterion.kind.column(answers, criterion.points, silence)
        locked = np.full(len(mentees), UNMATCHED, dtype=np.int64)
        for mentee, mentor in asked.locked:
            locked[row[mentee]] = column[mentor]
        problem = cls(
            [p.id for p in mentees],
            [p.id for p in mentors],
            np.array([p.seats for p in mentors], dtype=np.int64),
            columns,
            most=sum(c.points * times.get(c.name, 1) for c in asked.policy.criteria),
            objective=asked.policy.objective,
            barred=at_places(asked.barred, row, column),
            locked=locked,
            seed=seed,
            mentee_ranks=ranks_at(mentees, row, column),
            mentor_ranks=ranks_at(mentors, row, column),
            ranks_columns={c.name for c in asked.policy.criteria if c.kind.name == Ranks.name},
        )
        problem._refuse_locks()
        return problem

    def _refuse_locks(self) -> None:
        rows = np.flatnonzero(self.locked >= 0)
        for name, column in self.columns.items():
            _, out = column.pairs(rows, self.locked[rows])
            for row in rows[out].tolist():
                mentee, mentor = self.mentee_ids[row], self.mentor_ids[self.locked[row]]
                raise ProblemError(
                    f"Mentee {mentee!r} is locked to mentor {mentor!r}, "
                    f"but the criterion {name!r} rules the two out."
                )

    def with_floor(self, floor: int) -> Self:
        """The same problem in which no pair may score less than `floor`."""
        other = copy(self)
        other.floor = floor
        return other

    def with_barred(self, row: int, column: int) -> Self:
        """The same problem in which one more pair must not be."""
        other = copy(self)
        rows = np.append(self._barred.rows, row), np.append(self._barred.columns, column)
        other._barred = Sparse(len(self.mentee_ids), *rows, None)
        return other

    def without_ranks(self) -> Self:
        """The same problem in which ranks give no points; whom they rule out stays ruled out."""
        if not self.ranks_columns:
            return self
        other = copy(self)
        other.columns = {
            name: column.pointless() if name in self.ranks_columns else column
            for name, column in self.columns.items()
        }
        other._scorer = None
        return other

    @property
    def scorer(self) -> "Scorer":
        """What scores tiles; made on first use."""
        if self._scorer is None:
            self._scorer = Scorer(self)
        return self._scorer

    @property
    def barred(self) -> "Sparse":
        return self._barred

    def pairs(self, rows: Ints, columns: Ints) -> tuple[Ints, Flags]:
        """Scores of listed pairs and whether they may be, in whole numbers, tiles aside."""
        scores = np.zeros(len(rows), dtype=np.int64)
        allowed = ~self._barred.has(rows, columns)
        for column in self.columns.values():
            points, out = column.pairs(rows, columns)
            scores += points
            allowed &= ~out
        return scores, allowed & (scores >= self.floor)

    def breakdown(self, rows: Ints, columns: Ints) -> Ints:
        """Points of listed pairs by criterion, `len(rows)` x criteria in the policy's order."""
        points = [column.pairs(rows, columns)[0] for column in self.columns.values()]
        return np.array(points, dtype=np.int64).reshape(len(points), len(rows)).T

    def tile(self, rows: Which, columns: Which = slice(None)) -> Floats:
        """Scores of some mentees with some mentors, float32 and whole; below 0: must not be."""
        return self.tile_by(self.scorer, rows, columns).copy()

    def tile_by(self, scorer: "Scorer", rows: Which, columns: Which) -> Floats:
        """`tile` with a thread's own scorer, in memory that its next tile overwrites."""
        tile = scorer.tile(rows, columns)
        at, to, _ = self._barred.inside(rows, columns, len(self.mentor_ids))
        tile[at, to] = -RULED_OUT
        if self.floor:
            np.copyto(tile, np.float32(-RULED_OUT), where=tile < self.floor)
        return tile


def clock_of(facts: Mapping[str, Fact]) -> tuple[tuple[int, ...], bool]:
    """What mentors are laid out by: their offsets, and whether half-hours of theirs differ."""
    offsets, hours = facts.get("utc_offsets"), facts.get("hours")
    told = isinstance(offsets, tuple) and isinstance(hours, str)
    if not told:
        # Behind everybody who told: no offset is that large.
        return ((2**31,), False)
    return (offsets if isinstance(offsets, tuple) else (), hours_differ(str(hours)))


def hours_differ(hours: str) -> bool:
    return hours[::2] != hours[1::2]


def at_places(
    pairs: frozenset[PairOfIds], row: Mapping[str, int], column: Mapping[str, int]
) -> tuple[Ints, Ints]:
    """Pairs of ids as rows and columns."""
    places = sorted((row[mentee], column[mentor]) for mentee, mentor in pairs)
    return (
        np.array([at for at, _ in places], dtype=np.int64),
        np.array([to for _, to in places], dtype=np.int64),
    )


def ranks_at(
    people: Sequence[Mentee] | Sequence[Mentor], row: Mapping[str, int], column: Mapping[str, int]
) -> tuple[Ints, Ints, Ints]:
    """One side's ranks of those who are here: rows, columns and places."""
    found = []
    for person in people:
        for place, other in enumerate(person.ranks):
            ids = (person.id, other) if isinstance(person, Mentee) else (other, person.id)
            if ids[0] in row and ids[1] in column:
                found.append((row[ids[0]], column[ids[1]], place))
    rows, columns, places = np.array(found, dtype=np.int64).reshape(-1, 3).T
    return rows, columns, places


class Sparse:
    """Numbers at single pairs; found by row."""

    def __init__(self, size: int, rows: Ints, columns: Ints, values: Ints | None) -> None:
        order = np.lexsort((columns, rows))
        self.rows, self.columns = rows[order], columns[order]
        self.values = None if values is None else values[order].astype(np.float32)
        self.first = np.searchsorted(self.rows, np.arange(size + 1))

    def __len__(self) -> int:
        return len(self.rows)

    def has(self, rows: Ints, columns: Ints) -> Flags:
        """Which listed pairs are among them."""
        found = np.zeros(len(rows), dtype=np.bool_)
        if len(self):
            wide = int(max(self.columns.max(), columns.max(initial=0))) + 1
            found = np.isin(rows * wide + columns, self.rows * wide + self.columns)
        return found

    def inside(self, rows: Which, columns: Which, wide: int) -> tuple[Ints, Ints, Ints]:
        """Those inside a tile: row and column within it, and their number here."""
        if not len(self):
            return self.rows, self.rows, self.rows
        if isinstance(rows, slice):
            start, end, _ = rows.indices(len(self.first) - 1)
            rows = np.arange(start, end)
        counts = self.first[rows + 1] - self.first[rows]
        at = np.repeat(np.arange(len(rows)), counts)
        number = running(counts) + np.repeat(self.first[rows], counts)
        if isinstance(columns, slice):
            start, end, _ = columns.indices(wide)
            to = self.columns[number] - start
            here = (to >= 0) & (to < end - start)
        else:
            place = np.full(wide, -1, dtype=np.int64)
            place[columns] = np.arange(len(columns))
            to = place[self.columns[number]]
            here = to >= 0
        return at[here], to[here], number[here]


def running(counts: Ints) -> Ints:
    """0, 1, .. for every count, one after the other: [2, 3] gives 0 1 0 1 2."""
    ends = np.cumsum(counts)
    return np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)


class Scorer:
    """Scores tiles: one product for all that is bilinear, the rest column by column."""

    def __init__(self, problem: Problem) -> None:
        size, wide = len(problem.mentee_ids), len(problem.mentor_ids)
        self._wide = wide
        lefts: list[Floats] = [np.zeros((size, 0), dtype=np.float32)]
        rights: list[Floats] = [np.zeros((wide, 0), dtype=np.float32)]
        self._others: list[Column] = []
        self._room = Room()
        rows: list[Ints] = []
        to: list[Ints] = []
        points: list[Ints] = []
        for column in problem.columns.values():
            features = column.features()
            if features is None:
                self._others.append(column)
                continue
            lefts.append(features[0])
            rights.append(features[1])
            for place, values in zip((rows, to, points), column.listed(), strict=True):
                place.append(values)
        self._left = np.concatenate(lefts, axis=1, dtype=np.float32)
        self._right = np.concatenate(rights, axis=1, dtype=np.float32)
        self._singles = [
            Sparse(size, *single) for single in zip(rows, to, points, strict=True) if len(single[0])
        ]

    def clone(self) -> Self:
        """The same for another thread."""
        other = copy(self)
        other._others = [column.clone() for column in self._others]
        other._room = Room()
        return other

    def tile(self, rows: Which, columns: Which) -> Floats:
        """`Problem.tile`, in memory that the next tile overwrites."""
        left, right = self._left[rows], self._right[columns]
        tile = self._room.take((len(left), len(right)), np.float32)
        with np.errstate():  # gives numpy's buffer its old size back
            # With a large one numpy copies broadcast rows into it before it works on them.
            np.setbufsize(256)
            for start in range(0, len(right), COLUMNS):
                part = slice(start, min(start + COLUMNS, len(right)))
                np.matmul(left, right[part].T, out=tile[:, part])
                if self._others:
                    self._add(tile[:, part], rows, piece(columns, part))
        for single in self._singles:
            at, to, number = single.inside(rows, columns, self._wide)
            if single.values is not None:
                tile[at, to] += single.values[number]
        return tile

    def _add(self, tile: Floats, rows: Which, columns: Which) -> None:
        """What is not bilinear, for a piece small enough to stay near the core."""
        out = self._room.take(tile.shape, np.bool_)
        out.fill(False)
        for column in self._others:
            column.add(tile, out, rows, columns)
        # By arithmetic: writing where a flag is set costs ten times as much where flags are mixed.
        loss = self._room.take(tile.shape, np.float64).view(np.float32)[:, : tile.shape[1]]
        np.copyto(loss, out)
        loss *= np.float32(RULED_OUT)
        tile -= loss


def piece(columns: Which, part: slice) -> Which:
    """A part of some columns."""
    if not isinstance(columns, slice):
        return columns[part]
    start = columns.start or 0
    return slice(start + part.start, start + part.stop)
