"""How questions get onto a form."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import translation

from mentorship.shared.questions.models import Question, Questionnaire
from programs.questions.ready import declared, ready_made
from programs.questions.specs import QuestionSpec


@transaction.atomic
def make_questionnaire(title: str, keys: Iterable[str], role: str) -> Questionnaire:
    """A new form of ready-made questions in this order.

    Raises KeyError for an unknown key, ValueError for a question the role is never asked.
    """
    questionnaire = Questionnaire.objects.create(title=title)
    for key in keys:
        spec = ready_made(key)
        if role not in spec.roles:
            raise ValueError(f"{key} is no question for a {role}")
        add_question(questionnaire, spec)
    return questionnaire


def add_question(
    questionnaire: Questionnaire,
    question: str | Mapping[str, Any] | QuestionSpec,
    *,
    required: bool | None = None,
) -> Question:
    """Put a question at the end of a form; one whose key stands there already is left as it is.

    `question` is the key of a ready-made one, a table (`declared`) or a spec. Labels are kept in
    English, as gettext knows them. A question that waits for one which is not on the form is
    always asked. Raises what `ready_made` and `declared` do.
    """
    if isinstance(question, str):
        spec = ready_made(question)
    elif isinstance(question, QuestionSpec):
        spec = question
    else:
        spec = declared(question)
    if (standing := questionnaire.questions.filter(key=spec.key).first()) is not None:
        return standing
    last = questionnaire.questions.aggregate(last=Max("position"))["last"]
    waits = bool(spec.shown_if) and questionnaire.questions.filter(key=spec.shown_if).exists()
    with translation.override(None):  # the words as they stand in the code
        return questionnaire.questions.create(
            position=0 if last is None else last + 1,
            key=spec.key,
            kind=spec.kind,
            label=str(spec.label),
            help=str(spec.help),
            section=str(spec.section),
            required=spec.required if required is None else required,
            choices=list(spec.choices),
            minimum=spec.minimum,
            maximum=spec.maximum,
            lowest_words=str(spec.lowest_words),
            highest_words=str(spec.highest_words),
            fact=spec.fact,
            is_sensitive=spec.is_sensitive,
            is_identifying=spec.is_identifying,
            shown_if=spec.shown_if if waits else "",
            shown_if_answers=list(spec.shown_if_answers) if waits else [],
        )
