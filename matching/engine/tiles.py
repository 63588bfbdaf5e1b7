"""Numpy machinery below the kinds: one criterion's answers as arrays, judged in tiles.

A tile is some mentees (rows) by all mentors (columns). What is held is per person, never per
pair, so memory is bounded by the height of a tile. Everything is whole numbers.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Points = NDArray[np.int32]
Flags = NDArray[np.bool_]


class Tiles(ABC):
    """One criterion over everybody."""

    mentee_answered: Flags
    mentor_answered: Flags

    @abstractmethod
    def tile(self, rows: Ints) -> tuple[Points, Flags]:
        """Points and fits, both `len(rows)` x mentors; without meaning where a side is silent."""


class Common(Tiles):
    """Judges by the number of values two people share."""

    def __init__(
        self,
        mentees: Sequence[frozenset[str]],
        mentors: Sequence[frozenset[str]],
        judge: Callable[[Points, Points], tuple[Points, Flags]],
    ) -> None:
        self.mentee_answered = np.array([bool(s) for s in mentees], dtype=np.bool_)
        self.mentor_answered = np.array([bool(s) for s in mentors], dtype=np.bool_)
        self._judge = judge
        self._sizes = np.array([len(s) for s in mentees], dtype=np.int32)
        named: frozenset[str] = frozenset().union(*mentees)
        both = sorted(named & frozenset().union(*mentors))
        column = {value: at for at, value in enumerate(both)}
        self._single = all(len(s) < 2 for s in (*mentees, *mentors))
        if self._single:
            # A value per person: comparing numbers needs no column per value.
            self._mentees = codes(mentees, column, missing=-1)
            self._mentors = codes(mentors, column, missing=-2)
        else:
            self._wanted = indicators(mentees, column)
            self._offered = indicators(mentors, column)

    def tile(self, rows: Ints) -> tuple[Points, Flags]:
        return self._judge(self._counts(rows), self._sizes[rows, None])

    def _counts(self, rows: Ints) -> Points:
        if self._single:
            equal: Flags = self._mentees[rows, None] == self._mentors[None, :]
            return equal.astype(np.int32)
        # Sums of 0/1 products stay far below 2**24: float32 adds them exactly in any order, so
        # neither BLAS nor its number of threads can change a score.
        counts: Points = (self._wanted[rows] @ self._offered.T).astype(np.int32)
        return counts


def codes(sets: Sequence[frozenset[str]], column: Mapping[str, int], *, missing: int) -> Ints:
    """The column of each person's only value; `missing` for none."""
    return np.array(
        [next((column.get(v, missing) for v in values), missing) for values in sets],
        dtype=np.int64,
    )


def indicators(sets: Sequence[frozenset[str]], column: Mapping[str, int]) -> NDArray[np.float32]:
    """people x values: 1 where the person has the value."""
    matrix = np.zeros((len(sets), len(column)), dtype=np.float32)
    for at, values in enumerate(sets):
        matrix[at, [column[v] for v in values if v in column]] = 1
    return matrix


class Numbers(Tiles):
    """Judges two whole numbers."""

    def __init__(
        self,
        mentees: Sequence[int | None],
        mentors: Sequence[int | None],
        judge: Callable[[Ints, Ints], tuple[Points, Flags]],
    ) -> None:
        self.mentee_answered = np.array([v is not None for v in mentees], dtype=np.bool_)
        self.mentor_answered = np.array([v is not None for v in mentors], dtype=np.bool_)
        self._mentees = np.array([v or 0 for v in mentees], dtype=np.int64)
        self._mentors = np.array([v or 0 for v in mentors], dtype=np.int64)
        self._judge = judge

    def tile(self, rows: Ints) -> tuple[Points, Flags]:
        return self._judge(self._mentees[rows, None], self._mentors[None, :])


class Lookup(Tiles):
    """Judges by a table of listed pairs of values."""

    def __init__(
        self,
        mentees: Sequence[str | None],
        mentors: Sequence[str | None],
        pairs: Mapping[tuple[str, str], int],
    ) -> None:
        self.mentee_answered = np.array([v is not None for v in mentees], dtype=np.bool_)
        self.mentor_answered = np.array([v is not None for v in mentors], dtype=np.bool_)
        left = {value: at for at, value in enumerate(sorted({mentee for mentee, _ in pairs}))}
        right = {value: at for at, value in enumerate(sorted({mentor for _, mentor in pairs}))}
        # The last row and column stand for every value that is not listed.
        self._points = np.zeros((len(left) + 1, len(right) + 1), dtype=np.int32)
        self._fits = np.zeros(self._points.shape, dtype=np.bool_)
        for (mentee, mentor), given in pairs.items():
            self._points[left[mentee], right[mentor]] = given
            self._fits[left[mentee], right[mentor]] = True
        self._mentees = np.array([left.get(v or "", len(left)) for v in mentees], dtype=np.int64)
        self._mentors = np.array([right.get(v or "", len(right)) for v in mentors], dtype=np.int64)

    def tile(self, rows: Ints) -> tuple[Points, Flags]:
        here = np.ix_(self._mentees[rows], self._mentors)
        return self._points[here], self._fits[here]
