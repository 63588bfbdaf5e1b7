from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.notifications.addressee import Addressee
from mentorship.shared.notifications.registry import Category


class State(models.TextChoices):
    PENDING = "pending", _("Waiting")
    CLAIMED = "claimed", _("Taken by a sender")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    UNCERTAIN = "uncertain", _("Uncertain")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Not needed any more")


# Nothing more happens by itself.
SETTLED = (State.SENT, State.UNCERTAIN, State.FAILED, State.SKIPPED)


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def due(self, at: datetime) -> "OutboxQuerySet":
        """Waiting and ripe, or left behind by a sender whose lease ran out."""
        return self.filter(
            Q(state=State.PENDING, not_before__lte=at)
            | Q(state__in=(State.CLAIMED, State.SENDING), lease_until__lt=at)
        )

    def unsettled(self) -> "OutboxQuerySet":
        """What a person should look at."""
        return self.filter(state__in=(State.UNCERTAIN, State.FAILED))

    def forgettable(self, at: datetime) -> "OutboxQuerySet":
        """Mails to bare addresses that were settled long enough ago to forget the address."""
        before = at - timedelta(days=settings.MAIL_ADDRESS_DAYS)
        return self.filter(state__in=SETTLED, queued_at__lt=before).exclude(address="")

    def forget_addresses(self) -> int:
        """Blank addresses and names; the key still keeps a second mail from going out."""
        return self.update(address="", name="")


class OutboxMessage(models.Model):
    """A mail to be sent: who, what kind, about what. Its words are made when it is sent."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    # A person with an account, or `address` and `name` of somebody without one.
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    address = models.EmailField(blank=True)
    name = models.CharField(max_length=120, blank=True)
    subject_code = models.CharField(max_length=20)
    occasion = models.CharField(max_length=40, blank=True)
    program_code = models.CharField(max_length=20, blank=True, db_index=True)
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    why = models.CharField(max_length=300, blank=True)
    owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(default=clock.now)
    not_before = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering = ("-queued_at", "-id")
        indexes = (models.Index(fields=("state", "not_before"), name="outbox_due"),)
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "recipient", "subject_code", "occasion"),
                name="outbox_once_per_occasion",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="outbox_sent_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, address="", name="")
                | Q(recipient__isnull=True) & (~Q(address="") | Q(state__in=SETTLED, name="")),
                name="outbox_to_a_person_or_to_an_address",
            ),
        )

    def __str__(self) -> str:
        return self.key

    @property
    def to(self) -> Any:
        """Whom it goes to: a person, an `Addressee`, or None once the address is forgotten."""
        if self.recipient_id is not None:
            return self.recipient
        return Addressee(self.address, self.name) if self.address else None

    @property
    def to_name(self) -> str:
        """Whom it goes to, for a list."""
        if self.recipient is not None:
            return str(self.recipient.name)
        return self.name or self.address or str(_("An address that is forgotten"))


class MailLink(models.Model):
    """A link in a mail that works without a log-in. Only the hash of its token is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    message = models.OneToOneField(OutboxMessage, on_delete=models.CASCADE, related_name="link")
    view = models.CharField(max_length=60)
    subject_code = models.CharField(max_length=20)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.view} {self.subject_code}"

    def is_expired(self, at: datetime) -> bool:
        return at >= self.expires_at


class Preference(models.Model):
    """A person's word on one category of mail; without a row it is on."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notice_preferences"
    )
    category = models.CharField(max_length=20, choices=Category.choices)
    is_enabled = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "category"), name="preference_once"),
        )

    def __str__(self) -> str:
        return f"{self.category}: {self.is_enabled}"


def default_link_life() -> timedelta:
    return timedelta(days=settings.MAIL_LINK_DAYS)
