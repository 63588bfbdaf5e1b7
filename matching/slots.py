"""When the meetings of a round may be: times laid out over days, as the cohort's clock has them."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _

from mentorship.shared.base.zones import instant

# So many slots a round may have.
MOST_SLOTS = 100
# So many days may lie between the first and the last of them.
MOST_DAYS = 31


def laid_out(
    first: date, last: date, from_: time, until: time, *, minutes: int, rest: int, zone: str
) -> list[datetime]:
    """The starts of all meetings that fit into these hours of each day, both days included.

    `minutes` long each, with `rest` minutes between two; a wall time that the clocks skip or have
    twice is read as `zones.instant` reads it. Never more than `MOST_SLOTS` + 1.
    """
    starts: list[datetime] = []
    for day in range(min((last - first).days, MOST_DAYS) + 1):
        at = instant(first + timedelta(day), from_, zone)
        end = instant(first + timedelta(day), until, zone)
        while at + timedelta(minutes=minutes) <= end and len(starts) <= MOST_SLOTS:
            starts.append(at)
            at += timedelta(minutes=minutes + rest)
    return starts


def why_not(starts: Collection[datetime], minutes: int, at: datetime) -> str:
    """What is wrong with meetings of so many minutes at these times, seen at the instant `at`.

    A sentence, empty for nothing.
    """
    times = sorted(starts)
    if len(times) > MOST_SLOTS:
        return _("These are more than %(most)d times. Choose fewer days or hours.") % {
            "most": MOST_SLOTS
        }
    if times and times[0] <= at:
        return _("A time is over already. Choose times to come.")
    if times and times[-1] - times[0] > timedelta(days=MOST_DAYS):
        return _("All times must lie within %(days)d days.") % {"days": MOST_DAYS}
    long = timedelta(minutes=minutes)
    if any(later - earlier < long for earlier, later in pairwise(times)):
        return _("Two of the times overlap. Nobody can be in two meetings at once.")
    return ""
