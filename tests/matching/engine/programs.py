"""Small programs for the engine's tests, and slow, obvious answers to hold it against."""

import csv
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from scipy.optimize import linear_sum_assignment

from matching.engine import Fact, Mentee, Mentor, Policy
from matching.engine.explain import reasons, vetoes

SAMPLES = Path(__file__).resolve().parents[3] / "samples"

MOST_MENTEES, TOTAL = "most-mentees-then-total", "total"

Scores = Sequence[Sequence[int | None]]


def program(
    scores: Scores, seats: Sequence[int], objective: str = MOST_MENTEES
) -> tuple[list[Mentor], list[Mentee], Policy]:
    """A program whose pairs score exactly `scores[mentee][mentor]`; None is a veto."""
    pairs = [
        [f"e{i}", f"m{j}", given]
        for i, row in enumerate(scores)
        for j, given in enumerate(row)
        if given is not None
    ]
    table = {
        "name": "table",
        "kind": "table",
        "mentee": "who",
        "mentor": "who",
        "must": True,
        # The last row keeps the policy valid when all real pairs are vetoed or worth nothing.
        "pairs": [*pairs, ["nobody", "nobody", 1]],
    }
    policy = Policy.from_dict({"name": "table", "objective": objective, "criterion": [table]})
    mentors = [Mentor(f"m{j}", n, {"who": f"m{j}"}) for j, n in enumerate(seats)]
    mentees = [Mentee(f"e{i}", {"who": f"e{i}"}) for i in range(len(scores))]
    return mentors, mentees, policy


def matchings(scores: Scores, seats: Sequence[int]) -> Iterator[tuple[int | None, ...]]:
    """Every matching there is: each mentee's mentor or None."""

    def extend(done: tuple[int | None, ...], left: tuple[int, ...]) -> Iterator[tuple]:
        if len(done) == len(scores):
            yield done
            return
        yield from extend((*done, None), left)
        for j, given in enumerate(scores[len(done)]):
            if given is not None and left[j]:
                yield from extend((*done, j), (*left[:j], left[j] - 1, *left[j + 1 :]))

    return extend((), tuple(seats))


def measure(scores: Scores, matching: Sequence[int | None]) -> tuple[int, int]:
    """(matched, total) of a matching."""
    given = [scores[i][j] or 0 for i, j in enumerate(matching) if j is not None]
    return len(given), sum(given)


def best(scores: Scores, seats: Sequence[int], objective: str = MOST_MENTEES) -> tuple[int, int]:
    """(matched, total) of the best matching, by trying them all."""
    found = [measure(scores, matching) for matching in matchings(scores, seats)]
    if objective == TOTAL:
        total, matched = max((total, matched) for matched, total in found)
        return matched, total
    return max(found)


def random_scores(rng: random.Random) -> tuple[list[list[int | None]], list[int]]:
    """Up to 5 mentees and 4 mentors with 0 to 3 seats; often tight, often vetoed, often tied."""
    mentees, mentors = rng.randint(1, 5), rng.randint(1, 4)
    veto = rng.choice((0.0, 0.3, 0.7))
    most = rng.choice((1, 3, 30))
    scores = [
        [None if rng.random() < veto else rng.randint(0, most) for _ in range(mentors)]
        for _ in range(mentees)
    ]
    return scores, [rng.choice((0, 1, 1, 1, 2, 3)) for _ in range(mentors)]


def dense_optimum(
    mentors: Sequence[Mentor],
    mentees: Sequence[Mentee],
    policy: Policy,
) -> tuple[int, int]:
    """(matched, total), most mentees first, by SciPy over a square matrix of slow scores."""
    seats = [mentor for mentor in mentors for _ in range(mentor.seats)]
    bonus = 10**6
    gains = np.zeros((len(mentees), len(seats) + len(mentees)))
    for i, mentee in enumerate(mentees):
        for s, mentor in enumerate(seats):
            if not vetoes(mentee, mentor, policy):
                told = reasons(mentee, mentor, policy)
                gains[i, s] = bonus + sum(reason.points for reason in told)
    at = linear_sum_assignment(gains, maximize=True)
    chosen = gains[at][gains[at] > 0]
    return len(chosen), int(chosen.sum()) - bonus * len(chosen)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def civil_service() -> tuple[list[Mentor], list[Mentee], Policy]:
    folder = SAMPLES / "civil-service-small"

    def common(row: dict[str, str]) -> dict[str, Fact]:
        return {name: row[name] for name in ("organisation", "grade", "profession")}

    mentors = [
        Mentor(
            row["email address"],
            1,
            common(row) | {"identities": frozenset(row["characteristics"].split(", "))},
        )
        for row in read(folder / "mentors.csv")
    ]
    mentees = [
        Mentee(
            row["email address"],
            common(row)
            | {
                "identity_matters": row["match with similar identity"] == "yes",
                "identity_wished": row["identity to match"],
            },
        )
        for row in read(folder / "mentees.csv")
    ]
    return mentors, mentees, Policy.from_toml((folder / "policy.toml").read_text())


MIDWINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)


def developer(row: dict[str, str]) -> dict[str, Fact]:
    facts: dict[str, Fact] = dict(row)
    for name in ("skills_offered", "skills_have", "skills_wanted", "styles", "channels"):
        if name in row:
            facts[name] = frozenset(row[name].split(";"))
    for name in ("people_manager", "caregiver"):
        facts[name] = {"yes": True, "no": False}.get(row[name])
    facts["years_experience"] = int(float(row["years_experience"]))
    offset = MIDWINTER.astimezone(ZoneInfo(row["time_zone"])).utcoffset()
    facts["utc_offset"] = int(offset.total_seconds()) // 60 if offset is not None else None
    return facts


def developers() -> tuple[list[Mentor], list[Mentee], Policy]:
    folder = SAMPLES / "developers-2025"
    mentors = [
        Mentor(row["applicant_id"], int(row["capacity"]), developer(row))
        for row in read(folder / "mentors.csv")
    ]
    mentees = [Mentee(row["applicant_id"], developer(row)) for row in read(folder / "mentees.csv")]
    return mentors, mentees, Policy.from_toml((folder / "policy.toml").read_text())
