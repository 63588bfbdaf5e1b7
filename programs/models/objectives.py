from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel, TimestampedModel
from mentorship.shared.base.texts import validate_one_line
from programs.models.cohorts import Cohort
from programs.models.people import User
from programs.models.programs import Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ObjectiveQuerySet(models.QuerySet["Objective"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "ObjectiveQuerySet":
        return self.filter(program__in=Program.objects.coordinated_by(user))

    def of_cohort(self, cohort: Cohort) -> "ObjectiveQuerySet":
        """Those of the cohort itself and those of its whole program."""
        return self.filter(Q(cohort__isnull=True) | Q(cohort=cohort), program=cohort.program_id)


class Objective(PublicModel):
    """What a program, or one cohort of it, wants to reach by when.

    `metric` names one of the metrics that are counted by themselves; empty means that somebody
    enters a figure by hand. A share is written in per cent.
    """

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="objectives", verbose_name=_("program")
    )
    cohort = models.ForeignKey(
        Cohort,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="objectives",
        verbose_name=_("cohort"),
        help_text=_("Empty: for the whole program."),
    )
    statement = models.CharField(
        _("what we want to reach"), max_length=300, validators=[validate_one_line]
    )
    metric = models.CharField(_("measured by"), max_length=40, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True, validators=[validate_one_line])
    baseline = models.FloatField(_("where we start"))
    target = models.FloatField(_("where we want to be"))
    due_on = models.DateField(_("by"))

    objects = ObjectiveQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        constraints = (
            models.CheckConstraint(
                condition=~Q(target=F("baseline")), name="objective_target_is_not_its_baseline"
            ),
        )

    def __str__(self) -> str:
        return self.statement

    def share_reached(self, value: float) -> float:
        """How much of the way from baseline to target `value` is, between 0 and 1."""
        share = (value - self.baseline) / (self.target - self.baseline)
        return min(max(share, 0.0), 1.0)

    def is_reached(self, value: float) -> bool:
        """Whether `value` is at the target or beyond it, upwards or downwards."""
        if self.target > self.baseline:
            return value >= self.target
        return value <= self.target

    def is_late(self, day: date) -> bool:
        """Whether its day is over on `day`."""
        return day > self.due_on


class ObjectiveFigure(TimestampedModel):
    """What an objective stood at on a day, entered by hand."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="figures")
    on = models.DateField(_("day"))
    value = models.FloatField(_("figure"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        ordering = ("-on",)
        verbose_name = _("figure of an objective")
        verbose_name_plural = _("figures of objectives")
        constraints = (
            models.UniqueConstraint(fields=("objective", "on"), name="objective_figure_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.on}: {self.value}"
