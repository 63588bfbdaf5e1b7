from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.base.zones import local, validate_zone
from mentorship.shared.questions.models import Question, Questionnaire
from programs.models.people import User
from programs.models.roles import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ProgramQuerySet(models.QuerySet["Program"]):
    def public(self) -> "ProgramQuerySet":
        """What a visitor may read about: a cohort of it was opened and is not archived."""
        return self.filter(
            archived_at__isnull=True, pk__in=Cohort.objects.public().values("program")
        )

    def coordinated_by(self, user: "User | AnonymousUser") -> "ProgramQuerySet":
        """Programs this person runs."""
        return self.held_by(user, Membership.Role.COORDINATOR)

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
    reply_to = models.EmailField(_("address for questions"), blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("program")
        verbose_name_plural = _("programs")

    def __str__(self) -> str:
        return self.name


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


class Stage(models.TextChoices):
    """Where a cohort stands, computed from its dates and facts."""

    DRAFT = "draft", _("In preparation")
    APPLYING = "applying", _("Applications open")
    MATCHING = "matching", _("Reviewing and matching")
    RUNNING = "running", _("Running")
    ENDED = "ended", _("Ended")
    ARCHIVED = "archived", _("Archived")


class CohortQuerySet(models.QuerySet["Cohort"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "CohortQuerySet":
        return self.filter(program__in=Program.objects.coordinated_by(user))

    def watched_by(self, user: "User | AnonymousUser") -> "CohortQuerySet":
        return self.filter(program__in=Program.objects.watched_by(user))

    def public(self) -> "CohortQuerySet":
        """What a visitor may read about."""
        return self.filter(opened_at__isnull=False, archived_at__isnull=True)

    def accepting_applications(self, at: datetime) -> "CohortQuerySet":
        """Twin of `Cohort.accepts_applications`; each cohort counts days in its own zone."""
        days = Q(pk__in=[])
        for zone in self.order_by("time_zone").values_list("time_zone", flat=True).distinct():
            today = local(at, zone).date()
            days |= Q(time_zone=zone, apply_from__lte=today, apply_until__gte=today)
        return self.public().filter(days, opened_at__lte=at)

    def running(self, at: datetime) -> "CohortQuerySet":
        """Opened, not archived, and between start and end in its own zone."""
        days = Q(pk__in=[])
        for zone in self.order_by("time_zone").values_list("time_zone", flat=True).distinct():
            today = local(at, zone).date()
            days |= Q(time_zone=zone, starts_on__lte=today, ends_on__gte=today)
        return self.public().filter(days)


class Cohort(PublicModel):
    """One round of a program. Its dates are days in `time_zone`, first and last included."""

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="cohorts", verbose_name=_("program")
    )
    name = models.CharField(_("name"), max_length=120, validators=[validate_one_line])
    time_zone = models.CharField(_("time zone"), max_length=60, validators=[validate_zone])
    apply_from = models.DateField(_("applications from"))
    apply_until = models.DateField(_("applications until"))
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"))
    checkin_weeks = models.PositiveSmallIntegerField(
        _("weeks between check-ins"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    checkin_minutes = models.PositiveSmallIntegerField(
        _("minutes of a check-in"),
        default=45,
        validators=[MinValueValidator(15), MaxValueValidator(240)],
    )
    is_one_to_one = models.BooleanField(
        _("one to one"), default=True, help_text=_("A mentee has one mentor at a time.")
    )
    mentor_questions = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="+", verbose_name=_("mentor's form")
    )
    mentee_questions = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="+", verbose_name=_("mentee's form")
    )
    policy = models.JSONField(_("matching policy"), default=dict, blank=True)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "name")
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        constraints = (
            models.CheckConstraint(
                condition=Q(apply_until__gte=F("apply_from")), name="cohort_applies_in_order"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__gt=F("apply_until")), name="cohort_starts_after_applications"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="cohort_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(checkin_weeks__gte=1, checkin_weeks__lte=12),
                name="cohort_rhythm_1_to_12_weeks",
            ),
            models.CheckConstraint(
                condition=Q(checkin_minutes__gte=15, checkin_minutes__lte=240),
                name="cohort_checkin_15_to_240_minutes",
            ),
        )

    def __str__(self) -> str:
        return f"{self.program.name}, {self.name}"

    def accepts_applications(self, at: datetime) -> bool:
        """Whether one may apply at the instant `at`; the last day counts to its last second."""
        return (
            self.opened_at is not None
            and self.opened_at <= at
            and self.archived_at is None
            and self.apply_from <= local(at, self.time_zone).date() <= self.apply_until
        )

    def stage(self, at: datetime) -> Stage:
        """Where the cohort stands at the instant `at`."""
        today = local(at, self.time_zone).date()
        if self.archived_at is not None:
            return Stage.ARCHIVED
        if self.opened_at is None or today < self.apply_from:
            return Stage.DRAFT
        if today > self.ends_on:
            return Stage.ENDED
        if today >= self.starts_on:
            return Stage.RUNNING
        return Stage.APPLYING if today <= self.apply_until else Stage.MATCHING

    @property
    def stage_now(self) -> Stage:
        return self.stage(clock.now())

    @property
    def midpoint_on(self) -> Any:
        """The day half-way between start and end."""
        return self.starts_on + (self.ends_on - self.starts_on) // 2

    def week(self, at: datetime) -> int:
        """The week of the program, 1 from the first day; 0 before the start."""
        days = (local(at, self.time_zone).date() - self.starts_on).days
        return 0 if days < 0 else days // 7 + 1

    @property
    def weeks(self) -> int:
        """How many weeks the cohort runs, a begun one counts."""
        return (self.ends_on - self.starts_on + timedelta(days=6)).days // 7

    def sensitive_facts(self) -> frozenset[str]:
        """Facts that only coordinators may read, as the questions of both forms say."""
        forms = (self.mentor_questions_id, self.mentee_questions_id)
        told = Question.objects.filter(questionnaire__in=forms, is_sensitive=True)
        return frozenset(told.exclude(fact="").values_list("fact", flat=True))

    def questions_for(self, role: str) -> Questionnaire:
        """The application form of this role."""
        return self.mentor_questions if role == Role.MENTOR else self.mentee_questions
