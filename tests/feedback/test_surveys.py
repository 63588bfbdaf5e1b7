"""Surveys: sent once, answered once, from a mail or logged in."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from feedback import tasks
from feedback.actions import surveys
from feedback.models import Invitation, Response, Survey
from feedback.notifications import SurveyInvitation
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from tests.cast import Troupe
from tests.factories.feedback import SurveyFactory

DAY = timedelta(days=1)


def test_a_survey_is_sent_once_to_everybody_who_takes_part(here: Troupe):
    now = clock.now()
    here.other_mentee.left_at = now + DAY
    here.other_mentee.save()
    survey = surveys.schedule(
        here.cohort,
        by=here.coordinator,
        title="Midway",
        questionnaire=here.survey.questionnaire,
        opens_at=now + DAY,
        closes_at=now + 2 * DAY,
    )
    assert tasks.send_due_surveys() == 0
    with clock.at(now + DAY):
        assert tasks.send_due_surveys() == 3
        assert tasks.send_due_surveys() == 0
        assert surveys.send(survey) == 0
    invited = set(survey.invitations.values_list("participant", flat=True))
    assert invited == {p.pk for p in (here.mentor, here.mentee, here.other_mentor)}
    assert OutboxMessage.objects.filter(kind="survey_invitation").count() == 3


def test_a_survey_that_was_over_before_it_was_sent_is_not_sent(here: Troupe):
    survey = SurveyFactory(cohort=here.cohort)
    for at, is_open in (
        (survey.opens_at - timedelta(microseconds=1), False),
        (survey.opens_at, True),
        (survey.closes_at - timedelta(microseconds=1), True),
        (survey.closes_at, False),
    ):
        assert survey.is_open(at) is is_open
        assert Survey.objects.open(at).filter(pk=survey.pk).exists() is is_open
        assert Survey.objects.due_for_sending(at).filter(pk=survey.pk).exists() is is_open
    with clock.at(survey.closes_at):
        assert tasks.send_due_surveys() == 0


def test_a_survey_closes_after_it_opens(here: Troupe):
    now = clock.now()
    with pytest.raises(ValidationError):
        surveys.schedule(
            here.cohort,
            by=here.coordinator,
            title="x",
            questionnaire=here.survey.questionnaire,
            opens_at=now,
            closes_at=now,
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.filter(pk=here.survey.pk).update(closes_at=here.survey.opens_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(survey=here.survey, participant=here.mentee)


def test_an_invitation_is_answered_once_while_the_survey_is_open(here: Troupe):
    with clock.at(here.survey.closes_at), pytest.raises(RuleBroken, match="closed"):
        surveys.answer(here.invitation, answers={})
    response = surveys.answer(here.invitation, answers={"usefulness": 4, "comment": "fine"})
    with pytest.raises(RuleBroken, match="answered this survey already"):
        surveys.answer(here.invitation, answers={"usefulness": 1})
    assert [answer for _, answer in response.in_words()] == ["4", "fine"]
    assert Response.objects.get().answers == {"usefulness": 4, "comment": "fine"}


@pytest.mark.parametrize("change, why", [("answer", "answered"), ("close", "closed")])
def test_an_invitation_that_has_no_use_any_more_is_not_sent(here: Troupe, change, why):
    notify(SurveyInvitation(here.invitation), here.mentee.user, program=here.program)
    at = clock.now()
    if change == "answer":
        surveys.answer(here.invitation, answers={})
    else:
        at = here.survey.closes_at
    with clock.at(at):
        delivery.deliver_due()
    assert mail.outbox == []
    assert why in OutboxMessage.objects.get().why


def test_a_survey_is_answered_from_the_mail(here: Troupe):
    notify(SurveyInvitation(here.invitation), here.mentee.user)
    delivery.deliver_due()
    (link,) = re.findall(r"https://mentorship\.example\.org(/l/\S+/)", mail.outbox[0].body)
    browser = Client()
    page = browser.get(link)["Location"]
    assert page == reverse("survey-answer", args=[here.invitation.code])
    assert browser.get(page).status_code == 200
    assert not Response.objects.exists()
    assert browser.post(page, {"usefulness": "5"})["Location"] == page
    assert Response.objects.get().answers == {"usefulness": 5}
    thanks = browser.get(page)
    assert thanks.context["answered"]
    assert thanks.context["form"] is None
    assert Client().get(page).status_code == 404


@pytest.mark.parametrize("usefulness", ["6", "0", "many", "\0"])
def test_a_wrong_answer_is_shown_again(client, here: Troupe, usefulness):
    client.force_login(here.mentee.user)
    page = reverse("survey-answer", args=[here.invitation.code])
    answer = client.post(page, {"usefulness": usefulness})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"usefulness"}
    assert not Response.objects.exists()


def test_what_is_required_is_asked_for(client, here: Troupe):
    here.survey.questionnaire.questions.update(required=True)
    client.force_login(here.mentee.user)
    page = reverse("survey-answer", args=[here.invitation.code])
    answer = client.post(page, {"usefulness": "3"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"comment"}


def test_a_closed_survey_says_so(client, here: Troupe):
    client.force_login(here.mentee.user)
    page = reverse("survey-answer", args=[here.invitation.code])
    with clock.at(here.survey.closes_at):
        assert client.get(page).context["form"] is None
        late = client.post(page, {"usefulness": "3"})
    assert late.status_code == 409
    assert "closed" in late.content.decode()
    client.force_login(here.mentor.user)
    assert client.get(page).status_code == 404


def test_a_coordinator_asks_how_it_goes_with_one_button(as_coordinator, here):
    url = reverse("desk-survey-start", args=[here.cohort.code])
    Survey.objects.filter(pk=here.survey.pk).update(
        opens_at=clock.now() - timedelta(days=9), closes_at=clock.now() - timedelta(days=1)
    )
    assert as_coordinator.post(url).status_code == 302
    survey = Survey.objects.get(title="How is it going?", cohort=here.cohort)
    assert [q.key for q in survey.questionnaire.questions.all()] == ["going", "helped", "missing"]
    assert tasks.send_due_surveys() == 4
    again = as_coordinator.post(url)
    assert again.status_code == 409
    assert "A survey is open or planned already" in again.content.decode()


def test_nobody_is_asked_where_nobody_takes_part(as_coordinator, here):
    answer = as_coordinator.post(reverse("desk-survey-start", args=[here.next_cohort.code]))
    assert answer.status_code == 409
    assert not here.next_cohort.surveys.exists()
