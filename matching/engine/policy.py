"""What weighs how much, as data: read from TOML or a stored dict, checked before any matching."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from matching.engine.criteria import KINDS, MOST_POINTS, Kind
from matching.engine.reading import Fields
from matching.engine.types import SENSITIVE_FACTS, PolicyError

MOST_MENTEES: Final = "most-mentees-then-total"
TOTAL: Final = "total"
STABLE: Final = "stable"
FAIR_FLOOR: Final = "fair-floor"
OBJECTIVES: Final = (MOST_MENTEES, TOTAL, STABLE, FAIR_FLOOR)

MOST_CRITERIA: Final = 50
"""With a must each, a pair loses at most so many times RULED_OUT: less than 2**24."""

MOST_TOTAL: Final = 100_000
"""The points of all criteria together; keeps the sums over 100,000 people exact."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing the policy looks at: a kind, one fact of each side, and a weight.

    `points` is the most it gives. `must` rules out pairs that do not fit. `blank` lists answers
    that say nothing ("I don't know"). With `when`, a fact of the mentee, it speaks only for
    mentees whose answer there is yes; for all others it gives 0 and rules nothing out.

    **Unanswered.** When either side did not answer, the pair gets `unanswered` points; None means
    *neutral*: half of `points`, rounded down, whoever the other side is. So a mentee's silence
    moves no mentor above another, two silent mentors stay as they were to each other, and a
    silent person ranks behind a full fit and before no fit at all. A must never rules out a pair
    for silence, unless `must_answer` says so.

    `private`: the pair never reads this criterion's reason. Always so for `SENSITIVE_FACTS`.
    """

    name: str
    label: str
    kind: Kind
    mentee: str
    mentor: str
    points: int
    must: bool
    must_answer: bool
    unanswered: int | None
    blank: tuple[str, ...]
    when: str | None
    private: bool

    @property
    def points_unanswered(self) -> int:
        """What a pair gets when either side is silent."""
        return self.points // 2 if self.unanswered is None else self.unanswered

    @classmethod
    def read(cls, table: object, number: int) -> Self:
        """One `[[criterion]]` table, the `number`-th (from 1). PolicyError if it is wrong."""
        if not isinstance(table, Mapping):
            raise PolicyError(f"Criterion {number} must be a table.")
        first = Fields(table, f"Criterion {number}")
        name = first.text("name")
        fields = Fields(table, f"Criterion {name!r}")
        fields.take("name")
        kind = read_kind(fields)
        points = read_points(fields, kind)
        sides = {
            side: fields.text(side) if side in kind.sides else "" for side in ("mentee", "mentor")
        }
        criterion = cls(
            name=name,
            label=fields.text("label", default=name),
            kind=kind,
            mentee=sides["mentee"],
            mentor=sides["mentor"],
            points=points,
            must=fields.flag("must"),
            must_answer=fields.flag("must_answer"),
            unanswered=read_unanswered(fields, points),
            blank=fields.texts("blank"),
            when=fields.text("when") if fields.has("when") else None,
            private=read_private(fields, kind),
        )
        fields.done()
        if criterion.must_answer and not criterion.must:
            raise PolicyError(f"{fields.where}: 'must_answer' needs 'must = true' beside it.")
        return criterion

    def to_dict(self) -> dict[str, object]:
        """The table that `read` makes this criterion from; what is unset is left out."""
        table: dict[str, object] = {
            "name": self.name,
            "label": self.label,
            "kind": self.kind.name,
            **{side: getattr(self, side) for side in self.kind.sides},
            "points": self.points,
            "must": self.must,
            "must_answer": self.must_answer,
            "unanswered": "neutral" if self.unanswered is None else self.unanswered,
            "private": self.private,
        }
        if self.blank:
            table["blank"] = list(self.blank)
        if self.when is not None:
            table["when"] = self.when
        return table | self.kind.parameters()


@dataclass(frozen=True, slots=True)
class Policy:
    """A named list of criteria and what to aim for.

    Objective "most-mentees-then-total": as many mentees as possible, among those the best total
    of points. "total": the best total, among those as many mentees as possible (that second wish
    only up to `ties.MOST_PAIRS` pairs). "fair-floor": as many mentees as possible, among those the
    highest lowest score, among those the best total. "stable": no mentee and mentor who would both
    rather leave for each other; each side's order is its own ranks, then the score.
    """

    name: str
    objective: str
    criteria: tuple[Criterion, ...]

    @property
    def most_points(self) -> int:
        """The most one pair can score."""
        return sum(criterion.points for criterion in self.criteria)

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Read a policy file. PolicyError, a sentence, for anything that is not right in it."""
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"The policy is not valid TOML: {error}.") from error
        return cls.from_dict(table)

    @classmethod
    def from_dict(cls, table: Mapping[str, object]) -> Self:
        """The same from a dict as `to_dict` gives it or JSON stored it."""
        fields = Fields(table, "The policy")
        name = fields.text("name")
        objective = fields.text("objective", default=MOST_MENTEES)
        if objective not in OBJECTIVES:
            raise PolicyError(
                f"The policy's objective {objective!r} is not known; "
                f"use one of {', '.join(OBJECTIVES)}."
            )
        tables = fields.take("criterion")
        if not isinstance(tables, list | tuple) or not tables:
            raise PolicyError("The policy needs at least one [[criterion]].")
        fields.done()
        if len(tables) > MOST_CRITERIA:
            raise PolicyError(
                f"The policy has {len(tables)} criteria; {MOST_CRITERIA} is the most."
            )
        criteria = tuple(Criterion.read(t, number) for number, t in enumerate(tables, start=1))
        refuse_twins(criteria)
        policy = cls(name, objective, criteria)
        if policy.most_points == 0:
            raise PolicyError("No criterion gives any points; at least one must.")
        if policy.most_points > MOST_TOTAL:
            raise PolicyError(
                f"The criteria give up to {policy.most_points} points together; "
                f"{MOST_TOTAL} is the most."
            )
        return policy

    def to_dict(self) -> dict[str, object]:
        """Everything, ready for JSON; `from_dict` gives back an equal policy."""
        return {
            "name": self.name,
            "objective": self.objective,
            "criterion": [criterion.to_dict() for criterion in self.criteria],
        }


def read_kind(fields: Fields) -> Kind:
    name = fields.text("kind")
    if name not in KINDS:
        raise PolicyError(
            f"{fields.where} is of a kind {name!r} that is not known; use one of "
            f"{', '.join(sorted(KINDS))}."
        )
    return KINDS[name].read(fields)


def read_points(fields: Fields, kind: Kind) -> int:
    """The weight; a kind with a table of its own brings it along, a bare must may have none."""
    own = kind.own_points()
    if not fields.has("points"):
        if own is not None:
            return own
        if fields.take("must") is True:
            return 0
    points = fields.whole("points", 0, MOST_POINTS)
    if own is not None and points != own:
        raise PolicyError(
            f"{fields.where}: 'points' is {points} but its table gives up to {own}; "
            "leave 'points' out."
        )
    return points


def read_unanswered(fields: Fields, points: int) -> int | None:
    value = fields.take("unanswered")
    if value is None or value == "neutral":
        return None
    return fields.as_whole(value, "'unanswered' (or \"neutral\")", 0, points)


def read_private(fields: Fields, kind: Kind) -> bool:
    named = {fields.take(key) for key in (*kind.sides, "when") if fields.has(key)}
    sensitive = kind.is_private or not SENSITIVE_FACTS.isdisjoint(
        v for v in named if isinstance(v, str)
    )
    stated = fields.has("private")
    private = fields.flag("private")
    if sensitive and stated and not private:
        raise PolicyError(f"{fields.where} reads a sensitive answer; its reason must stay private.")
    return private or sensitive


def refuse_twins(criteria: tuple[Criterion, ...]) -> None:
    seen: set[str] = set()
    for criterion in criteria:
        if criterion.name in seen:
            raise PolicyError(f"Two criteria are named {criterion.name!r}.")
        seen.add(criterion.name)
