"""The short survey that every program starts with: how it goes, what helped, what is missing."""

from django.utils.translation import gettext_lazy as _

from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question, Questionnaire

TITLE = _("How is it going?")
DAYS_OPEN = 14

_QUESTIONS = (
    ("going", Kind.SCALE, _("How is your mentorship going?"), _("1 is not well, 5 is very well.")),
    ("helped", Kind.LONG_TEXT, _("What has helped you most?"), ""),
    ("missing", Kind.LONG_TEXT, _("What do you need from us?"), ""),
)


def make_questionnaire() -> Questionnaire:
    """The questions as rows, in the reader's language at this moment."""
    questionnaire = Questionnaire.objects.create(title=str(TITLE))
    Question.objects.bulk_create(
        Question(
            questionnaire=questionnaire,
            position=position,
            key=key,
            kind=kind,
            label=str(label),
            help=str(help_text),
            required=kind == Kind.SCALE,
        )
        for position, (key, kind, label, help_text) in enumerate(_QUESTIONS)
    )
    return questionnaire
