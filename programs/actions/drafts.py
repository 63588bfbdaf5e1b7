"""A draft on its way: saved page by page, begun from an earlier one, reminded of."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.notifications.outbox import notify
from programs.actions import applications, people
from programs.models import Application, Channel, Cohort, Invitation, User
from programs.notifications import ApplicationUnfinished
from programs.progress import Page, carried_over, fingerprint

Status = Application.Status


class Kept(NamedTuple):
    """What became of answers somebody saved.

    `refused` is the sentence that says why they were not kept; empty when they were. Then
    `elsewhere` are the answers to the same page that were saved in the meantime, if that is why.
    It is an answer and no exception, so that the page can show again what was typed.
    """

    application: Application
    refused: str = ""
    elsewhere: Mapping[str, Any] | None = None


@transaction.atomic
def save_page(
    application: Application, *, by: User, page: Page, answers: dict[str, Any], seen: str
) -> Kept:
    """Keep the answers of one page and leave those of the others as they are.

    `seen` is the fingerprint of the page's answers that the person had before them: when other
    ones stand there by now, nothing is kept and both are shown. Empty, it asks for no such care.
    """
    people.lock_person(application.applicant)
    application = applications.locked(application)
    why_not = closed(application)
    if why_not:
        return Kept(application, why_not)
    stored = answers_on(page, application.answers)
    if seen and stored != answers and fingerprint(stored) != seen:
        return Kept(
            application,
            _(
                "This page was changed in another window or on another device in the meantime. "
                "Compare both and save again: what stands in the form below is then kept."
            ),
            stored,
        )
    applications.acted(application, by)
    others = {key: value for key, value in application.answers.items() if key not in page.keys}
    application.answers = others | answers
    if application.status == Status.SUBMITTED:
        application.answers = application.questionnaire.applicable(application.answers)
    application.save(update_fields=["answers"])
    application.questionnaire.freeze(clock.now())
    applications.tell_profile(application, by)
    return Kept(application)


def answers_on(page: Page, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the answers that belong to one page."""
    return {key: value for key, value in answers.items() if key in page.keys}


def closed(application: Application) -> str:
    """Why the answers cannot be changed now, in a sentence; empty when they can."""
    if application.status not in (Status.DRAFT, Status.SUBMITTED):
        return _("This application can no longer be changed.")
    if application.cohort.accepts_applications(clock.now()):
        return ""
    return too_late()


def too_late() -> str:
    """That answers came after the deadline, and what becomes of them."""
    return _(
        "Applications are closed, so this was not saved. What you typed still stands below: copy "
        "it if you want to keep it. Should the coordinators extend the deadline, save it again."
    )


@transaction.atomic
def copy(
    earlier: Application,
    *,
    by: User,
    cohort: Cohort,
    role: str,
    invitation: Invitation | None = None,
    channel: Channel | None = None,
) -> Application:
    """A draft for `cohort` with those answers of one's earlier application that still fit.

    Raises RuleBroken when the cohort takes no applications now.
    """
    answers = carried_over(cohort.questions_for(role), earlier.questionnaire, earlier.answers)
    return applications.start(
        cohort,
        applicant=by,
        role=role,
        answers=answers,
        invitation=invitation,
        channel=channel,
    )


@transaction.atomic
def remind(application: Application) -> bool:
    """Remind of a draft that was not sent in. Once each; False when somebody did so already."""
    claimed = Application.objects.filter(
        pk=application.pk, status=Status.DRAFT, reminded_at__isnull=True
    ).update(reminded_at=clock.now())
    if not claimed:
        return False
    program = application.cohort.program
    notify(ApplicationUnfinished(application), application.applicant, program=program)
    record(by=None, verb="application.reminded", subject=application, program=program)
    return True
