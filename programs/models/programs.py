from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.texts import validate_one_line
from programs.colours import is_colour
from programs.models.people import User
from programs.vocabulary import Vocabulary, validate_words

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def validate_colour(text: str) -> None:
    """Raise ValidationError unless this is a colour as #rrggbb."""
    if not is_colour(text):
        raise ValidationError(_("Write a colour as # and six digits, such as #1b5e52."), "colour")


class ProgramQuerySet(models.QuerySet["Program"]):
    def public(self) -> "ProgramQuerySet":
        """What a visitor may read about: a cohort of it was opened and is not archived."""
        # what `CohortQuerySet.public` says, asked from above: cohorts know their program
        open_ones = self.model.objects.filter(
            cohorts__opened_at__isnull=False, cohorts__archived_at__isnull=True
        )
        return self.current().filter(pk__in=open_ones.values("pk"))

    def current(self) -> "ProgramQuerySet":
        """Not put away."""
        return self.filter(archived_at__isnull=True)

    def archived(self) -> "ProgramQuerySet":
        return self.filter(archived_at__isnull=False)

    def visible_to(self, user: "User | AnonymousUser") -> "ProgramQuerySet":
        """What somebody may know of: open to visitors, or a program they have to do with."""
        taking_part = Q(cohorts__participants__user=user.pk)
        duty = self.held_by(user, *Membership.Role.values)
        ours = self.filter(taking_part) if user.is_active else self.none()
        return self.filter(
            Q(pk__in=self.public().values("pk"))
            | Q(pk__in=ours.values("pk"))
            | Q(pk__in=duty.values("pk"))
        )

    def coordinated_by(self, user: "User | AnonymousUser") -> "ProgramQuerySet":
        """Programs this person runs."""
        return self.held_by(user, Membership.Role.COORDINATOR)

    def reviewed_by(self, user: "User | AnonymousUser") -> "ProgramQuerySet":
        """Programs whose applications this person may be given to read."""
        return self.held_by(user, Membership.Role.COORDINATOR, Membership.Role.REVIEWER)

    def watched_by(self, user: "User | AnonymousUser") -> "ProgramQuerySet":
        """Programs whose figures this person may read."""
        return self.held_by(user, Membership.Role.COORDINATOR, Membership.Role.OBSERVER)

    def held_by(self, user: "User | AnonymousUser", *roles: str) -> "ProgramQuerySet":
        """Programs in which this person has one of the roles; the owner has all of them."""
        if not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            pk__in=Membership.objects.filter(user=user.pk, role__in=roles).values("program")
        )


class Program(PublicModel):
    """A mentorship program: its purpose, and what both sides may expect."""

    name = models.CharField(_("name"), max_length=120, validators=[validate_one_line])
    purpose = models.TextField(_("purpose"), max_length=4000)
    for_mentors = models.TextField(_("what mentors may expect"), max_length=4000, blank=True)
    for_mentees = models.TextField(_("what mentees may expect"), max_length=4000, blank=True)
    skills_exchanged = models.TextField(
        _("what is learned and taught"), max_length=2000, blank=True
    )
    outcomes = models.TextField(_("expected outcomes"), max_length=4000, blank=True)
    reply_to = models.EmailField(_("address for questions"), blank=True)
    apply_words = models.TextField(
        _("words above the application form"), max_length=2000, blank=True
    )
    mail_signature = models.TextField(_("words under every mail"), max_length=500, blank=True)
    # What it says instead of mentor, mentee and check-in (programs/vocabulary.py).
    own_words = models.JSONField(
        _("own words"), default=dict, blank=True, validators=[validate_words]
    )
    # As #rrggbb; empty is the site's own (programs/colours.py).
    colour = models.CharField(_("colour"), max_length=7, blank=True, validators=[validate_colour])
    second_colour = models.CharField(
        _("second colour"), max_length=7, blank=True, validators=[validate_colour]
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("program")
        verbose_name_plural = _("programs")

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> Vocabulary:
        """What it calls its people and their meetings."""
        return Vocabulary.of(self.own_words)

    @property
    def has_look(self) -> bool:
        """Whether its pages need a stylesheet of their own."""
        return bool(self.colour or self.second_colour)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "MembershipQuerySet":
        return self.filter(program__in=Program.objects.coordinated_by(user))


class Membership(PublicModel):
    """Who coordinates, reviews or observes a program."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Coordinator")
        REVIEWER = "reviewer", _("Reviewer")
        OBSERVER = "observer", _("Observer")

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("program")
    )
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(fields=("program", "user", "role"), name="membership_once"),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"
