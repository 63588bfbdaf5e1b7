"""Objectives: written down, counted by our metrics or by hand, and how far they are."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from feedback.metrics.models import Figure
from feedback.metrics.progress import Progress, progress_of
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.actions import objectives
from programs.models import Cohort, Objective
from tests.cast import Troupe
from tests.factories.programs import CohortFactory, ObjectiveFactory

pytestmark = pytest.mark.django_db


def figure(cohort: Cohort, part: float, whole: float, *, people: int = 10, ago: int = 0) -> Figure:
    return Figure.objects.create(
        cohort=cohort,
        metric="match_rate",
        on=clock.now().date() - timedelta(days=ago),
        numerator=part,
        denominator=whole,
        people=people,
    )


def progress(objective: Objective) -> Progress:
    return progress_of([objective])[0]


@pytest.mark.parametrize(
    "baseline,target,value,share,reached",
    [
        (0, 10, 4, 0.4, False),
        (0, 10, 12, 1, True),
        (0, 10, -3, 0, False),
        (12, 8, 10, 0.5, False),
        (12, 8, 8, 1, True),
    ],
)
def test_the_way_from_baseline_to_target_goes_up_or_down(
    baseline: float, target: float, value: float, share: float, reached: bool
) -> None:
    objective = Objective(baseline=baseline, target=target)
    assert objective.share_reached(value) == pytest.approx(share)
    assert objective.is_reached(value) is reached


def test_a_target_is_not_its_baseline(here: Troupe) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ObjectiveFactory(program=here.program, baseline=3, target=3)


def test_a_metric_of_one_cohort_is_the_newest_figure_in_per_cent(here: Troupe) -> None:
    one = ObjectiveFactory(program=here.program, cohort=here.cohort, metric="match_rate")
    assert progress(one).why_not == "Nothing to count yet."
    figure(here.cohort, 1, 10, ago=3)
    figure(here.cohort, 6, 10)
    figure(here.next_cohort, 9, 10)
    told = progress(one)
    assert (told.value, told.measured_by) == (60, "Mentees matched")


def test_a_metric_of_a_program_counts_its_current_cohorts_together(
    here: Troupe, elsewhere: Troupe
) -> None:
    whole = ObjectiveFactory(program=here.program, metric="match_rate")
    figure(here.cohort, 6, 10)
    figure(here.next_cohort, 24, 30, ago=2)
    figure(elsewhere.cohort, 0, 100)
    old = CohortFactory(program=here.program, stage="ended", archived_at=clock.now())
    figure(old, 0, 100)
    assert progress(whole).value == 75


def test_small_groups_are_hidden_and_left_out_of_the_sum(here: Troupe) -> None:
    whole = ObjectiveFactory(program=here.program, metric="match_rate")
    figure(here.cohort, 1, 4, people=4)
    assert progress(whole).why_not.startswith("hidden")
    figure(here.next_cohort, 5, 10)
    assert progress(whole).value == 50


def test_a_figure_by_hand_is_dated_and_a_second_word_replaces_it(here: Troupe) -> None:
    today = clock.now().date()
    by = here.coordinator
    objectives.measure(here.objective, by=by, on=today - timedelta(days=9), value=2)
    objectives.measure(here.objective, by=by, on=today, value=4)
    objectives.measure(here.objective, by=by, on=today, value=5)
    assert list(here.objective.figures.values_list("value", flat=True)) == [5, 2]
    told = progress(here.objective)
    assert (told.value, told.on, told.reached, told.is_reached) == (5, today, 0.5, False)
    with pytest.raises(RuleBroken, match="still to come"):
        objectives.measure(here.objective, by=by, on=today + timedelta(days=2), value=1)
    counted = ObjectiveFactory(program=here.program, metric="match_rate")
    with pytest.raises(RuleBroken, match="by itself"):
        objectives.measure(counted, by=by, on=today, value=1)


def test_an_objective_belongs_to_a_cohort_of_its_program(here: Troupe, elsewhere: Troupe) -> None:
    fields: dict[str, Any] = {
        "statement": "More",
        "baseline": 0,
        "target": 1,
        "due_on": here.cohort.starts_on,
    }
    with pytest.raises(RuleBroken, match="another program"):
        objectives.add(here.program, by=here.coordinator, cohort=elsewhere.cohort, **fields)
    with pytest.raises(ValidationError):
        objectives.add(here.program, by=here.coordinator, **fields | {"statement": ""})


# --- Pages ----------------------------------------------------------------------------------------


@pytest.fixture
def sent(here: Troupe) -> dict[str, Any]:
    return {
        "statement": "Eight of ten meetings take place",
        "cohort": here.cohort.code,
        "metric": "completion",
        "unit": "%",
        "baseline": "50",
        "target": "80",
        "due_on": "2030-06-01",
    }


def test_a_coordinator_writes_changes_and_removes_an_objective(
    as_coordinator: Client, here: Troupe, sent: dict[str, Any]
) -> None:
    new = reverse("desk-objective-new", args=[here.program.code])
    assert as_coordinator.post(new, sent).status_code == 302
    objective = Objective.objects.get(metric="completion")
    assert (objective.cohort, objective.target) == (here.cohort, 80)
    page = reverse("desk-objective", args=[objective.code])
    assert as_coordinator.post(page, sent | {"target": "90", "cohort": ""}).status_code == 302
    objective.refresh_from_db()
    assert (objective.cohort, objective.target) == (None, 90)
    assert as_coordinator.post(
        reverse("desk-objective-remove", args=[objective.code])
    ).url == reverse("desk-objectives", args=[here.program.code])
    assert not Objective.objects.filter(pk=objective.pk).exists()
    verbs = AuditEvent.objects.filter(subject_code=objective.code).values_list("verb", flat=True)
    assert set(verbs) == {"objective.added", "objective.changed", "objective.removed"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "50"},
        {"target": "nan"},
        {"target": "1e400"},
        {"baseline": "-1e12"},
        {"due_on": "0001-01-01"},
        {"metric": "happiness"},
        {"statement": ""},
    ],
)
def test_a_wrong_objective_is_shown_again(
    as_coordinator: Client, here: Troupe, sent: dict[str, Any], wrong: dict[str, str]
) -> None:
    new = reverse("desk-objective-new", args=[here.program.code])
    assert as_coordinator.post(new, sent | wrong).status_code == 422
    page = reverse("desk-objective", args=[here.objective.code])
    assert as_coordinator.post(page, sent | wrong).status_code == 422


def test_a_cohort_of_another_program_cannot_be_chosen(
    as_coordinator: Client, here: Troupe, elsewhere: Troupe, sent: dict[str, Any]
) -> None:
    new = reverse("desk-objective-new", args=[here.program.code])
    answer = as_coordinator.post(new, sent | {"cohort": elsewhere.cohort.code})
    assert answer.status_code == 422


def test_a_figure_is_entered_on_the_page_of_the_objective(
    as_coordinator: Client, here: Troupe
) -> None:
    measure = reverse("desk-objective-measure", args=[here.objective.code])
    assert as_coordinator.post(measure, {"value": "x", "on": "2026-01-01"}).status_code == 422
    assert as_coordinator.post(measure, {"value": "7", "on": "2026-01-01"}).status_code == 302
    page = as_coordinator.get(reverse("desk-objective", args=[here.objective.code]))
    assert "1 January 2026" in page.content.decode()
    assert as_coordinator.get(measure).status_code == 405
