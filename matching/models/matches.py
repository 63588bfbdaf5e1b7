from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from matching.models.runs import MatchingRun
from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.zones import local
from programs.models import Cohort, Pace, Participant, Program, Role, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class MatchQuerySet(models.QuerySet["Match"]):
    def of(self, user: "User | AnonymousUser") -> "MatchQuerySet":
        """Matches this person holds an open place in."""
        places = Place.objects.open().filter(participant__in=Participant.objects.of(user))
        return self.filter(pk__in=places.values("match"))

    def coordinated_by(self, user: "User | AnonymousUser") -> "MatchQuerySet":
        return self.filter(cohort__program__in=Program.objects.coordinated_by(user))

    def running(self) -> "MatchQuerySet":
        return self.filter(status=Match.Status.RUNNING)

    def to_announce(self) -> "MatchQuerySet":
        """Of which higher stages do not know yet."""
        return self.running().filter(is_announced=False)

    def with_policy(self) -> "MatchQuerySet":
        """The policy of the run a match came from, without the run's proof."""
        return self.select_related("run").defer("run__prices", "run__floor")

    def with_people(self) -> "MatchQuerySet":
        """Everything `people` needs, in a fixed number of queries."""
        return self.select_related("cohort__program").prefetch_related(
            models.Prefetch(
                "places", Place.objects.select_related("participant__user").order_by("role", "id")
            )
        )


class EndKind(models.TextChoices):
    """Why a match ended, in one word. What was said about it stands beside it."""

    FINISHED = "finished", _("They reached what they wanted")
    NO_FIT = "no-fit", _("They did not fit")
    NO_TIME = "no-time", _("One of them has no time")
    MOVED_ON = "moved-on", _("Job or life changed")
    NO_CONTACT = "no-contact", _("They lost touch")
    LEFT = "left", _("One of them left")
    OTHER = "other", _("Something else")


class Match(PublicModel):
    """People who work together: a pair, co-mentors or a group, each in a `Place`."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")

    MOVES: Mapping[str, frozenset[str]] = {
        Status.RUNNING: frozenset({Status.ENDED}),
        Status.ENDED: frozenset(),
    }

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="matches", verbose_name=_("cohort")
    )
    run = models.ForeignKey(
        MatchingRun, on_delete=models.PROTECT, null=True, related_name="matches"
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.RUNNING
    )
    score = models.PositiveIntegerField(_("points"), default=0)
    reasons = models.JSONField(_("reasons"), default=list)
    introduced_at = models.DateTimeField(_("introduced"))
    # Whether higher stages know of it; of many at once they hear from a worker.
    is_announced = models.BooleanField(default=True, editable=False)
    # A last day of their own, when a coordinator extended it.
    last_on = models.DateField(_("last day"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    # Through whom it ended: a side, or nobody's doing.
    ended_side = models.CharField(max_length=10, choices=Role.choices, blank=True, editable=False)
    end_kind = models.CharField(_("why it ended"), max_length=12, choices=EndKind, blank=True)
    # Read by coordinators only.
    end_reason = models.TextField(_("what was said about it"), max_length=1000, blank=True)

    objects = MatchQuerySet.as_manager()

    # Set by pages of one person: whom that person works with.
    others: list[Participant]

    class Meta:
        ordering = ("introduced_at", "id")
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = (
            models.CheckConstraint(
                condition=Q(status="running", ended_at__isnull=True)
                | Q(status="ended", ended_at__isnull=False),
                name="match_ended_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status="ended") | Q(end_kind="", end_reason="", ended_side=""),
                name="match_running_has_no_end",
            ),
        )

    def __str__(self) -> str:
        return " · ".join(str(place.participant.user) for place in self.places.all())

    def can_move_to(self, status: str) -> bool:
        return status in self.MOVES[self.status]

    @property
    def last_day(self) -> date:
        """The last day on which these people meet: the cohort's, or one of their own."""
        if self.last_on is not None:
            return self.last_on
        introduced_on = local(self.introduced_at, self.cohort.time_zone).date()
        return self.cohort.last_day_of_a_pair(introduced_on)

    @cached_property
    def open_places(self) -> list["Place"]:
        """The places people hold now, mentees before mentors."""
        return [place for place in self.places.all() if place.until_at is None]

    @property
    def people(self) -> list[Participant]:
        """Who works together now."""
        return [place.participant for place in self.open_places]

    @property
    def is_flexible(self) -> bool:
        """Whether these people meet at a flexible pace, because one of them asked for it."""
        paces = [person.pace for person in self.people]
        return self.cohort.has_flexible_pace and Pace.FLEXIBLE in paces

    def those(self, role: str) -> list[Participant]:
        """Those of one role."""
        return [person for person in self.people if person.role == role]

    def place_of(self, user: "User | AnonymousUser") -> "Place | None":
        """The open place of this person, if they have one."""
        return next((p for p in self.open_places if p.participant.user_id == user.pk), None)

    def others_than(self, user: "User | AnonymousUser") -> list[Participant]:
        """Whom this person works with."""
        return [person for person in self.people if person.user_id != user.pk]


class Seat(models.Model):
    """One unit of a mentor's capacity. At most one open place holds it."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="seats")
    number = models.PositiveSmallIntegerField(_("number"))

    class Meta:
        ordering = ("participant", "number")
        constraints = (
            models.UniqueConstraint(fields=("participant", "number"), name="seat_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.participant} #{self.number}"


class PlaceQuerySet(models.QuerySet["Place"]):
    def open(self) -> "PlaceQuerySet":
        return self.filter(until_at__isnull=True)

    def over(self, at: datetime) -> "PlaceQuerySet":
        """Open places of stand-ins whose last day is over, each in its cohort's own zone."""
        standing_in = self.open().filter(part=Part.STAND_IN, until_on__isnull=False)
        days = Q(pk__in=[])
        zones = standing_in.order_by().values_list("match__cohort__time_zone", flat=True)
        for zone in zones.distinct():
            today = local(at, zone).date()
            days |= Q(match__cohort__time_zone=zone, until_on__lt=today)
        return standing_in.filter(days)


class Part(models.TextChoices):
    """What somebody is in a match."""

    MAIN = "main", _("From the start")
    CO = "co", _("Co-mentor")
    STAND_IN = "stand-in", _("Stand-in")


class Place(models.Model):
    """A participant's place in a match from an instant until another.

    A mentor's place sits on one of the mentor's seats, and the database lets one open place
    sit on a seat: so capacity holds whatever the code does.
    """

    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="places")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="places")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, null=True, related_name="places")
    # Copied from the cohort, so that the database can hold "one mentor at a time".
    is_exclusive = models.BooleanField(default=True)
    from_at = models.DateTimeField(_("from"))
    until_at = models.DateTimeField(_("until"), null=True)
    part = models.CharField(_("part"), max_length=10, choices=Part, default=Part.MAIN)
    # When a stand-in's place is meant to end.
    until_on = models.DateField(_("planned until"), null=True, blank=True)
    # Whether notes that were shared before their time were handed over to them.
    is_handed_over = models.BooleanField(default=False, editable=False)
    # What somebody said who left while the others went on. Read by coordinators only.
    left_reason = models.TextField(
        _("what was said about leaving"), max_length=1000, blank=True, editable=False
    )

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ("role", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("seat",), condition=Q(until_at__isnull=True), name="place_one_open_per_seat"
            ),
            models.UniqueConstraint(
                fields=("participant",),
                condition=Q(until_at__isnull=True, role="mentee", is_exclusive=True),
                name="place_one_open_per_mentee",
            ),
            models.UniqueConstraint(
                fields=("match", "participant"),
                condition=Q(until_at__isnull=True),
                name="place_one_open_per_match_and_person",
            ),
            models.CheckConstraint(
                condition=Q(role="mentor", seat__isnull=False)
                | Q(role="mentee", seat__isnull=True),
                name="place_mentor_sits_on_a_seat",
            ),
            models.CheckConstraint(
                condition=Q(part="main") | Q(role="mentor"), name="place_only_mentors_stand_in"
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")),
                name="place_until_after_from",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} in {self.match_id}"

    def was_there(self, at: datetime) -> bool:
        """Whether at that instant they were in the match; who began it was always there."""
        came = self.from_at <= max(self.match.introduced_at, at)
        return came and (self.until_at is None or at < self.until_at)
