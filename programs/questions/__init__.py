"""Questions ready to be put on an application form, and how they get there."""

from programs.questions.forms import add_question, make_questionnaire
from programs.questions.ready import (
    GROUPS,
    READY_MADE,
    Group,
    declared,
    ready_made,
    ready_made_for,
)
from programs.questions.specs import QuestionSpec

__all__ = [
    "GROUPS",
    "READY_MADE",
    "Group",
    "QuestionSpec",
    "add_question",
    "declared",
    "make_questionnaire",
    "ready_made",
    "ready_made_for",
]
