from collections.abc import Mapping
from datetime import date
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
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

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
        )

    def __str__(self) -> str:
        return " · ".join(str(place.participant.user) for place in self.places.all())

    def can_move_to(self, status: str) -> bool:
        return status in self.MOVES[self.status]

    @property
    def last_day(self) -> date:
        """The last day on which these people meet: the cohort's, or one of their own."""
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
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")),
                name="place_until_after_from",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} in {self.match_id}"
