"""What the engine is asked: people, rules and what is settled beforehand, checked once.

Everything that decides a result stands here and nowhere else, so that a stored question can be
asked again, and its digest names it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from typing import Final, Self

from matching.engine.criteria import MOST_LEVEL, Answer, WrongFactError, answered
from matching.engine.policy import Criterion, Policy
from matching.engine.stored import FORM, digest_of, json_of, restored, taken_apart
from matching.engine.types import (
    FACTS,
    LARGEST_WHOLE_FACT,
    Fact,
    Mentee,
    Mentor,
    PairOfIds,
    ProblemError,
)

NOT_OURS: Final = "The stored input is not one that the engine wrote."


@dataclass(frozen=True, slots=True)
class Input:
    """A question to the engine.

    `excluded` and `avoided` are pairs that must not be; the second is somebody's private wish and
    no explanation ever tells one from the other. `locked` pairs are settled: they take their seat
    and are part of every answer. All may name people who are not here; then they say nothing.
    Equal matchings are told apart by hashes of `seed` and ids.

    Raises ProblemError, a sentence, for an id twice or empty, negative seats, a fact of a type
    the engine does not know, a pair the wrong way round, locks that contradict each other, seats
    or an exclusion.
    """

    mentors: tuple[Mentor, ...]
    mentees: tuple[Mentee, ...]
    policy: Policy
    excluded: frozenset[PairOfIds] = frozenset()
    avoided: frozenset[PairOfIds] = frozenset()
    locked: frozenset[PairOfIds] = frozenset()
    seed: int = 0
    _here: tuple[frozenset[str], frozenset[str]] = field(
        default=(frozenset(), frozenset()), init=False, repr=False, compare=False
    )
    _texts: dict[PairOfIds, str] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for name, kind in (("mentors", tuple), ("mentees", tuple)):
            object.__setattr__(self, name, kind(getattr(self, name)))
        refuse_people(self.mentors, self.mentees)
        here = frozenset(m.id for m in self.mentees), frozenset(m.id for m in self.mentors)
        object.__setattr__(self, "_here", here)
        for name in ("excluded", "avoided", "locked"):
            object.__setattr__(self, name, self._keep(getattr(self, name), name))
        self._refuse_locks()

    def _keep(self, pairs: Collection[PairOfIds], name: str) -> frozenset[PairOfIds]:
        """The pairs between people who are here; lists outlive those who have left."""
        mentees, mentors = self._here
        for mentee, mentor in pairs:
            here = mentee in mentees and mentor in mentors
            if not here and mentor in mentees and mentee in mentors:
                raise ProblemError(
                    f"The {name} pair of {mentee!r} and {mentor!r} is the wrong way round; "
                    "the mentee comes first."
                )
        return frozenset((a, b) for a, b in pairs if a in mentees and b in mentors)

    def _refuse_locks(self) -> None:
        seats = {mentor.id: mentor.seats for mentor in self.mentors}
        placed: set[str] = set()
        for mentee, mentor in sorted(self.locked):
            who = f"Mentee {mentee!r} is locked to mentor {mentor!r}"
            if mentee in placed:
                raise ProblemError(f"Mentee {mentee!r} is locked to two mentors.")
            placed.add(mentee)
            if (mentee, mentor) in self.excluded | self.avoided:
                raise ProblemError(f"{who}, but the two must not be paired.")
            seats[mentor] -= 1
            if seats[mentor] < 0:
                raise ProblemError(
                    f"Mentor {mentor!r} has fewer seats than mentees locked to them."
                )

    @property
    def barred(self) -> frozenset[PairOfIds]:
        """All pairs that must not be, whoever wished it."""
        return self.excluded | self.avoided

    def to_dict(self) -> dict[str, object]:
        """Everything in one canonical form, ready for JSON: nothing in it depends on order.

        "silent" names questions of the program's own that nobody of a side answered.
        """
        return self._rules() | {
            "mentors": [plain(p) for p in sorted(self.mentors, key=lambda p: p.id)],
            "mentees": [plain(p) for p in sorted(self.mentees, key=lambda p: p.id)],
        }

    def _rules(self) -> dict[str, object]:
        """Everything but the people."""
        return {
            "form": FORM,
            "silent": {
                "mentors": silent(self.mentors, self.policy),
                "mentees": silent(self.mentees, self.policy),
            },
            "policy": self.policy.to_dict(),
            "excluded": [list(pair) for pair in sorted(self.excluded)],
            "avoided": [list(pair) for pair in sorted(self.avoided)],
            "locked": [list(pair) for pair in sorted(self.locked)],
            "seed": self.seed,
        }

    @classmethod
    def from_dict(cls, table: Mapping[str, object]) -> Self:
        """The same from what `to_dict` gave. ProblemError or PolicyError for anything else."""
        try:
            return cls(*restored(table))
        except (KeyError, TypeError) as error:
            raise ProblemError(NOT_OURS) from error

    @classmethod
    def from_text(cls, text: str, digest: str) -> Self:
        """The same from what `to_text` gave, when its digest was `digest`.

        Where that holds, what was checked once is not checked again. ProblemError or PolicyError
        for anything that the engine did not write, ValueError for what is no JSON at all.
        """
        written = taken_apart(text)
        if written is None or written.digest() != digest:
            table = json.loads(text)
            if not isinstance(table, dict):
                raise ProblemError("The stored input is damaged: it is not a table.")
            return cls.from_dict(table)
        asked = cls.__new__(cls)
        try:
            mentors, mentees, *others = restored(written.table)
        except (KeyError, TypeError) as error:
            raise ProblemError(NOT_OURS) from error
        texts = {("mentor", p.id): t for p, t in zip(mentors, written.mentors, strict=True)}
        texts |= {("mentee", p.id): t for p, t in zip(mentees, written.mentees, strict=True)}
        here = frozenset(p.id for p in mentees), frozenset(p.id for p in mentors)
        values = (mentors, mentees, *others, here, texts)
        for field_, value in zip(fields(cls), values, strict=True):
            object.__setattr__(asked, field_.name, value)
        return asked

    def to_text(self) -> str:
        """The canonical text of `to_dict`."""
        parts = {name: json_of(rule) for name, rule in self._rules().items()}
        for name, side, people in self._sides():
            ordered = sorted(people, key=lambda person: person.id)
            parts[name] = f"[{','.join([self._text(side, person) for person in ordered])}]"
        named = [f'"{name}":{text}' for name, text in sorted(parts.items())]
        return f"{{{','.join(named)}}}"

    def digest(self) -> str:
        """SHA-256 (hex) of everything that decides the result: the rules, a digest of each person.

        Each person is written out once; after a change only those who changed are again.
        """
        mentors, mentees = (
            [self._text(side, person) for person in people] for _, side, people in self._sides()
        )
        return digest_of(json_of(self._rules()), mentors, mentees)

    def _sides(self) -> tuple[tuple[str, str, Sequence[Mentor | Mentee]], ...]:
        return ("mentors", "mentor", self.mentors), ("mentees", "mentee", self.mentees)

    def _text(self, side: str, person: Mentor | Mentee) -> str:
        """The canonical text of a person; kept, as the digest and the whole text need it."""
        key = (side, person.id)
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = json_of(plain(person))
        return text

    def changed(
        self,
        *,
        mentors: Sequence[Mentor] | None = None,
        mentees: Sequence[Mentee] | None = None,
        excluded: Collection[PairOfIds] | None = None,
        locked: Collection[PairOfIds] | None = None,
        touched: Collection[PairOfIds] = (),
    ) -> Self:
        """The same with other people or pairs; `touched` are the (side, id) of those who differ.

        Checks all that may have become wrong and nobody else. ProblemError as ever.
        """
        other = copy(self)
        people = self.mentors if mentors is None else tuple(mentors)
        others = self.mentees if mentees is None else tuple(mentees)
        new = [p for p in people if ("mentor", p.id) in touched]
        refuse_people(new, [p for p in others if ("mentee", p.id) in touched])
        for side, those in (("mentor", people), ("mentee", others)):
            refuse_ids([p.id for p in those], side)
        here = frozenset(m.id for m in others), frozenset(m.id for m in people)
        known = {key: text for key, text in self._texts.items() if key not in touched}
        values: dict[str, object] = {
            "mentors": people,
            "mentees": others,
            "_here": here,
            "_texts": known,
        }
        for name, value in values.items():
            object.__setattr__(other, name, value)
        given = {"excluded": excluded, "avoided": None, "locked": locked}
        for name, pairs in given.items():
            kept = other._keep(getattr(self, name) if pairs is None else pairs, name)
            object.__setattr__(other, name, kept)
        other._refuse_locks()
        return other


def plain(person: Mentor | Mentee) -> dict[str, object]:
    """A person ready for JSON."""
    seats = {"seats": person.seats} if isinstance(person, Mentor) else {}
    return {
        "id": person.id,
        "facts": canonical(person.facts),
        "ranks": list(person.ranks),
        **seats,
    }


def canonical(facts: Mapping[str, Fact]) -> dict[str, object]:
    """The answers alone: silence has one form, sets have an order, all is ready for JSON.

    A set is {"set": [..]}, a set with levels {"levels": {..}}, several numbers {"numbers": [..]}.
    """
    plain: dict[str, object] = {}
    for name, fact in facts.items():
        if isinstance(fact, str):
            if fact.strip():
                plain[name] = fact
            continue
        told = answered(fact)
        if isinstance(told, str | int):
            plain[name] = told
        elif isinstance(told, frozenset):
            plain[name] = {"set": sorted(told)}
        elif isinstance(told, tuple):
            plain[name] = {"numbers": list(told)}
        elif told is not None:
            plain[name] = {"levels": dict(sorted(told.items()))}
    return plain


def silent(people: Sequence[Mentor | Mentee], policy: Policy) -> list[str]:
    """The facts of one's own that the policy reads, that were asked for, and that nobody told.

    Without them `refuse_unknown_facts` would take them for misspelt names when asked again.
    """
    return sorted(
        name
        for name in facts_read(policy) - FACTS.keys()
        if all(answered(person.facts.get(name)) is None for person in people)
        and any(name in person.facts for person in people)
    )


def facts_read(policy: Policy) -> set[str]:
    """The names of facts in a policy, of either side."""
    return {f for c in policy.criteria for f in (c.mentee, c.mentor, c.when) if f}


# ------------------------------------------------------------------------------ what is refused


def refuse_people(mentors: Sequence[Mentor], mentees: Sequence[Mentee]) -> None:
    refuse_ids([mentor.id for mentor in mentors], "mentor")
    refuse_ids([mentee.id for mentee in mentees], "mentee")
    for mentor in mentors:
        refuse_seats(mentor.seats, mentor.id)
        refuse_facts(mentor.facts, "mentor", mentor.id)
        refuse_ranks(mentor.ranks, "mentor", mentor.id)
    for mentee in mentees:
        refuse_facts(mentee.facts, "mentee", mentee.id)
        refuse_ranks(mentee.ranks, "mentee", mentee.id)


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


def refuse_ranks(ranks: Sequence[object], side: str, person: str) -> None:
    if not ranks:
        return
    if not all(isinstance(other, str) for other in ranks) or len(set(ranks)) != len(ranks):
        raise ProblemError(f"The ranks of {side} {person!r} must name each person once, by id.")


def refuse_facts(facts: Mapping[str, object], side: str, person: str) -> None:
    for name, value in facts.items():
        if not isinstance(value, str) and not is_fact(value):
            raise ProblemError(
                f"The answer {name!r} of {side} {person!r} must be text, a whole number up to "
                f"{LARGEST_WHOLE_FACT}, yes or no, or a frozenset of texts."
            )


def is_fact(value: object) -> bool:
    """Whether a value is of a type in `Fact`; levels are 1 to 9."""
    if value is None or isinstance(value, str):
        return True
    if isinstance(value, int):
        return abs(value) <= LARGEST_WHOLE_FACT
    if isinstance(value, frozenset):
        return all(isinstance(item, str) for item in value)
    if isinstance(value, tuple):
        return all(is_whole(item) and abs(item) <= LARGEST_WHOLE_FACT for item in value)
    return isinstance(value, Mapping) and all(
        isinstance(item, str) and is_whole(level) and 1 <= level <= MOST_LEVEL
        for item, level in value.items()
    )


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# ------------------------------------------------------------------------------ answers


def answer_of(person: Mentor | Mentee, criterion: Criterion) -> Answer | None:
    """One person's answer to a criterion. ProblemError for one of the wrong type."""
    blank = frozenset(criterion.blank)
    try:
        if isinstance(person, Mentee):
            return criterion.kind.of_mentee(person, criterion.mentee, blank)
        return criterion.kind.of_mentor(person, criterion.mentor, blank)
    except WrongFactError as error:
        fact = criterion.mentee if isinstance(person, Mentee) else criterion.mentor
        raise wrong_fact(criterion, fact, person, str(error)) from error


REMEMBERED: Final = (str, int, frozenset, tuple, type(None))
"""Facts that can be keys of a dict."""


def answers_of(
    people: Sequence[Mentor] | Sequence[Mentee], criterion: Criterion
) -> list[Answer | None]:
    """Everybody's answer; who told the same is asked once. ProblemError as above."""
    if not criterion.kind.reads_one_fact:
        return [answer_of(person, criterion) for person in people]
    name = criterion.mentee if people and isinstance(people[0], Mentee) else criterion.mentor
    known: dict[tuple[type, Fact] | None, Answer | None] = {}
    answers: list[Answer | None] = []
    for person in people:
        fact = person.facts.get(name)
        # With the type, as Python holds yes equal to 1. A table cannot be remembered.
        key = (type(fact), fact) if isinstance(fact, REMEMBERED) else None
        if key in known:
            answers.append(known[key])
            continue
        answers.append(answer_of(person, criterion))
        if key is not None:
            known[key] = answers[-1]
    return answers


def asks(mentee: Mentee, criterion: Criterion) -> bool:
    """Whether the criterion speaks for this mentee. ProblemError if `when` is no yes or no."""
    if criterion.when is None:
        return True
    fact = answered(mentee.facts.get(criterion.when))
    if fact is not None and not isinstance(fact, bool):
        raise wrong_fact(criterion, criterion.when, mentee, "yes or no (true, false)")
    return fact is True


def wrong_fact(
    criterion: Criterion, fact: str, person: Mentor | Mentee, expected: str
) -> ProblemError:
    side = "mentee" if isinstance(person, Mentee) else "mentor"
    return ProblemError(
        f"The answer {fact!r} of {side} {person.id!r} must be {expected}, "
        f"as the criterion {criterion.name!r} reads it."
    )


def refuse_unknown_facts(asked: Input) -> None:
    """A misspelt name must not pass for a question that everybody left out."""
    known = {
        "mentee": {name for person in asked.mentees for name in person.facts},
        "mentor": {name for person in asked.mentors for name in person.facts},
    }
    for criterion in asked.policy.criteria:
        named = [("mentee", criterion.mentee), ("mentor", criterion.mentor)]
        named += [("mentee", criterion.when)] if criterion.when is not None else []
        for side, fact in named:
            people = asked.mentees if side == "mentee" else asked.mentors
            if fact and people and fact not in FACTS and fact not in known[side]:
                raise ProblemError(
                    f"The criterion {criterion.name!r} reads {fact!r}, "
                    f"which no {side} was asked for."
                )
