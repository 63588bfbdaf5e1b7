"""From a coordinator's files to a proven matching, by the two commands that people automate."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from matching import bridge, engine, runs
from matching.models import MatchingRun
from mentorship.shared.base import clock
from programs.models import Cohort, Membership
from tests.factories.programs import CohortFactory, MembershipFactory

SAMPLES = Path(__file__).resolve().parents[2] / "samples"

pytestmark = pytest.mark.django_db


def last_line(command: str, *args: Any, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command(command, *args, stdout=out, **options)
    answer: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return answer


@pytest.fixture
def cohort() -> Cohort:
    cohort: Cohort = CohortFactory(stage="matching")
    MembershipFactory(program=cohort.program, role=Membership.Role.COORDINATOR)
    return cohort


def imported(cohort: Cohort, sample: str) -> dict[str, Any]:
    folder = SAMPLES / sample
    return last_line(
        "import_applications",
        cohort.code,
        mentors=folder / "mentors.csv",
        mentees=folder / "mentees.csv",
        mapping=folder / "mapping.toml",
        accept=True,
    )


def test_the_civil_service_sample_is_matched_as_well_as_it_can_be(cohort: Cohort) -> None:
    told = imported(cohort, "civil-service-small")
    assert (told["created"], told["rejected"]) == (100, [])

    found = last_line("match", cohort.code, policy=SAMPLES / "civil-service-small" / "policy.toml")

    run = MatchingRun.objects.get()
    assert found == {
        "mentors": 50,
        "mentees": 50,
        "seats": 50,
        "matched": 35,
        "score": 727,
        "matched_bound": 35,
        "score_bound": 727,
        "gap": 0,
        "seconds": round(run.seconds, 3),
        "run": run.code,
    }
    assert run.suggestions.count() == 35


def test_the_developers_sample_is_matched_as_well_as_it_can_be(cohort: Cohort) -> None:
    told = imported(cohort, "developers-2025")
    assert (told["created"], told["accepted"], told["rejected"]) == (407, 407, [])

    found = last_line("match", cohort.code, policy=SAMPLES / "developers-2025" / "policy.toml")

    assert [found[name] for name in ("mentors", "mentees", "seats")] == [251, 156, 418]
    assert (found["matched"], found["gap"]) == (156, 0)
    assert found["score"] == found["score_bound"]


def test_the_same_question_has_the_same_answer(cohort: Cohort) -> None:
    imported(cohort, "civil-service-small")
    policy = SAMPLES / "civil-service-small" / "policy.toml"
    last_line("match", cohort.code, policy=policy)
    last_line("match", cohort.code, policy=policy)
    first, second = MatchingRun.objects.order_by("pk")
    assert first.digest == second.digest
    assert list(first.suggestions.values_list("mentor", "mentee", "score")) == list(
        second.suggestions.values_list("mentor", "mentee", "score")
    )


def test_a_cohort_without_people_is_no_error(cohort: Cohort) -> None:
    found = last_line("match", cohort.code)
    assert (found["mentors"], found["mentees"], found["matched"], found["gap"]) == (0, 0, 0, 0)


def test_what_cannot_be_matched_is_said_in_a_sentence(cohort: Cohort, tmp_path: Path) -> None:
    torn, empty = tmp_path / "torn.toml", tmp_path / "empty.toml"
    torn.write_text("name = ", encoding="utf-8")
    empty.write_bytes(b"\xff\xfe")
    for options, sentence in (
        ({"policy": tmp_path / "gone.toml"}, "cannot be read"),
        ({"policy": tmp_path}, "cannot be read"),
        ({"policy": torn}, "TOML"),
        ({"policy": empty}, "not UTF-8"),
        ({"seed": -1}, "whole number"),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command("match", cohort.code, stdout=StringIO(), **options)
    with pytest.raises(CommandError, match="no cohort"):
        call_command("match", "nothere", stdout=StringIO())
    assert not MatchingRun.objects.exists()


@pytest.mark.parametrize("solver", engine.installed())
def test_the_solver_and_the_number_of_cores_can_be_chosen(cohort: Cohort, solver: str) -> None:
    imported(cohort, "civil-service-small")
    policy = SAMPLES / "civil-service-small" / "policy.toml"
    found = last_line("match", cohort.code, policy=policy, solver=solver, threads=2)
    assert (found["matched"], found["score"], found["gap"]) == (35, 727, 0)
    run = MatchingRun.objects.get()
    assert run.solver.startswith(f"{solver} ")
    assert last_line("check_run", run.code)["holds"] is True
    assert last_line("replay_run", run.code)["same"] is True


@pytest.mark.parametrize("options", [{"solver": "abacus"}, {"threads": -1}])
def test_a_solver_or_a_number_that_cannot_be_is_a_sentence(
    cohort: Cohort, options: dict[str, Any]
) -> None:
    with pytest.raises(CommandError, match=r"is not installed; there is|whole number from 1"):
        call_command("match", cohort.code, stdout=StringIO(), **options)
    assert not MatchingRun.objects.exists()


def test_the_command_waits_for_a_worker_that_was_quicker(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker claims the run between its start and the command's own attempt."""
    carry_out = runs.carry_out
    looks = []

    def taken(run_id: int, **how: Any) -> None:
        looks.append(run_id)
        assert len(looks) <= 3
        if len(looks) == 1:
            lease = clock.now() + timedelta(minutes=2)
            MatchingRun.objects.update(status="running", lease_until=lease, attempts=1)
        if len(looks) == 3:
            MatchingRun.objects.update(status="queued", lease_until=None)
            carry_out(run_id, **how)

    monkeypatch.setattr(runs, "carry_out", taken)
    monkeypatch.setattr("matching.management.commands.match._LOOK_EVERY", 0)
    assert last_line("match", cohort.code)["gap"] == 0
    assert len(looks) == 3


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"status": "cancelled"}, "was cancelled"),
        ({"status": "failed", "failure": "No."}, "^No.$"),
    ],
    ids=["cancelled", "failed"],
)
def test_a_run_that_comes_to_nothing_is_a_sentence(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], sentence: str
) -> None:
    monkeypatch.setattr(
        runs, "carry_out", lambda *args, **how: MatchingRun.objects.update(**fields)
    )
    with pytest.raises(CommandError, match=sentence):
        call_command("match", cohort.code, stdout=StringIO())


def test_whoever_stops_the_command_cancels_the_run(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: Any, **how: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bridge, "solve", interrupted)
    with pytest.raises(CommandError, match="was cancelled"):
        call_command("match", cohort.code, stdout=StringIO())
    assert MatchingRun.objects.get().status == "cancelled"
