from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.zones import validate_zone
from programs.models.applications import Application
from programs.models.cohorts import Cohort
from programs.models.gates import held_up
from programs.models.people import User
from programs.models.programs import Program
from programs.models.roles import Pace, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def of(self, user: "User | AnonymousUser") -> "ParticipantQuerySet":
        """A person's own parts in cohorts, closed accounts have none."""
        return self.filter(user=user.pk, user__is_active=True)

    def coordinated_by(self, user: "User | AnonymousUser") -> "ParticipantQuerySet":
        return self.filter(cohort__program__in=Program.objects.coordinated_by(user))

    def present(self) -> "ParticipantQuerySet":
        """Still taking part."""
        return self.filter(left_at__isnull=True)

    def available(self, day: date) -> "ParticipantQuerySet":
        """Not on a pause on this day."""
        return self.exclude(user__profile__back_on__gt=day)

    def ready(self) -> "ParticipantQuerySet":
        """Did everything that their cohort asks before matching."""
        return self.exclude(held_up())

    def not_ready(self) -> "ParticipantQuerySet":
        """Something that their cohort asks before matching is still missing."""
        return self.filter(held_up())

    def matchable(self, day: date) -> "ParticipantQuerySet":
        """Whom a matching on this day may look at."""
        return self.present().available(day).ready()

    def unconfirmed(self) -> "ParticipantQuerySet":
        """Who takes part because a list named them, and has done nothing here themself yet."""
        return self.filter(_brought_only())

    def with_confirmation(self) -> "ParticipantQuerySet":
        """Each with `is_unconfirmed`, as `unconfirmed` asks it."""
        return self.annotate(is_unconfirmed=_brought_only())

    def mentors(self) -> "ParticipantQuerySet":
        return self.filter(role=Role.MENTOR)

    def mentees(self) -> "ParticipantQuerySet":
        return self.filter(role=Role.MENTEE)


def _brought_only() -> models.Exists:
    """A condition on participants: a list brought them, and they have not come themselves."""
    brought = Application.objects.brought().filter(
        applicant=models.OuterRef("user"),
        cohort=models.OuterRef("cohort"),
        role=models.OuterRef("role"),
    )
    return models.Exists(brought)


class Participant(PublicModel):
    """A person in a cohort, in one role, with the facts that the matching reads."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="participants", verbose_name=_("cohort")
    )
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="participations", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    # How many mentees a mentor takes; a mentee has 1 and it means nothing.
    capacity = models.PositiveSmallIntegerField(
        _("capacity"), default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    time_zone = models.CharField(_("time zone"), max_length=60, validators=[validate_zone])
    pace = models.CharField(_("pace"), max_length=10, choices=Pace.choices, default=Pace.USUAL)
    facts = models.JSONField(_("facts"), default=dict, editable=False)
    facts_at = models.DateTimeField(_("facts copied"), null=True, editable=False)
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(_("left"), null=True, blank=True, editable=False)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ("joined_at", "id")
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "user", "role"), name="participant_once_per_cohort_and_role"
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1, capacity__lte=20),
                name="participant_capacity_1_to_20",
            ),
            models.CheckConstraint(
                condition=models.Q(pace__in=("usual", "flexible")), name="participant_pace_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=True)
                | models.Q(left_at__gte=models.F("joined_at")),
                name="participant_leaves_after_joining",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"

    @classmethod
    def capacity_within(cls, told: Any) -> int:
        """What was told of a capacity, within what a participant may have; 1 for nothing."""
        least, most = 1, 20
        return min(max(told or least, least), most)
