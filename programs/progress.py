"""How far somebody is with a form of several pages."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mentorship.shared.questions.forms import is_answered
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question, Questionnaire, applicable, as_choices


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the form. `number` counts from 1 and stands in its address.

    `place` is what people read: its place among the pages that are asked, 0 for one that is not.
    """

    number: int
    place: int
    title: str
    questions: tuple[Question, ...]
    # Required questions of the page that are asked and not answered yet.
    missing: tuple[Question, ...]
    answered: int

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(question.key for question in self.questions)


def pages_of(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> list[Page]:
    """The pages of a form, and how far they are with these answers; a form has at least one.

    A page keeps its number whatever is answered, so that its address means the same tomorrow.
    """
    counted = applicable(questionnaire.questions.all(), answers)
    pages: list[Page] = []
    place = 0
    for number, step in enumerate(questionnaire.steps(), start=1):
        is_asked = _is_asked(step.questions, counted)
        place += is_asked
        pages.append(
            Page(
                number=number,
                place=place if is_asked else 0,
                title=step.title,
                questions=tuple(step.questions),
                missing=tuple(_missing(step.questions, counted)),
                answered=sum(is_answered(counted.get(one.key)) for one in step.questions),
            )
        )
    return pages if place else [Page(1, 1, "", (), (), 0)]


def next_open(pages: Iterable[Page]) -> Page | None:
    """Where to go on: the page after the last one with answers, then one that lacks some.

    An optional page that was passed over on the way is not gone back to. None when the last page
    has answers and nothing is missing.
    """
    asked = [page for page in pages if page.place and page.questions]
    begun = [page.number for page in asked if page.answered]
    after = (page for page in asked if not begun or page.number > begun[-1])
    return next(after, None) or next((page for page in asked if page.missing), None)


def _is_asked(questions: Iterable[Question], counted: Mapping[str, Any]) -> bool:
    """Whether a page has a question for somebody with these answers on the pages before it."""
    return any(question.is_shown(counted) for question in questions)


def missing(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> list[Question]:
    """The required questions that are asked with these answers and not answered, in order."""
    every = questionnaire.questions.all()
    return list(_missing(every, applicable(every, answers)))


def _missing(questions: Iterable[Question], counted: Mapping[str, Any]) -> Iterable[Question]:
    return (
        question
        for question in questions
        if question.required
        and question.is_shown(counted)
        and not is_answered(counted.get(question.key))
    )


def fingerprint(answers: Mapping[str, Any]) -> str:
    """Tells whether answers are the ones that somebody saw; the same for the same answers."""
    plain = json.dumps(answers, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()[:20]


def carried_over(questionnaire: Questionnaire, earlier: Questionnaire, answers: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    """Those of the answers to an `earlier` form that the form takes as they are.

    A question counts as the same when it has the same key and kind; its answer must still be
    among what one can choose.
    """
    asked = {question.key: question for question in earlier.questions.all()}
    return {
        question.key: answers[question.key]
        for question in questionnaire.questions.all()
        if question.key in answers
        and question.key in asked
        and asked[question.key].kind == question.kind
        and _takes(question, answers[question.key])
    }


def _takes(question: Question, answer: Any) -> bool:
    if Kind(question.kind).is_closed:
        return as_choices(answer) <= {value for value, _words in question.answer_pairs()}
    if question.kind == Kind.NUMBER:
        least, most = question.minimum, question.maximum
        return (least is None or answer >= least) and (most is None or answer <= most)
    return True
