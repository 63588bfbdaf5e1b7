"""The mails about a match that changes, goes on or ends."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from matching.models import Match, Place
from mentorship.shared.base import clock
from mentorship.shared.base.links import absolute
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.registry import Category, register
from programs.models import Participant, Role
from programs.notifications import OfProgram


class MatchNotice(OfProgram):
    """About a match, to somebody who is in it."""

    category = Category.MATCH
    subject_model = Match
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Match.objects.with_people()

    def context(self, recipient: Any) -> dict[str, Any]:
        others = [
            one for one in self.subject.open_places if one.participant.user_id != recipient.pk
        ]
        return {
            "url": absolute("match-detail", self.subject.code),
            "others": others,
            "names": [one.participant for one in others],
            "me": self.subject.place_of(recipient),
            "last_day": self.subject.last_day,
            "reply_to": self.program.reply_to,
        }

    def not_needed(self, recipient: Any) -> str:
        if self.subject.place_of(recipient) is None:
            return "They are not in the match any more."
        return ""


@register
class MatchJoined(MatchNotice):
    """To a mentor who comes into a match that runs already."""

    kind = "match_joined"
    label = gettext_lazy("You come into a match")


@register
class MatchChanged(MatchNotice):
    """To those who go on, when somebody came or went."""

    kind = "match_changed"
    label = gettext_lazy("Your match changes")


@register
class MatchExtended(MatchNotice):
    kind = "match_extended"
    label = gettext_lazy("Your match goes on longer")


@register
class MatchEnded(MatchNotice):
    """To whoever was in it: thanks, what comes next, whom to write to. Never why."""

    kind = "match_ended"
    label = gettext_lazy("Your match has ended")

    def context(self, recipient: Any) -> dict[str, Any]:
        match = self.subject
        place = _last_place(match, recipient)
        today = local(clock.now(), match.cohort.time_zone).date()
        return {
            "others": _worked_with(match, place),
            "is_mentor": place.role == Role.MENTOR,
            "is_over": match.cohort.is_over(today),
            "url": absolute("participation-detail", place.participant.code),
            "pause_url": absolute("profile-pause"),
            "reply_to": self.program.reply_to,
        }

    def not_needed(self, recipient: Any) -> str:
        if self.subject.place_of(recipient) is not None:
            return "They are in the match again."
        return ""


def _last_place(match: Match, recipient: Any) -> Place:
    mine = [one for one in match.places.all() if one.participant.user_id == recipient.pk]
    return max(mine, key=lambda one: one.from_at)


def _worked_with(match: Match, place: Place) -> list[Participant]:
    """Those of the other role who were there when this place ended, and still have a name."""
    until = place.until_at or clock.now()
    return [
        one.participant
        for one in match.places.all()
        if one.role != place.role
        and one.from_at <= until
        and (one.until_at is None or one.until_at >= until)
        and not one.participant.user.is_erased
    ]
