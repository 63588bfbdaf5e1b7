"""Figures by hand: what each counts, what is hidden, when they are counted anew."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from feedback.metrics import figures
from feedback.metrics.definitions import METRICS, SMALLEST_GROUP
from feedback.metrics.models import Figure
from feedback.metrics.tasks import compute_figures
from feedback.models import CheckIn, Invitation
from mentorship.shared.base import clock
from mentorship.shared.base.links import absolute
from mentorship.shared.base.zones import instant, local
from programs.models import Cohort
from tests.factories.feedback import SurveyFactory, checkin_of
from tests.factories.matching import match_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    UserFactory,
)


@pytest.fixture
def cohort(db):
    """Six mentees and three mentors with two seats each; four pairs, of which three have met."""
    cohort = CohortFactory(stage="running")
    now = clock.now()
    for status in ["accepted"] * 6 + ["declined"] * 2 + ["submitted", "withdrawn"]:
        decided = {"decided_at": now, "decided_by": UserFactory()} if status[1] in "ce" else {}
        ApplicationFactory(cohort=cohort, status=status, submitted_at=now, **decided)
    ApplicationFactory(cohort=cohort, status="draft")
    mentors = [ParticipantFactory(cohort=cohort, role="mentor", capacity=2) for _ in range(3)]
    mentees = [ParticipantFactory(cohort=cohort) for _ in range(6)]
    ParticipantFactory(cohort=cohort, left_at=now + timedelta(days=1))
    pairs = [match_of(mentors[n % 3], mentees[n]) for n in range(4)]
    for number, pair in enumerate(pairs):
        outcome = "held" if number < 3 else "missed"
        checkin_of(pair, days=-7, number=1, status=outcome, rating=number + 2)
        checkin_of(pair, days=-3, number=2, status="held" if number == 0 else "scheduled")
        checkin_of(pair, days=5, number=3)
    checkin_of(pairs[0], days=-2, number=4, status="cancelled", rating=5)
    survey = SurveyFactory(cohort=cohort)
    for number, person in enumerate(mentees):
        answered_at = now if number < 4 else None
        Invitation.objects.create(survey=survey, participant=person, answered_at=answered_at)
    other = CohortFactory(stage="running")
    match_of(ParticipantFactory(cohort=other, role="mentor"), ParticipantFactory(cohort=other))
    return cohort


EXPECTED = {
    "acceptance": (6, 10, 10),
    "match_rate": (4, 6, 6),
    "seat_fill": (4, 6, 3),
    "engagement": (3, 4, 7),
    "completion": (4, 5, 7),
    "usefulness": (2 + 3 + 4 + 5 + 5, 5, 7),
    "survey_response": (4, 6, 6),
}


def test_every_definition_counts_what_it_says(cohort):
    now = clock.now() + timedelta(seconds=1)
    counted = {metric.name: tuple(metric.count(cohort, now)) for metric in METRICS}
    assert counted == EXPECTED


def test_small_groups_of_people_are_hidden_and_nothing_is_no_figure(cohort):
    empty = CohortFactory(stage="running")
    assert {shown.value_text for shown in figures.shown(empty)} == {"nothing yet"}
    figures.compute(empty, clock.now())
    assert {shown.value_text for shown in figures.shown(empty)} == {"nothing yet"}
    figures.compute(cohort, clock.now() + timedelta(seconds=1))
    shown = {figure.name: figure for figure in figures.shown(cohort)}
    assert [figure.name for figure in shown.values()] == [metric.name for metric in METRICS]
    hidden = {name for name, figure in shown.items() if figure.value_text.startswith("hidden")}
    small = {name for name, (_, _, people) in EXPECTED.items() if people < SMALLEST_GROUP}
    assert hidden == small == {"seat_fill"}
    assert (shown["seat_fill"].numerator, shown["seat_fill"].share) == (None, None)
    assert (shown["acceptance"].value_text, shown["acceptance"].share) == ("60%", 0.6)
    assert (shown["usefulness"].value_text, shown["usefulness"].share) == ("3.8", 3.8 / 5)


def test_a_day_has_one_value_which_is_renewed_until_it_is_over(cohort):
    evening = instant(date(2026, 12, 1), time(23, 50), cohort.time_zone)
    for at in (evening - timedelta(hours=3), evening, evening + timedelta(hours=1)):
        figures.compute(cohort, at)
    rows = Figure.objects.filter(cohort=cohort, metric="match_rate")
    assert [(row.on, row.computed_at) for row in rows] == [
        (date(2026, 12, 1), evening),
        (date(2026, 12, 2), evening + timedelta(hours=1)),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Figure.objects.create(
            cohort=cohort,
            metric="match_rate",
            on=date(2026, 12, 1),
            numerator=1,
            denominator=1,
            people=1,
        )


def test_the_sweep_counts_only_what_is_not_fresh(cohort):
    CohortFactory(stage="draft")
    now = clock.now()
    for later, counted in ((0, 2), (4.9, 0), (5.1, 2), (5.2, 0)):
        with clock.at(now + timedelta(minutes=later)):
            assert compute_figures() == counted
    assert Figure.objects.filter(cohort=cohort).count() == len(METRICS)


def test_weeks_with_few_answers_are_left_out_of_the_trend(cohort):
    now = clock.now()
    pairs = list(cohort.matches.all()[:3])
    start = datetime.combine(cohort.starts_on, time(12), now.tzinfo)
    days = (start - now).total_seconds() / 86400
    CheckIn.objects.all().delete()
    for number in range(6):
        status = "missed" if number == 0 else "held"
        pair = pairs[number % 3]
        checkin_of(pair, days=days + number / 100, number=10 + number, status=status)
    assert figures.held_by_week(cohort, now) == [("Week 1", 5 / 6)]
    CheckIn.objects.filter(match=pairs[2]).delete()  # four people are too few
    assert figures.held_by_week(cohort, now) == []


def test_the_timeline_tells_what_is_past(cohort):
    told = figures.timeline(cohort, clock.now())
    assert [step["is_past"] for step in told] == [True, True, True, False, False]


def test_an_observer_reads_figures_and_no_more(client, here):
    figures.compute(here.cohort, clock.now())
    client.force_login(here.observer)
    page = client.get(reverse("desk-cohort", args=[here.cohort.code]))
    assert (page.status_code, page.context["todo"]) == (200, [])
    assert page.context["may_coordinate"] is False
    client.force_login(here.coordinator)
    page = client.get(reverse("desk-cohort", args=[here.cohort.code]))
    assert page.context["may_coordinate"] is True
    assert [todo["url"] for todo in page.context["todo"]] == [
        reverse("desk-applications", args=[here.cohort.code]) + "?status=submitted",
        reverse("desk-run", args=[here.run.code]),
    ]


def test_mentees_without_a_mentor_need_a_hand_from_the_day_of_matching_on(here, as_coordinator):
    cohort = CohortFactory(program=here.program, stage="matching")
    ParticipantFactory(cohort=cohort, role="mentee")
    url = reverse("desk-cohort", args=[cohort.code])
    runs = reverse("desk-runs", args=[cohort.code])

    def told():
        return runs in [one["url"] for one in as_coordinator.get(url).context["todo"]]

    assert not told()
    today = local(clock.now(), cohort.time_zone).date()
    Cohort.objects.filter(pk=cohort.pk).update(match_on=today + timedelta(days=1))
    assert not told()
    Cohort.objects.filter(pk=cohort.pk).update(match_on=today)
    assert told()


def test_an_open_cohort_says_where_people_apply(here, as_coordinator):
    def shown(cohort):
        return as_coordinator.get(reverse("desk-cohort", args=[cohort.code])).content.decode()

    page = shown(here.next_cohort)
    assert absolute("program-detail", here.program.code) in page
    assert reverse("desk-invitations", args=[here.next_cohort.code]) in page
    assert "People can apply now" not in shown(here.cohort)
