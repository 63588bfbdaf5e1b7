"""The job that `mentor_match` describes, done by our engine: three rounds, from rows or from CSV.

Round one is told in full (`Job.first`), so that `mentor_match.tally` can hold it against the rules.
"""

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.peers.mentor_match import POLICY, Row, mentee_facts, mentor_facts
from matching.engine import Input, Mentee, Mentor, Pair, Policy, solve

ROUNDS = 3
ADDRESS = "email address"

PairOfIds = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """What came out: the pairs of each round, (mentee, mentor) by address."""

    rounds: tuple[tuple[PairOfIds, ...], ...]

    @property
    def first(self) -> tuple[PairOfIds, ...]:
        return self.rounds[0]

    @property
    def connections(self) -> int:
        return sum(len(pairs) for pairs in self.rounds)

    @property
    def matched(self) -> int:
        return len({mentee for pairs in self.rounds for mentee, _ in pairs})


@cache
def policy() -> Policy:
    return Policy.from_toml(POLICY.read_text(encoding="utf-8"))


def from_rows(mentors: Sequence[Row], mentees: Sequence[Row]) -> Job:
    """Three rounds; whoever has somebody already is worth less in the next, and no pair twice."""
    before: set[PairOfIds] = set()
    rounds = []
    for _ in range(ROUNDS):
        pairs = a_round(mentors, mentees, before)
        rounds.append(tuple((pair.mentee, pair.mentor) for pair in pairs))
        before.update(rounds[-1])
    return Job(tuple(rounds))


def a_round(
    mentors: Sequence[Row], mentees: Sequence[Row], before: Collection[PairOfIds]
) -> tuple[Pair, ...]:
    placed = {person for pair in before for person in pair}
    asked = Input(
        tuple(
            Mentor(row[ADDRESS], 1, mentor_facts(row, unmatched=row[ADDRESS] not in placed))
            for row in mentors
        ),
        tuple(
            Mentee(row[ADDRESS], mentee_facts(row, unmatched=row[ADDRESS] not in placed))
            for row in mentees
        ),
        policy(),
        excluded=frozenset(before),
    )
    return solve(asked).pairs


def from_csv(folder: Path) -> Job:
    """The same from mentors.csv and mentees.csv; both lists out again, with who has whom."""
    mentors, mentees = (read(folder / f"{side}s.csv") for side in ("mentor", "mentee"))
    job = from_rows(mentors, mentees)
    pairs = [pair for pairs in job.rounds for pair in pairs]
    out = folder / "ours"
    out.mkdir(exist_ok=True)
    write(out / "mentees.csv", mentees, mentors, pairs)
    write(out / "mentors.csv", mentors, mentees, [(mentor, mentee) for mentee, mentor in pairs])
    return job


def read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(
    path: Path, people: Sequence[Row], others: Sequence[Row], pairs: Sequence[PairOfIds]
) -> None:
    """A line a person with the names, addresses and work of their partners."""
    row_of = {row[ADDRESS]: row for row in others}
    partners: dict[str, list[str]] = {row[ADDRESS]: [] for row in people}
    for person, other in pairs:
        row = row_of[other]
        partners[person] += [
            f"{row['first name']} {row['last name']}",
            row[ADDRESS],
            row["job title"],
            row["organisation"],
        ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for row in people:
            writer.writerow([*row.values(), *partners[row[ADDRESS]]])
