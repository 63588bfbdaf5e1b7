"""The kinds of criteria: small rules over two answers, one of the mentee and one of the mentor.

Every kind knows itself twice: `verdict` judges two answers in plain Python (what a reason says),
`tiles` does the same for many people at once with numpy (what the solver sees). Tests hold the
two together for every pair. A new kind is one class, one entry in `KINDS` and one test.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Final, Self

import numpy as np

from matching.engine.reading import Fields
from matching.engine.tiles import Common, Flags, Ints, Lookup, Numbers, Points, Tiles
from matching.engine.types import LARGEST_WHOLE_FACT, Fact, PolicyError

MOST_POINTS: Final = 10_000
DAY: Final = 24 * 60


class WrongFactError(Exception):
    """A fact of the wrong type; the message says what it must be."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The points of two answers, whether a must is met, and the values they share."""

    points: int
    fits: bool
    shared: tuple[str, ...] = ()


class Kind(ABC):
    """A kind with its own parameters; the fact names and the weight belong to the criterion."""

    name: ClassVar[str]

    @classmethod
    @abstractmethod
    def read(cls, fields: Fields) -> Self:
        """Take this kind's parameters out of the policy's table. PolicyError if they are wrong."""

    @abstractmethod
    def parameters(self) -> dict[str, object]:
        """The parameters as `read` takes them, ready for JSON."""

    def own_points(self) -> int | None:
        """The most the parameters themselves give; None when `points` alone decides."""
        return None

    def refuse(self, fact: Fact) -> None:  # noqa: B027 - most kinds read every type of fact
        """WrongFactError if an answered fact is not what this kind reads."""

    @abstractmethod
    def verdict(self, mentee: Fact, mentor: Fact, points: int) -> Verdict:
        """Judge two answered facts; `points` is the most to give."""

    @abstractmethod
    def tiles(self, mentees: Sequence[Fact], mentors: Sequence[Fact], points: int) -> Tiles:
        """The same judgement for everybody; None stands for an unanswered fact."""

    def text(self, fact: Fact) -> str:
        """The answer in plain words."""
        return as_text(fact)


def answered(fact: Fact, blank: frozenset[str] = frozenset()) -> Fact:
    """`fact`, or None where it says nothing: blank text, empty set, or a value listed in `blank`.

    Blank texts and values in `blank` are also taken out of sets.
    """
    if isinstance(fact, frozenset):
        return frozenset(v for v in fact if v.strip() and v not in blank) or None
    if isinstance(fact, str):
        return fact if fact.strip() and fact not in blank else None
    return fact


def as_text(fact: Fact) -> str:
    """A fact in plain words: "yes", "12", "HEO", "Go, Rust"; "" for no answer."""
    if fact is None:
        return ""
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, frozenset):
        return ", ".join(sorted(fact))
    return str(fact)


def as_set(fact: Fact) -> frozenset[str]:
    """A fact as a set of texts; a single value is a set of one, None is empty."""
    if fact is None:
        return frozenset()
    return fact if isinstance(fact, frozenset) else frozenset({as_text(fact)})


def as_whole(fact: Fact) -> int:
    """A fact as a whole number. WrongFactError for anything else."""
    if isinstance(fact, bool) or not isinstance(fact, int):
        raise WrongFactError("a whole number")
    return fact


class SetKind(Kind):
    """Kinds that ask how many values two sets share."""

    def verdict(self, mentee: Fact, mentor: Fact, points: int) -> Verdict:
        wanted = as_set(mentee)
        shared = wanted & as_set(mentor)
        given, fits = self.judge(len(shared), len(wanted), points)
        return Verdict(given, fits, tuple(sorted(shared)))

    def tiles(self, mentees: Sequence[Fact], mentors: Sequence[Fact], points: int) -> Tiles:
        return Common(
            [as_set(f) for f in mentees],
            [as_set(f) for f in mentors],
            lambda counts, sizes: self.judge_all(counts, sizes, points),
        )

    @abstractmethod
    def judge(self, count: int, size: int, points: int) -> tuple[int, bool]:
        """Points and fit for `count` shared values of the `size` that the mentee named."""

    @abstractmethod
    def judge_all(self, counts: Points, sizes: Points, points: int) -> tuple[Points, Flags]:
        """`judge` for a tile of counts and a column of sizes."""


@dataclass(frozen=True, slots=True)
class Overlap(SetKind):
    """The share of what the mentee wants that the mentor has.

    `enough` shared values (or all, if the mentee named fewer) give full points, fewer give their
    share, rounded down. Without `enough` the mentee's whole list counts. As a must: at least one.
    """

    name: ClassVar[str] = "overlap"
    enough: int | None

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(fields.whole("enough", 1, 1_000) if fields.has("enough") else None)

    def parameters(self) -> dict[str, object]:
        return {} if self.enough is None else {"enough": self.enough}

    def judge(self, count: int, size: int, points: int) -> tuple[int, bool]:
        needed = size if self.enough is None else min(size, self.enough)
        return points * min(count, needed) // needed, count > 0

    def judge_all(self, counts: Points, sizes: Points, points: int) -> tuple[Points, Flags]:
        needed = sizes if self.enough is None else np.minimum(sizes, self.enough)
        needed = np.maximum(needed, 1)
        return np.minimum(counts, needed) * np.int32(points) // needed, counts > 0


@dataclass(frozen=True, slots=True)
class Same(SetKind):
    """Full points when the two values are equal or the two sets share something."""

    name: ClassVar[str] = "same"

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls()

    def parameters(self) -> dict[str, object]:
        return {}

    def judge(self, count: int, size: int, points: int) -> tuple[int, bool]:
        return (points if count else 0), count > 0

    def judge_all(self, counts: Points, sizes: Points, points: int) -> tuple[Points, Flags]:
        fits = counts > 0
        return fits * np.int32(points), fits


@dataclass(frozen=True, slots=True)
class Different(SetKind):
    """Full points when two values differ or two sets share nothing; usually a must."""

    name: ClassVar[str] = "different"

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls()

    def parameters(self) -> dict[str, object]:
        return {}

    def judge(self, count: int, size: int, points: int) -> tuple[int, bool]:
        return (0 if count else points), count == 0

    def judge_all(self, counts: Points, sizes: Points, points: int) -> tuple[Points, Flags]:
        fits = counts == 0
        return fits * np.int32(points), fits


@dataclass(frozen=True, slots=True)
class Wish(Same):
    """Full points when the mentor lists something that the mentee wished for.

    With `when` it speaks only for mentees who said yes there. It counts like `same`; it is a kind
    of its own so that a reason can say "as wished" instead of "the same".
    """

    name: ClassVar[str] = "wish"


class NumberKind(Kind):
    """Kinds that compare two whole numbers."""

    def refuse(self, fact: Fact) -> None:
        self.number(fact)

    @abstractmethod
    def number(self, fact: Fact) -> int:
        """The whole number behind an answered fact. WrongFactError if there is none."""

    def verdict(self, mentee: Fact, mentor: Fact, points: int) -> Verdict:
        given, fits = self.judge(self.number(mentee), self.number(mentor), points)
        return Verdict(given, fits)

    def tiles(self, mentees: Sequence[Fact], mentors: Sequence[Fact], points: int) -> Tiles:
        return Numbers(
            [None if f is None else self.number(f) for f in mentees],
            [None if f is None else self.number(f) for f in mentors],
            lambda mentee, mentor: self.judge_all(mentee, mentor, points),
        )

    @abstractmethod
    def judge(self, mentee: int, mentor: int, points: int) -> tuple[int, bool]:
        """Points and fit of two numbers."""

    @abstractmethod
    def judge_all(self, mentee: Ints, mentor: Ints, points: int) -> tuple[Points, Flags]:
        """`judge` for a column of mentees and a row of mentors."""


Span = tuple[int, int]
GAP = re.compile(r"(-?\d{1,9})|(-?\d{1,9})?\.\.(-?\d{1,9})?")
FAR: Final = 2 * LARGEST_WHOLE_FACT


def read_span(text: str, where: str) -> Span:
    """The first and last gap that "2", "3..8", "10.." or "..-1" names."""
    found = GAP.fullmatch(text)
    if found is None or text == "..":
        raise PolicyError(f"{where}: the gap {text!r} must look like 2, 3..8, 10.. or ..-1.")
    exact, first, last = found.groups()
    if exact is not None:
        return int(exact), int(exact)
    low, high = int(first) if first else -FAR, int(last) if last else FAR
    if low > high:
        raise PolicyError(f"{where}: the gap {text!r} ends before it starts.")
    return low, high


def write_span(span: Span) -> str:
    low, high = span
    if low == high:
        return str(low)
    return f"{'' if low == -FAR else low}..{'' if high == FAR else high}"


@dataclass(frozen=True, slots=True)
class Ladder(NumberKind):
    """Points by how far the mentor stands above the mentee.

    With `steps` (from junior to senior) the gap counts steps, without it counts whole numbers
    such as years. `gaps` gives the points of each gap, mentor minus mentee; a gap it does not
    name gives 0 and, as a must, rules the pair out.
    """

    name: ClassVar[str] = "ladder"
    steps: tuple[str, ...]
    gaps: tuple[tuple[Span, int], ...]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        steps = fields.texts("steps")
        table = fields.take("gaps")
        if not isinstance(table, Mapping) or not table:
            raise PolicyError(f"{fields.where} needs 'gaps', a table from gap to points.")
        gaps = sorted(
            (
                read_span(str(gap), fields.where),
                fields.as_whole(given, f"the gap {str(gap)!r}", 0, MOST_POINTS),
            )
            for gap, given in table.items()
        )
        for ((_, last), _), ((first, _), _) in pairwise(gaps):
            if first <= last:
                raise PolicyError(f"{fields.where}: the gap {first} is named twice.")
        return cls(steps, tuple(gaps))

    def parameters(self) -> dict[str, object]:
        gaps: dict[str, object] = {
            "gaps": {write_span(span): given for span, given in self.gaps},
        }
        return {"steps": list(self.steps), **gaps} if self.steps else gaps

    def own_points(self) -> int:
        return max(given for _, given in self.gaps)

    def number(self, fact: Fact) -> int:
        if not self.steps:
            return as_whole(fact)
        if not isinstance(fact, str):
            raise WrongFactError("one of the steps of the ladder")
        if fact not in self.steps:
            raise WrongFactError(f"one of the steps of the ladder, which has no {fact!r}")
        return self.steps.index(fact)

    def judge(self, mentee: int, mentor: int, points: int) -> tuple[int, bool]:
        for (low, high), given in self.gaps:
            if low <= mentor - mentee <= high:
                return given, True
        return 0, False

    def judge_all(self, mentee: Ints, mentor: Ints, points: int) -> tuple[Points, Flags]:
        gap = mentor - mentee
        lows = np.array([low for (low, _), _ in self.gaps])
        highs = np.array([high for (_, high), _ in self.gaps])
        given = np.array([given for _, given in self.gaps], dtype=np.int32)
        at = np.searchsorted(lows, gap, side="right") - 1
        fits = (at >= 0) & (gap <= highs[at])
        return np.where(fits, given[at], np.int32(0)), fits


@dataclass(frozen=True, slots=True)
class Zone(NumberKind):
    """How close two people's clocks are, from their minutes east of UTC.

    Full points up to `full_hours` apart, none from `none_hours` on, evenly less in between,
    rounded down. As a must: not more than `none_hours`. Clocks 24 hours apart show the same time.
    """

    name: ClassVar[str] = "zone"
    full_hours: int
    none_hours: int

    @classmethod
    def read(cls, fields: Fields) -> Self:
        full = fields.whole("full_hours", 0, 12)
        return cls(full, fields.whole("none_hours", full + 1, 13))

    def parameters(self) -> dict[str, object]:
        return {"full_hours": self.full_hours, "none_hours": self.none_hours}

    def number(self, fact: Fact) -> int:
        offset = as_whole(fact)
        if abs(offset) >= DAY:
            raise WrongFactError("minutes east of UTC, between -1439 and 1439")
        return offset

    def judge(self, mentee: int, mentor: int, points: int) -> tuple[int, bool]:
        apart = abs(mentor - mentee) % DAY
        apart = min(apart, DAY - apart)
        full, none = self.full_hours * 60, self.none_hours * 60
        if apart <= full:
            return points, True
        return max(0, points * (none - apart) // (none - full)), apart <= none

    def judge_all(self, mentee: Ints, mentor: Ints, points: int) -> tuple[Points, Flags]:
        apart = np.abs(mentor - mentee) % DAY
        apart = np.minimum(apart, DAY - apart)
        full, none = self.full_hours * 60, self.none_hours * 60
        left = np.clip(none - apart, 0, none - full)
        return (points * left // (none - full)).astype(np.int32), apart <= none

    def text(self, fact: Fact) -> str:
        if isinstance(fact, bool) or not isinstance(fact, int):
            return as_text(fact)
        hours, minutes = divmod(abs(fact), 60)
        return f"UTC{'-' if fact < 0 else '+'}{hours:02}:{minutes:02}"


@dataclass(frozen=True, slots=True)
class Table(Kind):
    """Points by a list of pairs of values: [mentee's, mentor's, points].

    A pair of values that is not listed gives 0 and, as a must, rules the two people out.
    Yes and no are written "yes" and "no", numbers as text.
    """

    name: ClassVar[str] = "table"
    pairs: tuple[tuple[str, str, int], ...]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        rows = fields.take("pairs")
        if not isinstance(rows, list | tuple) or not rows:
            raise PolicyError(f"{fields.where} needs 'pairs', a list of [mentee, mentor, points].")
        pairs = tuple(cls.read_row(row, fields) for row in rows)
        if len({(mentee, mentor) for mentee, mentor, _ in pairs}) != len(pairs):
            raise PolicyError(f"{fields.where}: 'pairs' names two values together twice.")
        return cls(pairs)

    @staticmethod
    def read_row(row: object, fields: Fields) -> tuple[str, str, int]:
        if not isinstance(row, list | tuple) or len(row) != 3:
            raise PolicyError(
                f"{fields.where}: 'pairs' must hold rows of [mentee, mentor, points]."
            )
        mentee, mentor, given = row
        if not isinstance(mentee, str) or not isinstance(mentor, str):
            raise PolicyError(f"{fields.where}: the values in 'pairs' must be texts.")
        return mentee, mentor, fields.as_whole(given, "the points in 'pairs'", 0, MOST_POINTS)

    def parameters(self) -> dict[str, object]:
        return {"pairs": [list(row) for row in self.pairs]}

    def own_points(self) -> int:
        return max(given for _, _, given in self.pairs)

    def refuse(self, fact: Fact) -> None:
        if isinstance(fact, frozenset):
            raise WrongFactError("a single value, not a set")

    def verdict(self, mentee: Fact, mentor: Fact, points: int) -> Verdict:
        here = (as_text(mentee), as_text(mentor))
        for left, right, given in self.pairs:
            if (left, right) == here:
                return Verdict(given, True)
        return Verdict(0, False)

    def tiles(self, mentees: Sequence[Fact], mentors: Sequence[Fact], points: int) -> Tiles:
        return Lookup(
            [None if f is None else as_text(f) for f in mentees],
            [None if f is None else as_text(f) for f in mentors],
            {(mentee, mentor): given for mentee, mentor, given in self.pairs},
        )


KINDS: Final[Mapping[str, type[Kind]]] = {
    kind.name: kind for kind in (Overlap, Same, Different, Ladder, Table, Zone, Wish)
}
