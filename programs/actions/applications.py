"""The moves of an application. Each is one transaction and takes the row's lock first."""

from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.outbox import notify
from programs.models import Application, Cohort, Participant, Role, User
from programs.notifications import (
    ApplicationAccepted,
    ApplicationDeclined,
    ApplicationReceived,
    ApplicationWaitlisted,
)
from programs.signals import participant_withdrew

Status = Application.Status

_SAID_ALREADY = {
    Status.SUBMITTED: gettext_lazy("This application has been sent in already."),
    Status.ACCEPTED: gettext_lazy("This application is accepted already."),
    Status.WAITLISTED: gettext_lazy("This application is on the waiting list already."),
    Status.DECLINED: gettext_lazy("This application is declined already."),
    Status.WITHDRAWN: gettext_lazy("This application is withdrawn already."),
}


@transaction.atomic
def start(
    cohort: Cohort, *, applicant: User, role: str, answers: dict[str, Any] | None = None
) -> Application:
    """The applicant's draft for this cohort and role; an existing application as it is.

    One that was withdrawn is a draft again, with the new answers.
    Raises RuleBroken when the cohort takes no applications now.
    """
    require_open(cohort)
    application, is_new = Application.objects.get_or_create(
        cohort=cohort,
        applicant=applicant,
        role=Role(role),
        defaults={"questionnaire": cohort.questions_for(role), "answers": answers or {}},
    )
    if not is_new:
        application = _locked(application)
        if application.status == Status.WITHDRAWN:
            _move(application, Status.DRAFT)
            application.answers = application.answers if answers is None else answers
            application.save(update_fields=["status", "answers"])
    return application


@transaction.atomic
def save(application: Application, *, by: User, answers: dict[str, Any]) -> Application:
    """Keep changed answers of a draft or of one that was sent in but not decided.

    Raises RuleBroken after the deadline or a decision.
    """
    application = _locked(application)
    require_open(application.cohort)
    if application.status not in (Status.DRAFT, Status.SUBMITTED):
        raise RuleBroken(_("This application can no longer be changed."))
    application.answers = answers
    application.save(update_fields=["answers"])
    return application


@transaction.atomic
def submit(application: Application, *, by: User) -> Application:
    """Send a draft in and confirm it by mail.

    Raises RuleBroken when the cohort takes no applications now, or it was sent in already.
    """
    application = _locked(application)
    require_open(application.cohort)
    _move(application, Status.SUBMITTED)
    application.submitted_at = clock.now()
    application.save(update_fields=["status", "submitted_at"])
    record(
        by=by,
        verb="application.submitted",
        subject=application,
        program=application.cohort.program,
        role=application.get_role_display().lower(),
    )
    notify(ApplicationReceived(application), application.applicant, **_about(application))
    return application


@transaction.atomic
def accept(application: Application, *, by: User, note: str = "") -> Participant:
    """Make the applicant a participant and tell them.

    What the answers say of zone and capacity becomes the participant's; without a word of the
    zone it is the account's, and at last the cohort's.
    Raises RuleBroken when the application was decided, withdrawn or never sent in.
    """
    application = _locked(application)
    _decide(application, Status.ACCEPTED, by=by, note=note)
    applicant, answers = application.applicant, application.facts()
    zone = answers.get("time_zone") or applicant.told_zone or application.cohort.time_zone
    participant, _is_new = Participant.objects.update_or_create(
        cohort=application.cohort,
        user=applicant,
        role=application.role,
        defaults={
            "capacity": _capacity(answers),
            "time_zone": zone,
            "left_at": None,
        },
        create_defaults={
            "capacity": _capacity(answers),
            "time_zone": zone,
            "joined_at": clock.now(),
        },
    )
    notify(ApplicationAccepted(application), applicant, **_about(application))
    return participant


def _capacity(answers: dict[str, Any]) -> int:
    """What was answered, within what a participant may have; 1 for no answer."""
    least, most = 1, 20
    return min(max(answers.get("capacity") or least, least), most)


@transaction.atomic
def waitlist(application: Application, *, by: User, note: str = "") -> Application:
    """Keep the applicant for a place that becomes free, and tell them.

    Raises RuleBroken when the application was decided, withdrawn or never sent in.
    """
    application = _locked(application)
    _decide(application, Status.WAITLISTED, by=by, note=note)
    notify(ApplicationWaitlisted(application), application.applicant, **_about(application))
    return application


@transaction.atomic
def decline(application: Application, *, by: User, note: str = "") -> Application:
    """Say no, kindly, by mail. The note stays with the coordinators.

    Raises RuleBroken when the application was decided, withdrawn or never sent in.
    """
    application = _locked(application)
    _decide(application, Status.DECLINED, by=by, note=note)
    notify(ApplicationDeclined(application), application.applicant, **_about(application))
    return application


@transaction.atomic
def withdraw(application: Application, *, by: User) -> Application:
    """Take an application back; a participant leaves the cohort with it.

    Raises RuleBroken when it is withdrawn or declined already.
    """
    application = _locked(application)
    _move(application, Status.WITHDRAWN)
    application.decided_at = application.decided_by = None
    application.save(update_fields=["status", "decided_at", "decided_by"])
    record(
        by=by,
        verb="application.withdrawn",
        subject=application,
        program=application.cohort.program,
    )
    _leave(application)
    return application


def _leave(application: Application) -> None:
    participant = (
        Participant.objects.select_for_update()
        .present()
        .filter(cohort=application.cohort, user=application.applicant, role=application.role)
        .first()
    )
    if participant is not None:
        participant.left_at = clock.now()
        participant.save(update_fields=["left_at"])
        participant_withdrew.send(Participant, participant=participant)


def _locked(application: Application) -> Application:
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related("cohort__program", "applicant")
        .get(pk=application.pk)
    )


def _about(application: Application) -> dict[str, Any]:
    """Whose ledger shows a mail, and which round of applying it is about."""
    at = application.decided_at or application.submitted_at
    return {"program": application.cohort.program, "occasion": f"{at:%Y%m%d%H%M%S%f}"}


def require_open(cohort: Cohort) -> None:
    """Raise RuleBroken, saying what to do instead, unless the cohort takes applications now."""
    if cohort.accepts_applications(clock.now()):
        return
    today = local(clock.now(), cohort.time_zone).date()
    if cohort.opened_at is not None and cohort.archived_at is None and today < cohort.apply_from:
        raise RuleBroken(
            _("Applications open on %(day)s. Please come back then.")
            % {"day": date_format(cohort.apply_from, "j F Y")}
        )
    raise RuleBroken(
        _("Applications for this cohort are closed. The program's page says what comes next.")
    )


def _move(application: Application, status: str) -> None:
    if not application.can_move_to(status):
        if application.status == status:
            raise RuleBroken(str(_SAID_ALREADY[Status(status)]))
        raise RuleBroken(
            _("This is not possible any more: the application is now “%(status)s”.")
            % {"status": application.get_status_display()}
        )
    application.status = status


def _decide(application: Application, status: str, *, by: User, note: str) -> None:
    _move(application, status)
    application.decided_at = clock.now()
    application.decided_by = by
    application.note = note
    application.save(update_fields=["status", "decided_at", "decided_by", "note"])
    record(
        by=by,
        verb=f"application.{status}",
        subject=application,
        program=application.cohort.program,
    )
