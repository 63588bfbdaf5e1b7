import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from mentorship.shared.questions.models import Question, Questionnaire


class AnswersForm(forms.Form):
    """Asks questions of one questionnaire. Made by `form_for`.

    A question that waits for the answer to another one is never required by its field: whether it
    is asked at all is only known when the form comes back.
    """

    questions: "tuple[Question, ...]" = ()
    told: Mapping[str, Any] = {}
    is_draft = False

    @property
    def has_conditions(self) -> bool:
        """Whether a question of this page waits for the answer to another one of it."""
        return any(question.shown_if in self.fields for question in self.questions)

    def answers(self) -> dict[str, Any]:
        """What was answered, by question key, as plain JSON; unanswered questions are absent.

        Answers to questions that are not shown with the others are absent, too.
        """
        return {key: value for key, value in self.cleaned_data.items() if is_answered(value)}

    def clean(self) -> dict[str, Any]:
        """Let go what is not shown, and ask for what is shown and was left open."""
        cleaned: dict[str, Any] = super().clean() or {}
        known = dict(self.told)
        for question in self.questions:
            known.pop(question.key, None)
            if not question.is_shown(known):
                cleaned.pop(question.key, None)
                self.errors.pop(question.key, None)
                continue
            answer = cleaned.get(question.key)
            if is_answered(answer):
                known[question.key] = answer
            elif self._is_missed(question):
                field = self.fields[question.key]
                self.add_error(
                    question.key,
                    forms.ValidationError(field.error_messages["required"], code="required"),
                )
        return cleaned

    def _is_missed(self, question: Question) -> bool:
        is_waiting = bool(question.shown_if) and question.required and not self.is_draft
        return is_waiting and question.key not in self.errors


def is_answered(value: Any) -> bool:
    """Whether a cleaned value is an answer: no and 0 are."""
    return value is not None and value not in ("", [])


def form_for(
    questionnaire: Questionnaire,
    data: Mapping[str, Any] | None = None,
    *,
    initial: Mapping[str, Any] | None = None,
    draft: bool = False,
    questions: Iterable[Question] | None = None,
) -> AnswersForm:
    """A form over the questions of `questionnaire`, or over these `questions` of it.

    `initial` are earlier answers. A `draft` may leave required questions open. A question that
    waits for the answer to one outside the form stands in it only when `initial` has that answer.
    """
    earlier = dict(initial or {})
    form = AnswersForm(data, initial=earlier)
    form.is_draft, form.told = draft, earlier
    every = list(questionnaire.questions.all())
    asked = every if questions is None else list(questions)
    here = {question.key for question in asked}
    form.questions = tuple(
        question for question in asked if question.shown_if in here or question.is_shown(earlier)
    )
    labels = {question.key: question for question in every}
    for question in form.questions:
        form.fields[question.key] = _field(question, labels.get(question.shown_if), draft)
    return form


def _field(question: Question, waits_for: Question | None, draft: bool) -> forms.Field:
    field: forms.Field = question.field(
        required=False if draft or question.shown_if else question.required
    )
    if waits_for is not None:
        field.help_text = " ".join(
            filter(None, (str(field.help_text), only_if(question, waits_for)))
        )
        field.widget.attrs["data-shown-if"] = waits_for.key
        field.widget.attrs["data-shown-if-answers"] = json.dumps(question.shown_if_answers)
    return field


def only_if(question: Question, waits_for: Question) -> str:
    """After which answer a question is asked, as a sentence."""
    words = dict(waits_for.answer_pairs())
    answers = [f"“{words.get(answer, answer)}”" for answer in question.shown_if_answers]
    return _("Only if you answered %(answers)s to “%(question)s”.") % {
        "answers": _(" or ").join(answers),
        "question": waits_for.label,
    }
