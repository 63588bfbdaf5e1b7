"""Everybody's home page says the one thing to do now."""

from datetime import timedelta

import pytest
from django.test import Client

from feedback.models import CheckIn
from mentorship.shared.base import clock
from programs.models import Application, User
from tests.cast import Troupe
from tests.factories.programs import ApplicationFactory, CohortFactory, UserFactory

pytestmark = pytest.mark.django_db

Status = Application.Status


def next_step(user: User) -> str | None:
    client = Client()
    client.force_login(user)
    step = client.get("/").context["next_step"]
    return step.title if step else None


def test_a_visitor_is_welcomed_with_what_is_open(here: Troupe) -> None:
    page = Client().get("/").content.decode()
    assert here.next_cohort.program.name in page
    assert here.draft_cohort.name not in page


def test_somebody_new_is_invited_to_apply(here: Troupe) -> None:
    assert next_step(UserFactory()) == "Apply for a program"


def test_without_anything_open_there_is_no_step(db: None) -> None:
    assert next_step(UserFactory()) is None


def test_the_steps_follow_the_journey_most_pressing_first(here: Troupe) -> None:
    mentee = here.mentee.user
    assert next_step(mentee) == here.survey.title  # invited, and nobody asked about the past one
    CheckIn.objects.filter(pk=here.past_checkin.pk).update(asked_at=clock.now())
    assert next_step(mentee) == "Did you meet?"
    CheckIn.objects.filter(pk=here.past_checkin.pk).update(
        status=CheckIn.Status.HELD, answered_at=clock.now(), answered_by=mentee
    )
    assert next_step(mentee) == here.survey.title
    here.invitation.answered_at = clock.now()
    here.invitation.save()
    assert next_step(mentee) == "Your next check-in"


@pytest.mark.parametrize(
    "status, stage, title",
    [
        (Status.DRAFT, "applying", "Finish your application"),
        (Status.SUBMITTED, "matching", "Your application is with the coordinators"),
        (Status.WAITLISTED, "matching", "You are on the waiting list"),
        (Status.OFFERED, "matching", "A place is free for you"),
        (Status.LAPSED, "matching", "Your offer has ended"),
        (Status.LAPSED, "running", None),
        (Status.ACCEPTED, "matching", "You take part"),
        (Status.ACCEPTED, "ended", None),
        (Status.SUBMITTED, "ended", None),
        (Status.DECLINED, "matching", "There was no place for you this time"),
        (Status.DECLINED, "running", None),
        (Status.WITHDRAWN, "matching", "You took your application back"),
        (Status.WITHDRAWN, "running", None),
        (Status.DRAFT, "matching", "Your application was not sent in"),
        (Status.DRAFT, "running", None),
    ],
)
def test_an_applicant_knows_what_comes_next(status: str, stage: str, title: str | None) -> None:
    decided = status in Application.DECIDED
    ends = timedelta(days=2 if status == Status.OFFERED else -1)
    application = ApplicationFactory(
        cohort=CohortFactory(stage=stage),
        status=status,
        submitted_at=clock.now() - timedelta(days=3),
        decided_at=clock.now() if decided else None,
        decided_by=UserFactory() if decided else None,
        offer_until=clock.now() + ends if status in (Status.OFFERED, Status.LAPSED) else None,
    )
    assert next_step(application.applicant) == title
