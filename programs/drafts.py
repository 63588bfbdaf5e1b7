"""Applications that were begun and not sent in: how far they are, and where people stop.

The answers are counted, never shown: until it is sent in, what somebody wrote is theirs.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mentorship.shared.questions.forms import is_answered
from mentorship.shared.questions.models import Questionnaire
from programs.models import Application, Cohort
from programs.progress import pages_of


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a draft is. `step` is the page with the last answer; empty when it has no title."""

    answered: int
    asked: int
    number: int
    steps: int
    step: str

    @property
    def share(self) -> float:
        return self.answered / self.asked if self.asked else 0


def progress_of(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> Progress:
    """How many of the questions that are asked were answered, and up to which step."""
    pages = pages_of(questionnaire, answers)
    last = next((page for page in reversed(pages) if page.answered), None)
    return Progress(
        answered=sum(page.answered for page in pages),
        asked=len(questionnaire.in_words(answers)),
        number=last.number if last else 0,
        steps=len(pages),
        step=last.title if last else "",
    )


def where_people_stop(cohort: Cohort, role: str) -> list[tuple[str, int]]:
    """Each question of the role's form with how many drafts have their last answer there.

    The first line are those without any answer. One query for the drafts, one for the questions.
    """
    form = cohort.questions_for(role)
    questions = list(form.questions.all())
    places = {question.key: place for place, question in enumerate(questions)}
    drafts = Application.objects.drafts().filter(cohort=cohort, role=role)
    stopped: Counter[int] = Counter()
    for answers in drafts.values_list("answers", flat=True).iterator():
        held = [
            places[key] for key, value in answers.items() if key in places and is_answered(value)
        ]
        stopped[max(held, default=-1)] += 1
    told = [("", stopped[-1])] if stopped[-1] else []
    return told + [
        (question.label, stopped[place])
        for place, question in enumerate(questions)
        if stopped[place]
    ]
