from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from matching.models.introductions import Answer
from mentorship.shared.base.models import PublicModel
from programs.models import Participant, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class PlaceAskQuerySet(models.QuerySet["PlaceAsk"]):
    def of(self, user: "User | AnonymousUser") -> "PlaceAskQuerySet":
        """Those put to this person, while they take part."""
        mine = Participant.objects.of(user).present()
        return self.filter(mentor__in=mine)

    def open(self) -> "PlaceAskQuerySet":
        """Not answered yet."""
        return self.filter(answer="")

    def with_people(self) -> "PlaceAskQuerySet":
        return self.select_related("mentor__user", "mentor__cohort__program", "asked_by")


class PlaceAsk(PublicModel):
    """A mentor is asked whether they would take one mentee more; only their yes makes the place."""

    mentor = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="place_asks")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=3, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)

    objects = PlaceAskQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("ask for one more place")
        verbose_name_plural = _("asks for one more place")
        constraints = (
            models.UniqueConstraint(
                fields=("mentor",), condition=Q(answer=""), name="place_ask_open_once"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="place_ask_answer_has_its_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.mentor_id}: {self.answer or 'open'}"

    @property
    def is_open(self) -> bool:
        return not self.answer

    def answered(self, answer: str, at: datetime) -> None:
        """Note the answer; the caller holds the lock and saves."""
        self.answer, self.answered_at = answer, at
