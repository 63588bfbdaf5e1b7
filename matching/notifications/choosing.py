from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from matching.choosing import choosing, deadline_in_words
from matching.models import Introduction, Preference
from mentorship.shared.base import clock
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, register
from programs.models import Participant, Profile
from programs.notifications import OfProgram
from programs.visibility import Viewer


@register
class ChoosingEnds(OfProgram):
    """To whoever has chosen nobody yet, some days before the last one."""

    kind = "choosing_ends"
    label = gettext_lazy("Choosing ends soon")
    category = Category.MATCH
    subject_model = Participant

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Participant.objects.select_related("cohort__program")

    def context(self, recipient: Any) -> dict[str, Any]:
        cohort = self.subject.cohort
        last = cohort.choose_until
        return {
            "url": absolute("choose", self.subject.code),
            "until": deadline_in_words(cohort, last) if last else "",
        }

    def not_needed(self, recipient: Any) -> str:
        if not choosing(self.subject, clock.now()).is_open:
            return "There is nothing to choose any more."
        has_chosen = Preference.objects.filter(participant=self.subject).exists()
        return "The person has chosen." if has_chosen else ""


@register
class AskReceived(OfProgram):
    """To a mentor whom a mentee asks: what they wrote, and yes or no by when."""

    kind = "ask_received"
    label = gettext_lazy("A mentee asks")
    category = Category.MATCH
    subject_model = Introduction
    can_be_disabled = False
    link_view = "introduction-detail"

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Introduction.objects.with_people()

    def context(self, recipient: Any) -> dict[str, Any]:
        other = self.subject.mentee
        other.seen = Profile.objects.by_user([other.user])[other.user_id].seen_by(Viewer.MATCH)
        return {"other": other, "my_zone": self.subject.mentor.time_zone}

    def not_needed(self, recipient: Any) -> str:
        # The same words for an ask that is never shown to its mentor.
        is_waited_for = self.subject.is_open and self.subject.is_seen_by(recipient)
        return "" if is_waited_for else "The introduction is closed."

    def link_expires_at(self, queued_at: datetime, default: timedelta) -> datetime:
        return max(self.subject.answer_by, queued_at) + default
