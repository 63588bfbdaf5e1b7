"""The lists of this stage that a coordinator may take along."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base.zones import local
from mentorship.shared.files.exports import FETCHED, Column, Export, register
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.registry import label_of
from mentorship.shared.questions.models import Question
from programs import queue
from programs.forms.history import history_of
from programs.forms.queue import filter_of
from programs.history import told
from programs.imports.cells import to_cell
from programs.imports.rows import ANSWER, CODE, EARLIER, REFERENCE, ROLE
from programs.models import (
    Application,
    Cohort,
    ImportJob,
    Invitation,
    Membership,
    Program,
    Review,
    Role,
)

_TAKEN = frozenset({"email", "name", REFERENCE})


def cohorts(user: Any, code: str) -> QuerySet[Cohort]:
    """The cohort with this code, if the person coordinates it."""
    return Cohort.objects.coordinated_by(user).filter(code=code).select_related("program")


def program_of(cohort: Cohort) -> Program:
    return cohort.program


def moment(name: str, cohort: Cohort, at: str) -> Column:
    """An instant in the cohort's own zone, which the column names."""
    zone = cohort.time_zone

    def cell(row: Any) -> Any:
        instant = getattr(row, at)
        return "" if instant is None else local(instant, zone)

    return Column(name, cell)


# --- Applications -------------------------------------------------------------------------


def _application_rows(cohort: Cohort, user: Any, asked: QueryDict) -> QuerySet[Application]:
    rows = Application.objects.coordinated_by(user).filter(cohort=cohort)
    found = queue.asked_for(rows, filter_of(cohort, asked).told(), cohort=cohort, user=user)
    return found.select_related("applicant", "decided_by")


def _application_columns(cohort: Cohort, asked: QueryDict) -> list[Column]:
    """Who and how it stands, then every question that anybody was asked, by its key.

    Made to come back: the import knows these columns, and passes over what only tells.
    """
    return [
        Column(CODE, lambda one: one.code),
        Column(ROLE, lambda one: one.role),
        Column("email", lambda one: one.applicant.email),
        Column("name", lambda one: one.applicant.name),
        Column(REFERENCE, lambda one: one.reference),
        Column("application status", lambda one: one.get_status_display()),
        moment("sent in at", cohort, "submitted_at"),
        moment("decided at", cohort, "decided_at"),
        Column("decided by", lambda one: one.decided_by.name if one.decided_by else ""),
        *(_answer(name, key) for name, key in _questions(cohort, asked.get("role", ""))),
    ]


def _answer(name: str, key: str) -> Column:
    return Column(name, lambda one: to_cell(one.answers.get(key)))


def _questions(cohort: Cohort, role: str) -> Iterator[tuple[str, str]]:
    """Names of columns with the keys of their questions: those asked now, then those of earlier
    versions that somebody answered."""
    roles = [Role(role)] if role in Role.values else list(Role)
    now = [cohort.questions_for(one).pk for one in roles]
    used = Application.objects.filter(cohort=cohort, role__in=roles).order_by()
    forms = list(dict.fromkeys([*now, *used.values_list("questionnaire", flat=True).distinct()]))
    asked = Question.objects.filter(questionnaire__in=forms).values_list("questionnaire", "key")
    keys = sorted(asked, key=lambda found: forms.index(found[0]))
    current = {key for form, key in keys if form in now}
    for key in dict.fromkeys(key for _form, key in keys):
        if key not in current:
            yield EARLIER + key, key
        else:
            yield (ANSWER + key if key in _TAKEN else key), key


APPLICATIONS = register(
    Export(
        name="applications",
        label=_("Applications"),
        route="desk-applications-export",
        page="desk-applications",
        things=cohorts,
        rows=_application_rows,
        columns=_application_columns,
        program=program_of,
    )
)


def _draft_rows(cohort: Cohort, user: Any, asked: QueryDict) -> QuerySet[Application]:
    rows = Application.objects.drafts().filter(cohort=cohort)
    return rows.select_related("applicant").order_by("-updated_at", "pk")


DRAFTS = register(
    Export(
        name="half-finished applications",
        label=_("Half-finished applications"),
        route="desk-drafts-export",
        page="desk-drafts",
        things=cohorts,
        rows=_draft_rows,
        columns=lambda cohort, asked: [
            Column("name", lambda one: one.applicant.name),
            Column("email", lambda one: one.applicant.email),
            Column("role", lambda one: one.role),
            moment("begun at", cohort, "created_at"),
            moment("last changed at", cohort, "updated_at"),
        ],
        program=program_of,
    )
)


# --- Reviews ------------------------------------------------------------------------------


def _review_rows(cohort: Cohort, user: Any, asked: QueryDict) -> QuerySet[Review]:
    rows = Review.objects.handed_in().filter(application__cohort=cohort)
    return rows.select_related("application__applicant", "reviewer").order_by(
        "application__submitted_at", "application", "submitted_at"
    )


REVIEWS = register(
    Export(
        name="reviews",
        label=_("Reviews"),
        route="desk-reviews-export",
        page="desk-reviewers",
        things=cohorts,
        rows=_review_rows,
        columns=lambda cohort, asked: [
            Column(CODE, lambda one: one.application.code),
            Column("applicant", lambda one: one.application.applicant.name),
            Column("role", lambda one: one.application.role),
            Column("reviewer", lambda one: one.reviewer.name),
            Column("score", lambda one: one.score),
            Column("recommendation", lambda one: one.get_advice_display()),
            Column("red flags", lambda one: to_cell(one.flags_in_words())),
            Column("noticed", lambda one: one.flag_words),
            Column("note", lambda one: one.note),
            moment("handed in at", cohort, "submitted_at"),
        ],
        program=program_of,
    )
)


# --- Invitations, members -----------------------------------------------------------------


def _invitation_rows(cohort: Cohort, user: Any, asked: QueryDict) -> QuerySet[Invitation]:
    rows = Invitation.objects.filter(cohort=cohort).with_applied()
    return rows.select_related("invited_by", "suggested_by").order_by("-created_at", "-pk")


INVITATIONS = register(
    Export(
        name="invitations",
        label=_("Invitations"),
        route="desk-invitations-export",
        page="desk-invitations",
        things=cohorts,
        rows=_invitation_rows,
        columns=lambda cohort, asked: [
            Column("name", lambda one: one.name),
            Column("email", lambda one: one.email),
            Column("role", lambda one: one.role),
            Column("state", lambda one: one.state.label),
            Column("invited by", lambda one: one.invited_by.name if one.invited_by else ""),
            Column("suggested by", lambda one: one.suggested_by.name if one.suggested_by else ""),
            moment("made at", cohort, "created_at"),
            moment("sent at", cohort, "sent_at"),
        ],
        program=program_of,
    )
)


def _programs(user: Any, code: str) -> QuerySet[Program]:
    return Program.objects.coordinated_by(user).filter(code=code)


MEMBERS = register(
    Export(
        name="members",
        label=_("Members"),
        route="desk-members-export",
        page="desk-members",
        things=_programs,
        rows=lambda program, user, asked: (
            Membership.objects.filter(program=program)
            .select_related("user")
            .order_by("role", "user__name", "pk")
        ),
        columns=lambda program, asked: [
            Column("name", lambda one: one.user.name),
            Column("email", lambda one: one.user.email),
            Column("duty", lambda one: one.get_role_display()),
            Column("since", lambda one: one.created_at.date()),
        ],
        program=lambda program: program,
    )
)


# --- Mail, history, imports ---------------------------------------------------------------


def _mail_rows(cohort: Cohort, user: Any, asked: QueryDict) -> QuerySet[OutboxMessage]:
    rows = OutboxMessage.objects.filter(program_code=cohort.program.code)
    return rows.select_related("recipient")


MAIL = register(
    Export(
        name="mail",
        label=_("Mail"),
        route="desk-outbox-export",
        page="desk-outbox",
        things=cohorts,
        rows=_mail_rows,
        columns=lambda cohort, asked: [
            Column("to", lambda one: one.to_name),
            Column("kind", lambda one: label_of(one.kind)),
            Column("state", lambda one: one.get_state_display()),
            Column("why", lambda one: one.why),
            moment("queued at", cohort, "queued_at"),
            moment("sent at", cohort, "sent_at"),
        ],
        program=program_of,
    )
)


def _history_rows(cohort: Cohort, user: Any, asked: QueryDict) -> Iterator[AuditEvent]:
    """What the page shows, the names of today with it, asked for many at a time."""
    waiting: list[AuditEvent] = []
    rows = history_of(cohort, asked)
    for event in rows.iterator(FETCHED):
        waiting.append(event)
        if len(waiting) == FETCHED:
            yield from told(waiting)
            waiting = []
    yield from told(waiting)


HISTORY = register(
    Export(
        name="history",
        label=_("History"),
        route="desk-history-export",
        page="desk-history",
        things=cohorts,
        rows=_history_rows,
        columns=lambda cohort, asked: [
            moment("at", cohort, "at"),
            Column("who", lambda event: event.actor),
            Column("did", lambda event: event.text),
        ],
        program=program_of,
    )
)

IMPORTS = register(
    Export(
        name="imports",
        label=_("Imports"),
        route="desk-import-export",
        page="desk-import",
        things=cohorts,
        rows=lambda cohort, user, asked: ImportJob.objects.filter(cohort=cohort).select_related(
            "asked_by"
        ),
        columns=lambda cohort, asked: [
            moment("brought at", cohort, "created_at"),
            Column("by", lambda job: job.asked_by.name),
            Column("new", lambda job: job.new),
            Column("changed", lambda job: job.changed),
            Column("as they were", lambda job: job.unchanged),
            Column("wrong", lambda job: job.wrong),
            Column("status", lambda job: job.get_status_display()),
        ],
        program=program_of,
    )
)
