from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from feedback import pulse
from feedback.models import Invitation, Response, Survey
from feedback.notifications import SurveyInvitation
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.questions.models import Questionnaire
from programs.models import Cohort, Participant, User


@transaction.atomic
def schedule(
    cohort: Cohort,
    *,
    by: User,
    title: str,
    questionnaire: Questionnaire,
    opens_at: datetime,
    closes_at: datetime,
    intro: str = "",
) -> Survey:
    """Plan a survey to everybody in the cohort; the sweep sends it when it opens.

    Raises ValidationError when it would close before it opens.
    """
    survey = Survey(
        cohort=cohort,
        title=title,
        intro=intro,
        questionnaire=questionnaire,
        opens_at=opens_at,
        closes_at=closes_at,
    )
    survey.full_clean()
    survey.save()
    record(by=by, verb="survey.scheduled", subject=survey, program=cohort.program, title=title)
    return survey


@transaction.atomic
def ask_how_it_goes(cohort: Cohort, *, by: User) -> Survey:
    """Send the short survey that comes with the product, open for two weeks from now.

    Raises RuleBroken while another survey of the cohort is open, or when nobody takes part.
    """
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    now = clock.now()
    if cohort.surveys.filter(closes_at__gt=now).exists():
        raise RuleBroken(_("A survey is open or planned already. Wait until it is closed."))
    if not Participant.objects.filter(cohort=cohort).present().exists():
        raise RuleBroken(_("Nobody takes part in this cohort yet, so there is nobody to ask."))
    return schedule(
        cohort,
        by=by,
        title=str(pulse.TITLE),
        questionnaire=pulse.make_questionnaire(),
        opens_at=now,
        closes_at=now + timedelta(days=pulse.DAYS_OPEN),
    )


@transaction.atomic
def send(survey: Survey) -> int:
    """Invite everybody who takes part, once. Returns how many; 0 when another did it."""
    now = clock.now()
    if not Survey.objects.due_for_sending(now).filter(pk=survey.pk).update(sent_at=now):
        return 0
    people = Participant.objects.filter(cohort=survey.cohort).present().select_related("user")
    invitations = Invitation.objects.bulk_create(
        Invitation(survey=survey, participant=person) for person in people
    )
    for invitation in invitations:
        notify(
            SurveyInvitation(invitation),
            invitation.participant.user,
            program=survey.cohort.program,
        )
    record(
        by=None,
        verb="survey.sent",
        subject=survey,
        program=survey.cohort.program,
        title=survey.title,
        count=len(invitations),
    )
    return len(invitations)


@transaction.atomic
def answer(invitation: Invitation, *, answers: dict[str, Any]) -> Response:
    """Keep the answers of an invited person, once.

    Raises RuleBroken when the survey is closed or was answered.
    """
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("survey")
        .get(pk=invitation.pk)
    )
    if invitation.answered_at is not None:
        raise RuleBroken(_("You have answered this survey already. Thank you."))
    if not invitation.survey.is_open(clock.now()):
        raise RuleBroken(_("This survey is closed. Thank you for wanting to answer."))
    invitation.answered_at = clock.now()
    invitation.save(update_fields=["answered_at"])
    questionnaire = invitation.survey.questionnaire
    questionnaire.freeze(clock.now())
    return Response.objects.create(invitation=invitation, answers=questionnaire.applicable(answers))
