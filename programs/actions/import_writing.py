"""Writing what a list says: forms that lack a question, accounts, applications.

Doors are `programs.actions.imports` and `import_work`, which hold the transaction and the lock.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.utils.translation import gettext as _

from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.questions.models import Question, Questionnaire
from programs.actions import corrections
from programs.actions.questionnaires import own_form
from programs.imports.rows import LEFT_ALONE, Entry, Finder, Plan
from programs.models import Application, Cohort, Membership, Profile, Role, User
from programs.questions import QuestionSpec, add_question

Status = Application.Status
T = TypeVar("T")

# Rows written together. Twice as many values still fit in one statement of the oldest SQLite.
BATCH = 400


@dataclass(frozen=True, slots=True)
class Wish:
    """What one person wants of a cohort. An answer that is None is taken back."""

    applicant: User
    answers: dict[str, Any]
    reference: str = ""


# --- Questions --------------------------------------------------------------------------


def asked(cohort: Cohort, role: Role) -> dict[str, QuestionSpec]:
    """The questions on the form of this role."""
    questions = cohort.questions_for(role).questions.all()
    return {question.key: QuestionSpec.of(question) for question in questions}


def complete_form(cohort: Cohort, plan: Plan) -> None:
    """Add what the file answers and the form does not ask, at its end."""
    standing = asked(cohort, plan.role)
    lacking = [spec for spec in plan.questions if spec.key not in standing]
    if not lacking:
        return
    questionnaire = own_form(cohort, plan.role)
    for spec in lacking:
        add_question(questionnaire, spec, required=False)


# --- People and applications --------------------------------------------------------------


def wishes(entries: list[Entry], at: datetime) -> list[Wish]:
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


def received(
    cohort: Cohort, role: Role, wishes: list[Wish], at: datetime, *, by: User | None
) -> list[tuple[Application, bool | None]]:
    """One application per wish, in order, with True for new, False for changed, None for not.

    Who sent theirs in themself is told by mail what was changed, in the name of `by` or of the
    program's first coordinator. Raises RuleBroken when there is nobody to name.
    """
    form = cohort.questions_for(role)
    if wishes:
        form.freeze(at)
    standing = {
        application.applicant_id: application
        for application in Application.objects.select_for_update().filter(
            cohort=cohort, role=role, applicant__in=[wish.applicant for wish in wishes]
        )
    }
    keys = _keys_by_form(standing.values())
    taken: list[tuple[Application, bool | None]] = []
    told: list[tuple[Application, dict[str, Any]]] = []
    for wish in wishes:
        application = standing.get(wish.applicant.pk)
        if application is None:
            taken.append((_brought(cohort, role, wish, form, at), True))
        else:
            before = application.answers
            is_changed = _take(application, wish, form, at, keys[application.questionnaire_id])
            taken.append((application, False if is_changed else None))
            if is_changed and application.brought_at is None:
                told.append((application, before))
    Application.objects.bulk_create(row for row, is_new in taken if is_new)
    _rewrite([row for row, is_new in taken if is_new is False], at)
    for application, before in told:
        _tell(application, before, by)
    return taken


def _brought(
    cohort: Cohort, role: Role, wish: Wish, form: Questionnaire, at: datetime
) -> Application:
    """A new application, sent in now by the list. Not saved."""
    return Application(
        cohort=cohort,
        role=role,
        applicant=wish.applicant,
        questionnaire=form,
        answers={key: value for key, value in wish.answers.items() if value is not None},
        reference=wish.reference,
        status=Status.SUBMITTED,
        submitted_at=at,
        updated_at=at,
        brought_at=at,
    )


def _tell(application: Application, before: dict[str, Any], by: User | None) -> None:
    """Keep and tell what a list changed of somebody's own answers."""
    after = application.answers
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if keys:
        namely = by or first_coordinator(application.cohort)
        corrections.answers_changed(application, keys, by=namely, before=before)


def first_coordinator(cohort: Cohort) -> User:
    """In whose name is done what nobody is named for. Raises RuleBroken when there is nobody."""
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
            _(
                "Nobody coordinates this program, so nobody can accept or correct. Appoint a "
                "coordinator first."
            )
        )
    return duty.user


def _rewrite(changed: list[Application], at: datetime) -> None:
    """Save what `_take` changed; what all rows share in one stroke, the rest row by row."""
    if not changed:
        return
    rows = Application.objects.filter(pk__in=[application.pk for application in changed])
    rows.update(updated_at=at)
    Application.objects.bulk_update(changed, ("answers", "reference", "questionnaire"))


def _keys_by_form(applications: Iterable[Application]) -> dict[int, frozenset[str]]:
    """What each version of the form asks, of those that these applications were answered with."""
    forms = {application.questionnaire_id for application in applications}
    keys: dict[int, set[str]] = {form: set() for form in forms}
    asked_in = Question.objects.filter(questionnaire__in=forms)
    for form, key in asked_in.values_list("questionnaire", "key"):
        keys[form].add(key)
    return {form: frozenset(found) for form, found in keys.items()}


def _take(
    application: Application,
    wish: Wish,
    form: Questionnaire,
    at: datetime,
    asked_before: Container[str],
) -> bool:
    """Put the wish into the application; whether that changed anything. Does not save.

    It stays with the version of the form that it was answered with, as long as that asks for
    everything there is to say.
    """
    if application.status in LEFT_ALONE:
        return False
    merged = {
        key: value
        for key, value in (application.answers | wish.answers).items()
        if value is not None
    }
    reference = wish.reference or application.reference
    if (merged, reference) == (application.answers, application.reference):
        return False
    application.answers = merged
    application.reference = reference
    if any(key not in asked_before for key in wish.answers):
        application.questionnaire = form
    application.updated_at = at
    return True


# --- What stands there already ------------------------------------------------------------


def standing_in(cohort: Cohort, role: Role, *, is_locked: bool = False) -> Finder:
    """Finds the applications of this cohort and role, for a look or until the commit."""
    rows = Application.objects.filter(cohort=cohort, role=role)
    rows = rows.select_related("applicant", "cohort")
    if is_locked:
        rows = rows.select_for_update(of=("self",))

    def find(emails: Iterable[str], codes: Iterable[str]) -> Iterable[Application]:
        return rows.filter(Q(applicant__email__in=emails) | Q(code__in=codes))

    return find


def changes_of(entry: Entry) -> dict[str, list[Any]] | None:
    """What the entry changes, as [before, after] by question; "" stands for the application itself.

    None when there is no application yet. Twin of `received`.
    """
    standing = entry.standing
    if standing is None:
        return None
    if standing.status in LEFT_ALONE or standing.applicant.is_erased:
        return {}
    changes = {
        key: [before, after]
        for key, after in entry.answers.items()
        if (before := standing.answers.get(key)) != after
    }
    if entry.reference and entry.reference != standing.reference:
        changes[""] = [standing.reference, entry.reference]
    return changes


# --- Rules --------------------------------------------------------------------------------


def require_not_archived(cohort: Cohort) -> None:
    """Raise RuleBroken for a cohort that takes nobody in any more."""
    if cohort.archived_at is not None:
        raise RuleBroken(_("This cohort is archived and takes nobody in any more."))


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists of BATCH."""
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH)):
        yield batch
