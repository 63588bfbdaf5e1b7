"""Deadlines as people read them: to the second, in the zone where they hold and in their own."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from mentorship.shared.base.templatetags.words import zone_words
from mentorship.shared.base.zones import local

_TO_THE_SECOND = pgettext_lazy("day and hour to the second", "l j F Y, H:i:s")
_TIME = pgettext_lazy("hour to the second", "H:i:s")


def there(moment: datetime, zone: str) -> str:
    """An instant in the zone where it holds, with the zone's name."""
    return _("%(moment)s, %(zone)s") % {
        "moment": date_format(local(moment, zone), str(_TO_THE_SECOND)),
        "zone": zone_words(zone),
    }


def here(moment: datetime, zone: str, reader_zone: str) -> str:
    """The same instant on the reader's clock; empty when theirs shows the same or is not known."""
    if not reader_zone:
        return ""
    told, meant = local(moment, reader_zone), local(moment, zone)
    if told.replace(tzinfo=None) == meant.replace(tzinfo=None):
        return ""
    style = _TIME if told.date() == meant.date() else _TO_THE_SECOND
    return str(date_format(told, str(style)))


def in_both(moment: datetime, zone: str, reader_zone: str) -> str:
    """An instant in the zone where it holds and, where that differs, on the reader's clock."""
    mine = here(moment, zone, reader_zone)
    if not mine:
        return there(moment, zone)
    return _("%(there)s (that is %(here)s for you)") % {"there": there(moment, zone), "here": mine}
