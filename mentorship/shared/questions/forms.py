from collections.abc import Mapping
from typing import Any

from django import forms

from mentorship.shared.questions.models import Question, Questionnaire


class AnswersForm(forms.Form):
    """Asks the questions of one questionnaire. Made by `form_for`."""

    def answers(self) -> dict[str, Any]:
        """What was answered, by question key, as plain JSON; unanswered questions are absent."""
        return {
            key: value
            for key, value in self.cleaned_data.items()
            if value is not None and value not in ("", [])
        }


def form_for(
    questionnaire: Questionnaire,
    data: Mapping[str, Any] | None = None,
    *,
    initial: Mapping[str, Any] | None = None,
    draft: bool = False,
) -> AnswersForm:
    """A form over the questions of `questionnaire`.

    `initial` are earlier answers. A `draft` may leave required questions open.
    """
    form = AnswersForm(data, initial=dict(initial or {}))
    for question in questionnaire.questions.all():
        form.fields[question.key] = question.field(required=False if draft else None)
    return form


def in_words(
    questionnaire: Questionnaire, answers: Mapping[str, Any]
) -> list[tuple[Question, str]]:
    """Every question with its answer in words, in order; unanswered ones have an empty answer."""
    return [
        (question, question.in_words(answers.get(question.key)))
        for question in questionnaire.questions.all()
    ]
