"""What each figure means, in one place: the sentence people read and the count behind it.

Sources and exact forms: `docs/metrics.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Avg, Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from feedback.models import CheckIn, CheckInQuerySet, Invitation
from matching.models import Match, MatchQuerySet, Place
from programs.models import Application, Cohort, Participant, Role

# No figure over fewer people than this is shown: one could tell who they are.
SMALLEST_GROUP = 5


class Counted(NamedTuple):
    """A figure's two numbers, and how many people they tell of."""

    numerator: float
    denominator: float
    people: int


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure's name, its words, and how it is counted at an instant.

    `is_share`: the value lies between 0 and 1 and is shown in per cent.
    """

    name: str
    label: Promise
    help: Promise
    count: Callable[[Cohort, datetime], Counted]
    is_share: bool = True


def _acceptance(cohort: Cohort, at: datetime) -> Counted:
    sent_in = Application.objects.filter(cohort=cohort, submitted_at__lte=at)
    accepted = sent_in.filter(status=Application.Status.ACCEPTED)
    applicants = sent_in.values("applicant").distinct().count()
    return Counted(accepted.count(), sent_in.count(), applicants)


def _match_rate(cohort: Cohort, at: datetime) -> Counted:
    mentees = Participant.objects.filter(cohort=cohort).mentees().present()
    matched = mentees.filter(places__in=Place.objects.open()).distinct()
    return Counted(matched.count(), mentees.count(), mentees.count())


def _seat_fill(cohort: Cohort, at: datetime) -> Counted:
    mentors = Participant.objects.filter(cohort=cohort).mentors().present()
    seats = sum(mentors.values_list("capacity", flat=True))
    taken = Place.objects.open().filter(match__cohort=cohort, role=Role.MENTOR)
    return Counted(taken.count(), seats, mentors.count())


def _engagement(cohort: Cohort, at: datetime) -> Counted:
    running = Match.objects.filter(cohort=cohort).running()
    met = running.filter(checkins__status=CheckIn.Status.HELD).distinct()
    return Counted(met.count(), running.count(), _people_in(running))


def _completion(cohort: Cohort, at: datetime) -> Counted:
    past = CheckIn.objects.filter(match__cohort=cohort, starts_at__lte=at)
    told = past.filter(status__in=(CheckIn.Status.HELD, CheckIn.Status.MISSED))
    return Counted(past.held().count(), told.count(), _people_in(_matches_of(told)))


def _usefulness(cohort: Cohort, at: datetime) -> Counted:
    rated = CheckIn.objects.filter(match__cohort=cohort, rating__isnull=False)
    told = rated.aggregate(mean=Avg("rating"), count=Count("pk"))
    total = (told["mean"] or 0) * told["count"]
    return Counted(total, told["count"], _people_in(_matches_of(rated)))


def _survey_response(cohort: Cohort, at: datetime) -> Counted:
    invited = Invitation.objects.filter(survey__cohort=cohort)
    people = invited.values("participant__user").distinct().count()
    return Counted(invited.filter(answered_at__lte=at).count(), invited.count(), people)


def _matches_of(checkins: CheckInQuerySet) -> MatchQuerySet:
    return Match.objects.filter(checkins__in=checkins)


def _people_in(matches: MatchQuerySet) -> int:
    places = Place.objects.filter(match__in=matches)
    return places.values("participant__user").distinct().count()


METRICS: tuple[Metric, ...] = (
    Metric(
        "acceptance",
        _("Accepted"),
        _("Accepted applications of those that were sent in."),
        _acceptance,
    ),
    Metric(
        "match_rate",
        _("Mentees matched"),
        _("Mentees with a running match of all mentees who take part."),
        _match_rate,
    ),
    Metric(
        "seat_fill",
        _("Seats taken"),
        _("Mentors' places that are taken of all they offer."),
        _seat_fill,
    ),
    Metric(
        "engagement",
        _("Pairs that have met"),
        _("Running matches with at least one check-in held."),
        _engagement,
    ),
    Metric(
        "completion",
        _("Check-ins held"),
        _("Check-ins held of those held or missed; unanswered ones are left out."),
        _completion,
    ),
    Metric(
        "usefulness",
        _("How useful check-ins were"),
        _("Mean of the ratings from 1 to 5."),
        _usefulness,
        is_share=False,
    ),
    Metric(
        "survey_response",
        _("Surveys answered"),
        _("Answers of all survey invitations sent."),
        _survey_response,
    ),
)
