from datetime import datetime
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from programs.models.people import User
from programs.models.programs import Membership, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class MemberInvitationQuerySet(models.QuerySet["MemberInvitation"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "MemberInvitationQuerySet":
        return self.filter(program__in=Program.objects.coordinated_by(user))

    def open(self, at: datetime) -> "MemberInvitationQuerySet":
        """Neither answered nor withdrawn nor expired."""
        return self.filter(ended_at__isnull=True, expires_at__gt=at)

    def waiting(self) -> "MemberInvitationQuerySet":
        """Neither answered nor withdrawn; expired or not."""
        return self.filter(ended_at__isnull=True)

    def for_person(self, user: "User | AnonymousUser") -> "MemberInvitationQuerySet":
        """Sent to an address that this person has proven to be theirs."""
        if not user.is_active:
            return self.none()
        proven = EmailAddress.objects.filter(user=user.pk, verified=True)
        return self.filter(email__in=proven.values("email"))


class MemberInvitation(PublicModel):
    """Somebody was asked, by address, to take a duty in a program.

    Whether the address has an account is nobody's business, so everybody is asked in the same
    way. Only who has proven the address can take the duty.
    """

    class End(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="member_invitations"
    )
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("duty"), max_length=20, choices=Membership.Role.choices)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(_("expires"))
    ended_at = models.DateTimeField(null=True, editable=False)
    end = models.CharField(max_length=10, choices=End.choices, blank=True, editable=False)

    objects = MemberInvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("invitation to a duty")
        verbose_name_plural = _("invitations to duties")
        constraints = (
            models.UniqueConstraint(
                fields=("program", "email", "role"),
                condition=Q(ended_at__isnull=True),
                name="member_invited_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end="")
                | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="member_invitation_ends_with_a_word",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email}, {self.get_role_display()}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    def is_open(self, at: datetime) -> bool:
        return self.ended_at is None and self.expires_at > at
