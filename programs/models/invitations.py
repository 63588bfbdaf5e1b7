"""How somebody comes to apply: asked by name, or through a link that stands somewhere."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.notifications.addressee import Addressee, address_hash
from programs.models.cohorts import Cohort
from programs.models.people import User
from programs.models.programs import Program
from programs.models.roles import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class HeardFrom(models.TextChoices):
    """Ready-made answers to where somebody heard of a program; others are written by hand."""

    LINKEDIN = "linkedin", _("LinkedIn")
    OTHER_NETWORK = "network", _("Another social network")
    MEETUP = "meetup", _("A meetup or conference")
    UNIVERSITY = "university", _("A university or school")
    WORK = "work", _("My employer or a colleague")
    PARTICIPANT = "participant", _("Somebody who took part")
    FRIEND = "friend", _("Another friend")
    NEWSLETTER = "newsletter", _("A newsletter")
    SEARCH = "search", _("A search engine")


class Channel(PublicModel):
    """A public link with a name ("LinkedIn", "Meetup in May"), so that one sees who came by it."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="channels", verbose_name=_("cohort")
    )
    name = models.CharField(_("name"), max_length=60, validators=[validate_one_line])

    class Meta:
        ordering = ("name",)
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "name"),
                name="channel_once_per_cohort_and_name",
                violation_error_message=_("There is a link with this name already."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class InvitationToApplyQuerySet(models.QuerySet["Invitation"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "InvitationToApplyQuerySet":
        return self.filter(cohort__program__in=Program.objects.coordinated_by(user))

    def waiting(self) -> "InvitationToApplyQuerySet":
        """Still to be handed to the outbox."""
        return self.filter(sent_at__isnull=True, withdrawn_at__isnull=True, refused_at__isnull=True)

    def live(self) -> "InvitationToApplyQuerySet":
        """Their link works."""
        return self.filter(withdrawn_at__isnull=True)

    def to_address(self, email: str) -> "InvitationToApplyQuerySet":
        return self.filter(address_hash=address_hash(email))

    def with_applied(self) -> "InvitationToApplyQuerySet":
        """Each knows as `applied` how many applications were sent in through it."""
        sent_in = Q(applications__submitted_at__isnull=False)
        return self.annotate(applied=Count("applications", filter=sent_in))


class Invitation(PublicModel):
    """Somebody is asked by mail to apply to a cohort. Once per cohort and address.

    The address is erased some time after the cohort's deadline; its keyed hash stays, so that
    it is not written to a second time.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to go out")
        SENT = "sent", _("Invited")
        APPLIED = "applied", _("Has applied")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REFUSED = "refused", _("Wants no mail")

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("cohort")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    email = models.EmailField(_("e-mail address"), blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True, validators=[validate_one_line])
    address_hash = models.CharField(max_length=64, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    message = models.TextField(_("message"), max_length=1000, blank=True)
    invited_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("invited by")
    )
    # A participant or applicant who named a peer, why, and whether the mail may say who it was.
    suggested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("suggested by")
    )
    why = models.CharField(_("why"), max_length=300, blank=True, validators=[validate_one_line])
    may_name_suggester = models.BooleanField(_("name me in the mail"), default=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    refused_at = models.DateTimeField(_("refused"), null=True, editable=False)

    objects = InvitationToApplyQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes = (models.Index(fields=("cohort", "sent_at"), name="invitation_day"),)
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "address_hash"), name="invitation_once_per_cohort_and_address"
            ),
            models.CheckConstraint(
                condition=Q(invited_by__isnull=False, suggested_by__isnull=True)
                | Q(invited_by__isnull=True, suggested_by__isnull=False),
                name="invitation_asked_or_suggested_by_one",
            ),
            models.CheckConstraint(
                condition=~Q(email="")
                | Q(sent_at__isnull=False)
                | Q(withdrawn_at__isnull=False)
                | Q(refused_at__isnull=False),
                name="invitation_waits_with_its_address",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email or self.code

    def save(self, *args: object, **kwargs: object) -> None:
        if self.email:
            self.email = self.email.lower()
            self.address_hash = address_hash(self.email)
        super().save(*args, **kwargs)

    @property
    def addressee(self) -> Addressee:
        """Whom to write to, while the address is kept."""
        return Addressee(self.email, self.name)

    @property
    def state(self) -> State:
        """Where it stands. Asks the database unless it comes from `with_applied`."""
        applied: int | None = getattr(self, "applied", None)
        if applied is None:
            applied = self.applications.filter(submitted_at__isnull=False).count()
        if applied:
            return self.State.APPLIED
        if self.withdrawn_at is not None:
            return self.State.WITHDRAWN
        if self.refused_at is not None:
            return self.State.REFUSED
        return self.State.WAITING if self.sent_at is None else self.State.SENT

    @property
    def may_withdraw(self) -> bool:
        """Whether it can still be taken back."""
        return self.withdrawn_at is None and self.state != self.State.APPLIED

    @property
    def suggester_named(self) -> str:
        """Who suggested them, if the mail may say so."""
        if self.suggested_by is None or not self.may_name_suggester:
            return ""
        return self.suggested_by.name


class RefusalQuerySet(models.QuerySet["Refusal"]):
    def covers(self, email: str) -> bool:
        """Whether somebody at this address wants no invitations."""
        return self.filter(address_hash=address_hash(email)).exists()


class Refusal(models.Model):
    """An address that wants no invitations from here any more; only its keyed hash is kept."""

    address_hash = models.CharField(max_length=64, unique=True)
    given_at = models.DateTimeField(_("told"), default=clock.now, editable=False)

    objects = RefusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")

    def __str__(self) -> str:
        return f"{self.given_at:%Y-%m-%d}"
