from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from matching.models import PlaceAsk
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, register
from programs.notifications import OfProgram


@register
class OneMorePlaceAsked(OfProgram):
    """To a mentor: would they take one mentee more."""

    kind = "one_more_place_asked"
    label = gettext_lazy("Asked for one more place")
    category = Category.MATCH
    subject_model = PlaceAsk
    program_at = "mentor.cohort.program"
    can_be_disabled = False
    link_view = "place-ask"

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return PlaceAsk.objects.with_people()

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"mentor": self.subject.mentor}

    def not_needed(self, recipient: Any) -> str:
        if self.subject.mentor.left_at is not None:
            return "The person has left."
        return "" if self.subject.is_open else "The mentor has answered."


@register
class OneMorePlaceAnswered(OfProgram):
    """To the coordinator who asked: yes or no."""

    kind = "one_more_place_answered"
    label = gettext_lazy("Answer about one more place")
    category = Category.PROGRAM
    subject_model = PlaceAsk
    program_at = "mentor.cohort.program"

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return PlaceAsk.objects.with_people()

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("desk-runs", self.subject.mentor.cohort.code)}
