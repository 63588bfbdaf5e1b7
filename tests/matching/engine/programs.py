"""Small programs for the engine's tests, and slow, obvious answers to hold it against."""

import csv
import importlib
import pkgutil
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

import matching.engine
from matching.engine import Fact, Input, Mentee, Mentor, PairOfIds, Policy, reasons, vetoes

SAMPLES = Path(__file__).resolve().parents[3] / "samples"

MOST_MENTEES, TOTAL = "most-mentees-then-total", "total"

Scores = Sequence[Sequence[int | None]]


def set_sizes(patch: pytest.MonkeyPatch, **sizes: object) -> None:
    """Set the sizes at which the engine goes another way, wherever they are defined or imported."""
    modules = [
        importlib.import_module(f"matching.engine.{found.name}")
        for found in pkgutil.iter_modules(matching.engine.__path__)
    ]
    for name, value in sizes.items():
        having = [module for module in modules if hasattr(module, name)]
        assert having, f"no size is named {name}"
        for module in having:
            patch.setattr(module, name, value)


def program(
    scores: Scores,
    seats: Sequence[int],
    objective: str = MOST_MENTEES,
    *,
    excluded: Collection[PairOfIds] = (),
    avoided: Collection[PairOfIds] = (),
    locked: Collection[PairOfIds] = (),
    seed: int = 0,
) -> Input:
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
    return Input(
        tuple(Mentor(f"m{j}", n, {"who": f"m{j}"}) for j, n in enumerate(seats)),
        tuple(Mentee(f"e{i}", {"who": f"e{i}"}) for i in range(len(scores))),
        Policy.from_dict({"name": "table", "objective": objective, "criterion": [table]}),
        excluded=frozenset(excluded),
        avoided=frozenset(avoided),
        locked=frozenset(locked),
        seed=seed,
    )


def turned(asked: Input) -> Input:
    """The same question, everybody in the other order."""
    return replace(asked, mentors=asked.mentors[::-1], mentees=asked.mentees[::-1])


def slow_points(asked: Input) -> list[list[list[int]]]:
    """Every pair's points by criterion in the policy's order, by their reasons."""
    order = [criterion.name for criterion in asked.policy.criteria]

    def points(mentee: Mentee, mentor: Mentor) -> list[int]:
        given = {r.criterion: r.points for r in reasons(mentee, mentor, asked.policy)}
        return [given[name] for name in order]

    return [[points(mentee, mentor) for mentor in asked.mentors] for mentee in asked.mentees]


def slow_scores(asked: Input) -> list[list[int | None]]:
    """Every pair's score by its reasons, None for one that must not be; as people stand."""
    return [
        [
            None
            if (mentee.id, mentor.id) in asked.barred or vetoes(mentee, mentor, asked.policy)
            else sum(reason.points for reason in reasons(mentee, mentor, asked.policy))
            for mentor in asked.mentors
        ]
        for mentee in asked.mentees
    ]


def matchings(scores: Scores, seats: Sequence[int]) -> Iterator[tuple[int | None, ...]]:
    """Every matching there is: each mentee's mentor or None."""

    def extend(
        done: tuple[int | None, ...], left: tuple[int, ...]
    ) -> Iterator[tuple[int | None, ...]]:
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


def dense_best(
    scores: Scores,
    seats: Sequence[int],
    objective: str = MOST_MENTEES,
    locked: Mapping[int, int] | None = None,
) -> tuple[int, int]:
    """(matched, total) of the best matching, by SciPy over a dense matrix."""
    locked = locked or {}
    left = [n - sum(mentor == j for mentor in locked.values()) for j, n in enumerate(seats)]
    free = [i for i in range(len(scores)) if i not in locked]
    places = [j for j, n in enumerate(left) for _ in range(min(n, len(scores)))]
    # What decides first is worth more than all of what decides second.
    large = 10**6
    per_pair, per_point = (1, large) if objective == TOTAL else (large, 1)
    gains = np.zeros((len(free), len(places) + len(free)))
    for at, i in enumerate(free):
        for to, j in enumerate(places):
            given = scores[i][j]
            if given is not None:
                gains[at, to] = per_pair + per_point * given
    chosen = np.array(linear_sum_assignment(gains, maximize=True)).T.tolist()
    pairs = [(free[at], places[to]) for at, to in chosen if gains[at, to] > 0]
    pairs += locked.items()
    return len(pairs), sum(scores[i][j] or 0 for i, j in pairs)


def dense_optimum(asked: Input) -> tuple[int, int]:
    """`dense_best` of slow scores."""
    row = {mentee.id: at for at, mentee in enumerate(asked.mentees)}
    column = {mentor.id: at for at, mentor in enumerate(asked.mentors)}
    return dense_best(
        slow_scores(asked),
        [mentor.seats for mentor in asked.mentors],
        asked.policy.objective,
        {row[mentee]: column[mentor] for mentee, mentor in asked.locked},
    )


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def civil_service() -> Input:
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
    policy = Policy.from_toml((folder / "policy.toml").read_text())
    return Input(tuple(mentors), tuple(mentees), policy)


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


def developers() -> Input:
    folder = SAMPLES / "developers-2025"
    mentors = [
        Mentor(row["applicant_id"], int(row["capacity"]), developer(row))
        for row in read(folder / "mentors.csv")
    ]
    mentees = [Mentee(row["applicant_id"], developer(row)) for row in read(folder / "mentees.csv")]
    policy = Policy.from_toml((folder / "policy.toml").read_text())
    return Input(tuple(mentors), tuple(mentees), policy)
