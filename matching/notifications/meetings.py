from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from matching.meeting_plans import mine
from matching.models import MeetAndGreet, Meeting
from mentorship.shared.base import clock
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, register
from programs.models import Participant
from programs.notifications import OfProgram


class OfMeetAndGreet(OfProgram):
    """A mail about a round to somebody of its cohort."""

    category = Category.MATCH
    subject_model = MeetAndGreet
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return MeetAndGreet.objects.select_related("cohort__program")


@register
class MeetingsPlanned(OfMeetAndGreet):
    """To each who meets somebody: when and whom, on their own clock; never any points."""

    kind = "meetings_planned"
    label = gettext_lazy("Your meetings of a meet-and-greet")

    def context(self, recipient: Any) -> dict[str, Any]:
        meetings = mine(Meeting.objects.of(recipient).filter(round=self.subject), recipient)
        return {"meetings": meetings, "url": absolute("home")}

    def not_needed(self, recipient: Any) -> str:
        mine_here = Meeting.objects.of(recipient).filter(round=self.subject)
        if mine_here.filter(slot__starts_at__gt=clock.now()).exists():
            return ""
        return "The meetings are over or were called off."


@register
class MeetingsNone(OfMeetAndGreet):
    """To each who meets nobody in a round: what happens next, and never why."""

    kind = "meetings_none"
    label = gettext_lazy("No meeting in a meet-and-greet")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("home")}

    def not_needed(self, recipient: Any) -> str:
        there = Participant.objects.of(recipient).present().filter(cohort=self.subject.cohort)
        return "" if there.exists() else "The person has left."


@register
class MeetingCalledOff(OfProgram):
    """To whoever would have met somebody who left or is away; never why."""

    kind = "meeting_called_off"
    label = gettext_lazy("A meeting does not take place")
    category = Category.MATCH
    subject_model = Meeting
    can_be_disabled = False
    program_at = "round.cohort.program"

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        rows = Meeting.objects.with_people()
        return rows.select_related("mentee__user__profile", "mentor__user__profile")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {
            "cohort": self.subject.round.cohort,
            "my_zone": self.subject.side_of(recipient).time_zone,
            "url": absolute("home"),
        }

    def not_needed(self, recipient: Any) -> str:
        return "The time is over." if self.subject.ends_at <= clock.now() else ""
