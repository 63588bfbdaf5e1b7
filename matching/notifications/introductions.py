from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from matching.models import Introduction, Place
from matching.outcomes import outcome_of
from matching.reasons import sentences
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, register
from programs.models import Participant, Profile
from programs.notifications import OfProgram
from programs.visibility import Viewer


@register
class IntroductionMade(OfProgram):
    """To each of two who are brought together: who the other is, and yes or no by when."""

    kind = "introduction_made"
    label = gettext_lazy("Introduction to answer")
    category = Category.MATCH
    subject_model = Introduction
    can_be_disabled = False
    link_view = "introduction-detail"

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Introduction.objects.with_people().with_policy()

    def context(self, recipient: Any) -> dict[str, Any]:
        introduction = self.subject
        me = introduction.side_of(recipient)
        other = introduction.other_than(me)
        other.seen = Profile.objects.by_user([other.user])[other.user_id].seen_by(Viewer.MATCH)
        policy = introduction.run.policy if introduction.run else {}
        hidden = other.seen.hidden_facts
        return {
            "me": me,
            "other": other,
            "reasons": sentences(introduction.reasons, policy, hidden=hidden)[:5],
            "my_zone": me.time_zone,
        }

    def not_needed(self, recipient: Any) -> str:
        return "" if self.subject.is_open else "The introduction is closed."

    def link_expires_at(self, queued_at: datetime, default: timedelta) -> datetime:
        return max(self.subject.answer_by, queued_at) + default


@register
class IntroductionReminder(IntroductionMade):
    """To whoever has not answered, a day before the deadline."""

    kind = "introduction_reminder"
    label = gettext_lazy("Reminder to answer an introduction")
    can_be_disabled = True

    def not_needed(self, recipient: Any) -> str:
        me = self.subject.side_of(recipient)
        if me is None or self.subject.answer_of(me.role):
            return "The person has answered."
        return super().not_needed(recipient)


@register
class IntroductionOver(OfProgram):
    """That it did not work out and what happens next; never who, never why."""

    kind = "introduction_over"
    label = gettext_lazy("Introduction that did not work out")
    category = Category.MATCH
    subject_model = Introduction
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Introduction.objects.with_people()

    def context(self, recipient: Any) -> dict[str, Any]:
        introduction = self.subject
        me = introduction.side_of(recipient)
        return {
            "me": me,
            "other": introduction.other_than(me),
            "outcome": outcome_of(introduction, me),
            "url": absolute("home"),
        }

    def not_needed(self, recipient: Any) -> str:
        me = self.subject.side_of(recipient)
        return "" if me is not None and me.left_at is None else "The person has left."


@register
class StillWaiting(OfProgram):
    """To a mentee or a mentor with nobody after a publication: what happens next."""

    kind = "still_waiting"
    label = gettext_lazy("Not matched this time")
    category = Category.MATCH
    subject_model = Participant
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Participant.objects.select_related("cohort__program")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("home")}

    def not_needed(self, recipient: Any) -> str:
        if self.subject.left_at is not None:
            return "The person has left."
        mine = Introduction.objects.holding_a_place().filter(
            Q(mentee=self.subject) | Q(mentor=self.subject)
        )
        if Place.objects.open().filter(participant=self.subject).exists() or mine.exists():
            return "The person has somebody by now."
        return ""


@register
class NextBestNotFound(OfProgram):
    """To the coordinators: a mentee who was let down waits for them to look."""

    kind = "next_best_not_found"
    label = gettext_lazy("A mentee waits for a coordinator")
    category = Category.PROGRAM
    subject_model = Introduction

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Introduction.objects.with_people()

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("desk-introductions", self.subject.cohort.code)}

    def not_needed(self, recipient: Any) -> str:
        mentee = self.subject.mentee
        if mentee.left_at is not None:
            return "The mentee has left."
        is_matched = Place.objects.open().filter(participant=mentee).exists()
        return "The mentee is matched by now." if is_matched else ""
