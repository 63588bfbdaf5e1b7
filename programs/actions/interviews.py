"""A talk before the decision: planned, held, cancelled."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.outbox import notify
from programs.actions.reviews import OPEN
from programs.models import Application, Interview, User
from programs.notifications import InterviewCancelled, InterviewInvited


@transaction.atomic
def plan(
    application: Application,
    *,
    at: datetime,
    minutes: int,
    place: str,
    interviewer: User,
    by: User,
) -> Interview:
    """Invite the applicant to a talk at the instant `at`; a talk already planned is moved.

    The mail tells the time in the applicant's zone.
    Raises RuleBroken for a time that is over, or after the decision.
    """
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("cohort__program", "applicant")
        .get(pk=application.pk)
    )
    if application.status not in OPEN:
        raise RuleBroken(_("This application is decided; there is nothing to talk about."))
    if at <= clock.now():
        raise RuleBroken(_("This time is over. Choose a later one."))
    interview = application.interviews.planned().first() or Interview(application=application)
    interview.planned_at, interview.minutes = at, minutes
    interview.place, interview.interviewer = place, interviewer
    interview.save()
    record(
        by=by,
        verb="interview.planned",
        subject=application,
        program=application.cohort.program,
    )
    notify(
        InterviewInvited(interview),
        application.applicant,
        program=application.cohort.program,
        # told anew whenever it is planned or moved
        occasion=f"{clock.now():%Y%m%d%H%M%S%f}",
    )
    return interview


@transaction.atomic
def hold(interview: Interview, *, by: User, outcome: str, notes: str = "") -> Interview:
    """Note how the talk went; it can be noted again. Raises RuleBroken for a cancelled one."""
    interview = _locked(interview)
    if interview.cancelled_at is not None:
        raise RuleBroken(_("This interview was cancelled. Plan another one."))
    is_first = interview.held_at is None
    interview.outcome, interview.notes = Interview.Outcome(outcome), notes
    interview.held_at = interview.held_at or clock.now()
    interview.save(update_fields=["outcome", "notes", "held_at"])
    if is_first:
        record(
            by=by,
            verb="interview.held",
            subject=interview.application,
            program=interview.application.cohort.program,
        )
    return interview


@transaction.atomic
def cancel(interview: Interview, *, by: User) -> Interview:
    """Call the talk off and tell the applicant. Raises RuleBroken when it is over already."""
    interview = _locked(interview)
    if not interview.is_planned:
        raise RuleBroken(_("This interview is over or was cancelled already."))
    interview.cancelled_at = clock.now()
    interview.save(update_fields=["cancelled_at"])
    application = interview.application
    record(
        by=by,
        verb="interview.cancelled",
        subject=application,
        program=application.cohort.program,
    )
    notify(
        InterviewCancelled(interview),
        application.applicant,
        program=application.cohort.program,
    )
    return interview


def _locked(interview: Interview) -> Interview:
    return (
        Interview.objects.select_for_update(of=("self",))
        .select_related("application__cohort__program", "application__applicant", "interviewer")
        .get(pk=interview.pk)
    )
