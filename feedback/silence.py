"""Which pairs are silent, and when the next step is due.

A pair is asked after the cohort's days without contact, warned after half as many again, and
closed after another half. A contact is a check-in that somebody answered or moved, any answer to
the question, and somebody new in the match.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from feedback.models import CheckIn, Silence, SilenceQuerySet
from matching.models import Match, MatchQuerySet, Place
from matching.models.matches import PlaceQuerySet
from mentorship.shared.base.zones import local
from programs.models import Cohort


def step(days: int) -> timedelta:
    """How long there is to answer a question or a warning, in a cohort of so many days."""
    return timedelta(days=-(-days // 2))


def silent(cohort: Cohort, at: datetime) -> MatchQuerySet:
    """Running matches of the cohort of which nothing was heard for its days, and not asked yet.

    Before the first day and after the last one nobody is silent. Somebody who was on a pause
    within these days is left in peace, and so are those who work with them.
    """
    nobody = Match.objects.none()
    if cohort.silent_days is None or cohort.archived_at is not None:
        return nobody
    before = at - timedelta(days=cohort.silent_days)
    if local(before, cohort.time_zone).date() < cohort.starts_on:
        return nobody
    this = OuterRef("pk")
    met = CheckIn.objects.filter(match=this).filter(
        Q(answered_at__gt=before) | Q(moved_at__gt=before)
    )
    asked = Silence.objects.filter(match=this).filter(
        Q(closed_at__isnull=True) | Q(answered_at__gt=before)
    )
    running = Match.objects.running().filter(cohort=cohort, introduced_at__lte=before)
    return _not_over(running, cohort, at).exclude(
        Exists(met) | Exists(asked) | Exists(_in_peace(this, before))
    )


def due_for_warning(cohort: Cohort, at: datetime) -> SilenceQuerySet:
    """Asked and not answered in time."""
    return _due(cohort, at).filter(
        warned_at__isnull=True, asked_at__lte=at - step(cohort.silent_days or 0)
    )


def due_for_closing(cohort: Cohort, at: datetime) -> SilenceQuerySet:
    """Warned and not answered in time."""
    return _due(cohort, at).filter(warned_at__lte=at - step(cohort.silent_days or 0))


def _due(cohort: Cohort, at: datetime) -> SilenceQuerySet:
    """Open questions of a cohort that asks, where nobody was away meanwhile."""
    if cohort.silent_days is None or cohort.archived_at is not None:
        return Silence.objects.none()
    running = Match.objects.running().filter(cohort=cohort)
    since = at - step(cohort.silent_days)
    return (
        Silence.objects.open()
        .filter(match__in=_not_over(running, cohort, at))
        .exclude(Exists(_in_peace(OuterRef("match"), since)))
    )


def _in_peace(match: OuterRef, since: datetime) -> PlaceQuerySet:
    """Open places of those who came or were on a pause since an instant."""
    return (
        Place.objects.open()
        .filter(match=match)
        .filter(Q(from_at__gt=since) | Q(participant__user__profile__back_on__gt=since.date()))
    )


def _not_over(matches: MatchQuerySet, cohort: Cohort, at: datetime) -> MatchQuerySet:
    """Without those whose last day is over; pairs of an endless cohort each have their own."""
    today = local(at, cohort.time_zone).date()
    if cohort.ends_on is not None:
        own_day = Q(last_on__gte=today)
        return matches.filter(own_day if cohort.is_over(today) else own_day | Q(last_on=None))
    first = at - timedelta(weeks=cohort.match_weeks or 1)
    started = cohort.last_day_of_a_pair(cohort.starts_on) >= today
    in_time = Q(introduced_at__gt=first) | (Q(pk__isnull=False) if started else Q(pk__in=[]))
    return matches.filter(Q(last_on__gte=today) | (Q(last_on=None) & in_time))
