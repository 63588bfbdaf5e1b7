from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from matching.models import MatchingRun
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, register
from programs.notifications import OfProgram


@register
class DraftShown(OfProgram):
    """To each reviewer of the program: a draft of a matching waits for their comments."""

    kind = "draft_shown"
    label = gettext_lazy("Draft of a matching to comment on")
    category = Category.PROGRAM
    subject_model = MatchingRun

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return MatchingRun.objects.without_proof().select_related("cohort__program")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("desk-draft", self.subject.code)}

    def not_needed(self, recipient: Any) -> str:
        shown = MatchingRun.objects.shown_to(recipient).filter(pk=self.subject.pk)
        return "" if shown.exists() else "The draft is no longer shown to them."
