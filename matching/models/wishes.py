"""Whom people would like to work with, and who must not be put together."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import TimestampedModel
from programs.models import Cohort, Participant, Role, User


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def in_cohort(self, cohort: Cohort) -> "PreferenceQuerySet":
        """Between two people of this cohort, one in each role, best first.

        No constraint holds that across tables, so every question asks for it.
        """
        here = self.filter(participant__cohort=cohort, other__cohort=cohort)
        return here.exclude(participant__role=F("other__role")).order_by("participant", "rank")


class Preference(TimestampedModel):
    """Somebody's choice among those of the other role; rank 1 is the first choice."""

    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="preferences"
    )
    other = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField(_("rank"))

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        ordering = ("participant", "rank")
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = (
            models.UniqueConstraint(
                fields=("participant", "other"), name="preference_names_somebody_once"
            ),
            models.UniqueConstraint(
                fields=("participant", "rank"), name="preference_gives_a_rank_once"
            ),
            models.CheckConstraint(condition=Q(rank__gte=1), name="preference_rank_from_1"),
            models.CheckConstraint(
                condition=~Q(participant=F("other")), name="preference_for_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant_id}, {self.rank}"


class ExclusionQuerySet(models.QuerySet["Exclusion"]):
    def in_cohort(self, cohort: Cohort) -> "ExclusionQuerySet":
        """Between a mentee and a mentor of this cohort."""
        return self.filter(
            mentee__cohort=cohort,
            mentee__role=Role.MENTEE,
            mentor__cohort=cohort,
            mentor__role=Role.MENTOR,
        )


class Exclusion(TimestampedModel):
    """Two who must not be put together, as a coordinator decided, and why."""

    mentee = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    mentor = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        constraints = (
            models.UniqueConstraint(fields=("mentee", "mentor"), name="exclusion_once"),
            models.CheckConstraint(condition=~Q(mentee=F("mentor")), name="exclusion_of_two"),
        )

    def __str__(self) -> str:
        return f"{self.mentee_id}, {self.mentor_id}"


class AvoidQuerySet(models.QuerySet["Avoid"]):
    def in_cohort(self, cohort: Cohort) -> "AvoidQuerySet":
        """Between two people of this cohort, one in each role."""
        here = self.filter(participant__cohort=cohort, other__cohort=cohort)
        return here.exclude(participant__role=F("other__role"))


class Avoid(TimestampedModel):
    """Somebody would rather not work with another. Only the engine ever reads it.

    No page shows it, no export holds it, no admin lists it, and no explanation tells it from a
    coordinator's exclusion.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")

    objects = AvoidQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("participant", "other"), name="avoid_once"),
            models.CheckConstraint(condition=~Q(participant=F("other")), name="avoid_another"),
        )

    def __str__(self) -> str:
        # Nobody: this text may reach a log or a page.
        return "a private wish"
