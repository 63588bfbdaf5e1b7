"""Changes to the application forms of a cohort.

A form that was answered, or that something else uses too, is never changed: a copy takes its
place in the cohort. What was answered keeps the form it was answered with.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.questions.models import Question, Questionnaire
from mentorship.shared.questions.order import moved, out_of_order, without
from programs.models import Application, Cohort, Role, User
from programs.questions import QuestionSpec, add_question

MOST_QUESTIONS = 100
LONGEST_KEY = 60


@transaction.atomic
def add(
    cohort: Cohort, *, roles: Iterable[Role], by: User, questions: Iterable[QuestionSpec]
) -> Questionnaire:
    """Put questions at the end of the forms of these roles; one that stands there already stays.

    Returns the form of the first role. Raises RuleBroken for an archived cohort, for a fact that
    another question of the form tells already, and for a form that becomes too long.
    """
    cohort, specs = _locked(cohort), list(questions)
    forms = [_with(cohort, role, specs, by) for role in roles]
    return forms[0]


@transaction.atomic
def change(cohort: Cohort, *, role: Role, key: str, by: User, **fields: Any) -> Questionnaire:
    """Change fields of the question with this key; returns the form it stands on now.

    Raises RuleBroken for an archived cohort, for a question that is gone, for a condition on a
    later question, and when other questions wait for an answer that would no longer exist.
    """
    cohort = _locked(cohort)
    form = own_form(cohort, role)
    question = _question(form, key)
    for name, value in fields.items():
        setattr(question, name, value)
    question.save()
    _require_order(list(form.questions.all()))
    _require_answers(form, question)
    _record(cohort, verb="question.changed", role=role, question=question, by=by)
    return form


@transaction.atomic
def move(cohort: Cohort, *, role: Role, key: str, up: bool, by: User) -> Questionnaire:
    """Move a question a place up or down, over the border of its step too.

    Raises RuleBroken for an archived cohort, for a question that is gone, and when a question
    would come before the one whose answer it waits for.
    """
    cohort = _locked(cohort)
    form = own_form(cohort, role)
    question = _question(form, key)
    ordered = moved(form.steps(), key, up=up)
    _require_order(ordered)
    Question.objects.bulk_update(ordered, ("position", "section"))
    _record(cohort, verb="question.moved", role=role, question=question, by=by)
    return form


@transaction.atomic
def remove(cohort: Cohort, *, role: Role, key: str, by: User) -> Questionnaire:
    """Take a question off the form. Raises RuleBroken while other questions wait for its answer."""
    cohort = _locked(cohort)
    form = own_form(cohort, role)
    question = _question(form, key)
    waiting = form.questions.filter(shown_if=key).first()
    if waiting is not None:
        raise RuleBroken(
            _("“%(question)s” is asked only after this question. Change that one first.")
            % {"question": waiting.label}
        )
    ordered = without(form.steps(), key)
    question.delete()
    Question.objects.bulk_update(ordered, ("position", "section"))
    _record(cohort, verb="question.removed", role=role, question=question, by=by)
    return form


def own_form(cohort: Cohort, role: Role) -> Questionnaire:
    """The form of this role that may be changed; the caller holds the cohort's lock.

    It is the cohort's own form as long as nobody answered it and nothing else uses it. Otherwise
    a copy takes its place, and is the next version of a form that was answered.
    """
    form = Questionnaire.objects.select_for_update().get(pk=cohort.questions_for(role).pk)
    if form.frozen_at is None and not _is_shared(cohort, form):
        return form
    copy = form.copied()
    name = "mentor_questions" if role == Role.MENTOR else "mentee_questions"
    setattr(cohort, name, copy)
    cohort.save(update_fields=[name])
    if form.frozen_at is None:
        drafts = Application.objects.filter(cohort=cohort, role=role, questionnaire=form)
        drafts.update(questionnaire=copy)
    return copy


def _is_shared(cohort: Cohort, form: Questionnaire) -> bool:
    others = Cohort.objects.exclude(pk=cohort.pk).filter(
        Q(mentor_questions=form) | Q(mentee_questions=form)
    )
    return cohort.mentor_questions_id == cohort.mentee_questions_id or others.exists()


def _with(cohort: Cohort, role: Role, specs: list[QuestionSpec], by: User) -> Questionnaire:
    """The form of a role with these questions at its end."""
    standing = set(cohort.questions_for(role).questions.values_list("key", flat=True))
    lacking = [spec for spec in specs if spec.key not in standing]
    if not lacking:
        return cohort.questions_for(role)
    form = own_form(cohort, role)
    if len(standing) + len(lacking) > MOST_QUESTIONS:
        raise RuleBroken(
            _("A form has at most %(most)d questions. Take some off first.")
            % {"most": MOST_QUESTIONS}
        )
    _require_new_facts(form, lacking)
    for spec in lacking:
        question = add_question(form, spec)
        _record(cohort, verb="question.added", role=role, question=question, by=by)
    return form


def key_for(label: str, taken: Iterable[str]) -> str:
    """A key for a new question that tells what it is about and is not taken yet."""
    words = slugify(label).replace("-", "_").strip("_")
    base = words if words[:1].isalpha() else f"question_{words}".rstrip("_")
    base = base[: LONGEST_KEY - 4].rstrip("_")
    keys, number, key = set(taken), 1, base
    while key in keys:
        number += 1
        key = f"{base}_{number}"
    return key


def as_new(spec: QuestionSpec, cohort: Cohort, roles: Iterable[Role]) -> QuestionSpec:
    """The spec of an own question with a key that none of these forms has yet."""
    taken = [
        key
        for role in roles
        for key in cohort.questions_for(role).questions.values_list("key", flat=True)
    ]
    return replace(spec, key=key_for(str(spec.label), taken))


def _locked(cohort: Cohort) -> Cohort:
    cohort = (
        Cohort.objects.select_for_update(of=("self",)).select_related("program").get(pk=cohort.pk)
    )
    if cohort.archived_at is not None:
        raise RuleBroken(_("This cohort is archived. Its forms can be read but not changed."))
    return cohort


def _question(form: Questionnaire, key: str) -> Question:
    question = form.questions.filter(key=key).first()
    if question is None:
        raise RuleBroken(_("This question is no longer on the form."))
    return question


def _require_new_facts(form: Questionnaire, specs: Iterable[QuestionSpec]) -> None:
    told = dict(form.questions.exclude(fact="").values_list("fact", "label"))
    for spec in specs:
        if spec.fact in told:
            raise RuleBroken(
                _("“%(standing)s” tells the matching the same as “%(new)s”. Keep one of them.")
                % {"standing": told[spec.fact], "new": spec.label}
            )
        if spec.fact:
            told[spec.fact] = str(spec.label)


def _require_order(questions: list[Question]) -> None:
    early = out_of_order(questions)
    if early is not None:
        raise RuleBroken(
            _("“%(question)s” waits for an answer, so it must stand after that question.")
            % {"question": early.label}
        )


def _require_answers(form: Questionnaire, question: Question) -> None:
    """Every answer that another question waits for can be given."""
    can_be = {value for value, _words in question.answer_pairs()}
    for waiting in form.questions.filter(shown_if=question.key):
        if not can_be.issuperset(waiting.shown_if_answers):
            raise RuleBroken(
                _("“%(question)s” waits for an answer that you took away. Change that one first.")
                % {"question": waiting.label}
            )


def _record(cohort: Cohort, *, verb: str, role: Role, question: Question, by: User) -> None:
    record(
        by=by,
        verb=verb,
        subject=cohort,
        program=cohort.program,
        role=role.label.lower(),
        question=question.label,
    )
