"""The moves of an application. Each is one transaction and takes the row's lock first."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.outbox import notify
from programs.actions import people, reviews
from programs.models import (
    Application,
    Channel,
    Cohort,
    Invitation,
    Participant,
    Profile,
    Program,
    Role,
    User,
)
from programs.notifications import (
    ApplicationAccepted,
    ApplicationDeclined,
    ApplicationNotice,
    ApplicationOffered,
    ApplicationReceived,
    ApplicationWaitlisted,
)
from programs.progress import missing
from programs.signals import participant_withdrew

Status = Application.Status

_SAID_ALREADY = {
    Status.SUBMITTED: gettext_lazy("This application has been sent in already."),
    Status.ACCEPTED: gettext_lazy("This application is accepted already."),
    Status.WAITLISTED: gettext_lazy("This application is on the waiting list already."),
    Status.OFFERED: gettext_lazy("This person has an offer already."),
    Status.LAPSED: gettext_lazy("This offer ended already."),
    Status.DECLINED: gettext_lazy("This application is declined already."),
    Status.WITHDRAWN: gettext_lazy("This application is withdrawn already."),
}


@transaction.atomic
def start(
    cohort: Cohort,
    *,
    applicant: User,
    role: str,
    answers: dict[str, Any] | None = None,
    invitation: Invitation | None = None,
    channel: Channel | None = None,
) -> Application:
    """The applicant's draft for this cohort and role; an existing application as it is.

    One that was withdrawn is a draft again, on the form as it is now, with the new answers.
    `invitation` and `channel` are the links that led here; an invitation to the applicant's
    address counts without its link.
    Raises RuleBroken when the cohort takes no applications now.
    """
    require_open(cohort)
    questionnaire = cohort.questions_for(role)
    application, is_new = Application.objects.get_or_create(
        cohort=cohort,
        applicant=applicant,
        role=Role(role),
        defaults={
            "questionnaire": questionnaire,
            "answers": answers or {},
            "invitation": invitation or _invitation_of(applicant, cohort),
            "channel": channel,
        },
    )
    if not is_new:
        application = locked(application)
        acted(application, applicant)
        if application.status == Status.WITHDRAWN:
            _move(application, Status.DRAFT)
            application.questionnaire = questionnaire
            application.answers = application.answers if answers is None else answers
            application.save(update_fields=["status", "questionnaire", "answers"])
    if application.answers:
        application.questionnaire.freeze(clock.now())
    return application


def _invitation_of(applicant: User, cohort: Cohort) -> Invitation | None:
    return cohort.invitations.live().to_address(applicant.email).first()


@transaction.atomic
def save(application: Application, *, by: User, answers: dict[str, Any]) -> Application:
    """Keep changed answers of a draft or of one that was sent in but not decided.

    Once it is sent in, the applicant's profile follows where they left it open (`people`).
    Raises RuleBroken after the deadline or a decision.
    """
    people.lock_person(application.applicant)
    application = locked(application)
    require_open(application.cohort)
    if application.status not in (Status.DRAFT, Status.SUBMITTED):
        raise RuleBroken(_("This application can no longer be changed."))
    acted(application, by)
    application.answers = answers
    application.save(update_fields=["answers"])
    application.questionnaire.freeze(clock.now())
    tell_profile(application, by)
    return application


@transaction.atomic
def submit(application: Application, *, by: User, heard_from: str = "") -> Application:
    """Send a draft in and confirm it by mail. Answers to questions that were not shown are let go.

    What their profile leaves open is filled from the answers. What the applicant was given to
    review of those who apply for the same goes to others.
    Raises RuleBroken when the cohort takes no applications now, a required answer is missing, or
    it was sent in already.
    """
    people.lock_person(application.applicant)
    application = locked(application)
    require_open(application.cohort)
    _move(application, Status.SUBMITTED)
    acted(application, by)
    answers = application.questionnaire.applicable(application.answers)
    if missing(application.questionnaire, answers):
        raise RuleBroken(_("Some answers are missing. The last page before sending in lists them."))
    application.answers = answers
    application.heard_from = heard_from
    application.submitted_at = clock.now()
    application.save(update_fields=["status", "answers", "heard_from", "submitted_at"])
    record(
        by=by,
        verb="application.submitted",
        subject=application,
        program=application.cohort.program,
        role=application.get_role_display().lower(),
    )
    reviews.step_aside(application)
    tell_profile(application, by)
    notify(ApplicationReceived(application), application.applicant, **about(application))
    return application


@transaction.atomic
def accept(
    application: Application,
    *,
    by: User | None,
    note: str = "",
    words: str = "",
    not_before: datetime | None = None,
) -> Participant:
    """Make the applicant a participant and tell them, with the coordinators' own `words`.

    What the answers say of zone and capacity becomes the participant's; without a word of the
    zone it is the account's, and at last the cohort's, and of the capacity the profile's. `by` is
    None when the applicant took an offer: then it stays the decision of whoever made it. The mail
    waits until `not_before`.
    Raises RuleBroken when the application was decided, withdrawn or never sent in, when no place is
    free in its role, in an archived cohort, and for one's own application.
    """
    application = open_for_decision(application, by=by)
    had_offer = application.status == Status.OFFERED
    _move(application, Status.ACCEPTED)
    if not had_offer:
        require_place(application.cohort, application.role)
    _decide(application, by=by, note=note, words=words)
    applicant, answers = application.applicant, application.facts()
    zone = answers.get("time_zone") or applicant.told_zone or application.cohort.time_zone
    told = answers.get("capacity") or Profile.objects.capacity_of(applicant)
    capacity = Participant.capacity_within(told)
    pace = application.cohort.pace_told(answers)
    participant, _is_new = Participant.objects.update_or_create(
        cohort=application.cohort,
        user=applicant,
        role=application.role,
        defaults={
            "capacity": capacity,
            "time_zone": zone,
            "pace": pace,
            "left_at": None,
        },
        create_defaults={
            "capacity": capacity,
            "time_zone": zone,
            "pace": pace,
            "joined_at": clock.now(),
        },
    )
    _tell(ApplicationAccepted(application), not_before)
    return participant


@transaction.atomic
def waitlist(
    application: Application,
    *,
    by: User,
    note: str = "",
    words: str = "",
    not_before: datetime | None = None,
) -> Application:
    """Put the applicant at the end of the waiting list of their role, and tell them.

    Raises RuleBroken when the application was decided, withdrawn or never sent in, in an archived
    cohort, and for one's own application.
    """
    application = open_for_decision(application, by=by)
    _move(application, Status.WAITLISTED)
    application.waiting_position = _last_position(application) + 1
    _decide(application, by=by, note=note, words=words)
    _tell(ApplicationWaitlisted(application), not_before)
    return application


@transaction.atomic
def decline(
    application: Application,
    *,
    by: User,
    note: str = "",
    words: str = "",
    not_before: datetime | None = None,
) -> Application:
    """Say no, kindly, by mail. The note stays with the coordinators, the `words` do not.

    Raises RuleBroken when the application was decided, withdrawn or never sent in, in an archived
    cohort, and for one's own application.
    """
    application = open_for_decision(application, by=by)
    _move(application, Status.DECLINED)
    _decide(application, by=by, note=note, words=words)
    _tell(ApplicationDeclined(application), not_before)
    return application


@transaction.atomic
def offer(
    application: Application,
    *,
    until: datetime,
    by: User | None,
    note: str = "",
    words: str = "",
    not_before: datetime | None = None,
) -> Application:
    """Keep a place for the applicant until the instant `until`, and ask them whether they take it.

    `by` is None when the list goes on by itself.
    Raises RuleBroken when the application has another answer already, when `until` is over, when no
    place is free in its role, in an archived cohort, and for one's own application.
    """
    application = open_for_decision(application, by=by)
    if until <= clock.now():
        raise RuleBroken(_("This day is over. Choose a later one for the offer to end."))
    _move(application, Status.OFFERED)
    require_place(application.cohort, application.role)
    application.offer_until, application.offer_reminded_at = until, None
    _decide(application, by=by, note=note, words=words)
    _tell(ApplicationOffered(application), not_before)
    return application


@transaction.atomic
def withdraw(application: Application, *, by: User) -> Application:
    """Take an application back; a participant leaves the cohort with it.

    Raises RuleBroken when it is withdrawn or declined already.
    """
    application = locked(application)
    _move(application, Status.WITHDRAWN)
    acted(application, by)
    application.decided_at = application.decided_by = None
    application.save(update_fields=["status", "decided_at", "decided_by", "waiting_position"])
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


def acted(application: Application, by: User) -> None:
    """Note that the applicant did something with it: what a list brought is theirs from now on.

    The caller holds the row's lock.
    """
    if application.brought_at is not None and by.pk == application.applicant_id:
        application.brought_at = None
        application.save(update_fields=["brought_at"])


def acted_in(program: Program, by: User) -> None:
    """The same for whatever a list brought of this person to the program."""
    brought = Application.objects.of(by).filter(cohort__program=program, brought_at__isnull=False)
    brought.update(brought_at=None)


def tell_profile(application: Application, by: User) -> None:
    """Let the applicant's profile follow what they have sent in; a draft is not told yet.

    The caller holds the account and the row.
    """
    if application.status == Status.SUBMITTED and by.pk == application.applicant_id:
        people.take_from(application)


def locked(application: Application) -> Application:
    """The row as it is now, nobody else's until the transaction ends."""
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related("cohort__program", "applicant")
        .get(pk=application.pk)
    )


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
    application.waiting_position = None


def locked_for_decision(application: Application) -> Application:
    """The application as it is now, for this transaction alone, its cohort's places too.

    The cohort comes first, everywhere: two decisions never wait for each other.
    """
    Cohort.objects.select_for_update(no_key=True).get(pk=application.cohort_id)
    return locked(application)


def open_for_decision(application: Application, *, by: User | None) -> Application:
    """As `locked_for_decision`, for a decision that `by` may make here; None is nobody.

    Raises RuleBroken in an archived cohort and for one's own application.
    """
    application = locked_for_decision(application)
    if application.cohort.archived_at is not None:
        raise RuleBroken(_("This cohort is archived. Nothing is decided in it any more."))
    if by is not None and by.pk == application.applicant_id:
        raise RuleBroken(_("Somebody else has to decide about your own application."))
    return application


def require_place(cohort: Cohort, role: str) -> None:
    """Raise RuleBroken unless a place in this role is neither taken nor offered.

    The caller holds the cohort's lock.
    """
    free = cohort.free_places(role)
    if free is not None and free < 1:
        raise RuleBroken(
            _("All places for this role are taken or offered. Add places to the cohort first.")
        )


def _decide(application: Application, *, by: User | None, note: str, words: str) -> None:
    """Keep the status it was moved to; `by` None leaves it with whoever decided last."""
    application.decided_at = clock.now()
    application.decided_by = by or application.decided_by
    application.note = note or application.note
    application.decision_words = words
    application.save(
        update_fields=[
            "status",
            "decided_at",
            "decided_by",
            "note",
            "decision_words",
            "waiting_position",
            "offer_until",
            "offer_reminded_at",
        ]
    )
    record(
        by=by,
        verb=f"application.{application.status}",
        subject=application,
        program=application.cohort.program,
    )


def _last_position(application: Application) -> int:
    waiting = Application.objects.on_waiting_list(application.cohort, application.role)
    return waiting.aggregate(last=Max("waiting_position"))["last"] or 0


def _tell(notice: ApplicationNotice, not_before: datetime | None) -> None:
    application = notice.subject
    notify(notice, application.applicant, not_before=not_before, **about(application))


def about(application: Application) -> dict[str, Any]:
    """Whose ledger shows a mail, and which round of applying it is about."""
    at = application.decided_at or application.submitted_at
    return {"program": application.cohort.program, "occasion": f"{at:%Y%m%d%H%M%S%f}"}
