"""What was stored of a question: its canonical text, its digest, and people and rules out of it.

A text whose digest is the one that stands with the run is what the engine wrote, so nothing in it
is checked a second time, and each person's own text is kept for the next digest.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from matching.engine.policy import Policy
from matching.engine.types import Fact, Mentee, Mentor, PairOfIds

FORM: Final = 3
"""The form of the canonical text; a digest is good for one form."""

ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
DECODER: Final = json.JSONDecoder()


def json_of(value: object) -> str:
    """JSON in one form only."""
    return ENCODER.encode(value)


def digest_of(rules: str, mentors: Iterable[str], mentees: Iterable[str]) -> str:
    """SHA-256 (hex) of the canonical texts: the rules, and a digest of each person."""
    sides = ("mentor", mentors), ("mentee", mentees)
    lines = [
        f"{side} {hashlib.sha256(text.encode()).hexdigest()}"
        for side, texts in sides
        for text in texts
    ]
    whole = "\n".join([rules, *sorted(lines)])
    return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Written:
    """A canonical text taken apart: a table as `Input.to_dict` gives, the texts of its people."""

    table: Mapping[str, object]
    mentors: tuple[str, ...]
    mentees: tuple[str, ...]

    def digest(self) -> str:
        rules = {n: v for n, v in self.table.items() if n not in ("mentors", "mentees")}
        return digest_of(json_of(rules), self.mentors, self.mentees)


def taken_apart(text: str) -> Written | None:
    """A canonical text, each person read on their own; None for any other text."""
    try:
        # No quotation mark in a text of somebody's stands without its backslash.
        before, mark, rest = text.partition('"mentees":[')
        mentees, at = people_at(rest, 0)
        if not mark or not rest.startswith(',"mentors":[', at):
            return None
        mentors, end = people_at(rest, at + len(',"mentors":['))
        table = json.loads(before + rest[end:].removeprefix(","))
    except (ValueError, IndexError):
        return None
    if not isinstance(table, dict):
        return None
    table |= {"mentors": [row for _, row in mentors], "mentees": [row for _, row in mentees]}
    return Written(
        table, tuple(written for written, _ in mentors), tuple(written for written, _ in mentees)
    )


def people_at(text: str, at: int) -> tuple[list[tuple[str, object]], int]:
    """The values of a list in JSON from behind its bracket on, each with its text, and the end."""
    found = []
    while text[at] != "]":
        value, end = DECODER.raw_decode(text, at)
        found.append((text[at:end], value))
        at = end + (text[end] == ",")
    return found, at + 1


def restored(
    table: Mapping[str, object],
) -> tuple[
    tuple[Mentor, ...],
    tuple[Mentee, ...],
    Policy,
    frozenset[PairOfIds],
    frozenset[PairOfIds],
    frozenset[PairOfIds],
    int,
]:
    """What `Input.to_dict` wrote, in the order `Input` takes it. KeyError or TypeError if not."""
    if table["form"] != FORM:
        raise TypeError
    unsaid = mapping_of(table["silent"])
    mentors, mentees = (
        dict.fromkeys(text_of(name) for name in list_of(unsaid[side]))
        for side in ("mentors", "mentees")
    )
    return (
        tuple(
            Mentor(person, whole_of(row["seats"]), mentors | facts, ranks)
            for row in map(mapping_of, list_of(table["mentors"]))
            for person, facts, ranks in [person_of(row)]
        ),
        tuple(
            Mentee(person, mentees | facts, ranks)
            for row in map(mapping_of, list_of(table["mentees"]))
            for person, facts, ranks in [person_of(row)]
        ),
        Policy.from_dict(mapping_of(table["policy"])),
        pairs_of(table["excluded"]),
        pairs_of(table["avoided"]),
        pairs_of(table["locked"]),
        whole_of(table["seed"]),
    )


def person_of(row: Mapping[str, object]) -> tuple[str, dict[str, Fact], tuple[str, ...]]:
    """Id, facts and ranks."""
    facts = {name: restored_fact(value) for name, value in mapping_of(row["facts"]).items()}
    return text_of(row["id"]), facts, tuple(texts_of(row["ranks"]))


def restored_fact(value: object) -> Fact:
    """What `canonical` wrote of one answer."""
    if isinstance(value, str | int):
        return value
    table = mapping_of(value)
    if "set" in table:
        return frozenset(texts_of(table["set"]))
    if "levels" in table:
        return {name: whole_of(level) for name, level in mapping_of(table["levels"]).items()}
    return tuple(whole_of(number) for number in list_of(table["numbers"]))


def pairs_of(value: object) -> frozenset[PairOfIds]:
    pairs = [[text_of(person) for person in list_of(pair)] for pair in list_of(value)]
    if any(len(pair) != 2 for pair in pairs):
        raise TypeError
    return frozenset((mentee, mentor) for mentee, mentor in pairs)


def mapping_of(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict | Mapping):
        raise TypeError
    return value


def list_of(value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return value


def texts_of(value: object) -> list[str]:
    texts = list_of(value)
    if not {str}.issuperset(map(type, texts)):
        return [text_of(item) for item in texts]
    return [*texts]  # type: ignore[list-item]  # the types were just looked at


def text_of(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def whole_of(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value
