"""Lists of applicants that coordinators bring. The format is told in docs/imports.md."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.questions.models import Question, Questionnaire
from programs.actions import applications
from programs.imports.mapping import ImportMapping, read_mapping
from programs.imports.problems import Problem, Problems
from programs.imports.rows import Entry, Plan, plan_for, read_entries
from programs.models import Application, Cohort, Membership, Profile, Role, User
from programs.questions import QuestionSpec, add_question, ready_made_for

Status = Application.Status
T = TypeVar("T")

# Rows written together. Twice as many values still fit in one statement of the oldest SQLite.
BATCH = 400


@dataclass(slots=True)
class Report:
    """What an import did, counted in applications; after any problem it did nothing.

    `rejected` holds the first problems, `rejected_total` counts all.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    accepted: int = 0
    rejected: list[Problem] = field(default_factory=list)
    rejected_total: int = 0

    @classmethod
    def of(cls, problems: Problems) -> "Report":
        return cls(rejected=problems.kept, rejected_total=problems.count)

    def count(self, is_new: bool | None) -> None:
        if is_new is None:
            self.unchanged += 1
        elif is_new:
            self.created += 1
        else:
            self.updated += 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What one person wants of a cohort. An answer that is None is taken back."""

    applicant: User
    answers: dict[str, Any]
    reference: str = ""


def import_applications(
    cohort: Cohort,
    *,
    by: User | None,
    mentors: Path | None,
    mentees: Path | None,
    mapping: Path | None,
    accept: bool = False,
    dry_run: bool = False,
) -> Report:
    """Take the applications in these CSV files, all of them or, if anything is wrong, none.

    At any stage of the cohort. Writes applications, and the accounts of people who had none;
    somebody known keeps account and profile as they are, and the report counts both alike. A
    question that the form lacks is added to it, optional. With `accept`, whoever is not
    decided yet becomes a participant, in the name of `by` or of the program's first coordinator.
    A `dry_run` does everything and takes it back.

    Raises RuleBroken for an archived cohort, for no files, and for nobody to accept by.
    """
    files = {Role.MENTOR: mentors, Role.MENTEE: mentees}
    if mentors is None and mentees is None:
        raise RuleBroken(_("Name a file of mentors, a file of mentees, or both."))
    _require_not_archived(cohort)
    decider = (by or _first_coordinator(cohort)) if accept else None
    problems = Problems()
    meaning = read_mapping(mapping, problems)
    if problems:
        return Report.of(problems)
    plans = _plans(cohort, files, meaning, problems)
    for plan in plans:
        deque(read_entries(plan, problems), maxlen=0)
    if problems:
        return Report.of(problems)
    try:
        with transaction.atomic():
            cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
            _require_not_archived(cohort)
            # The form may have changed since the files were checked: look at it once more.
            plans = _plans(cohort, files, meaning, problems)
            report = _write(cohort, plans, problems, by=by, decider=decider)
            if dry_run:
                transaction.set_rollback(True)
    except IntegrityError as error:
        raise RuleBroken(
            _("Somebody applied at the same moment. Nothing was written; import again.")
        ) from error
    return report


@transaction.atomic
def receive(
    cohort: Cohort,
    *,
    applicant: User,
    role: str,
    answers: dict[str, Any],
    reference: str = "",
    by: User | None,
) -> tuple[Application, bool | None]:
    """The application that a coordinator or a list brings for somebody, at any stage.

    A new one and a draft count as sent in now. Answers given replace those of the same question,
    None takes one back, questions not named keep theirs. A decided application keeps its status,
    a withdrawn one is left as it is. Returns it with True for new, False for changed, None for
    left as it was. Raises RuleBroken for an archived cohort.
    """
    cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
    _require_not_archived(cohort)
    wish = Wish(applicant, answers, reference)
    report = Report()
    [(application, is_new)] = _receive(cohort, Role(role), [wish], clock.now())
    report.count(is_new)
    _record(cohort, report, by)
    return application, is_new


def _write(
    cohort: Cohort,
    plans: list[Plan],
    problems: Problems,
    *,
    by: User | None,
    decider: User | None,
) -> Report:
    """The second reading: every row is right, and is written with its batch."""
    report, now = Report(), clock.now()
    for plan in plans:
        _complete_form(cohort, plan)
        waiting: list[str] = []
        for entries in _batches(read_entries(plan, problems)):
            for application, is_new in _receive(cohort, plan.role, _wishes(entries, now), now):
                report.count(is_new)
                if application.status == Status.SUBMITTED:
                    waiting.append(application.code)
        if decider is not None:
            report.accepted += _accept(waiting, decider)
    if problems:
        raise RuleBroken(
            _("The files or the form changed while they were read. Nothing was written.")
        )
    _record(cohort, report, by)
    return report


def _record(cohort: Cohort, report: Report, by: User | None) -> None:
    if report.created or report.updated:
        record(
            by=by,
            verb="applications.imported",
            subject=cohort,
            program=cohort.program,
            created=report.created,
            updated=report.updated,
        )


def _accept(codes: Iterable[str], by: User) -> int:
    accepted = 0
    for batch in _batches(codes):
        for application in Application.objects.filter(code__in=batch):
            applications.accept(application, by=by)
            accepted += 1
    return accepted


# --- Questions --------------------------------------------------------------------------


def _plans(
    cohort: Cohort,
    files: dict[Role, Path | None],
    meaning: ImportMapping,
    problems: Problems,
) -> list[Plan]:
    """How each file is read; what is wrong with a header is added to `problems`."""
    plans = []
    for role, path in files.items():
        if path is None:
            continue
        asked = _asked(cohort, role)
        specs = {spec.key: spec for spec in ready_made_for(role)} | dict(meaning.questions) | asked
        plan = plan_for(path, role, meaning.sides[role], specs, problems, asked=asked)
        if plan is not None:
            plans.append(plan)
    return plans


def _asked(cohort: Cohort, role: Role) -> dict[str, QuestionSpec]:
    """The questions on the form of this role."""
    questions = cohort.questions_for(role).questions.all()
    return {question.key: QuestionSpec.of(question) for question in questions}


def _complete_form(cohort: Cohort, plan: Plan) -> None:
    """Add what the file answers and the form does not ask, at its end."""
    asked = _asked(cohort, plan.role)
    lacking = [spec for spec in plan.questions if spec.key not in asked]
    if not lacking:
        return
    questionnaire = _own_form(cohort, plan.role)
    for spec in lacking:
        add_question(questionnaire, spec, required=False)


def _own_form(cohort: Cohort, role: Role) -> Questionnaire:
    """The form of this cohort and role; a copy takes its place when others use it too."""
    form = cohort.questions_for(role)
    shared_inside = cohort.mentor_questions_id == cohort.mentee_questions_id
    others = Cohort.objects.exclude(pk=cohort.pk).filter(
        Q(mentor_questions=form) | Q(mentee_questions=form)
    )
    if not shared_inside and not others.exists():
        return form
    copy = Questionnaire.objects.create(title=form.title)
    questions = list(form.questions.all())
    for question in questions:
        question.pk, question.questionnaire = None, copy
    Question.objects.bulk_create(questions)
    name = "mentor_questions" if role == Role.MENTOR else "mentee_questions"
    setattr(cohort, name, copy)
    cohort.save(update_fields=[name])
    Application.objects.filter(cohort=cohort, role=role, questionnaire=form).update(
        questionnaire=copy
    )
    return copy


# --- People and applications --------------------------------------------------------------


def _wishes(entries: list[Entry], at: datetime) -> list[Wish]:
    people = _people(entries, at)
    return [Wish(people[entry.email], entry.answers, entry.reference) for entry in entries]


def _people(entries: list[Entry], at: datetime) -> dict[str, User]:
    """Everybody in the batch by address; who was unknown gets an account without a password.

    The address is noted as not verified, so that a mailed code both proves it and lets in.
    """
    emails = [entry.email for entry in entries]
    known = {user.email: user for user in User.objects.filter(email__in=emails)}
    new = {
        entry.email: User(
            email=entry.email,
            name=entry.name,
            password=make_password(None),
            time_zone=entry.answers.get("time_zone") or "UTC",
            joined_at=at,
        )
        for entry in entries
        if entry.email not in known
    }
    if not new:
        return known
    # Somebody may sign up at this very moment: their row stays, ours is left out.
    User.objects.bulk_create(new.values(), ignore_conflicts=True)
    added = User.objects.filter(email__in=list(new)).in_bulk(field_name="email")
    ours = [user for email, user in added.items() if user.code == new[email].code]
    Profile.objects.bulk_create(Profile(user=user) for user in ours)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True, verified=False) for user in ours
    )
    return known | added


def _receive(
    cohort: Cohort, role: Role, wishes: list[Wish], at: datetime
) -> list[tuple[Application, bool | None]]:
    """One application per wish, in order, with True for new, False for changed, None for not."""
    form = cohort.questions_for(role)
    standing = {
        application.applicant_id: application
        for application in Application.objects.select_for_update().filter(
            cohort=cohort, role=role, applicant__in=[wish.applicant for wish in wishes]
        )
    }
    received: list[tuple[Application, bool | None]] = []
    for wish in wishes:
        application = standing.get(wish.applicant.pk)
        if application is None:
            fresh = Application(
                cohort=cohort, role=role, applicant=wish.applicant, questionnaire=form
            )
            _take(fresh, wish, form, at)
            received.append((fresh, True))
        else:
            received.append((application, False if _take(application, wish, form, at) else None))
    Application.objects.bulk_create(row for row, is_new in received if is_new)
    _rewrite([row for row, is_new in received if is_new is False], form, at)
    return received


def _rewrite(changed: list[Application], form: Questionnaire, at: datetime) -> None:
    """Save what `_take` changed; what all rows share in one stroke, the rest row by row."""
    if not changed:
        return
    rows = Application.objects.filter(pk__in=[application.pk for application in changed])
    rows.update(questionnaire=form, updated_at=at)
    rows.filter(status=Status.DRAFT).update(status=Status.SUBMITTED, submitted_at=at)
    Application.objects.bulk_update(changed, ("answers", "reference"))


def _take(application: Application, wish: Wish, form: Questionnaire, at: datetime) -> bool:
    """Put the wish into the application; whether that changed anything. Does not save."""
    if application.status == Status.WITHDRAWN:
        return False
    merged = {
        key: value
        for key, value in (application.answers | wish.answers).items()
        if value is not None
    }
    reference = wish.reference or application.reference
    is_draft = application.status == Status.DRAFT
    if not is_draft and (merged, reference) == (application.answers, application.reference):
        return False
    application.answers = merged
    application.reference = reference
    application.questionnaire = form
    application.updated_at = at
    if is_draft:
        application.status = Status.SUBMITTED
        application.submitted_at = at
    return True


# --- Rules --------------------------------------------------------------------------------


def _require_not_archived(cohort: Cohort) -> None:
    if cohort.archived_at is not None:
        raise RuleBroken(_("This cohort is archived and takes nobody in any more."))


def _first_coordinator(cohort: Cohort) -> User:
    duty = (
        Membership.objects.filter(
            program=cohort.program, role=Membership.Role.COORDINATOR, user__is_active=True
        )
        .select_related("user")
        .order_by("created_at", "id")
        .first()
    )
    if duty is None:
        raise RuleBroken(
            _("Nobody coordinates this program, so nobody can accept. Appoint a coordinator first.")
        )
    return duty.user


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH)):
        yield batch
