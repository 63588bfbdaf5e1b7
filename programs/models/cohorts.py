from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base import clock
from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.base.zones import instant, local, validate_zone
from mentorship.shared.questions.models import Question, Questionnaire
from programs.models.programs import Program
from programs.models.roles import Choice, Pace, Role
from programs.timeline import Milestone, Phase, milestones, phases

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from programs.models.people import User


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

    def current(self) -> "CohortQuerySet":
        """Not put away."""
        return self.filter(archived_at__isnull=True)

    def archived(self) -> "CohortQuerySet":
        return self.filter(archived_at__isnull=False)

    def public(self) -> "CohortQuerySet":
        """What a visitor may read about."""
        return self.current().filter(opened_at__isnull=False)

    def accepting_applications(self, at: datetime) -> "CohortQuerySet":
        """Twin of `Cohort.accepts_applications`; each cohort counts days in its own zone."""
        days = Q(pk__in=[])
        for zone in self.order_by("time_zone").values_list("time_zone", flat=True).distinct():
            today = local(at, zone).date()
            in_time = Q(apply_until__gte=today) | Q(is_always_on=True)
            days |= in_time & Q(time_zone=zone, apply_from__lte=today)
        return self.public().filter(days, opened_at__lte=at)

    def perhaps_accepting(self, at: datetime) -> "CohortQuerySet":
        """Those that accept applications, and a few for which that depends on their zone.

        One query, where the exact answer needs one for the zones too; ask each of the rest.
        """
        day, near = at.date(), timedelta(days=1)
        in_time = Q(apply_until__gte=day - near) | Q(is_always_on=True)
        return self.public().filter(in_time, apply_from__lte=day + near, opened_at__lte=at)

    def running(self, at: datetime) -> "CohortQuerySet":
        """Opened, not archived, and between start and end in its own zone."""
        days = Q(pk__in=[])
        for zone in self.order_by("time_zone").values_list("time_zone", flat=True).distinct():
            today = local(at, zone).date()
            in_time = Q(ends_on__gte=today) | Q(is_always_on=True)
            days |= in_time & Q(time_zone=zone, starts_on__lte=today)
        return self.public().filter(days)


class Cohort(PublicModel):
    """One round of a program. Its dates are days in `time_zone`, first and last included.

    A cohort that is always on has no last day: people apply at any time, and each pair runs
    `match_weeks` weeks from the day it is introduced. Then `apply_until`, `review_until`,
    `match_on` and `ends_on` are None.
    """

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="cohorts", verbose_name=_("program")
    )
    name = models.CharField(_("name"), max_length=120, validators=[validate_one_line])
    time_zone = models.CharField(_("time zone"), max_length=60, validators=[validate_zone])
    is_always_on = models.BooleanField(
        _("always on"),
        default=False,
        help_text=_("No last day: people apply at any time, and each pair has its own end."),
    )
    apply_from = models.DateField(_("applications from"))
    apply_until = models.DateField(_("applications until"), null=True, blank=True)
    review_until = models.DateField(_("reviewed by"), null=True, blank=True)
    match_on = models.DateField(_("matched on"), null=True, blank=True)
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    match_weeks = models.PositiveSmallIntegerField(
        _("weeks of a pair"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(104)],
    )
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
    has_flexible_pace = models.BooleanField(
        _("offer a flexible pace"),
        default=False,
        help_text=_("For people who care for others: no fixed hours, fewer meetings."),
    )
    flexible_weeks = models.PositiveSmallIntegerField(
        _("weeks between check-ins at a flexible pace"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    is_one_to_one = models.BooleanField(
        _("one to one"), default=True, help_text=_("A mentee has one mentor at a time.")
    )
    # No more of each are accepted; None is no limit.
    mentor_places = models.PositiveIntegerField(
        _("places for mentors"), null=True, blank=True, validators=[MaxValueValidator(100_000)]
    )
    mentee_places = models.PositiveIntegerField(
        _("places for mentees"), null=True, blank=True, validators=[MaxValueValidator(100_000)]
    )
    mentor_questions = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="+", verbose_name=_("mentor's form")
    )
    mentee_questions = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="+", verbose_name=_("mentee's form")
    )
    is_blind = models.BooleanField(
        _("hide names from reviewers"),
        default=False,
        help_text=_("Reviewers see a number, and no name, address or link."),
    )
    reviews_each = models.PositiveSmallIntegerField(
        _("reviewers for each application"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    offer_days = models.PositiveSmallIntegerField(
        _("days to take an offer"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    offers_go_on = models.BooleanField(
        _("offer a free place to the next"),
        default=False,
        help_text=_("When an offer is not taken, the next on the waiting list gets it."),
    )
    policy = models.JSONField(_("matching policy"), default=dict, blank=True)
    choice = models.CharField(
        _("who chooses"), max_length=10, choices=Choice.choices, default=Choice.ASSIGNED
    )
    choose_until = models.DateField(
        _("last day to choose"),
        null=True,
        blank=True,
        help_text=_("Until then people say whom they would like; without it, until the matching."),
    )
    # None: whoever is introduced is matched at once, and nobody is asked.
    answer_days = models.PositiveSmallIntegerField(
        _("days to answer an introduction"),
        null=True,
        blank=True,
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("Both say yes before they are matched. Empty: they are matched at once."),
    )
    next_best = models.BooleanField(
        _("go on to the next best"),
        default=True,
        help_text=_("When an introduction does not work out, the next best is introduced."),
    )
    ask_days = models.PositiveSmallIntegerField(
        _("days to answer an ask"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    # None: nobody is asked whether they are still in touch.
    silent_days = models.PositiveSmallIntegerField(
        _("days without contact"),
        null=True,
        blank=True,
        default=None,
        validators=[MinValueValidator(7), MaxValueValidator(365)],
        help_text=_("After so many days a pair is asked, then warned, then closed."),
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "name")
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    is_always_on=False,
                    apply_until__isnull=False,
                    ends_on__isnull=False,
                    match_weeks__isnull=True,
                )
                | Q(
                    is_always_on=True,
                    apply_until__isnull=True,
                    review_until__isnull=True,
                    match_on__isnull=True,
                    ends_on__isnull=True,
                    match_weeks__isnull=False,
                ),
                name="cohort_has_dates_or_is_always_on",
            ),
            models.CheckConstraint(
                condition=Q(apply_until__gte=F("apply_from")), name="cohort_applies_in_order"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__gt=F("apply_until")), name="cohort_starts_after_applications"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__gte=F("apply_from")), name="cohort_starts_after_opening"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="cohort_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(review_until__gte=F("apply_until"))
                & Q(review_until__lte=F("starts_on")),
                name="cohort_reviews_before_start",
            ),
            models.CheckConstraint(
                condition=Q(match_on__gte=F("apply_until")) & Q(match_on__lte=F("starts_on")),
                name="cohort_matches_before_start",
            ),
            models.CheckConstraint(
                condition=Q(match_on__gte=F("review_until")), name="cohort_matches_after_review"
            ),
            models.CheckConstraint(
                condition=Q(match_weeks__gte=1, match_weeks__lte=104),
                name="cohort_pair_1_to_104_weeks",
            ),
            models.CheckConstraint(
                condition=Q(checkin_weeks__gte=1, checkin_weeks__lte=12),
                name="cohort_rhythm_1_to_12_weeks",
            ),
            models.CheckConstraint(
                condition=Q(reviews_each__gte=1, reviews_each__lte=5),
                name="cohort_1_to_5_reviews_each",
            ),
            models.CheckConstraint(
                condition=Q(offer_days__gte=1, offer_days__lte=60), name="cohort_offer_1_to_60_days"
            ),
            models.CheckConstraint(
                condition=Q(choice__in=("assigned", "ranked", "open")),
                name="cohort_choice_is_known",
            ),
            models.CheckConstraint(
                condition=Q(answer_days__isnull=True) | Q(answer_days__gte=1, answer_days__lte=60),
                name="cohort_answer_1_to_60_days",
            ),
            models.CheckConstraint(
                condition=Q(ask_days__gte=1, ask_days__lte=60), name="cohort_ask_1_to_60_days"
            ),
            models.CheckConstraint(
                condition=Q(silent_days__isnull=True) | Q(silent_days__gte=7, silent_days__lte=365),
                name="cohort_silent_7_to_365_days",
            ),
            models.CheckConstraint(
                condition=Q(flexible_weeks__gte=1, flexible_weeks__lte=12),
                name="cohort_flexible_1_to_12_weeks",
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
            and self.is_time_to_apply(local(at, self.time_zone).date())
        )

    def is_time_to_apply(self, day: date) -> bool:
        """Whether `day` lies between the first and the last day for applications."""
        return self.apply_from <= day and (self.apply_until is None or day <= self.apply_until)

    @property
    def apply_deadline(self) -> datetime | None:
        """The last second in which one may apply; None when that is at any time."""
        if self.apply_until is None:
            return None
        midnight = instant(self.apply_until + timedelta(days=1), time(0), self.time_zone)
        return midnight - timedelta(seconds=1)

    def stage(self, at: datetime) -> Stage:
        """Where the cohort stands at the instant `at`; one that is always on never ends."""
        today = local(at, self.time_zone).date()
        if self.archived_at is not None:
            return Stage.ARCHIVED
        if self.opened_at is None or today < self.apply_from:
            return Stage.DRAFT
        if self.is_over(today):
            return Stage.ENDED
        if today >= self.starts_on:
            return Stage.RUNNING
        return Stage.APPLYING if self.is_time_to_apply(today) else Stage.MATCHING

    @property
    def stage_now(self) -> Stage:
        return self.stage(clock.now())

    def is_over(self, day: date) -> bool:
        """Whether the last day lies before `day`."""
        return self.ends_on is not None and day > self.ends_on

    @property
    def midpoint_on(self) -> date | None:
        """The day half-way between start and end; None when it is always on."""
        if self.ends_on is None:
            return None
        return self.starts_on + (self.ends_on - self.starts_on) // 2

    @property
    def milestones(self) -> list[Milestone]:
        """The days that are set, in their order."""
        return milestones(self)

    @property
    def phases(self) -> list[Phase]:
        """The stretches of time from the first day to the last."""
        return phases(self)

    def last_day_of_a_pair(self, introduced_on: date) -> date:
        """The last day of a pair that was introduced on that day."""
        if self.ends_on is not None:
            return self.ends_on
        return max(self.starts_on, introduced_on) + timedelta(weeks=self.match_weeks or 1, days=-1)

    def week(self, at: datetime) -> int:
        """The week of the program, 1 from the first day; 0 before the start."""
        days = (local(at, self.time_zone).date() - self.starts_on).days
        return 0 if days < 0 else days // 7 + 1

    @property
    def weeks(self) -> int:
        """How many weeks a pair works together, a begun one counts."""
        if self.ends_on is None:
            return self.match_weeks or 0
        return (self.ends_on - self.starts_on + timedelta(days=6)).days // 7

    def weeks_between_checkins(self, paces: list[str]) -> int:
        """The rhythm of people with these paces: the flexible one when any of them asked for it."""
        if self.has_flexible_pace and Pace.FLEXIBLE in paces:
            return self.flexible_weeks
        return self.checkin_weeks

    def pace_told(self, facts: Mapping[str, Any]) -> Pace:
        """The pace that somebody with these facts takes part at; the usual one unless offered."""
        wishes_it = facts.get("pace") == Pace.FLEXIBLE
        return Pace.FLEXIBLE if self.has_flexible_pace and wishes_it else Pace.USUAL

    def sensitive_facts(self) -> frozenset[str]:
        """Facts that only coordinators may read, as the questions of both forms say."""
        forms = (self.mentor_questions_id, self.mentee_questions_id)
        told = Question.objects.filter(questionnaire__in=forms, is_sensitive=True)
        return frozenset(told.exclude(fact="").values_list("fact", flat=True))

    def places_for(self, role: str) -> int | None:
        """How many people may take part in this role; None when nobody set a limit."""
        return self.mentor_places if role == Role.MENTOR else self.mentee_places

    def questions_for(self, role: str) -> Questionnaire:
        """The application form of this role."""
        return self.mentor_questions if role == Role.MENTOR else self.mentee_questions

    def free_places(self, role: str) -> int | None:
        """How many places in this role are neither taken nor offered; None without a limit."""
        places = self.places_for(role)
        if places is None:
            return None
        taken = self.participants.filter(role=role, left_at__isnull=True).count()
        return places - taken - self.applications.filter(role=role, status="offered").count()
