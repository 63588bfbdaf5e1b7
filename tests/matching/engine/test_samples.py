"""Golden runs: both sample programs, against a plain dense optimum of slowly computed scores."""

import hashlib

import pytest

from matching.engine import Input, Reason, Result, check, installed, public, reasons, solve
from tests.matching.engine.programs import (
    SAMPLES,
    civil_service,
    dense_optimum,
    developers,
    read,
    turned,
)

solvers = pytest.mark.parametrize("solver", installed())


def told(asked: Input, result: Result) -> list[tuple[Reason, ...]]:
    """The reasons of every pair."""
    mentors = {mentor.id: mentor for mentor in asked.mentors}
    mentees = {mentee.id: mentee for mentee in asked.mentees}
    return [
        reasons(mentees[pair.mentee], mentors[pair.mentor], asked.policy) for pair in result.pairs
    ]


@solvers
def test_the_civil_service_sample_places_35_of_50_with_727_points(solver: str) -> None:
    asked = civil_service()
    result = solve(asked, solver=solver)
    assert (result.mentors, result.mentees, result.seats) == (50, 50, 50)
    assert (result.matched, result.matched_bound) == (35, 35)
    assert (result.score, result.score_bound, result.gap) == (727, 727, 0)
    assert dense_optimum(asked) == (35, 727)
    check(asked, result)


def test_the_civil_service_rules_hold_in_every_pair() -> None:
    asked = civil_service()
    ladder = ["AA", "AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6", "SCS1", "SCS2", "SCS3", "SCS4"]
    teaching = {m.id: m.facts for m in asked.mentors}
    learning = {m.id: m.facts for m in asked.mentees}
    for pair in solve(asked).pairs:
        mentor, mentee = teaching[pair.mentor], learning[pair.mentee]
        assert mentor["organisation"] != mentee["organisation"]
        gap = ladder.index(mentor["grade"]) - ladder.index(mentee["grade"])
        points = {1: 9, 2: 12}[gap]
        points += 10 if mentor["profession"] == mentee["profession"] else 0
        listed = mentee["identity_wished"] in mentor["identities"] - {""}
        points += 6 if mentee["identity_matters"] and listed else 0
        assert pair.score == points


def test_no_reason_that_a_pair_may_read_names_an_identity() -> None:
    asked = civil_service()
    reasons_told = told(asked, solve(asked))
    private = [r for pair in reasons_told for r in pair if r.private]
    assert {r.criterion for r in private} == {"identity"}
    assert any(r.points == 6 for r in private)
    canaries = {i for m in asked.mentors for i in m.facts["identities"] if i}
    for pair in reasons_told:
        assert len(public(pair)) == len(pair) - 1
        read_by_both = repr(public(pair))
        assert not [word for word in canaries if word in read_by_both]


def test_no_matching_of_the_developers_sample_is_better_than_156_with_12426_points() -> None:
    assert dense_optimum(developers()) == (156, 12426)


@solvers
def test_the_developers_sample_is_solved_and_proven(solver: str) -> None:
    asked = developers()
    result = solve(asked, solver=solver)
    assert (result.mentors, result.mentees, result.seats) == (251, 156, 418)
    assert (result.matched_bound, result.score_bound) == (result.matched, result.score)
    assert (result.matched, result.score, result.gap) == (156, 12426, 0)
    check(asked, result)
    assert solve(turned(asked), solver=solver) == result


@pytest.mark.parametrize("sample", [civil_service, developers])
def test_every_solver_gives_the_same_pairs(sample) -> None:
    asked = sample()
    assert len({solve(asked, solver=solver).pairs for solver in installed()}) == 1


def test_reasons_read_in_plain_words_most_points_first() -> None:
    asked = developers()
    result = solve(asked)
    by_mentee = {}
    for pair, those in zip(result.pairs, told(asked, result), strict=True):
        points = [reason.points for reason in those]
        assert points == sorted(points, reverse=True)
        assert sum(points) == pair.score
        by_mentee[pair.mentee] = {reason.criterion: reason for reason in those}
    one = by_mentee["SO25-0013"]
    assert one["clock"].mentee == "UTC+02:00"
    assert set(one["skills"].shared) <= {"C#", "Node.js", "React"}
    assert one["skills"].points == 30 * len(one["skills"].shared) // 3
    assert one["skills"].of == 30
    assert one["organisation size"].answered is False
    assert one["organisation size"].points == 1


@pytest.mark.parametrize(
    "path,rows,digest",
    [
        ("civil-service-small/mentors.csv", 50, "660ae21cef2cbfbb"),
        ("civil-service-small/mentees.csv", 50, "1046533ea855f639"),
        ("developers-2025/mentors.csv", 251, "6ad33f1a1cf0d101"),
        ("developers-2025/mentees.csv", 156, "5ddca5af531cc4c3"),
    ],
)
def test_the_sample_files_are_the_ones_described(path: str, rows: int, digest: str) -> None:
    assert len(read(SAMPLES / path)) == rows
    assert hashlib.sha256((SAMPLES / path).read_bytes()).hexdigest()[:16] == digest
    assert "@gov.uk" not in (SAMPLES / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", ["civil-service-small", "developers-2025"])
def test_each_sample_states_source_and_licence(folder: str) -> None:
    text = (SAMPLES / folder / "README.md").read_text(encoding="utf-8")
    licence = {
        "civil-service-small": "Open Government Licence v3.0",
        "developers-2025": "Open Database License 1.0",
    }
    assert licence[folder] in text
    for column in read(SAMPLES / folder / "mentors.csv")[0]:
        assert f"`{column}`" in text
    for column in read(SAMPLES / folder / "mentees.csv")[0]:
        assert f"`{column}`" in text
