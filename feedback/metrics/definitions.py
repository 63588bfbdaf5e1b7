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

from feedback.models import CheckIn, Invitation
from matching.models import Match, Place
from programs.models import Application, Cohort, Participant, Role

# No figure over fewer people than this is shown: one could tell who they are.
SMALLEST_GROUP = 5


class Ratio(NamedTuple):
    numerator: float
    denominator: float


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure's name, its words, and how it is counted at an instant.

    `is_share`: the value lies between 0 and 1 and is shown in per cent.
    `counts_people`: the denominator is people, so small groups are hidden.
    """

    name: str
    label: Promise
    help: Promise
    count: Callable[[Cohort, datetime], Ratio]
    is_share: bool = True
    counts_people: bool = True


def _acceptance(cohort: Cohort, at: datetime) -> Ratio:
    sent_in = Application.objects.filter(cohort=cohort, submitted_at__lte=at)
    accepted = sent_in.filter(status=Application.Status.ACCEPTED)
    return Ratio(accepted.count(), sent_in.count())


def _match_rate(cohort: Cohort, at: datetime) -> Ratio:
    mentees = Participant.objects.filter(cohort=cohort).mentees().present()
    matched = mentees.filter(places__in=Place.objects.open()).distinct()
    return Ratio(matched.count(), mentees.count())


def _seat_fill(cohort: Cohort, at: datetime) -> Ratio:
    mentors = Participant.objects.filter(cohort=cohort).mentors().present()
    seats = sum(mentors.values_list("capacity", flat=True))
    taken = Place.objects.open().filter(match__cohort=cohort, role=Role.MENTOR)
    return Ratio(taken.count(), seats)


def _engagement(cohort: Cohort, at: datetime) -> Ratio:
    running = Match.objects.filter(cohort=cohort).running()
    met = running.filter(checkins__status=CheckIn.Status.HELD).distinct()
    return Ratio(met.count(), running.count())


def _completion(cohort: Cohort, at: datetime) -> Ratio:
    past = CheckIn.objects.filter(match__cohort=cohort, starts_at__lte=at)
    held = past.held().count()
    return Ratio(held, held + past.filter(status=CheckIn.Status.MISSED).count())


def _usefulness(cohort: Cohort, at: datetime) -> Ratio:
    rated = CheckIn.objects.filter(match__cohort=cohort, rating__isnull=False)
    told = rated.aggregate(mean=Avg("rating"), count=Count("pk"))
    return Ratio((told["mean"] or 0) * told["count"], told["count"])


def _survey_response(cohort: Cohort, at: datetime) -> Ratio:
    invited = Invitation.objects.filter(survey__cohort=cohort)
    return Ratio(invited.filter(answered_at__lte=at).count(), invited.count())


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
        counts_people=False,
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

BY_NAME = {metric.name: metric for metric in METRICS}
