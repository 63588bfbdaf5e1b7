"""Deadlines as people read them: in the zone where they hold and on the reader's own clock.

The last second of a day is called its end. Any other instant is told to the minute, and to the
second where it has some.
"""

from datetime import datetime, time

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from mentorship.shared.base.templatetags.words import zone_words
from mentorship.shared.base.zones import local

_DAY = pgettext_lazy("day with its weekday", "l j F Y")
_SHORT_DAY = pgettext_lazy("day without its year", "j F")
_TIME = pgettext_lazy("hour", "H:i")
_TO_THE_SECOND = pgettext_lazy("hour to the second", "H:i:s")


def in_both(moment: datetime, zone: str, reader_zone: str) -> str:
    """An instant in the zone where it holds and, where that differs, on the reader's clock.

    `reader_zone` is empty when it is not known.
    """
    meant = local(moment, zone)
    day = date_format(meant, str(_DAY))
    mine = here(moment, zone, reader_zone)
    told = {
        "day": day,
        "time": date_format(meant, str(_TO_THE_SECOND if meant.second else _TIME)),
        "zone": f"{zone_words(zone)}; {mine}" if mine else zone_words(zone),
    }
    if _is_end_of_day(meant):
        return _("the end of %(day)s (%(zone)s)") % told
    return _("%(day)s, %(time)s (%(zone)s)") % told


def here(moment: datetime, zone: str, reader_zone: str) -> str:
    """The same instant on the reader's clock; empty when theirs shows the same or is not known."""
    if not reader_zone:
        return ""
    mine, meant = local(moment, reader_zone), local(moment, zone)
    if mine.replace(tzinfo=None) == meant.replace(tzinfo=None):
        return ""
    return _("%(time)s on %(day)s where you are") % {
        "time": date_format(mine, str(_TIME)),
        "day": date_format(mine, str(_SHORT_DAY)),
    }


def _is_end_of_day(wall: datetime) -> bool:
    return wall.time().replace(microsecond=0) == time(23, 59, 59)
