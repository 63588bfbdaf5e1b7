from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from matching.models import Match, Place
from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.zones import instant, validate_zone
from programs.models import Participant, Program, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# A reminder reaches both sides with a working day left to move the meeting.
REMIND_BEFORE = timedelta(hours=24)
# Longer than any check-in takes, from its start; later than a week nobody remembers, so nobody
# is asked.
ASK_AFTER = timedelta(hours=5)
ASK_UNTIL = timedelta(days=7)


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    def of(self, user: "User | AnonymousUser") -> "CheckInQuerySet":
        """Check-ins of the matches this person is in, as far as they are theirs to read.

        Who came later reads what was from their time on, and what was before only where it was
        handed over to them.
        """
        places = Place.objects.open().filter(
            Q(from_at__lte=F("match__introduced_at"))
            | Q(is_handed_over=True)
            | Q(from_at__lte=OuterRef("starts_at")),
            match=OuterRef("match"),
            participant__in=Participant.objects.of(user),
        )
        return self.filter(Exists(places))

    def coordinated_by(self, user: "User | AnonymousUser") -> "CheckInQuerySet":
        return self.filter(match__cohort__program__in=Program.objects.coordinated_by(user))

    def scheduled(self) -> "CheckInQuerySet":
        return self.filter(status=CheckIn.Status.SCHEDULED)

    def held(self) -> "CheckInQuerySet":
        return self.filter(status=CheckIn.Status.HELD)

    def upcoming(self, at: datetime) -> "CheckInQuerySet":
        return self.scheduled().filter(starts_at__gt=at)

    def due_for_reminder(self, at: datetime) -> "CheckInQuerySet":
        """Starting within a day and not announced yet; one that began is never announced."""
        return self.scheduled().filter(
            reminded_at__isnull=True,
            starts_at__gt=at,
            starts_at__lte=at + REMIND_BEFORE,
            match__status=Match.Status.RUNNING,
        )

    def due_for_question(self, at: datetime) -> "CheckInQuerySet":
        """Over for a while, nobody said how it went, and not asked yet."""
        return self.scheduled().filter(
            asked_at__isnull=True,
            starts_at__lte=at - ASK_AFTER,
            starts_at__gt=at - ASK_UNTIL,
            match__status=Match.Status.RUNNING,
        )

    def with_people(self) -> "CheckInQuerySet":
        places = Place.objects.select_related("participant__user").order_by("role", "id")
        return self.select_related("match__cohort__program").prefetch_related(
            models.Prefetch("match__places", places)
        )


class CheckIn(PublicModel):
    """A meeting of a match: planned, and afterwards held, missed or cancelled.

    People mean wall time, so the day, the hour and the zone are kept; `starts_at` is the
    instant that follows from them, kept beside them for the sweeps to search.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Planned")
        HELD = "held", _("Held")
        MISSED = "missed", _("Did not happen")
        CANCELLED = "cancelled", _("Cancelled")

    MOVES: Mapping[str, frozenset[str]] = {
        Status.SCHEDULED: frozenset({Status.HELD, Status.MISSED, Status.CANCELLED}),
        # people correct themselves
        Status.HELD: frozenset({Status.MISSED}),
        Status.MISSED: frozenset({Status.HELD}),
        Status.CANCELLED: frozenset(),
    }

    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="checkins")
    number = models.PositiveSmallIntegerField(_("number"))
    local_on = models.DateField(_("day"))
    local_at = models.TimeField(_("time"))
    time_zone = models.CharField(_("time zone"), max_length=60, validators=[validate_zone])
    starts_at = models.DateTimeField(_("starts"), db_index=True, editable=False)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=45)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.SCHEDULED
    )
    reminded_at = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    moved_at = models.DateTimeField(null=True, editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    rating = models.PositiveSmallIntegerField(
        _("how useful it was"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    notes = models.TextField(
        _("shared notes"), max_length=4000, blank=True, help_text=_("Read by the two of you only.")
    )

    objects = CheckInQuerySet.as_manager()

    # Set by pages of one person: whom that person meets.
    others: list[Participant]

    class Meta:
        ordering = ("starts_at", "id")
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = (
            models.UniqueConstraint(fields=("match", "number"), name="checkin_number_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="checkin_answered_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("held", "missed")) | Q(answered_at__isnull=False),
                name="checkin_answered_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5),
                name="checkin_rating_1_to_5",
            ),
        )

    def __str__(self) -> str:
        return f"{self.match} · {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.starts_at = instant(self.local_on, self.local_at, self.time_zone)
        super().save(*args, **kwargs)

    def can_move_to(self, status: str) -> bool:
        return status in self.MOVES[self.status]

    def has_begun(self, at: datetime) -> bool:
        """Whether it has begun, so that one can say how it went."""
        return self.starts_at <= at

    @property
    def zones(self) -> list[str]:
        """The zones of those who meet, each once, in the order of their places."""
        return list(dict.fromkeys(person.time_zone for person in self.match.people))
