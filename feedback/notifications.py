"""The mails of working together and of being asked how it goes."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from feedback import silence
from feedback.models import CheckIn, Invitation, Silence
from mentorship.shared.base import clock
from mentorship.shared.base.links import absolute
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.registry import Category, register
from programs.notifications import OfProgram


def times_of(checkin: CheckIn, reader: Any) -> list[dict[str, Any]]:
    """When a check-in starts in each zone of those who meet, the reader's own zone first."""
    place = checkin.match.place_of(reader)
    mine = place.participant.time_zone if place else reader.time_zone
    zones = sorted(checkin.zones, key=lambda zone: zone != mine)
    return [
        {"zone": zone, "when": local(checkin.starts_at, zone), "is_mine": zone == mine}
        for zone in zones
    ]


class CheckInNotice(OfProgram):
    """About a check-in, to each who meets, with a link that answers without a log-in."""

    category = Category.CHECK_INS
    subject_model = CheckIn
    program_at = "match.cohort.program"
    link_view = "checkin-detail"

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return CheckIn.objects.with_people()

    def context(self, recipient: Any) -> dict[str, Any]:
        return {
            "times": times_of(self.subject, recipient),
            "others": self.subject.match.others_than(recipient),
        }

    def not_needed(self, recipient: Any) -> str:
        place = self.subject.match.place_of(recipient)
        if place is None:
            return "The match has ended since."
        if not place.was_there(self.subject.starts_at):
            return "They were not in the match yet."
        return ""

    def link_expires_at(self, queued_at: datetime, default: timedelta) -> datetime:
        return max(queued_at, self.subject.starts_at) + default


@register
class CheckInReminder(CheckInNotice):
    kind = "checkin_reminder"
    label = gettext_lazy("Check-in reminder")

    def not_needed(self, recipient: Any) -> str:
        if self.subject.status != CheckIn.Status.SCHEDULED:
            return "The check-in is settled."
        if self.subject.has_begun(clock.now()):
            return "The check-in has begun."
        return super().not_needed(recipient)


@register
class CheckInMoved(CheckInReminder):
    """To the others, at once: the reminder of the day before may be too late to say no."""

    kind = "checkin_moved"
    label = gettext_lazy("Check-in moved")


@register
class CheckInQuestion(CheckInNotice):
    kind = "checkin_question"
    label = gettext_lazy("How was the check-in?")

    def not_needed(self, recipient: Any) -> str:
        if self.subject.status != CheckIn.Status.SCHEDULED:
            return "Somebody has said how it went."
        return super().not_needed(recipient)


@register
class SurveyInvitation(OfProgram):
    """One participant asked to answer one survey."""

    kind = "survey_invitation"
    label = gettext_lazy("Survey invitation")
    category = Category.SURVEYS
    subject_model = Invitation
    program_at = "survey.cohort.program"
    link_view = "survey-answer"

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Invitation.objects.select_related("survey__cohort__program")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"closes_at": self.subject.survey.closes_at}

    def not_needed(self, recipient: Any) -> str:
        if self.subject.answered_at is not None:
            return "The survey is answered."
        if not self.subject.survey.is_open(clock.now()):
            return "The survey is closed."
        return ""

    def link_expires_at(self, queued_at: datetime, default: timedelta) -> datetime:
        return self.subject.survey.closes_at


class SilenceNotice(OfProgram):
    """To each of a match of whom nothing was heard, with a link that answers without a log-in."""

    category = Category.MATCH
    subject_model = Silence
    program_at = "match.cohort.program"
    link_view = "silence-answer"
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Silence.objects.with_people()

    def context(self, recipient: Any) -> dict[str, Any]:
        match = self.subject.match
        days = match.cohort.silent_days or 0
        until = (self.subject.warned_at or self.subject.asked_at) + silence.step(days)
        return {
            "others": match.others_than(recipient),
            "days": days,
            "until": local(until, recipient.time_zone).date(),
        }

    def not_needed(self, recipient: Any) -> str:
        if not self.subject.is_open:
            return "Somebody has answered, or the match was heard of."
        if self.subject.match.place_of(recipient) is None:
            return "They are not in the match any more."
        return ""


@register
class SilenceQuestion(SilenceNotice):
    kind = "silence_question"
    label = gettext_lazy("Are you in touch?")


@register
class SilenceWarning(SilenceNotice):
    """Says when the match is closed if nobody answers."""

    kind = "silence_warning"
    label = gettext_lazy("Your match is about to be closed")


@register
class HelpAsked(OfProgram):
    """To the coordinators: somebody in a silent match asks for help."""

    kind = "help_asked"
    label = gettext_lazy("A match asks for help")
    category = Category.PROGRAM
    subject_model = Silence
    program_at = "match.cohort.program"

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Silence.objects.with_people().select_related("answered_by")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {
            "url": absolute("desk-match", self.subject.match.code),
            "names": self.subject.match.people,
            "who": self.subject.answered_by.name,
        }

    def not_needed(self, recipient: Any) -> str:
        return "" if self.subject.answer == Silence.Answer.HELP else "Nobody asks for help."
