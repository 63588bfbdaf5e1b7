"""What the engine is asked about a finished run: why, why not, what if."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from matching.models.runs import MatchingRun
from mentorship.shared.base.models import PublicModel
from programs.models import Participant, Program, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "InquiryQuerySet":
        return self.filter(run__cohort__program__in=Program.objects.coordinated_by(user))

    def to_answer(self, at: datetime) -> "InquiryQuerySet":
        """Waiting, or left behind by a worker whose lease ran out."""
        return self.filter(
            Q(status=Inquiry.Status.WAITING, lease_until__isnull=True)
            | Q(status=Inquiry.Status.WAITING, lease_until__lt=at)
        )


class Inquiry(PublicModel):
    """One question about a finished run and the engine's answer, asked once and kept.

    Answers name people by their codes. They tell what people answered, so they go when the run's
    input goes.
    """

    class Kind(models.TextChoices):
        # about the whole run
        HOW_SURE = "how-sure", _("How sure each pair is")
        RECRUIT = "recruit", _("Whom to recruit")
        AUDIT = "audit", _("How groups fared")
        # about one mentee
        INSTEAD = "instead", _("Who comes next for a mentee")
        WHY_UNMATCHED = "why-unmatched", _("Why somebody has no match")
        # about a mentee and a mentor
        WHY_NOT = "why-not", _("Why two are not together")
        IF_FORBIDDEN = "if-forbidden", _("What if two must not be together")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ANSWERED = "answered", _("Answered")
        FAILED = "failed", _("Failed")

    MOVES: Mapping[str, frozenset[str]] = {
        Status.WAITING: frozenset({Status.ANSWERED, Status.FAILED}),
        Status.ANSWERED: frozenset(),
        Status.FAILED: frozenset(),
    }

    MOST_ATTEMPTS = 3

    run = models.ForeignKey(MatchingRun, on_delete=models.CASCADE, related_name="inquiries")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    mentee = models.ForeignKey(Participant, on_delete=models.PROTECT, null=True, related_name="+")
    mentor = models.ForeignKey(Participant, on_delete=models.PROTECT, null=True, related_name="+")
    # run, kind, mentee and mentor in one text, since nulls are never equal to each other
    key = models.CharField(max_length=120, unique=True, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    answer = models.JSONField(null=True)
    failure = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    share = models.FloatField(default=0, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("question about a run")
        verbose_name_plural = _("questions about runs")
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="answered")
                | Q(answer__isnull=False, answered_at__isnull=False),
                name="inquiry_answered_has_an_answer",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(failure=""), name="inquiry_failed_says_why"
            ),
        )

    def __str__(self) -> str:
        return self.key

    def can_move_to(self, status: str) -> bool:
        return status in self.MOVES[self.status]

    @staticmethod
    def key_of(
        run: MatchingRun, kind: str, mentee: Participant | None, mentor: Participant | None
    ) -> str:
        """What makes a question the same one."""
        sides = (one.code if one else "" for one in (mentee, mentor))
        return ":".join((run.code, kind, *sides))
