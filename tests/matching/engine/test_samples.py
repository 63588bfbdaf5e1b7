"""Golden runs: both sample programs, against a plain dense optimum of slowly computed scores."""

import hashlib

import pytest

from matching.engine import check, solve
from tests.matching.engine.programs import SAMPLES, civil_service, dense_optimum, developers, read


def test_the_civil_service_sample_places_35_of_50_with_727_points() -> None:
    mentors, mentees, policy = civil_service()
    result = solve(mentors, mentees, policy)
    assert (result.mentors, result.mentees, result.seats) == (50, 50, 50)
    assert (result.matched, result.matched_bound) == (35, 35)
    assert (result.score, result.score_bound, result.gap) == (727, 727, 0)
    assert dense_optimum(mentors, mentees, policy) == (35, 727)
    check(mentors, mentees, policy, result)


def test_the_civil_service_rules_hold_in_every_pair() -> None:
    mentors, mentees, policy = civil_service()
    result = solve(mentors, mentees, policy)
    ladder = ["AA", "AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6", "SCS1", "SCS2", "SCS3", "SCS4"]
    teaching = {m.id: m.facts for m in mentors}
    learning = {m.id: m.facts for m in mentees}
    for pair in result.pairs:
        mentor, mentee = teaching[pair.mentor], learning[pair.mentee]
        assert mentor["organisation"] != mentee["organisation"]
        gap = ladder.index(mentor["grade"]) - ladder.index(mentee["grade"])
        points = {1: 9, 2: 12}[gap]
        points += 10 if mentor["profession"] == mentee["profession"] else 0
        listed = mentee["identity_wished"] in mentor["identities"] - {""}
        points += 6 if mentee["identity_matters"] and listed else 0
        assert pair.score == points


def test_no_reason_that_a_pair_may_read_names_an_identity() -> None:
    mentors, mentees, policy = civil_service()
    result = solve(mentors, mentees, policy)
    private = [r for pair in result.pairs for r in pair.reasons if r.private]
    assert {r.criterion for r in private} == {"identity"}
    assert any(r.points == 6 for r in private)
    canaries = {i for m in mentors for i in m.facts["identities"] if i}
    for pair in result.pairs:
        told = repr(pair.public_reasons)
        assert not [word for word in canaries if word in told]


def test_the_developers_sample_is_solved_and_proven() -> None:
    mentors, mentees, policy = developers()
    result = solve(mentors, mentees, policy)
    assert (result.mentors, result.mentees, result.seats) == (251, 156, 418)
    assert (result.matched, result.score) == dense_optimum(mentors, mentees, policy)
    assert (result.matched_bound, result.score_bound) == (result.matched, result.score)
    assert (result.matched, result.score, result.gap) == (156, 12426, 0)
    check(mentors, mentees, policy, result)
    assert solve(mentors[::-1], mentees[::-1], policy) == result


def test_reasons_read_in_plain_words_most_points_first() -> None:
    mentors, mentees, policy = developers()
    result = solve(mentors, mentees, policy)
    for pair in result.pairs:
        points = [reason.points for reason in pair.reasons]
        assert points == sorted(points, reverse=True)
        assert sum(points) == pair.score
    (pair,) = (p for p in result.pairs if p.mentee == "SO25-0013")
    told = {reason.criterion: reason for reason in pair.reasons}
    assert told["clock"].mentee == "UTC+02:00"
    assert set(told["skills"].shared) <= {"C#", "Node.js", "React"}
    assert told["skills"].points == 30 * len(told["skills"].shared) // 3
    assert told["skills"].of == 30
    assert told["organisation size"].answered is False
    assert told["organisation size"].points == 1


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
