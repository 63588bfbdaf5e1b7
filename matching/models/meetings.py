"""A round in which everybody meets a few of the other side before anybody is matched."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.texts import validate_one_line
from programs.models import Cohort, Participant, Program, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class MeetAndGreetQuerySet(models.QuerySet["MeetAndGreet"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "MeetAndGreetQuerySet":
        return self.filter(cohort__program__in=Program.objects.coordinated_by(user))

    def to_plan(self, at: datetime) -> "MeetAndGreetQuerySet":
        """Queued, or left behind by a worker whose lease ran out."""
        return self.filter(
            Q(status=MeetAndGreet.Status.QUEUED)
            | Q(status=MeetAndGreet.Status.PLANNING, lease_until__lt=at)
        )


class MeetAndGreet(PublicModel):
    """Everybody meets up to so many of the other side, in slots that suit both."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("In preparation")
        QUEUED = "queued", _("Waiting")
        PLANNING = "planning", _("Being planned")
        PLANNED = "planned", _("Planned")
        PUBLISHED = "published", _("Published")

    MOVES: Mapping[str, frozenset[str]] = {
        Status.DRAFT: frozenset({Status.QUEUED}),
        Status.QUEUED: frozenset({Status.PLANNING, Status.DRAFT}),
        Status.PLANNING: frozenset({Status.PLANNED, Status.DRAFT}),
        Status.PLANNED: frozenset({Status.PUBLISHED, Status.QUEUED, Status.DRAFT}),
        Status.PUBLISHED: frozenset(),
    }

    MOST_ATTEMPTS = 3

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="meet_and_greets")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    mentee_meetings = models.PositiveSmallIntegerField(
        _("mentors each mentee meets"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
    )
    mentor_meetings = models.PositiveSmallIntegerField(
        _("mentees each mentor meets"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes of a meeting"),
        default=20,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
    )
    place = models.CharField(
        _("where"),
        max_length=300,
        blank=True,
        validators=[validate_one_line],
        help_text=_("A room, or a link to a call. Everybody who meets somebody reads it."),
    )
    # The work and its answer.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=500, blank=True)
    # Figures of the plan: how many meet whom, and how far it may be from the best (engine).
    figures = models.JSONField(default=dict, editable=False)
    planned_at = models.DateTimeField(null=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    published_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = MeetAndGreetQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("meet-and-greet")
        verbose_name_plural = _("meet-and-greets")
        constraints = (
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="meet_published_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="meet_published_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="planning") | Q(lease_until__isnull=False),
                name="meet_planning_has_a_lease",
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort}, {self.created_at:%Y-%m-%d}"

    def can_move_to(self, status: str) -> bool:
        return status in self.MOVES[self.status]

    @property
    def is_unfinished(self) -> bool:
        """A worker has it, or it waits for one."""
        return self.status in (self.Status.QUEUED, self.Status.PLANNING)

    @property
    def has_plan(self) -> bool:
        """Has meetings to look at, published or not."""
        return self.status in (self.Status.PLANNED, self.Status.PUBLISHED)

    @property
    def can_change(self) -> bool:
        """Whether its times and limits may still be others."""
        return self.status in (self.Status.DRAFT, self.Status.PLANNED)


class MeetingSlot(models.Model):
    """A time at which meetings of a round may be."""

    round = models.ForeignKey(MeetAndGreet, on_delete=models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField(_("starts"))

    class Meta:
        ordering = ("starts_at",)
        constraints = (
            models.UniqueConstraint(fields=("round", "starts_at"), name="meeting_slot_once"),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def of(self, user: "User | AnonymousUser") -> "MeetingQuerySet":
        """Meetings this person is one side of, once the round is published."""
        mine = Participant.objects.of(user)
        return self.told().filter(Q(mentee__in=mine) | Q(mentor__in=mine))

    def told(self) -> "MeetingQuerySet":
        """Of published rounds, between two who are still there, and not called off."""
        return self.filter(
            round__status=MeetAndGreet.Status.PUBLISHED,
            called_off_at__isnull=True,
            mentee__left_at__isnull=True,
            mentor__left_at__isnull=True,
        )

    def with_people(self) -> "MeetingQuerySet":
        return self.select_related("round__cohort__program", "slot", "mentee__user", "mentor__user")


class Meeting(PublicModel):
    """A mentee and a mentor meet for a few minutes in a slot."""

    round = models.ForeignKey(MeetAndGreet, on_delete=models.CASCADE, related_name="meetings")
    slot = models.ForeignKey(MeetingSlot, on_delete=models.CASCADE, related_name="meetings")
    mentee = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    mentor = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    score = models.PositiveIntegerField(_("points"), default=0)
    # Since when it does not take place: one of the two left, or is away.
    called_off_at = models.DateTimeField(_("called off"), null=True, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ("slot__starts_at", "id")
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = (
            models.UniqueConstraint(fields=("slot", "mentee"), name="meeting_mentee_once_a_slot"),
            models.UniqueConstraint(fields=("slot", "mentor"), name="meeting_mentor_once_a_slot"),
            models.UniqueConstraint(
                fields=("round", "mentee", "mentor"), name="meeting_of_a_pair_once"
            ),
            models.CheckConstraint(condition=~Q(mentee=F("mentor")), name="meeting_of_two"),
        )

    def __str__(self) -> str:
        return f"{self.mentee_id}, {self.mentor_id}"

    def side_of(self, user: "User | AnonymousUser") -> Participant:
        """The part of the two that is this person's; the mentor where it is neither."""
        return self.mentee if user.pk == self.mentee.user_id else self.mentor

    def other_than(self, participant: Participant) -> Participant:
        """The other of the two."""
        return self.mentor if participant.pk == self.mentee_id else self.mentee

    @property
    def starts_at(self) -> datetime:
        """When its slot begins."""
        return self.slot.starts_at

    @property
    def ends_at(self) -> datetime:
        """When its slot is over."""
        return self.starts_at + timedelta(minutes=self.round.minutes)
