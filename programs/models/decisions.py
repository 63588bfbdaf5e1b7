"""What was decided together, and how everything stood before, so that it can be undone."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.base.models import PublicModel
from programs.models.applications import Application
from programs.models.cohorts import Cohort
from programs.models.people import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# For so long the mails wait, and the decision can be taken back.
UNDO = timedelta(seconds=60)


class BatchQuerySet(models.QuerySet["Batch"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "BatchQuerySet":
        return self.filter(cohort__in=Cohort.objects.coordinated_by(user))


class Batch(PublicModel):
    """One press of a button: the same decision about one application or many."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="batches")
    decision = models.CharField(_("decision"), max_length=12, choices=Application.Status.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, editable=False)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return f"{self.decision} {self.at:%Y-%m-%d %H:%M}"

    def can_be_undone(self, at: datetime) -> bool:
        """Whether the minute is not over and nobody took it back."""
        return self.undone_at is None and at < self.at + UNDO


class DecisionQuerySet(models.QuerySet["Decision"]):
    def fresh(self, at: datetime) -> "DecisionQuerySet":
        """Those that can still be taken back; nobody is told of them yet."""
        return self.filter(batch__at__gt=at - UNDO, batch__undone_at__isnull=True)

    def that_bring_in(self) -> "DecisionQuerySet":
        """Those by which somebody takes part who did not before."""
        took_part = Q(before__participant__left_at=None)
        return self.filter(
            Q(before__participant=None) | ~took_part,
            batch__decision=Application.Status.ACCEPTED,
        )


class Decision(models.Model):
    """One application of a batch, with what it and its participant were before."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="decisions")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="decisions")
    # When this one was decided: the application still says so, or it has moved on.
    decided_at = models.DateTimeField(default=clock.now)
    # The application's fields; the participant's under "participant", None when there was none.
    before = models.JSONField(default=dict)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("batch", "application"), name="decision_once_per_batch"
            ),
        )

    def __str__(self) -> str:
        return f"{self.batch}: {self.application_id}"

    def stands(self, application: Application) -> bool:
        """Whether its application has not moved on since."""
        return (application.status, application.decided_at) == (
            self.batch.decision,
            self.decided_at,
        )
