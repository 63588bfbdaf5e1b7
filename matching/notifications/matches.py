from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from matching.models import Match
from matching.reasons import sentences
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, register
from programs.models import Profile
from programs.notifications import OfProgram
from programs.visibility import Viewer


@register
class MatchIntroduced(OfProgram):
    """To each of the people who work together from now on."""

    kind = "match_introduced"
    label = gettext_lazy("Introduction")
    category = Category.MATCH
    subject_model = Match
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Match.objects.with_people().with_policy().select_related("introduction")

    def context(self, recipient: Any) -> dict[str, Any]:
        match = self.subject
        others = match.others_than(recipient)
        profiles = Profile.objects.by_user(person.user for person in others)
        hidden: set[str] = set()
        for person in others:
            person.seen = profiles[person.user_id].seen_by(Viewer.MATCH)
            hidden |= person.seen.hidden_facts
        policy = match.run.policy if match.run else {}
        return {
            "url": absolute("match-detail", match.code),
            "others": others,
            "both_said_yes": hasattr(match, "introduction"),
            "reasons": sentences(match.reasons, policy, hidden=hidden)[:5],
        }

    def not_needed(self, recipient: Any) -> str:
        if self.subject.place_of(recipient) is None:
            return "The match has ended since."
        return ""
