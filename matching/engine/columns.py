"""Criteria over everybody: what is kept per person, and how it becomes points for many pairs.

A column answers in two ways that never differ: `pairs` for listed pairs, in whole numbers, and
for a tile (some mentees by some mentors) either as `features`, rows whose products are the points,
or by `add`ing to the tile. What is held is per person, never per pair.

Points in tiles are float32 and whole: every sum that matters stays below 2**24, so neither BLAS
nor its number of threads can change a score. A pair that is ruled out loses `RULED_OUT` points
for each reason, more than all criteria can give, so it is below 0 and nothing else is.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Final, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.engine.hours import CommonHours, Offsets

Ints = NDArray[np.int64]
Points = NDArray[np.int32]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]
Reals = NDArray[np.floating]
"""float32, or float64 where whole numbers grow too large for it."""
Which = slice | Ints
"""Rows or columns of a tile."""

RULED_OUT: Final = 2**18
MOST_FEATURES: Final = 64
"""A table with more answers than this on both sides is looked up, not multiplied."""

T = TypeVar("T", bound=Hashable)
D = TypeVar("D", bound=np.generic)


class Room:
    """Memory that is used again: a fresh array of a tile's size costs more than filling it."""

    def __init__(self) -> None:
        self._kept: dict[np.dtype[np.generic], NDArray[np.generic]] = {}

    def take(self, shape: tuple[int, int], kind: type[D]) -> NDArray[D]:
        """An array of unknown content; one of each kind at a time."""
        size = shape[0] * shape[1]
        dtype = np.dtype(kind)
        if dtype not in self._kept or self._kept[dtype].size < size:
            self._kept[dtype] = np.empty(size, dtype=kind)
        return self._kept[dtype][:size].reshape(shape)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Silence:
    """What a criterion says where it has nothing to judge.

    `points` for a pair with a silent side; `must` rules out pairs that do not fit, `must_answer`
    also those with a silent side; the criterion speaks only for mentees who are `asked`. All its
    points count `times` times (1 outside the sensitivity analysis).
    """

    points: int
    must: bool
    must_answer: bool
    asked: Flags
    times: int = 1


@dataclass(frozen=True, slots=True)
class Answers(Generic[T]):
    """Everybody's answer to one criterion; None for silence."""

    mentees: Sequence[T | None]
    mentors: Sequence[T | None]


Codes = tuple[list[T], list[int | None]]
"""Distinct answers, and the number of each person's among them; None for silence."""


def codes_of(answers: Sequence[T | None]) -> Codes[T]:
    """The distinct answers in order of appearance, and the number of each person's among them.

    Yes is not 1, though Python holds them equal.
    """
    number: dict[tuple[type, T], int] = {}
    codes = [None if a is None else number.setdefault((type(a), a), len(number)) for a in answers]
    return [answer for _, answer in number], codes


class Column(ABC):
    """One criterion over everybody."""

    @abstractmethod
    def pairs(self, rows: Ints, columns: Ints) -> tuple[Points, Flags]:
        """Points of listed pairs and whether this criterion rules them out."""

    def features(self) -> tuple[Floats, Floats] | None:
        """Whole mentee rows F and mentor rows G with points = F @ G.T, RULED_OUT taken off."""
        return None

    def add(self, tile: Floats, out: Flags, rows: Which, columns: Which) -> None:  # noqa: B027
        """Add the points that `features` does not hold to a tile, flag in `out` what is ruled out.

        Both are written in place; `RULED_OUT` is taken off afterwards, once for all columns.
        """

    def listed(self) -> tuple[Ints, Ints, Ints]:
        """Rows, columns and points of single pairs to add to both."""
        none = np.zeros(0, dtype=np.int64)
        return none, none, none

    def clone(self) -> Self:
        """The same for another thread: what is written to while scoring is not shared."""
        return self

    def pointless(self) -> Self:
        """The same without its points: it only rules out."""
        raise NotImplementedError


class Looked(Column):
    """Points by a table over two answers, silence and being asked included."""

    def __init__(
        self,
        table: Ints | Points,
        fits: Flags,
        mentees: Sequence[int | None],
        mentors: Sequence[int | None],
        silence: Silence,
    ) -> None:
        high, wide = table.shape
        points = np.full((high + 2, wide + 1), silence.points, dtype=np.int64)
        points[:high, :wide] = table
        out = np.full(points.shape, silence.must and silence.must_answer, dtype=np.bool_)
        out[:high, :wide] = silence.must & ~fits
        # The row after silence is for mentees this criterion does not speak for.
        points[high + 1], out[high + 1] = 0, False
        self._points = (points * silence.times).astype(np.int32)
        self._out = out
        left = np.array([high if c is None else c for c in mentees], dtype=np.int64)
        self._left = np.where(silence.asked, left, high + 1).astype(np.int64)
        self._right = np.array([wide if c is None else c for c in mentors], dtype=np.int64)
        self._both = (self._points - np.int32(RULED_OUT) * self._out).astype(np.float32)

    def pairs(self, rows: Ints, columns: Ints) -> tuple[Points, Flags]:
        here = self._left[rows], self._right[columns]
        return self._points[here], self._out[here]

    def features(self) -> tuple[Floats, Floats] | None:
        left, lefts = np.unique(self._left, return_inverse=True)
        right, rights = np.unique(self._right, return_inverse=True)
        if min(len(left), len(right)) > MOST_FEATURES:
            return None
        table = self._both[np.ix_(left, right)]
        if len(left) <= len(right):
            return np.eye(len(left), dtype=np.float32)[lefts], table.T[rights]
        return table[lefts], np.eye(len(right), dtype=np.float32)[rights]

    def add(self, tile: Floats, out: Flags, rows: Which, columns: Which) -> None:
        tile += self._both[self._left[rows]][:, self._right[columns]]


class Numbers(Column):
    """Points of two whole numbers, too many different ones for a table."""

    def __init__(
        self,
        left: Ints,
        right: Ints,
        mentees: Sequence[int | None],
        mentors: Sequence[int | None],
        silence: Silence,
        judge: Callable[[Ints, Ints], tuple[Points, Flags]],
    ) -> None:
        self._told = tuple(
            np.array([c is not None for c in side], dtype=np.bool_) for side in (mentees, mentors)
        )
        self._left = left[np.array([c or 0 for c in mentees], dtype=np.int64)]
        self._right = right[np.array([c or 0 for c in mentors], dtype=np.int64)]
        self._judge = judge
        self._silence = silence

    def pairs(self, rows: Ints, columns: Ints) -> tuple[Points, Flags]:
        judged = self._judge(self._left[rows], self._right[columns])
        both = self._told[0][rows] & self._told[1][columns]
        return settle(*judged, both, self._silence.asked[rows], self._silence)

    def add(self, tile: Floats, out: Flags, rows: Which, columns: Which) -> None:
        judged = self._judge(self._left[rows][:, None], self._right[columns][None, :])
        both = self._told[0][rows][:, None] & self._told[1][columns][None, :]
        asked = self._silence.asked[rows][:, None]
        points, ruled = settle(*judged, both, asked, self._silence)
        tile += points
        out |= ruled


def settle(
    points: Points, fits: Flags, both: Flags, asked: Flags, silence: Silence
) -> tuple[Points, Flags]:
    """What judged points become where a side is silent or the mentee is not asked."""
    given = np.where(asked, np.where(both, points, silence.points), 0) * silence.times
    out = asked & np.where(both, ~fits, silence.must_answer) & silence.must
    return given.astype(np.int32), out


class Counted(Column):
    """Points for what a mentee's values and a mentor's have in common, each with its weight.

    floor(points * min(count, needed) / needed), or the rest of `points` where it is not sharing
    that counts.
    """

    def __init__(
        self,
        wanted: Sequence[Mapping[str, int] | None],
        offered: Sequence[Mapping[str, int] | None],
        needed: Sequence[int],
        points: int,
        silence: Silence,
        is_for_sharing: bool = True,
    ) -> None:
        named = {value for side in wanted if side for value in side}
        both = sorted(named & {value for side in offered if side for value in side})
        at = {value: number for number, value in enumerate(both)}
        self._told = tuple(
            np.array([side is not None for side in sides], dtype=np.bool_)
            for sides in (wanted, offered)
        )
        self._needed = np.maximum(np.array(needed, dtype=np.int64), 1)
        self._points = points
        self._silence = silence
        self._is_for_sharing = is_for_sharing
        self._codes: tuple[Ints, Ints] | None = None
        if all(len(side) < 2 for side in (*wanted, *offered) if side) and (self._needed == 1).all():
            # A value per person: comparing numbers needs no column per value.
            self._codes = only(wanted, at, -1), only(offered, at, -2)
            return
        self._left, self._right = weights(wanted, at), weights(offered, at)
        self._is_capped = bool((self._left @ self._right.max(axis=0, initial=0) > needed).any())
        self._fast = self._scaled()

    def _scaled(self) -> tuple[Floats, Floats] | None:
        """Rows whose products, rounded down, are the points: silence included, nothing to mask.

        The quotients are not whole, so a quarter of the least step is added before rounding
        down; None where float32's error could reach that, or where a must has to be judged.
        """
        top = int(self._needed.max(initial=1))
        worst = 2.0**-22 * self._points * (self._left > 0).sum(axis=1).max(initial=0)
        if self._silence.must or not self._is_for_sharing or worst > 0.2 / top:
            return None
        told, silent, asked = self._told[0], self._silence.points, self._silence.asked
        judged = told & asked
        scaled = self._left * (self._points / self._needed)[:, None] * judged[:, None]
        ease = np.full(len(scaled), 0.25 / top)
        left = np.column_stack([scaled, ease + silent * (asked & ~told), silent * judged])
        right = np.column_stack([self._right, np.ones(len(self._right)), ~self._told[1]])
        return left.astype(np.float32), right.astype(np.float32)

    def _counts(self, rows: Which, columns: Which) -> Floats:
        if self._codes is not None:
            equal: Flags = self._codes[0][rows][:, None] == self._codes[1][columns][None, :]
            return equal.astype(np.float32)
        counts: Floats = self._left[rows] @ self._right[columns].T
        return counts

    def pairs(self, rows: Ints, columns: Ints) -> tuple[Points, Flags]:
        if self._codes is not None:
            counts = (self._codes[0][rows] == self._codes[1][columns]).astype(np.int64)
        else:
            counts = np.zeros(len(rows), dtype=np.int64)
            for start in range(0, len(rows), 4096):
                part = slice(start, start + 4096)
                product = np.einsum("pf,pf->p", self._left[rows[part]], self._right[columns[part]])
                counts[part] = product.astype(np.int64)
        both = self._told[0][rows] & self._told[1][columns]
        judged = self._judge(counts, self._needed[rows])
        return settle(*judged, both, self._silence.asked[rows], self._silence)

    def _judge(self, counts: Ints, needed: Ints) -> tuple[Points, Flags]:
        given = self._points * np.minimum(counts, needed) // needed
        if self._is_for_sharing:
            return given.astype(np.int32), counts > 0
        return (self._points - given).astype(np.int32), counts == 0

    def add(self, tile: Floats, out: Flags, rows: Which, columns: Which) -> None:
        if self._codes is None and self._fast is not None:
            given = self._fast[0][rows] @ self._fast[1][columns].T
            if self._is_capped:
                np.minimum(given, np.float32(self._points), out=given)
            np.floor(given, out=given)
            if self._silence.times != 1:
                given *= np.float32(self._silence.times)
            tile += given
            return
        counts = self._counts(rows, columns).astype(np.int64)
        both = self._told[0][rows][:, None] & self._told[1][columns][None, :]
        judged = self._judge(counts, self._needed[rows][:, None])
        asked = self._silence.asked[rows][:, None]
        points, ruled = settle(*judged, both, asked, self._silence)
        tile += points
        out |= ruled


def only(sides: Sequence[Mapping[str, int] | None], at: Mapping[str, int], missing: int) -> Ints:
    """The number of each person's only value; `missing` for none."""
    return np.array(
        [next((at.get(v, missing) for v in side or ()), missing) for side in sides], dtype=np.int64
    )


def weights(sides: Sequence[Mapping[str, int] | None], at: Mapping[str, int]) -> Floats:
    """people x values: the weight of each value a person has."""
    matrix = np.zeros((len(sides), len(at)), dtype=np.float32)
    for row, side in enumerate(sides):
        for value, weight in (side or {}).items():
            if value in at:
                matrix[row, at[value]] = weight
    return matrix


class CommonTimes(Column):
    """Points for common half-hours: floor(points * min(count, full) / full); a must from `least`.

    Fast where the mentors stand in order of their clocks (`Problem` sees to that).
    """

    def __init__(
        self,
        mentee_hours: Sequence[str | None],
        mentee_offsets: Sequence[Offsets | None],
        mentor_hours: Sequence[str | None],
        mentor_offsets: Sequence[Offsets | None],
        *,
        full: int,
        least: int,
        points: int,
        silence: Silence,
    ) -> None:
        self._hours = CommonHours(mentee_hours, mentee_offsets, mentor_hours, mentor_offsets)
        self._full, self._least, self._points, self._silence = full, least, points, silence
        self._steps = np.array(
            [points * min(count, full) // full * silence.times for count in range(337)],
            dtype=np.int32,
        )
        clock = self._hours.mentor_clock
        self._changes = np.flatnonzero(clock[1:] != clock[:-1]) + 1
        self._room = Room()
        self._bar = np.full(len(clock), least, dtype=np.int16)
        # The same for every half-hour, and small: no rounding.
        even = self._steps[1] * full == self._steps[-1] and self._steps[-1] < 2**15
        self._cap = np.full(len(clock), full, dtype=np.int16) if even else None

    def clone(self) -> Self:
        other = copy(self)
        other._hours = self._hours.clone()
        other._room = Room()
        return other

    def pairs(self, rows: Ints, columns: Ints) -> tuple[Points, Flags]:
        counts = self._hours.counts_of_pairs(rows, columns).astype(np.int64)
        both = self._hours.mentee_answered[rows] & self._hours.mentor_answered[columns]
        points = (self._points * np.minimum(counts, self._full) // self._full).astype(np.int32)
        fits = counts >= self._least
        return settle(points, fits, both, self._silence.asked[rows], self._silence)

    def _counts(self, rows: Which, columns: Which) -> NDArray[np.int16]:
        """Half-hours in common, as signed numbers: a week has 336."""
        clock = self._hours.mentor_clock
        if not isinstance(columns, slice):
            return self._hours.counts(rows, columns).view(np.int16)
        start, end, _ = columns.indices(len(clock))
        inside = self._changes[(self._changes > start) & (self._changes < end)].tolist()
        height = len(self._hours.mentee_answered[rows])
        counts = self._room.take((height, end - start), np.uint16)
        if not self._hours.mentor_answered[columns].all():
            counts.fill(0)
        for first, last in zip([start, *inside], [*inside, end], strict=True):
            if first < last and clock[first] >= 0:
                part = counts[:, first - start : last - start]
                self._hours.counts_of_group(rows, slice(first, last), int(clock[first]), out=part)
        return counts.view(np.int16)

    def add(self, tile: Floats, out: Flags, rows: Which, columns: Which) -> None:
        counts = self._counts(rows, columns)
        silence, room = self._silence, self._room
        points = room.take(tile.shape, np.float32)
        if self._cap is None:
            np.take(self._steps.astype(np.float32), counts, out=points, mode="clip")
        else:
            # numpy's minimum is ten times as quick beside a row of numbers as beside one number.
            given = np.minimum(
                counts, self._cap[: tile.shape[1]], out=room.take(tile.shape, np.int16)
            )
            given *= np.int16(self._steps[1])
            np.copyto(points, given)
        silent = ~self._hours.mentee_answered[rows], ~self._hours.mentor_answered[columns]
        asked = silence.asked[rows]
        if silent[0].any():
            points[silent[0]] = silence.points * silence.times
        if silent[1].any():
            points[:, silent[1]] = silence.points * silence.times
        if not asked.all():
            points[~asked] = 0
        tile += points
        if not silence.must:
            return
        ruled = np.less(counts, self._bar[: tile.shape[1]], out=room.take(tile.shape, np.bool_))
        if silent[0].any():
            ruled[silent[0]] = silence.must_answer
        if silent[1].any():
            ruled[:, silent[1]] = silence.must_answer
        if not asked.all():
            ruled[~asked] = False
        out |= ruled


class Listed(Column):
    """Points for single pairs; every other pair of somebody who told something gets none."""

    def __init__(
        self,
        points: Mapping[tuple[int, int], int],
        mentees: Flags,
        mentors: Flags,
        silence: Silence,
    ) -> None:
        self._told = mentees, mentors
        self._silence = silence
        keys = sorted(points)
        self._rows = np.array([row for row, _ in keys], dtype=np.int64)
        self._columns = np.array([column for _, column in keys], dtype=np.int64)
        self._points = np.array([points[key] for key in keys], dtype=np.int64)
        self._keys = self._rows * len(mentors) + self._columns

    def pairs(self, rows: Ints, columns: Ints) -> tuple[Points, Flags]:
        wanted = rows * len(self._told[1]) + columns
        if len(self._keys):
            at = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
            found = self._keys[at] == wanted
            points = np.where(found, self._points[at], 0).astype(np.int32)
        else:
            found = np.zeros(len(rows), dtype=np.bool_)
            points = np.zeros(len(rows), dtype=np.int32)
        both = self._told[0][rows] & self._told[1][columns]
        return settle(points, found, both, self._silence.asked[rows], self._silence)

    def features(self) -> tuple[Floats, Floats] | None:
        unlisted = -RULED_OUT if self._silence.must else 0
        silent = self._silence.points * self._silence.times
        if self._silence.must and self._silence.must_answer:
            silent -= RULED_OUT
        # One of the two sides is never silent, so that a product of two numbers says it all.
        mentees, mentors = self._told
        left = self._silence.asked * np.where(mentees, 1 if not mentors.all() else unlisted, silent)
        right = np.where(mentors, unlisted if not mentors.all() else 1, silent)
        return left.astype(np.float32)[:, None], right.astype(np.float32)[:, None]

    def pointless(self) -> Self:
        other = copy(self)
        other._silence = replace(self._silence, times=0)
        return other

    def listed(self) -> tuple[Ints, Ints, Ints]:
        both = self._told[0][self._rows] & self._told[1][self._columns]
        here = both & self._silence.asked[self._rows]
        points = self._points * self._silence.times + (RULED_OUT if self._silence.must else 0)
        return self._rows[here], self._columns[here], points[here]


class Linear(Column):
    """Points as products of whole rows that are given: points = F @ G.T, nothing ruled out."""

    def __init__(self, mentees: Floats, mentors: Floats) -> None:
        self._left, self._right = mentees, mentors

    def pairs(self, rows: Ints, columns: Ints) -> tuple[Points, Flags]:
        points = np.zeros(len(rows), dtype=np.int32)
        for start in range(0, len(rows), 4096):
            part = slice(start, start + 4096)
            given = np.einsum("pf,pf->p", self._left[rows[part]], self._right[columns[part]])
            points[part] = given.astype(np.int32)
        return points, np.zeros(len(rows), dtype=np.bool_)

    def features(self) -> tuple[Floats, Floats] | None:
        return self._left, self._right


class Barred(Column):
    """No points, but rules out: the same group, or no common bit (`is_shared`), 0 is silent."""

    def __init__(self, mentees: Ints, mentors: Ints, *, is_shared: bool) -> None:
        self._left, self._right, self._is_shared = mentees, mentors, is_shared

    def pairs(self, rows: Ints, columns: Ints) -> tuple[Points, Flags]:
        out = self._out(self._left[rows], self._right[columns])
        return np.zeros(len(rows), dtype=np.int32), out

    def _out(self, left: Ints, right: Ints) -> Flags:
        out: Flags = (left & right) == 0 if self._is_shared else left == right
        return out

    def add(self, tile: Floats, out: Flags, rows: Which, columns: Which) -> None:
        out |= self._out(self._left[rows][:, None], self._right[columns][None, :])
