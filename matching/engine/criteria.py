"""The kinds of criteria: small rules over two answers, one of the mentee and one of the mentor.

`verdict` is the rule itself, in plain Python, for one pair; explanations use it as it stands.
`column` lays the same rule out for everybody, so that tiles can be scored with numpy. Most kinds
need no code for that: answers that few people share are judged once per pair of answers. Tests
hold verdict, listed pairs and tiles together for every kind. A new kind is one class, one entry
in `KINDS` and one test.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Final, Self

import numpy as np

from matching.engine.columns import (
    Answers,
    Codes,
    Column,
    CommonTimes,
    Counted,
    Flags,
    Ints,
    Listed,
    Looked,
    Numbers,
    Points,
    Silence,
    codes_of,
)
from matching.engine.hours import Offsets, common, read_hours, spans
from matching.engine.reading import Fields
from matching.engine.types import (
    LARGEST_WHOLE_FACT,
    Fact,
    Mentee,
    Mentor,
    PolicyError,
)

MOST_POINTS: Final = 10_000
DAY: Final = 24 * 60
MOST_LEVEL: Final = 9

JUDGED_ONE_BY_ONE: Final = 20_000
"""So many pairs of distinct answers are judged in Python; beyond, the kind must know arrays."""

JUDGED_AT_ONCE: Final = 4_000_000
"""So many pairs of distinct numbers are laid out as a table; beyond, tiles judge the numbers."""


class WrongFactError(Exception):
    """A fact of the wrong type; the message says what it must be."""


@dataclass(frozen=True, slots=True)
class Week:
    """Somebody's free half-hours and the offsets of their clock, as `hours` takes them."""

    hours: str
    offsets: Offsets


Answer = str | int | bool | frozenset[str] | tuple[tuple[str, int], ...] | tuple[str, ...] | Week
"""An answered fact as a kind reads it; can be a key of a dict."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The points of two answers, whether a must is met, and the values they share."""

    points: int
    fits: bool
    shared: tuple[str, ...] = ()


class Kind(ABC):
    """A kind with its own parameters; the fact names and the weight belong to the criterion."""

    name: ClassVar[str]
    sides: ClassVar[tuple[str, ...]] = ("mentee", "mentor")
    """The sides whose fact the criterion must name."""
    is_private: ClassVar[bool] = False
    """Whether its reason is never for the pair, whatever a policy says."""
    reads_one_fact: ClassVar[bool] = True
    """Whether an answer is made of the named fact alone: who told the same has the same answer."""

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

    def facts_beside(self) -> tuple[str, ...]:
        """Facts this kind reads beside the one the criterion names."""
        return ()

    def of_mentee(self, mentee: Mentee, fact: str, blank: frozenset[str]) -> Answer | None:
        """The mentee's answer, None for silence. WrongFactError if this kind cannot read it."""
        return self.answer(mentee.facts.get(fact), blank)

    def of_mentor(self, mentor: Mentor, fact: str, blank: frozenset[str]) -> Answer | None:
        """The mentor's answer, in the same way."""
        return self.answer(mentor.facts.get(fact), blank)

    def answer(self, fact: Fact, blank: frozenset[str]) -> Answer | None:
        """One side's answer out of its fact. WrongFactError if this kind cannot read it."""
        told = answered(fact, blank)
        if isinstance(told, Mapping):
            return tuple(sorted(told.items()))
        if isinstance(told, tuple):
            raise WrongFactError("a single value or a set")
        return told

    @abstractmethod
    def verdict(self, mentee: Answer, mentor: Answer, points: int) -> Verdict:
        """Judge two answers; `points` is the most to give."""

    def column(self, answers: Answers[Answer], points: int, silence: Silence) -> Column:
        """The same judgement for everybody.

        `JUDGED_ONE_BY_ONE` bounds the work where the kind brings no arrays of its own.
        """
        return self.judged(codes_of(answers.mentees), codes_of(answers.mentors), points, silence)

    def judged(
        self, mentees: Codes[Answer], mentors: Codes[Answer], points: int, silence: Silence
    ) -> Column:
        """By a table of every distinct answer with every other."""
        (left, lefts), (right, rights) = mentees, mentors
        table = np.zeros((len(left), len(right)), dtype=np.int64)
        fits = np.zeros(table.shape, dtype=np.bool_)
        for at, one in enumerate(left):
            for to, other in enumerate(right):
                verdict = self.verdict(one, other, points)
                table[at, to], fits[at, to] = verdict.points, verdict.fits
        return Looked(table, fits, lefts, rights, silence)

    def text(self, answer: Answer | None) -> str:
        """The answer in plain words."""
        return as_text(answer)


def answered(fact: Fact, blank: frozenset[str] = frozenset()) -> Fact:
    """`fact`, or None where it says nothing: blank text, empty set, or a value listed in `blank`.

    Blank texts and values in `blank` are also taken out of sets.
    """
    # The usual kinds of facts first: this is asked a few times of every answer.
    if isinstance(fact, str):
        return fact if fact.strip() and fact not in blank else None
    if fact is None or isinstance(fact, int):
        return fact
    if isinstance(fact, frozenset):
        return frozenset([v for v in fact if v.strip() and v not in blank]) or None
    if isinstance(fact, tuple):
        return fact or None
    return {v: level for v, level in fact.items() if v.strip() and v not in blank} or None


def as_text(answer: Answer | None) -> str:
    """An answer in plain words: "yes", "12", "HEO", "Go, Rust"; "" for none."""
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, frozenset | tuple):
        return ", ".join(sorted(levels_of(answer)))
    return str(answer)


def levels_of(answer: Answer) -> dict[str, int]:
    """An answer as a set whose values have a level; 1 where it tells none."""
    if isinstance(answer, frozenset):
        return dict.fromkeys(answer, 1)
    if isinstance(answer, tuple):
        return {v[0]: v[1] if isinstance(v, tuple) else 1 for v in answer if len(v) and v[0]}
    return {as_text(answer): 1}


def as_whole(fact: object) -> int:
    """A fact as a whole number. WrongFactError for anything else."""
    if isinstance(fact, bool) or not isinstance(fact, int):
        raise WrongFactError("a whole number")
    return fact


class SetKind(Kind):
    """Kinds that ask how much of what the mentee named the mentor has."""

    def verdict(self, mentee: Answer, mentor: Answer, points: int) -> Verdict:
        wanted, offered = self.wants(mentee), self.has(mentor)
        shared = tuple(sorted(wanted.keys() & offered.keys()))
        count = sum(wanted[value] * offered[value] for value in shared)
        given, fits = self.judge(count, self.enough_of(wanted), points)
        return Verdict(given, fits, shared)

    def wants(self, mentee: Answer) -> dict[str, int]:
        """What the mentee named, with the weight of each."""
        return dict.fromkeys(levels_of(mentee), 1)

    def has(self, mentor: Answer) -> dict[str, int]:
        """What the mentor has, with how far it goes."""
        return dict.fromkeys(levels_of(mentor), 1)

    def enough_of(self, wanted: Mapping[str, int]) -> int:
        """The count that earns full points."""
        return 1

    @abstractmethod
    def judge(self, count: int, needed: int, points: int) -> tuple[int, bool]:
        """Points and fit for what is shared."""

    def column(self, answers: Answers[Answer], points: int, silence: Silence) -> Column:
        left: Codes[Answer] = codes_of(answers.mentees)
        right: Codes[Answer] = codes_of(answers.mentors)
        if len(left[0]) * len(right[0]) <= JUDGED_ONE_BY_ONE:
            return self.judged(left, right, points, silence)
        wanted = [None if a is None else self.wants(a) for a in answers.mentees]
        offered = [None if a is None else self.has(a) for a in answers.mentors]
        needed = [0 if w is None else self.enough_of(w) for w in wanted]
        return Counted(wanted, offered, needed, points, silence, self.is_for_sharing)

    is_for_sharing: ClassVar[bool] = True
    """False where it is sharing nothing that gives points."""


@dataclass(frozen=True, slots=True)
class Overlap(SetKind):
    """The share of what the mentee wants that the mentor has.

    A value the mentee wants more weighs more (its level in the mentee's fact). With `full_level`
    a value counts in full from that level of the mentor's on, and below it in proportion.
    `enough` values (or all, if the mentee named fewer) give full points, fewer give their share,
    rounded down. Without `enough` the mentee's whole list counts. As a must: at least one.
    """

    name: ClassVar[str] = "overlap"
    enough: int | None
    full_level: int

    @classmethod
    def read(cls, fields: Fields) -> Self:
        enough = fields.whole("enough", 1, 1_000) if fields.has("enough") else None
        level = fields.whole("full_level", 1, MOST_LEVEL) if fields.has("full_level") else 1
        return cls(enough, level)

    def parameters(self) -> dict[str, object]:
        table: dict[str, object] = {} if self.enough is None else {"enough": self.enough}
        return table if self.full_level == 1 else table | {"full_level": self.full_level}

    def wants(self, mentee: Answer) -> dict[str, int]:
        return levels_of(mentee)

    def has(self, mentor: Answer) -> dict[str, int]:
        return {value: min(level, self.full_level) for value, level in levels_of(mentor).items()}

    def enough_of(self, wanted: Mapping[str, int]) -> int:
        heaviest = sorted(wanted.values(), reverse=True)[: self.enough]
        return sum(heaviest) * self.full_level

    def judge(self, count: int, needed: int, points: int) -> tuple[int, bool]:
        return points * min(count, needed) // needed, count > 0


@dataclass(frozen=True, slots=True)
class Same(SetKind):
    """Full points when the two values are equal or the two sets share something."""

    name: ClassVar[str] = "same"

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls()

    def parameters(self) -> dict[str, object]:
        return {}

    def judge(self, count: int, needed: int, points: int) -> tuple[int, bool]:
        return (points if count else 0), count > 0


@dataclass(frozen=True, slots=True)
class Different(SetKind):
    """Full points when two values differ or two sets share nothing; usually a must."""

    name: ClassVar[str] = "different"
    is_for_sharing: ClassVar[bool] = False

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls()

    def parameters(self) -> dict[str, object]:
        return {}

    def judge(self, count: int, needed: int, points: int) -> tuple[int, bool]:
        return (0 if count else points), count == 0


@dataclass(frozen=True, slots=True)
class Wish(Same):
    """Full points when the mentor lists something that the mentee wished for.

    With `when` it speaks only for mentees who said yes there. It counts like `same`; it is a kind
    of its own so that a reason can say "as wished" instead of "the same".
    """

    name: ClassVar[str] = "wish"


class NumberKind(Kind):
    """Kinds that compare two whole numbers."""

    def answer(self, fact: Fact, blank: frozenset[str]) -> Answer | None:
        told = answered(fact, blank)
        if told is not None:
            self.number(told)
        return told if isinstance(told, str | int) else None

    @abstractmethod
    def number(self, fact: object) -> int:
        """The whole number behind an answered fact. WrongFactError if there is none."""

    def verdict(self, mentee: Answer, mentor: Answer, points: int) -> Verdict:
        given, fits = self.judge(self.number(mentee), self.number(mentor), points)
        return Verdict(given, fits)

    def column(self, answers: Answers[Answer], points: int, silence: Silence) -> Column:
        left, lefts = codes_of([None if a is None else self.number(a) for a in answers.mentees])
        right, rights = codes_of([None if a is None else self.number(a) for a in answers.mentors])
        one, other = np.array(left, dtype=np.int64), np.array(right, dtype=np.int64)

        def judge(mentee: Ints, mentor: Ints) -> tuple[Points, Flags]:
            return self.judge_all(mentee, mentor, points)

        if len(left) * len(right) > JUDGED_AT_ONCE:
            return Numbers(one, other, lefts, rights, silence, judge)
        table, fits = judge(one[:, None], other[None, :])
        return Looked(table.astype(np.int64), fits, lefts, rights, silence)

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

    def number(self, fact: object) -> int:
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

    def number(self, fact: object) -> int:
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

    def text(self, answer: Answer | None) -> str:
        if isinstance(answer, bool) or not isinstance(answer, int):
            return as_text(answer)
        hours, minutes = divmod(abs(answer), 60)
        return f"UTC{'-' if answer < 0 else '+'}{hours:02}:{minutes:02}"


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

    def answer(self, fact: Fact, blank: frozenset[str]) -> Answer | None:
        told = answered(fact, blank)
        if isinstance(told, frozenset | Mapping | tuple):
            raise WrongFactError("a single value, not a set")
        return told

    def verdict(self, mentee: Answer, mentor: Answer, points: int) -> Verdict:
        here = (as_text(mentee), as_text(mentor))
        for left, right, given in self.pairs:
            if (left, right) == here:
                return Verdict(given, True)
        return Verdict(0, False)

    def column(self, answers: Answers[Answer], points: int, silence: Silence) -> Column:
        left = {value: at for at, value in enumerate(sorted({one for one, _, _ in self.pairs}))}
        right = {value: at for at, value in enumerate(sorted({two for _, two, _ in self.pairs}))}
        # The last row and column stand for every value that is not listed.
        table = np.zeros((len(left) + 1, len(right) + 1), dtype=np.int64)
        fits = np.zeros(table.shape, dtype=np.bool_)
        for one, two, given in self.pairs:
            table[left[one], right[two]] = given
            fits[left[one], right[two]] = True
        return Looked(
            table,
            fits,
            [None if a is None else left.get(as_text(a), len(left)) for a in answers.mentees],
            [None if a is None else right.get(as_text(a), len(right)) for a in answers.mentors],
            silence,
        )


@dataclass(frozen=True, slots=True)
class Hours(Kind):
    """Common free hours of a week, right across the clock changes of the cohort.

    `full_hours` in common give full points, fewer their share, rounded down to whole points.
    As a must: at least `least_hours`. Both count in whole hours; two half-hours make one.
    """

    name: ClassVar[str] = "hours"
    reads_one_fact: ClassVar[bool] = False
    full_hours: int
    least_hours: int

    @classmethod
    def read(cls, fields: Fields) -> Self:
        full = fields.whole("full_hours", 1, 168)
        return cls(full, fields.whole("least_hours", 1, 168) if fields.has("least_hours") else 1)

    def parameters(self) -> dict[str, object]:
        return {"full_hours": self.full_hours, "least_hours": self.least_hours}

    def facts_beside(self) -> tuple[str, ...]:
        return ("utc_offsets",)

    def of_mentee(self, mentee: Mentee, fact: str, blank: frozenset[str]) -> Answer | None:
        return self._week(mentee.facts, fact, blank, f"mentee {mentee.id!r}")

    def of_mentor(self, mentor: Mentor, fact: str, blank: frozenset[str]) -> Answer | None:
        return self._week(mentor.facts, fact, blank, f"mentor {mentor.id!r}")

    @staticmethod
    def _week(facts: Mapping[str, Fact], fact: str, blank: frozenset[str], who: str) -> Week | None:
        hours, offsets = answered(facts.get(fact), blank), answered(facts.get("utc_offsets"))
        if hours is None:
            return None
        if not isinstance(hours, str):
            raise WrongFactError("336 half-hours, each 0 or 1")
        hours = read_hours(hours, who)
        if offsets is None:
            return None
        if not isinstance(offsets, tuple):
            raise WrongFactError("336 half-hours beside the 'utc_offsets' of the cohort's periods")
        return Week(hours, offsets)

    def shared(self, mentee: Answer, mentor: Answer) -> tuple[int, ...]:
        if not isinstance(mentee, Week) or not isinstance(mentor, Week):
            raise WrongFactError("336 half-hours, each 0 or 1")
        return common(mentee.hours, mentee.offsets, mentor.hours, mentor.offsets)

    def verdict(self, mentee: Answer, mentor: Answer, points: int) -> Verdict:
        slots = self.shared(mentee, mentor)
        full = 2 * self.full_hours
        given = points * min(len(slots), full) // full
        return Verdict(given, len(slots) >= 2 * self.least_hours, spans(slots))

    def column(self, answers: Answers[Answer], points: int, silence: Silence) -> Column:
        def told(side: Sequence[Answer | None]) -> list[Week | None]:
            return [a if isinstance(a, Week) else None for a in side]

        mentees, mentors = told(answers.mentees), told(answers.mentors)
        return CommonTimes(
            [None if w is None else w.hours for w in mentees],
            [None if w is None else w.offsets for w in mentees],
            [None if w is None else w.hours for w in mentors],
            [None if w is None else w.offsets for w in mentors],
            full=2 * self.full_hours,
            least=2 * self.least_hours,
            points=points,
            silence=silence,
        )

    def text(self, answer: Answer | None) -> str:
        if not isinstance(answer, Week):
            return ""
        return f"{answer.hours.count('1') / 2:g} h a week"


@dataclass(frozen=True, slots=True)
class Ranks(Kind):
    """Points for how high one `side` ranked the other: the first choice gives them all.

    `of` places count: the second gives (of - 1) parts of `of`, and so on, rounded down; a person
    who is not among them gives 0. Who ranked nobody is silent. As a must: ranked at all.
    """

    name: ClassVar[str] = "ranks"
    reads_one_fact: ClassVar[bool] = False
    sides: ClassVar[tuple[str, ...]] = ()
    is_private: ClassVar[bool] = True  # the points tell how high somebody was ranked
    side: str
    of: int

    @classmethod
    def read(cls, fields: Fields) -> Self:
        side = fields.text("side")
        if side not in ("mentee", "mentor"):
            raise PolicyError(f"{fields.where}: 'side' must be mentee or mentor.")
        return cls(side, fields.whole("of", 1, 100) if fields.has("of") else 5)

    def parameters(self) -> dict[str, object]:
        return {"side": self.side, "of": self.of}

    def of_mentee(self, mentee: Mentee, fact: str, blank: frozenset[str]) -> Answer | None:
        return (mentee.ranks or None) if self.side == "mentee" else mentee.id

    def of_mentor(self, mentor: Mentor, fact: str, blank: frozenset[str]) -> Answer | None:
        return (mentor.ranks or None) if self.side == "mentor" else mentor.id

    def verdict(self, mentee: Answer, mentor: Answer, points: int) -> Verdict:
        ranks, other = (mentee, mentor) if self.side == "mentee" else (mentor, mentee)
        if not isinstance(ranks, tuple) or other not in ranks[: self.of]:
            return Verdict(0, False)
        place = [*ranks].index(other)
        return Verdict(points * (self.of - place) // self.of, True)

    def column(self, answers: Answers[Answer], points: int, silence: Silence) -> Column:
        row = {a: at for at, a in enumerate(answers.mentees)}
        to = {a: at for at, a in enumerate(answers.mentors)}
        listed: dict[tuple[int, int], int] = {}
        rankers = answers.mentees if self.side == "mentee" else answers.mentors
        for at, ranks in enumerate(rankers):
            if not isinstance(ranks, tuple):
                continue
            for place, other in enumerate(ranks[: self.of]):
                here = (
                    (at, to.get(str(other))) if self.side == "mentee" else (row.get(str(other)), at)
                )
                if here[0] is not None and here[1] is not None:
                    listed[here[0], here[1]] = points * (self.of - place) // self.of
        return Listed(
            listed,
            np.array([a is not None for a in answers.mentees], dtype=np.bool_),
            np.array([a is not None for a in answers.mentors], dtype=np.bool_),
            silence,
        )

    def text(self, answer: Answer | None) -> str:
        """Never whom somebody ranked: the other side may read it."""
        return ""


@dataclass(frozen=True, slots=True)
class Priority(NumberKind):
    """Points for mentees who waited: `full` (default 1) or more give all, fewer their share.

    Every mentor gets the same for such a mentee, so it decides who is placed, not with whom.
    """

    name: ClassVar[str] = "priority"
    reads_one_fact: ClassVar[bool] = False
    sides: ClassVar[tuple[str, ...]] = ("mentee",)
    full: int

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(fields.whole("full", 1, 1_000) if fields.has("full") else 1)

    def parameters(self) -> dict[str, object]:
        return {"full": self.full}

    def of_mentor(self, mentor: Mentor, fact: str, blank: frozenset[str]) -> Answer | None:
        return 0

    def number(self, fact: object) -> int:
        count = as_whole(fact)
        if count < 0:
            raise WrongFactError("a whole number from 0")
        return count

    def judge(self, mentee: int, mentor: int, points: int) -> tuple[int, bool]:
        return points * min(mentee, self.full) // self.full, mentee > 0

    def judge_all(self, mentee: Ints, mentor: Ints, points: int) -> tuple[Points, Flags]:
        both = mentee + 0 * mentor
        given = points * np.minimum(both, self.full) // self.full
        return given.astype(np.int32), both > 0


KINDS: Final[Mapping[str, type[Kind]]] = {
    kind.name: kind
    for kind in (Overlap, Same, Different, Ladder, Table, Zone, Wish, Hours, Ranks, Priority)
}
