"""A person is away for a while: new matchings pass them over, and whom they work with is told."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from programs.actions.people import locked_profile
from programs.models import Profile, Program, User
from programs.signals import person_paused

LONGEST = timedelta(days=366)


@transaction.atomic
def begin(user: User, *, by: User, until: date) -> Profile:
    """Be away until the day `until`, on which the person is back; another end moves the pause.

    The day is one on the person's own calendar.
    Raises RuleBroken for a day that is not after today, or more than a year ahead.
    """
    profile = locked_profile(user)
    today = local(clock.now(), user.time_zone).date()
    if not today < until <= today + LONGEST:
        raise RuleBroken(_("Please choose a day after today and within a year."))
    profile.paused_at, profile.back_on = clock.now(), until
    profile.save(update_fields=["paused_at", "back_on"])
    for program in _programs_of(user):
        record(by=by, verb="person.paused", subject=user, program=program, until=until.isoformat())
    person_paused.send(User, user=user, until=until)
    return profile


@transaction.atomic
def end(user: User, *, by: User) -> Profile:
    """Be back now. Nothing happens when there is no pause."""
    profile = locked_profile(user)
    if profile.back_on is not None:
        profile.paused_at = profile.back_on = None
        profile.save(update_fields=["paused_at", "back_on"])
        for program in _programs_of(user):
            record(by=by, verb="person.returned", subject=user, program=program)
    return profile


def _programs_of(user: User) -> QuerySet[Program]:
    """Every program in which the person takes part: each has a line in its history."""
    present = user.participations.filter(left_at__isnull=True)
    return Program.objects.filter(cohorts__participants__in=present).distinct()
