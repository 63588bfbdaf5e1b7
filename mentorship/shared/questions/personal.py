"""Questions tell of nobody; answers stand where they were given."""

from django.utils.translation import gettext_lazy as _

from mentorship.shared.privacy.registry import impersonal
from mentorship.shared.questions.models import Question, Questionnaire

impersonal(_("What is asked."), Questionnaire, Question)
