from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from programs.models import Cohort


class FigureQuerySet(models.QuerySet["Figure"]):
    def latest_of(self, cohort: Cohort) -> "FigureQuerySet":
        """The newest value of each metric of a cohort."""
        newest = self.filter(cohort=cohort).order_by("-on").values("on")[:1]
        return self.filter(cohort=cohort, on=models.Subquery(newest))

    def newest_in_programs(self, programs: Collection[int]) -> "FigureQuerySet":
        """The newest day of each current cohort of these programs, by their numbers."""
        same = self.model.objects.filter(cohort=models.OuterRef("cohort")).order_by("-on")
        current = self.filter(cohort__program__in=programs, cohort__archived_at__isnull=True)
        return current.filter(on=models.Subquery(same.values("on")[:1])).select_related("cohort")


class Figure(models.Model):
    """The value of one metric for one cohort on one day, in the cohort's zone.

    A day's value is renewed until the day is over, then stays as it was.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="figures")
    metric = models.CharField(_("metric"), max_length=40)
    on = models.DateField(_("day"))
    numerator = models.FloatField(_("numerator"))
    denominator = models.FloatField(_("denominator"))
    people = models.PositiveIntegerField(_("people it tells of"))
    computed_at = models.DateTimeField(_("computed"), default=clock.now)

    objects = FigureQuerySet.as_manager()

    class Meta:
        ordering = ("on", "metric")
        constraints = (
            models.UniqueConstraint(fields=("cohort", "metric", "on"), name="figure_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.metric} {self.on}: {self.numerator}/{self.denominator}"

    @property
    def value(self) -> float | None:
        """The metric's value; None while there is nothing to count."""
        return self.numerator / self.denominator if self.denominator else None
