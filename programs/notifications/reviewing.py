"""The mails of reviewing."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, Notice, register
from programs.models import Assignment, Cohort


@register
class ReviewsAssigned(Notice):
    """To a reviewer: applications of a cohort were given to them. At most one on a day."""

    kind = "reviews_assigned"
    label = gettext_lazy("Applications to review")
    category = Category.PROGRAM
    subject_model = Cohort

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Cohort.objects.select_related("program")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("desk-my-reviews"), "count": self._to_do(recipient)}

    def not_needed(self, recipient: Any) -> str:
        return "" if self._to_do(recipient) else "Nothing waits for their review any more."

    def _to_do(self, recipient: Any) -> int:
        mine = Assignment.objects.of(recipient).to_do()
        return int(mine.filter(application__cohort=self.subject).count())
