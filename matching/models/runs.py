from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from programs.models import Cohort, Participant, Program, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class MatchingRunQuerySet(models.QuerySet["MatchingRun"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "MatchingRunQuerySet":
        mine = self.filter(cohort__program__in=Program.objects.coordinated_by(user))
        return mine.without_input()

    def without_input(self) -> "MatchingRunQuerySet":
        """Without the engine's whole input, which is large and seldom looked at."""
        return self.defer("problem", "prices")

    def unfinished(self) -> "MatchingRunQuerySet":
        """Waiting or being worked on."""
        return self.filter(status__in=(MatchingRun.Status.QUEUED, MatchingRun.Status.RUNNING))

    def to_carry_out(self, at: datetime) -> "MatchingRunQuerySet":
        """Queued, or left behind by a worker whose lease ran out."""
        return self.filter(
            Q(status=MatchingRun.Status.QUEUED)
            | Q(status=MatchingRun.Status.RUNNING, lease_until__lt=at)
        )


class MatchingRun(PublicModel):
    """One question to the engine and its proven answer; a person publishes it or does not.

    Everything needed to ask again stands here: policy, seed, and the digest of the input.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        PUBLISHED = "published", _("Published")

    MOVES: Mapping[str, frozenset[str]] = {
        Status.QUEUED: frozenset({Status.RUNNING}),
        Status.RUNNING: frozenset({Status.DONE, Status.FAILED}),
        Status.DONE: frozenset({Status.PUBLISHED}),
        Status.FAILED: frozenset(),
        Status.PUBLISHED: frozenset(),
    }

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="runs", verbose_name=_("cohort")
    )
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.QUEUED
    )
    policy = models.JSONField(_("policy"))
    seed = models.PositiveIntegerField(_("seed"), default=0)
    # The engine's input as it was: opaque ids, facts, seats, exclusions.
    problem = models.JSONField(_("input"), default=dict)
    digest = models.CharField(_("digest of the input"), max_length=64, blank=True)
    solver = models.CharField(_("solver"), max_length=80, blank=True)
    prices = models.JSONField(_("prices"), default=dict)
    unmatched_price = models.BigIntegerField(_("price of staying unmatched"), default=0)
    mentors = models.PositiveIntegerField(_("mentors"), default=0)
    mentees = models.PositiveIntegerField(_("mentees"), default=0)
    seats = models.PositiveIntegerField(_("seats"), default=0)
    matched = models.PositiveIntegerField(_("matched mentees"), default=0)
    matched_bound = models.PositiveIntegerField(_("most that can be matched"), default=0)
    score = models.BigIntegerField(_("points"), default=0)
    score_bound = models.BigIntegerField(_("most points at that number"), default=0)
    gap = models.BigIntegerField(_("gap"), default=0)
    seconds = models.FloatField(_("seconds"), default=0)
    lease_until = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    failure = models.CharField(_("what went wrong"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    published_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = MatchingRunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("matching run")
        verbose_name_plural = _("matching runs")
        constraints = (
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="run_published_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="run_published_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(matched__lte=F("matched_bound")), name="run_matched_within_bound"
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort}, {self.created_at:%Y-%m-%d %H:%M}"

    def can_move_to(self, status: str) -> bool:
        return status in self.MOVES[self.status]

    @property
    def is_proven(self) -> bool:
        """No other matching places more, and none that places as many has more points."""
        return self.gap == 0 and self.status in (self.Status.DONE, self.Status.PUBLISHED)

    @property
    def is_unfinished(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def unmatched(self) -> int:
        return self.mentees - self.matched


class Suggestion(models.Model):
    """A pair the engine proposes, with its reasons; a match only when a person publishes it."""

    run = models.ForeignKey(MatchingRun, on_delete=models.CASCADE, related_name="suggestions")
    mentor = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    mentee = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    score = models.PositiveIntegerField(_("points"))
    reasons = models.JSONField(_("reasons"), default=list)

    class Meta:
        ordering = ("-score", "id")
        constraints = (
            models.UniqueConstraint(fields=("run", "mentee"), name="suggestion_once_per_mentee"),
        )

    def __str__(self) -> str:
        return f"{self.mentor.user} · {self.mentee.user}"
