import zlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel, TimestampedModel
from mentorship.shared.base.texts import validate_one_line
from programs.models import Cohort, Participant, Program, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class MatchingRunQuerySet(models.QuerySet["MatchingRun"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "MatchingRunQuerySet":
        mine = self.filter(cohort__program__in=Program.objects.coordinated_by(user))
        return mine.without_proof()

    def shown_to(self, user: "User | AnonymousUser") -> "MatchingRunQuerySet":
        """Drafts that reviewers of their program may read and comment on.

        Not by somebody who takes part in the cohort: nobody reads of their own match before it is
        published. Coordinators see what the reviewers see.
        """
        programs = Program.objects.reviewed_by(user)
        shown = self.filter(shared_at__isnull=False, status=MatchingRun.Status.DONE)
        mine = Participant.objects.present().filter(user=user.pk).values("cohort")
        own = Program.objects.coordinated_by(user)
        return shown.filter(
            Q(cohort__program__in=own) | Q(cohort__program__in=programs) & ~Q(cohort__in=mine)
        ).without_proof()

    def without_proof(self) -> "MatchingRunQuerySet":
        """Without a price for every mentor, which is much and seldom looked at."""
        return self.defer("prices", "floor")

    def unfinished(self) -> "MatchingRunQuerySet":
        """Waiting or being worked on."""
        return self.filter(status__in=(MatchingRun.Status.QUEUED, MatchingRun.Status.RUNNING))

    def answered(self) -> "MatchingRunQuerySet":
        """With a matching, published or not."""
        return self.filter(status__in=(MatchingRun.Status.DONE, MatchingRun.Status.PUBLISHED))

    def to_carry_out(self, at: datetime) -> "MatchingRunQuerySet":
        """Queued, or left behind by a worker whose lease ran out."""
        return self.filter(
            Q(status=MatchingRun.Status.QUEUED)
            | Q(status=MatchingRun.Status.RUNNING, lease_until__lt=at)
        )

    def to_finish(self) -> "MatchingRunQuerySet":
        """Runs for the next best that ended, before anything was made of what they found."""
        ended = (MatchingRun.Status.DONE, MatchingRun.Status.FAILED, MatchingRun.Status.CANCELLED)
        nexts = self.filter(kind=MatchingRun.Kind.NEXT, status__in=ended)
        return nexts.filter(settled_at__isnull=True)


class MatchingRun(PublicModel):
    """One question to the engine and its proven answer; a person publishes it or does not.

    The policy, the seed and the digest of the question stand here, the question itself for some
    time in `RunInput`.
    """

    class Kind(models.TextChoices):
        ASKED = "asked", _("Asked for")
        CHANGED = "changed", _("Changed by hand")
        NEXT = "next", _("Next best")

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        PUBLISHED = "published", _("Published")

    MOVES: Mapping[str, frozenset[str]] = {
        Status.QUEUED: frozenset({Status.RUNNING, Status.CANCELLED}),
        Status.RUNNING: frozenset({Status.DONE, Status.FAILED, Status.CANCELLED}),
        Status.DONE: frozenset({Status.PUBLISHED}),
        Status.FAILED: frozenset(),
        Status.CANCELLED: frozenset(),
        Status.PUBLISHED: frozenset(),
    }

    # A worker that is killed is followed by another, but not by a fourth.
    MOST_ATTEMPTS = 3

    # So many mentees times mentors are looked at while somebody waits for the page.
    AT_ONCE = 40_000

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="runs", verbose_name=_("cohort")
    )
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.QUEUED
    )

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ASKED)
    # What coordinators call it, to tell drafts from each other.
    name = models.CharField(_("name"), max_length=80, blank=True, validators=[validate_one_line])
    # The run this one changes, and by what: {"kind": "lock", "mentee": code, "mentor": code}.
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="changes", editable=False
    )
    change = models.JSONField(default=dict, blank=True, editable=False)
    # Codes of the mentees it is about; empty for everybody who waits.
    only = models.JSONField(default=list, blank=True, editable=False)
    # Of a next best: since when it is introduced, or those it was about know that they wait.
    settled_at = models.DateTimeField(null=True, editable=False)
    # Since when reviewers may read and comment on it.
    shared_at = models.DateTimeField(_("shown to reviewers"), null=True, editable=False)

    # The question.
    policy = models.JSONField(_("policy"))
    objective = models.CharField(_("objective"), max_length=40, blank=True)
    seed = models.PositiveIntegerField(_("seed"), default=0)
    # Pairs that are settled beforehand, as codes: [mentee, mentor].
    locked = models.JSONField(_("locked pairs"), default=list, blank=True)
    digest = models.CharField(_("digest of the input"), max_length=64, blank=True)
    seal = models.CharField(_("seal of the answer"), max_length=64, blank=True)
    # Until there is an answer the one that was asked for, empty for any.
    solver = models.CharField(_("solver"), max_length=80, blank=True)

    # The work.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    step = models.CharField(max_length=40, blank=True, editable=False)
    share = models.FloatField(default=0, editable=False)
    cancel_asked_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    seconds = models.FloatField(_("seconds"), default=0)
    failure = models.CharField(_("what went wrong"), max_length=500, blank=True)

    # Who takes part and was not asked about: on a pause, or not through the gate.
    paused = models.PositiveIntegerField(_("on a pause"), default=0)
    not_ready = models.PositiveIntegerField(_("not ready"), default=0)

    # The answer and its proof.
    mentors = models.PositiveIntegerField(_("mentors"), default=0)
    mentees = models.PositiveIntegerField(_("mentees"), default=0)
    seats = models.PositiveIntegerField(_("seats"), default=0)
    matched = models.PositiveIntegerField(_("matched mentees"), default=0)
    matched_bound = models.PositiveIntegerField(_("most that can be matched"), default=0)
    score = models.BigIntegerField(_("points"), default=0)
    score_bound = models.BigIntegerField(_("most points at that number"), default=0)
    gap = models.BigIntegerField(_("gap"), default=0)
    prices = models.JSONField(_("prices"), default=dict)
    unmatched_price = models.BigIntegerField(_("price of staying unmatched"), default=0)
    # Of the fair floor: the lowest score, what it cost, and the proof of both (`engine.Floor`).
    floor = models.JSONField(_("fair floor"), null=True, blank=True)

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
            # Without a lease nobody would ever take the run up again.
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease_until__isnull=False),
                name="run_running_has_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(failure=""), name="run_failed_says_why"
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort}, {self.created_at:%Y-%m-%d %H:%M}"

    def can_move_to(self, status: str) -> bool:
        return status in self.MOVES[self.status]

    @property
    def is_answered(self) -> bool:
        """Has a matching, published or not."""
        return self.status in (self.Status.DONE, self.Status.PUBLISHED)

    @property
    def is_proven(self) -> bool:
        """No other matching is better under the policy's objective."""
        is_low = self.objective == "fair-floor" and not (self.floor or {}).get("is_proven", True)
        return self.is_answered and self.gap == 0 and not is_low

    @property
    def is_unfinished(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    def is_left_behind(self, at: datetime) -> bool:
        """Whether whoever worked on it has not been heard of for too long."""
        return (
            self.status == self.Status.RUNNING
            and self.lease_until is not None
            and self.lease_until < at
        )

    @property
    def can_be_shown(self) -> bool:
        """Whether reviewers can be asked for comments: a draft with pairs."""
        return self.status == self.Status.DONE and self.matched > 0

    @property
    def is_small(self) -> bool:
        """Whether a question about it can be answered while somebody waits for the page."""
        return self.mentees * self.mentors <= self.AT_ONCE

    @property
    def unmatched(self) -> int:
        return self.mentees - self.matched


class RunCommentQuerySet(models.QuerySet["RunComment"]):
    def with_people(self) -> "RunCommentQuerySet":
        """With who wrote them."""
        return self.select_related("by")


class RunComment(TimestampedModel):
    """What a reviewer or coordinator says of a draft."""

    run = models.ForeignKey(MatchingRun, on_delete=models.CASCADE, related_name="comments")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("comment"), max_length=2000)

    objects = RunCommentQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        verbose_name = _("comment on a run")
        verbose_name_plural = _("comments on runs")

    def __str__(self) -> str:
        return f"{self.by_id} on {self.run_id}"


class RunInputQuerySet(models.QuerySet["RunInput"]):
    def past_their_term(self, on: date) -> "RunInputQuerySet":
        """No longer to be kept on this day."""
        return self.filter(keep_until__lt=on)


class RunInput(models.Model):
    """What the engine was asked in a run, word for word, for as long as it may be kept.

    With it a run can be checked and repeated; without it its figures, pairs and prices stay
    readable. It stands in a table of its own so that nothing loads it by accident: it is large,
    and it holds what people answered and whom they avoid.
    """

    run = models.OneToOneField(MatchingRun, on_delete=models.CASCADE, related_name="input")
    # The canonical text of the input (`engine.Input.to_text`), compressed. Its digest is the run's.
    packed = models.BinaryField()
    # Where the engine goes on from when somebody changes a pair; empty where it has nothing.
    state = models.BinaryField(default=b"")
    keep_until = models.DateField(_("kept until"), db_index=True)

    objects = RunInputQuerySet.as_manager()

    class Meta:
        verbose_name = _("input of a run")
        verbose_name_plural = _("inputs of runs")

    def __str__(self) -> str:
        return f"{self.run_id} until {self.keep_until}"

    @staticmethod
    def pack(text: str) -> bytes:
        return zlib.compress(text.encode(), 6)

    @property
    def text(self) -> str:
        """The text that was packed. Raises zlib.error or ValueError when it was damaged."""
        return zlib.decompress(bytes(self.packed)).decode()


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


class Unmatched(models.Model):
    """A mentee whom a run was asked about and found no mentor for."""

    run = models.ForeignKey(MatchingRun, on_delete=models.CASCADE, related_name="left_over")
    mentee = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("mentee",)
        verbose_name = _("unmatched mentee")
        verbose_name_plural = _("unmatched mentees")
        constraints = (
            models.UniqueConstraint(fields=("run", "mentee"), name="unmatched_once_per_mentee"),
        )

    def __str__(self) -> str:
        return str(self.mentee.user)
