"""What a reader of an application sees of it: the one place that knows what is hidden from whom."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question
from programs.models import Application, Role


@dataclass(frozen=True, slots=True)
class Section:
    """The answers of one step of the form."""

    title: str
    answers: list[tuple[Question, str]]


@dataclass(frozen=True, slots=True)
class Sight:
    """An application as one reader sees it."""

    name: str
    is_blind: bool
    sections: list[Section]
    # Free text that may tell who it is all the same: the reader is told so.
    has_free_text: bool


def for_reviewer(application: Application) -> Sight:
    """Without what only coordinators read; without what tells who it is where names are hidden."""
    is_blind = application.cohort.is_blind
    hidden = _hidden(application)
    shown = [
        question
        for question in application.questionnaire.questions.all()
        if question.key not in hidden
    ]
    return Sight(
        name=name_for_reviewer(application),
        is_blind=is_blind,
        sections=_sections(application, shown),
        has_free_text=is_blind and any(question.kind == Kind.LONG_TEXT for question in shown),
    )


def for_coordinator(application: Application) -> Sight:
    """Everything."""
    questions = application.questionnaire.questions.all()
    return Sight(application.applicant.name, False, _sections(application, questions), False)


def _hidden(application: Application) -> set[str]:
    """Keys of what a reviewer does not read.

    A form that was answered is never changed, so a secret that was noticed later stands on the
    cohort's newer form: what either of them hides is hidden.
    """
    cohort = application.cohort
    current = cohort.questions_for(Role(application.role))
    asked = Question.objects.filter(questionnaire__in={application.questionnaire_id, current.pk})
    secret = Q(is_sensitive=True)
    if cohort.is_blind:
        secret |= Q(is_identifying=True)
    return set(asked.filter(secret).values_list("key", flat=True))


def name_for_reviewer(application: Application) -> str:
    """What stands for the person in a list."""
    return application.blind_name if application.cohort.is_blind else application.applicant.name


def _sections(application: Application, shown: Iterable[Question]) -> list[Section]:
    keys = {question.key for question in shown}
    answers = application.questionnaire.applicable(application.answers)
    sections = [
        Section(
            step.title,
            [
                (question, question.in_words(answers.get(question.key)))
                for question in step.questions
                if question.key in keys
            ],
        )
        for step in application.questionnaire.steps()
    ]
    return [section for section in sections if section.answers]
