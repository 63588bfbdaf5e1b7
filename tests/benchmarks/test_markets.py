"""The markets are what they say, and the benchmark of the engine works, on a small scale."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks import harness, markets, matching, stored
from benchmarks.dense import scipy_dense
from benchmarks.figures import Report, least, most
from benchmarks.peers import mentor_match, same_job
from matching.engine import installed, solve
from matching.engine.certificate import check_problem
from matching.engine.scoring import Problem
from matching.engine.solving import solve_problem

TINY = matching.Plan(
    whole=(matching.Size(60, 30, turns=1),),
    passes=matching.Size(60, 30, turns=1),
    growth=(matching.Size(40, 20, turns=1),),
    people=((40, 25),),
    parts=matching.Size(60, 30, turns=1),
    edits=(60, 40),
    stored_edits=(20, 12),
    jobs=(),
    job_turns=1,
)


def digest(market: markets.Market) -> tuple[object, ...]:
    both = (market.mentees, market.mentors)
    return (
        *(rows.tobytes() for rows in market.features),
        *(side.hours + side.offsets for side in both),
        *(side.languages.tobytes() + side.teams.tobytes() for side in both),
        market.seats.tobytes(),
        tuple(market.wishes.items()),
        *(places.tobytes() for places in market.conflicts),
    )


# --- clustered markets -----------------------------------------------------------------------


def test_a_market_is_the_same_from_the_same_seed_and_no_other() -> None:
    once = digest(markets.clustered(50, 30, seed=3))
    assert once == digest(markets.clustered(50, 30, seed=3))
    other = digest(markets.clustered(50, 30, seed=4))
    assert all(mine != theirs for mine, theirs in zip(once, other, strict=True))


@pytest.mark.parametrize("seats,total", [(markets.TIGHT, 601), (markets.LOOSE, 900)])
def test_a_market_has_its_features_and_seats(seats: float, total: int) -> None:
    market = markets.clustered(600, 200, seats)
    assert [rows.shape for rows in market.features] == [(600, 344), (344, 200)]
    assert market.seats.sum() == total
    assert market.seats.min() >= 1
    assert market.seats.max() > market.seats.min() + 2
    assert len(set(market.mentors.offsets)) == len(markets.ZONES)
    assert list(market.mentors.offsets) == sorted(market.mentors.offsets)
    assert {row for row, _ in market.wishes} < set(range(600))
    assert [set(at.tolist()) for at in market.ranks[2:]] == [{0, 1, 2}]
    assert len(market.conflicts[0]) > 250


@pytest.mark.parametrize("half_hours", [False, True])
def test_tiles_are_the_points_of_listed_pairs(half_hours: bool) -> None:
    market = markets.clustered(70, 40, half_hours=half_hours)
    problem = market.problem()
    rows, columns = (at.ravel() for at in np.indices((70, 40)))
    scores, allowed = problem.pairs(rows, columns)
    tile = problem.tile(slice(None)).ravel()
    assert np.array_equal(tile >= 0, allowed)
    assert np.array_equal(tile[allowed], scores[allowed])
    assert 0.2 < allowed.mean() < 0.7
    assert 0 <= scores[allowed].min() < scores[allowed].max() <= markets.MOST
    parts = problem.breakdown(rows, columns)
    assert np.array_equal(parts.sum(axis=1), scores)
    left, right = market.features
    assert np.array_equal((left @ right).ravel(), parts[:, :6].sum(axis=1))


@pytest.mark.parametrize("seats", [markets.TIGHT, markets.LOOSE])
@pytest.mark.parametrize("solver", installed())
def test_dense_and_engine_find_the_same(seats: float, solver: str) -> None:
    market = markets.clustered(90, 50, seats)
    problem = market.problem()
    dense = scipy_dense(matching.matrix_of(problem), market.seats)
    result = solve_problem(problem, solver=solver)
    assert (result.matched, result.score) == dense.value
    assert result.gap == 0
    check_problem(market.problem(), result)


def test_good_mentors_are_contested() -> None:
    """Taking one's best mentor would leave many without a seat: there is something to solve."""
    market = markets.clustered(400, 200)
    best = matching.matrix_of(market.problem()).argmax(axis=1)
    wanted = np.bincount(best, minlength=200)
    assert np.maximum(wanted - market.seats, 0).sum() > 100


# --- developers ------------------------------------------------------------------------------


def test_developers_are_drawn_by_the_seed_and_can_be_matched() -> None:
    asked = markets.developers(40, 30, seed=2)
    assert asked == markets.developers(40, 30, seed=2)
    assert asked.mentees != markets.developers(40, 30, seed=3).mentees
    result = solve(asked)
    dense = scipy_dense(matching.matrix_of(problem := Problem.of(asked)), problem.seats)
    assert (result.matched, result.score) == dense.value
    assert result.matched > 30


# --- mentor-match's job ----------------------------------------------------------------------


def test_our_three_rounds_hold_the_rules_and_repeat_no_pair(tmp_path: Path) -> None:
    mentors, mentees = mentor_match.people(60)
    job = same_job.from_rows(mentors, mentees)
    assert not mentor_match.tally(mentors, mentees, job.first).wrong
    pairs = [pair for pairs in job.rounds for pair in pairs]
    assert len(set(pairs)) == len(pairs) == job.connections > 2 * len(job.first)
    assert len(job.first) < job.matched <= 60
    mentor_match.write(tmp_path, mentors, mentees)
    assert same_job.from_csv(tmp_path) == job
    lines = (tmp_path / "ours" / "mentees.csv").read_text().splitlines()
    assert len(lines) == 60


@pytest.mark.django_db
def test_the_job_from_database_rows_is_the_same_job(tmp_path: Path) -> None:
    mentors, mentees = mentor_match.people(40)
    mentor_match.write(tmp_path, mentors, mentees)
    stored.connect()
    cohort = stored.cohort_of(tmp_path, "civil-service-small", "Job")
    job, ours = stored.job(cohort, same_job.policy()), same_job.from_rows(mentors, mentees)
    told = [mentor_match.tally(mentors, mentees, of.first) for of in (job, ours)]
    assert told[0] == told[1]
    assert not told[0].wrong
    pairs = [pair for pairs in job.rounds for pair in pairs]
    assert len(set(pairs)) == len(pairs) == ours.connections


# --- bars and the whole ----------------------------------------------------------------------


def test_a_bar_says_whether_it_is_reached_and_how_far_off() -> None:
    assert (str(most(0.15)), str(least(300))) == ("<= 0.15", ">= 300")
    assert [most(0.15).verdict(x) for x in (0.15, 0.3)] == ["reached", "missed: 2.00 times the bar"]
    assert [least(300).verdict(x) for x in (300, 150)] == ["reached", "missed: 0.50 times the bar"]


def test_only_what_is_wrong_is_noted_as_wrong() -> None:
    report = Report()
    report.add("pass", "10 x 10", 9.9, "one sgemm", most(1.6))
    report.expect_equal("10 x 10", {"a": (1, 2), "b": (1, 2)})
    report.expect(True, "something")
    assert report.wrong == []
    report.expect_equal("10 x 10", {"a": (1, 2), "b": (1, 3)})
    report.expect(False, "the gap is 0")
    assert report.wrong == ["the same value at 10 x 10: {'a': (1, 2), 'b': (1, 3)}", "the gap is 0"]


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The benchmark on tiny markets, in this process and without what needs the network."""
    monkeypatch.setattr(matching, "QUICK", TINY)
    monkeypatch.setattr(matching, "DENSE", {"scipy dense": scipy_dense})
    for name in ("one_thread", "lapx"):
        monkeypatch.setattr(matching, name, lambda: None)
    monkeypatch.setattr(matching, "introduce", lambda seed, **more: None)
    monkeypatch.setattr(sys, "argv", ["benchmarks.matching", "--quick"])
    return


@pytest.mark.django_db
def test_a_tiny_run_ends_with_json(tiny: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert matching.main() == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["benchmark"], told["seed"], told["missed"]) == ("matching", markets.SEED, [])
    figures, runs = told["results"]["figures"], told["results"]["runs"]
    assert {"what", "where", "figure", "of", "bar", "verdict"} == set(figures[0])
    assert {figure["verdict"].partition(":")[0] for figure in figures} <= {"", "reached", "missed"}
    assert len({run["section"] for run in runs}) == 9
    assert all(run["MiB"] > 20 for run in runs if "MiB" in run and run["MiB"] is not None)


def test_a_wrong_value_is_the_exit_code(
    tiny: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(report: Report, plan: matching.Plan) -> None:
        report.add("pass", "10 x 10", 9.9, "one sgemm", most(1.6))
        report.expect_equal("10 x 10", {"a": (1, 2), "b": (1, 3)})

    monkeypatch.setattr(matching, "measure", measure)
    assert matching.main() == 1
    assert "MISSED: the same value at 10 x 10" in capsys.readouterr().out


def test_children_are_started_with_functions_of_the_module() -> None:
    peak = harness.peak_of(matching.dense_alone, 30, 15, markets.TIGHT, "scipy dense")
    assert (
        peak.result == harness.peak_of(matching.engine_alone, 30, 15, markets.TIGHT, "scipy").result
    )
