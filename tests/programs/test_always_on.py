"""A cohort without a last day: people come at any time, and each pair has its own end."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from feedback.actions import checkins
from feedback.metrics.tasks import compute_figures
from matching import bridge
from matching.actions import matching_runs
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.models import Cohort, Stage
from tests.cast import Troupe
from tests.factories.matching import match_of
from tests.factories.programs import ApplicationFactory, CohortFactory, ParticipantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(here: Troupe) -> Cohort:
    return CohortFactory(program=here.program, always_on=True, stage="running")


def test_the_database_holds_one_of_two_shapes(here: Troupe, cohort: Cohort) -> None:
    for fields in (
        {"match_weeks": None},
        {"apply_until": cohort.starts_on},
        {"ends_on": cohort.starts_on + timedelta(days=9)},
        {"is_always_on": False},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cohort.objects.filter(pk=cohort.pk).update(**fields)
    for fields in ({"ends_on": None}, {"apply_until": None}, {"match_weeks": 4}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cohort.objects.filter(pk=here.cohort.pk).update(**fields)


def test_it_takes_applications_at_any_time_and_never_ends(cohort: Cohort) -> None:
    in_years = datetime.combine(cohort.starts_on + timedelta(weeks=400), time(12), UTC)
    assert cohort.accepts_applications(in_years)
    assert cohort.stage(in_years) == Stage.RUNNING
    assert cohort in Cohort.objects.accepting_applications(in_years)
    assert cohort in Cohort.objects.running(in_years)
    before = datetime.combine(cohort.apply_from - timedelta(days=2), time(12), UTC)
    assert not cohort.accepts_applications(before)
    assert cohort not in Cohort.objects.accepting_applications(before)
    assert (cohort.weeks, cohort.midpoint_on, cohort.is_over(date(2200, 1, 1))) == (8, None, False)


def test_a_pair_meets_for_its_own_weeks_from_its_introduction(cohort: Cohort) -> None:
    late = datetime.combine(cohort.starts_on + timedelta(weeks=100), time(12), UTC)
    with clock.at(late):
        match = match_of(
            ParticipantFactory(cohort=cohort, role="mentor"), ParticipantFactory(cohort=cohort)
        )
        planned = checkins.plan(match)
    assert match.last_day == late.date() + timedelta(weeks=8, days=-1)
    assert len(planned) == 4
    assert planned[0].local_on >= late.date() + timedelta(days=2)
    with clock.at(late), pytest.raises(RuleBroken, match="program ends on"):
        checkins.move(
            planned[-1],
            by=match.people[0].user,
            on=match.last_day + timedelta(days=1),
            at=time(10),
            zone="UTC",
        )


def test_hours_in_common_are_counted_over_the_weeks_of_a_pair(cohort: Cohort) -> None:
    hours = {"name": "hours", "label": "Hours", "kind": "hours", "points": 9, "full_hours": 4}
    cohort.policy = {
        "name": "Hours",
        "criterion": [hours | dict.fromkeys(("mentee", "mentor"), "hours")],
    }
    cohort.save()
    ParticipantFactory(cohort=cohort, role="mentor", time_zone="America/New_York")
    mentee = ParticipantFactory(cohort=cohort, time_zone="Europe/Berlin")
    run = matching_runs.start(cohort, by=None)

    def periods(at: datetime) -> int:
        with clock.at(at):
            problem = bridge.load(run)
        (facts,) = (one.facts for one in problem.mentees if one.id == mentee.code)
        return len(facts["utc_offsets"])

    # in spring New York changes its clocks weeks before Berlin, in summer nobody does
    assert periods(datetime(2030, 3, 4, 12, tzinfo=UTC)) == 3
    assert periods(datetime(2030, 6, 3, 12, tzinfo=UTC)) == 1


def test_every_page_of_it_bears_that_there_is_no_last_day(
    here: Troupe, cohort: Cohort, as_coordinator: Client
) -> None:
    ApplicationFactory(cohort=cohort, status="draft", applicant=here.mentee.user)
    compute_figures()
    for name in ("desk-cohort", "desk-cohort-setup", "desk-cohort-edit", "desk-readiness"):
        page = as_coordinator.get(reverse(name, args=[cohort.code]))
        assert page.status_code == 200, name
    for url in ("/admin/", reverse("desk-program", args=[here.program.code])):
        assert as_coordinator.get(url).status_code == 200
    for person in (here.mentee.user, here.applicant):
        client = Client()
        client.force_login(person)
        assert client.get("/").status_code == 200
        public = client.get(reverse("program-detail", args=[here.program.code])).content.decode()
        assert "8 weeks" in public
        form = client.get(
            reverse("application-new", args=[cohort.code, "mentor"]), follow=True
        ).content.decode()
        assert "None" not in form
    assert Client().get("/").status_code == 200
