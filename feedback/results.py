"""What came out of a survey: choices counted, texts listed, nobody named."""

from collections import Counter
from typing import Any

from feedback.models import Response, Survey
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question

_COUNTED = (Kind.ONE_OF, Kind.SEVERAL_OF, Kind.SCALE, Kind.YES_NO, Kind.NUMBER)


def results_of(survey: Survey) -> list[dict[str, Any]]:
    """Each question with its `bars` of (answer, count), or with its `texts`."""
    responses = Response.objects.filter(invitation__survey=survey)
    # In the order of codes, which tells nothing.
    answers = list(responses.order_by("invitation__code").values_list("answers", flat=True))
    return [_result(question, answers) for question in survey.questionnaire.questions.all()]


def _result(question: Question, answers: list[dict[str, Any]]) -> dict[str, Any]:
    given = [a[question.key] for a in answers if question.key in a]
    counted = Kind(question.kind) in _COUNTED
    tally: Counter[str] = Counter()
    for answer in given:
        parts = answer if isinstance(answer, list) else [answer]
        tally.update(question.in_words(part) for part in parts)
    order = [str(n) for n in question.scale()] if question.kind == Kind.SCALE else sorted(tally)
    return {
        "question": question,
        "kind": question.kind,
        "bars": [(label, tally[label]) for label in order] if counted else None,
        "texts": [] if counted else [question.in_words(answer) for answer in given],
        "answered": len(given),
    }
