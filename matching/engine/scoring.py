"""The problem as arrays, and its scores in tiles. Nothing else computes scores for solving.

People are put into an order of their own (`order_key`), so nothing after this can depend on the
order in which they arrived.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.engine.criteria import WrongFactError, answered
from matching.engine.policy import Criterion, Policy
from matching.engine.tiles import Flags, Ints, Points, Tiles
from matching.engine.types import (
    FACTS,
    LARGEST_WHOLE_FACT,
    MOST_PEOPLE_POINTS,
    Exclusion,
    Fact,
    Mentee,
    Mentor,
    ProblemError,
)

VETOED: Final = -1
"""The score of a pair that must not be; every allowed pair scores 0 or more."""

TILE_CELLS: Final = 2**20
KEPT_CELLS: Final = 2**25


def order_key(seed: int, side: str, person: str) -> bytes:
    """A hash that no name, no id and no time of arrival can steer; 32 bytes."""
    return hashlib.sha256(f"{seed}\n{side}\n{person}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Column:
    """A criterion with everybody's answers to it."""

    criterion: Criterion
    tiles: Tiles
    asked: Flags
    """False for mentees it does not speak for (see `Criterion.when`)."""


class Problem:
    """People, policy and exclusions, checked once and laid out as arrays.

    `mentees` (M) and `mentors` (K) are in the engine's own order; rows and columns count in it.
    `capacity[j]`: seats of mentor j, cut at M. `price` is B of the certificate.
    Raises ProblemError, before any solving, for an id twice or empty, negative seats, a fact of
    the wrong type, a fact that nobody was asked for, a reversed exclusion or too many people.
    """

    def __init__(
        self,
        mentors: Collection[Mentor],
        mentees: Collection[Mentee],
        policy: Policy,
        *,
        excluded: Collection[Exclusion] = (),
        seed: int = 0,
    ) -> None:
        refuse_people(mentors, mentees)
        self.policy = policy
        self.seed = seed
        self.mentors = tuple(sorted(mentors, key=lambda p: order_key(seed, "mentor", p.id)))
        self.mentees = tuple(sorted(mentees, key=lambda p: order_key(seed, "mentee", p.id)))
        self.row = {person.id: at for at, person in enumerate(self.mentees)}
        self.column = {person.id: at for at, person in enumerate(self.mentors)}
        self.seats = sum(mentor.seats for mentor in self.mentors)
        self.capacity = np.array(
            [min(mentor.seats, len(self.mentees)) for mentor in self.mentors], dtype=np.int64
        )
        self.price = policy.unmatched_price(len(self.mentees))
        if (self.price + policy.most_points) * len(self.mentees) >= MOST_PEOPLE_POINTS:
            raise ProblemError(
                "So many mentees with so many points cannot be added up exactly; "
                "use smaller points in the policy."
            )
        self.excluded = self._keep_excluded(excluded)
        self._excluded_columns: dict[int, list[int]] = {}
        for mentee, mentor in self.excluded:
            self._excluded_columns.setdefault(self.row[mentee], []).append(self.column[mentor])
        self._columns = [self._column(criterion) for criterion in policy.criteria]
        self._kept: Points | None = None

    def _keep_excluded(self, excluded: Collection[Exclusion]) -> frozenset[Exclusion]:
        """The exclusions between people of this run; lists outlive those who have left."""
        for mentee, mentor in excluded:
            here = mentee in self.row and mentor in self.column
            if not here and mentor in self.row and mentee in self.column:
                raise ProblemError(
                    f"The exclusion of {mentee!r} and {mentor!r} is the wrong way round; "
                    "the mentee comes first."
                )
        return frozenset((a, b) for a, b in excluded if a in self.row and b in self.column)

    def _column(self, criterion: Criterion) -> Column:
        left = read_facts(self.mentees, "mentee", criterion, criterion.mentee)
        right = read_facts(self.mentors, "mentor", criterion, criterion.mentor)
        asked = [asks(person, criterion) for person in self.mentees]
        if criterion.when is not None:
            refuse_unknown_fact(self.mentees, "mentee", criterion, criterion.when)
        tiles = criterion.kind.tiles(left, right, criterion.points)
        return Column(criterion, tiles, np.array(asked, dtype=np.bool_))

    def score_tile(self, rows: Ints) -> Points:
        """Scores of some mentees (by row number) with every mentor, in whole points.

        Shape `len(rows)` x K, int32; `VETOED` where the pair must not be. Seats play no part.
        """
        if self._kept is None and len(self.mentees) * len(self.mentors) <= KEPT_CELLS:
            everybody = np.arange(len(self.mentees), dtype=np.int64)
            kept = np.empty((len(self.mentees), len(self.mentors)), dtype=np.int32)
            for part in self._parts(everybody):
                kept[part] = self._compute(part)
            self._kept = kept
        return self._compute(rows) if self._kept is None else self._kept[rows]

    def _compute(self, rows: Ints) -> Points:
        total = np.zeros((len(rows), len(self.mentors)), dtype=np.int32)
        ruled_out = np.zeros(total.shape, dtype=np.bool_)
        for column in self._columns:
            points, vetoes = judge_tile(column, rows)
            total += points
            if vetoes is not None:
                ruled_out |= vetoes
        total[ruled_out] = VETOED
        for at, row in enumerate(rows.tolist()):
            total[at, self._excluded_columns.get(row, [])] = VETOED
        return total

    def tiles(self) -> Iterator[tuple[Ints, Points]]:
        """All rows with their scores, a bounded number of pairs at a time."""
        for rows in self._parts(np.arange(len(self.mentees), dtype=np.int64)):
            yield rows, self.score_tile(rows)

    def _parts(self, rows: Ints) -> Iterator[Ints]:
        height = max(1, TILE_CELLS // max(1, len(self.mentors)))
        for start in range(0, len(rows), height):
            yield rows[start : start + height]

    def digest(self) -> str:
        """SHA-256 (hex) of everything that decides the result, in one canonical form."""
        content = {
            "version": 1,
            "mentors": [
                [p.id, p.seats, canonical(p.facts)]
                for p in sorted(self.mentors, key=lambda p: p.id)
            ],
            "mentees": [
                [p.id, canonical(p.facts)] for p in sorted(self.mentees, key=lambda p: p.id)
            ],
            "policy": self.policy.to_dict(),
            "excluded": sorted(self.excluded),
            "seed": self.seed,
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def judge_tile(column: Column, rows: Ints) -> tuple[Points, Flags | None]:
    """One criterion's points for a tile and, if it is a must, the pairs it rules out."""
    criterion = column.criterion
    points, fits = column.tiles.tile(rows)
    both = column.tiles.mentee_answered[rows, None] & column.tiles.mentor_answered[None, :]
    asked = column.asked[rows, None]
    silent = np.int32(criterion.points_unanswered)
    points = np.where(asked, np.where(both, points, silent), np.int32(0))
    if not criterion.must:
        return points, None
    return points, asked & np.where(both, ~fits, criterion.must_answer)


def asks(mentee: Mentee, criterion: Criterion) -> bool:
    """Whether the criterion speaks for this mentee. ProblemError if `when` is no yes or no."""
    if criterion.when is None:
        return True
    fact = answered(mentee.facts.get(criterion.when))
    if fact is not None and not isinstance(fact, bool):
        raise wrong_fact(criterion, criterion.when, "mentee", mentee.id, "yes or no (true, false)")
    return fact is True


def read_facts(
    people: Sequence[Mentor | Mentee], side: str, criterion: Criterion, fact: str
) -> list[Fact]:
    """Everybody's answer, None where there is none. ProblemError for one of the wrong type."""
    refuse_unknown_fact(people, side, criterion, fact)
    blank = frozenset(criterion.blank)
    facts = [answered(person.facts.get(fact), blank) for person in people]
    for person, value in zip(people, facts, strict=True):
        if value is None:
            continue
        try:
            criterion.kind.refuse(value)
        except WrongFactError as error:
            raise wrong_fact(criterion, fact, side, person.id, str(error)) from error
    return facts


def wrong_fact(
    criterion: Criterion, fact: str, side: str, person: str, expected: str
) -> ProblemError:
    return ProblemError(
        f"The answer {fact!r} of {side} {person!r} must be {expected}, "
        f"as the criterion {criterion.name!r} reads it."
    )


def refuse_unknown_fact(
    people: Sequence[Mentor | Mentee], side: str, criterion: Criterion, fact: str
) -> None:
    """A misspelt name must not pass for a question that everybody left out."""
    if people and fact not in FACTS and not any(fact in person.facts for person in people):
        raise ProblemError(
            f"The criterion {criterion.name!r} reads {fact!r}, which no {side} was asked for."
        )


def refuse_people(mentors: Collection[Mentor], mentees: Collection[Mentee]) -> None:
    refuse_ids([mentor.id for mentor in mentors], "mentor")
    refuse_ids([mentee.id for mentee in mentees], "mentee")
    for mentor in mentors:
        refuse_seats(mentor.seats, mentor.id)
        refuse_facts(mentor.facts, "mentor", mentor.id)
    for mentee in mentees:
        refuse_facts(mentee.facts, "mentee", mentee.id)


def refuse_seats(seats: object, mentor: str) -> None:
    if isinstance(seats, bool) or not isinstance(seats, int):
        raise ProblemError(f"The seats of mentor {mentor!r} must be a whole number.")
    if seats < 0:
        raise ProblemError(f"Mentor {mentor!r} has {seats} seats; there must be 0 or more.")


def refuse_ids(ids: Sequence[object], side: str) -> None:
    seen: set[object] = set()
    for person in ids:
        if not isinstance(person, str) or not person:
            raise ProblemError(f"Every {side} needs an id, a text that is not empty.")
        if person in seen:
            raise ProblemError(f"The {side} {person!r} is there twice.")
        seen.add(person)


def refuse_facts(facts: Mapping[str, object], side: str, person: str) -> None:
    for name, value in facts.items():
        if isinstance(value, frozenset):
            known = all(isinstance(item, str) for item in value)
        elif isinstance(value, int):
            known = abs(value) <= LARGEST_WHOLE_FACT
        else:
            known = value is None or isinstance(value, str)
        if not known:
            raise ProblemError(
                f"The answer {name!r} of {side} {person!r} must be text, a whole number up to "
                f"{LARGEST_WHOLE_FACT}, yes or no, or a frozenset of texts."
            )


def canonical(facts: Mapping[str, Fact]) -> dict[str, object]:
    """The answers alone: silence has one form, sets have an order, all is ready for JSON."""
    known = {name: answered(fact) for name, fact in facts.items()}
    return {
        name: {"set": sorted(fact)} if isinstance(fact, frozenset) else fact
        for name, fact in known.items()
        if fact is not None
    }
