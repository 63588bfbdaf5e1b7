"""How applications are judged: the rubric, who reads what, what they think, and interviews."""

from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel, TimestampedModel
from mentorship.shared.base.texts import validate_one_line
from programs.models.applications import Application
from programs.models.cohorts import Cohort
from programs.models.people import User
from programs.models.programs import Program
from programs.models.roles import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LOWEST, HIGHEST = 1, 5


class CriterionQuerySet(models.QuerySet["Criterion"]):
    def asked_of(self, role: str) -> "CriterionQuerySet":
        """What an application in this role is judged by."""
        return self.filter(role__in=("", role))


class Criterion(TimestampedModel):
    """One line of a cohort's rubric: what is judged, and what the ends of its scale mean.

    A cohort without lines of its own is judged by the usual ones (`programs.rubric`).
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="criteria")
    # Names the score in a review; stays when the words change.
    key = models.CharField(max_length=40, validators=[RegexValidator(r"^[a-z][a-z0-9_]*$")])
    role = models.CharField(
        _("for"), max_length=10, choices=[("", _("Both roles")), *Role.choices], blank=True
    )
    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("what is judged"), max_length=120, validators=[validate_one_line])
    low = models.CharField(_("1 means"), max_length=200, blank=True)
    high = models.CharField(_("5 means"), max_length=200, blank=True)
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    objects = CriterionQuerySet.as_manager()

    class Meta:
        ordering = ("position", "id")
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = (
            models.UniqueConstraint(fields=("cohort", "key"), name="criterion_key_once_per_cohort"),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=5), name="criterion_weight_1_to_5"
            ),
        )

    def __str__(self) -> str:
        return self.title


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def of(self, user: "User | AnonymousUser") -> "AssignmentQuerySet":
        """What this person was given to read, in programs that still trust them with it."""
        programs = Program.objects.reviewed_by(user)
        mine = self.filter(reviewer=user.pk, handed_back_at__isnull=True)
        return mine.filter(
            application__cohort__program__in=programs,
            application__submitted_at__isnull=False,
        ).exclude(application__status=Application.Status.DRAFT)

    def not_withdrawn(self) -> "AssignmentQuerySet":
        """Without those whose applicants took them back."""
        return self.exclude(application__status=Application.Status.WITHDRAWN)

    def to_do_first(self) -> "AssignmentQuerySet":
        """Each with `is_in`, whether the review is; those to do come first, then by number."""
        mine = Review.objects.filter(
            application=OuterRef("application"), reviewer=OuterRef("reviewer")
        )
        told = self.annotate(
            is_in=Exists(mine.handed_in()), is_begun=Exists(mine.filter(submitted_at=None))
        )
        return told.order_by("is_in", "application__number", "application__code")

    def to_do(self) -> "AssignmentQuerySet":
        """Those of `to_do_first` that still wait for the review, which can still count."""
        undecided = Q(application__status__in=Application.UNDECIDED)
        return self.to_do_first().filter(undecided, Q(is_in=False))

    def standing(self) -> "AssignmentQuerySet":
        """Not handed back."""
        return self.filter(handed_back_at__isnull=True)


class Assignment(TimestampedModel):
    """An application given to a reviewer. Handed back, it stays as the reason not to ask again."""

    class Reason(models.TextChoices):
        KNOWS = "knows", _("I know this person")
        INVOLVED = "involved", _("I am involved: the same organisation, or I apply too")
        OTHER = "other", _("Another reason")

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="assignments"
    )
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    # Empty when it was the system's or the reviewer's own doing.
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    handed_back_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "reviewer"), name="assignment_once_per_reviewer"
            ),
            models.CheckConstraint(
                condition=Q(handed_back_at__isnull=True, reason="")
                | Q(handed_back_at__isnull=False) & ~Q(reason=""),
                name="assignment_handed_back_with_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.application.code} for {self.reviewer}"


class ReviewQuerySet(models.QuerySet["Review"]):
    def handed_in(self) -> "ReviewQuerySet":
        return self.filter(submitted_at__isnull=False)


class Review(PublicModel):
    """What one reviewer thinks of one application. A draft until it is handed in."""

    class Advice(models.TextChoices):
        YES = "yes", _("Accept")
        MAYBE = "maybe", _("Perhaps")
        NO = "no", _("Decline")

    class Flag(models.TextChoices):
        DISHONEST = "dishonest", _("Something is not true")
        COPIED = "copied", _("The text is not their own")
        SALES = "sales", _("Wants to sell or to hire")
        RESPECT = "respect", _("Disrespectful words")
        TIME = "time", _("No time for it")
        OTHER = "other", _("Something else")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reviews")
    scores = models.JSONField(_("scores"), default=dict)
    # The weighted mean of the scores, kept when the review is handed in.
    score = models.FloatField(_("score"), null=True, editable=False)
    note = models.TextField(_("note"), max_length=4000, blank=True)
    flags = models.JSONField(_("red flags"), default=list, blank=True)
    flag_words = models.CharField(_("what you noticed"), max_length=500, blank=True)
    is_flagged = models.BooleanField(default=False, editable=False)
    advice = models.CharField(
        _("recommendation"), max_length=10, choices=Advice.choices, blank=True
    )
    submitted_at = models.DateTimeField(_("handed in"), null=True, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "reviewer"), name="review_once_per_reviewer"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True)
                | Q(score__isnull=False, score__gte=LOWEST, score__lte=HIGHEST) & ~Q(advice=""),
                name="review_handed_in_is_complete",
            ),
        )

    def __str__(self) -> str:
        return f"{self.application.code} by {self.reviewer}"

    @property
    def is_handed_in(self) -> bool:
        return self.submitted_at is not None

    def flags_in_words(self) -> list[str]:
        """The red flags as people read them; one of an earlier version is its own word."""
        words = dict(self.Flag.choices)
        return [str(words.get(flag, flag)) for flag in self.flags]


class InterviewQuerySet(models.QuerySet["Interview"]):
    def planned(self) -> "InterviewQuerySet":
        return self.filter(held_at__isnull=True, cancelled_at__isnull=True)


class Interview(PublicModel):
    """A talk with an applicant before the decision."""

    class Outcome(models.TextChoices):
        GOOD = "good", _("It went well")
        UNSURE = "unsure", _("Not sure")
        BAD = "bad", _("It does not fit")
        MISSED = "missed", _("The person did not come")

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="interviews"
    )
    interviewer = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("who leads it")
    )
    planned_at = models.DateTimeField(_("when"))
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=30, validators=[MinValueValidator(10), MaxValueValidator(180)]
    )
    place = models.CharField(
        _("where"), max_length=300, blank=True, validators=[validate_one_line],
        help_text=_("A link, a telephone number or a room. The applicant reads it."),
    )  # fmt: skip
    notes = models.TextField(_("notes"), max_length=4000, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    held_at = models.DateTimeField(null=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, editable=False)

    objects = InterviewQuerySet.as_manager()

    class Meta:
        ordering = ("-planned_at", "-id")
        verbose_name = _("interview")
        verbose_name_plural = _("interviews")
        constraints = (
            models.UniqueConstraint(
                fields=("application",),
                condition=Q(held_at__isnull=True, cancelled_at__isnull=True),
                name="interview_one_planned",
            ),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, outcome="")
                | Q(held_at__isnull=False, cancelled_at__isnull=True) & ~Q(outcome=""),
                name="interview_held_has_its_outcome",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=10, minutes__lte=180), name="interview_10_to_180_minutes"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application.code}, {self.planned_at:%Y-%m-%d %H:%M}"

    @property
    def is_planned(self) -> bool:
        return self.held_at is None and self.cancelled_at is None

    @property
    def state(self) -> str:
        """Where it stands, in a word for a page."""
        if self.cancelled_at is not None:
            return gettext("Cancelled")
        return gettext("Planned") if self.held_at is None else str(self.get_outcome_display())


class SavedView(PublicModel):
    """A person's own filter of a cohort's applications, by name."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60, validators=[validate_one_line])
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "user", "name"), name="saved_view_name_once_per_person"
            ),
        )

    def __str__(self) -> str:
        return self.name
