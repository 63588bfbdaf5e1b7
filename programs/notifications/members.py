"""The mails about duties in a program."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from mentorship.shared.base import clock
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, Notice, register
from programs.models import (
    MemberInvitation,
    Membership,
    Program,
)


class DutyNotice(Notice):
    """About somebody's duty in a program, to that person, whatever mail they want otherwise."""

    category = Category.PROGRAM
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return cls.subject_model._default_manager.select_related("program")


@register
class MemberInvited(DutyNotice):
    kind = "member_invited"
    label = gettext_lazy("Invited to a duty")
    subject_model = MemberInvitation

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return MemberInvitation.objects.select_related("program", "invited_by")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("duty-invitation", self.subject.code)}

    def not_needed(self, recipient: Any) -> str:
        return "" if self.subject.is_open(clock.now()) else "The invitation has ended."


@register
class MemberChanged(DutyNotice):
    kind = "member_changed"
    label = gettext_lazy("Your duty has changed")
    subject_model = Membership

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("admin:index")}


@register
class MemberJoined(DutyNotice):
    """To whoever invited: somebody took the duty."""

    kind = "member_joined"
    label = gettext_lazy("Somebody took a duty")
    subject_model = Membership
    can_be_disabled = True

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Membership.objects.select_related("program", "user")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {"url": absolute("desk-members", self.subject.program.code)}


@register
class MemberRemoved(Notice):
    kind = "member_removed"
    label = gettext_lazy("A duty of yours has ended")
    category = Category.PROGRAM
    subject_model = Program
    can_be_disabled = False
