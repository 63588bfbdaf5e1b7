"""A talk with an applicant: planned in one zone, read in another, held or called off."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.urls import reverse

from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import delivery
from programs.actions import applications, interviews
from programs.models import Application, Interview, User
from tests.factories.programs import ApplicationFactory, MembershipFactory, UserFactory

NOON = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def application(db):
    return ApplicationFactory(applicant=UserFactory(name="Ada", time_zone="Asia/Tokyo"))


@pytest.fixture
def by(application):
    return MembershipFactory(program=application.cohort.program).user


def plan(application, by, **told):
    told = {"at": NOON, "minutes": 30, "place": "meet.test/x", "interviewer": by} | told
    return interviews.plan(application, by=by, **told)


def test_an_applicant_reads_the_time_of_the_talk_in_their_own_zone(application, by):
    plan(application, by)
    delivery.deliver_due()
    (sent,) = mail.outbox
    assert sent.to == [application.applicant.email]
    assert "Tuesday 4 March 2031, 21:00, Tokyo time" in sent.body
    assert "meet.test/x" in sent.body


def test_a_talk_that_is_planned_again_is_moved_and_told_anew(application, by):
    first = plan(application, by)
    second = plan(application, by, at=NOON + timedelta(days=1))
    assert first.pk == second.pk
    assert Interview.objects.count() == 1
    delivery.deliver_due()
    assert len(mail.outbox) == 2


def test_a_talk_is_held_once_and_its_notes_can_be_mended(application, by):
    interview = interviews.hold(plan(application, by), by=by, outcome="good", notes="a")
    again = interviews.hold(interview, by=by, outcome="bad", notes="b")
    assert (again.outcome, again.notes, again.held_at) == ("bad", "b", interview.held_at)
    with pytest.raises(RuleBroken, match="over"):
        interviews.cancel(again, by=by)
    assert plan(application, by).pk != again.pk


def test_a_talk_is_called_off_and_the_applicant_told(application, by):
    interview = plan(application, by)
    interviews.cancel(interview, by=by)
    delivery.deliver_due()
    assert ["does not take place" in message.body for message in mail.outbox] == [True]
    with pytest.raises(RuleBroken, match="cancelled"):
        interviews.hold(interview, by=by, outcome="good")
    with pytest.raises(RuleBroken, match="cancelled already"):
        interviews.cancel(interview, by=by)


def test_there_is_no_talk_in_the_past_or_after_the_decision(application, by):
    with pytest.raises(RuleBroken, match="This time is over"):
        plan(application, by, at=clock.now())
    applications.decline(application, by=by)
    with pytest.raises(RuleBroken, match="decided"):
        plan(application, by)


def test_a_coordinator_enters_the_time_in_their_own_zone(here, as_coordinator):
    User.objects.filter(pk=here.coordinator.pk).update(time_zone="America/New_York")
    url = reverse("desk-interview-plan", args=[here.application.code])
    day = clock.now().astimezone(ZoneInfo("America/New_York")).date() + timedelta(days=2)
    fields = {"on": day.isoformat(), "at": "07:00", "minutes": "45", "place": "",
              "interviewer": here.coordinator.code}  # fmt: skip
    there = reverse("desk-application", args=[here.application.code])
    assert as_coordinator.post(url, fields)["Location"] == there
    (interview,) = Interview.objects.all()
    wall = interview.planned_at.astimezone(ZoneInfo("America/New_York"))
    assert (wall.date(), wall.hour, interview.minutes) == (day, 7, 45)
    held = reverse("desk-interview-hold", args=[interview.code])
    assert as_coordinator.post(held, {"outcome": "?"}).status_code == 422
    assert as_coordinator.post(held, {"outcome": "good", "notes": "Warm"})["Location"] == there
    assert "Warm" in as_coordinator.get(there).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"on": ""}, {"on": "0001-01-01"}, {"at": "25:00"}, {"minutes": "5"},
              {"interviewer": "x"}, {"place": "a\nb"}, {"on": "9999-12-31", "at": "23:00"}],
)  # fmt: skip
def test_a_wrong_time_is_an_error_on_the_form(here, as_coordinator, wrong):
    url = reverse("desk-interview-plan", args=[here.application.code])
    tomorrow = (clock.now() + timedelta(days=1)).date().isoformat()
    fields = {"on": tomorrow, "at": "07:00", "minutes": "45",
              "interviewer": here.coordinator.code} | wrong  # fmt: skip
    assert as_coordinator.post(url, fields).status_code == 422
    assert not Interview.objects.exists()


def test_who_reads_and_who_talks_holds_a_duty(here, as_coordinator):
    page = as_coordinator.get(reverse("desk-application", args=[here.application.code]))
    people = {code for code, _name in page.context["interview_form"].fields["interviewer"].choices}
    assert people == {here.coordinator.code, here.reviewer.code}
    assert Application.objects.filter(pk=here.application.pk, interviews=None).exists()
