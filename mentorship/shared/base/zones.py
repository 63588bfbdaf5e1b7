"""Time zones by their IANA name."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@cache
def known_zones() -> frozenset[str]:
    """All zones this machine knows; found on its disk once."""
    return frozenset(available_timezones())


@cache
def zone_names() -> tuple[str, ...]:
    """All zones a person can choose, sorted, without the historical aliases at the root."""
    return tuple(
        sorted(
            name
            for name in known_zones()
            if name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/")))
        )
    )


def validate_zone(name: str) -> None:
    """Raise ValidationError unless `name` is a zone this machine knows."""
    if name not in known_zones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Use a name such as Europe/Berlin."),
            params={"name": name},
            code="unknown_zone",
        )


def local(moment: datetime, zone: str) -> datetime:
    """The wall time of an instant in a zone."""
    return moment.astimezone(ZoneInfo(zone))


def instant(day: date, at: time, zone: str) -> datetime:
    """The instant of a wall time.

    A wall time that happens twice means its first occurrence. One that the clock change
    skips is moved on by the gap, as people do: 02:30 becomes 03:30.
    """
    wall = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return wall.astimezone(ZoneInfo("UTC"))


def offset_minutes(zone: str, on: date) -> int:
    """Minutes east of UTC at noon of the day `on`."""
    return _minutes(datetime.combine(on, time(12), tzinfo=ZoneInfo(zone)).utcoffset())


def offset_periods(zones: Iterable[str], first: date, last: date) -> dict[str, tuple[int, ...]]:
    """Minutes east of UTC of each zone in every period from `first` to `last`, both included.

    A period is a run of days on which no zone changes its clocks; as in `offset_minutes`, the
    day of a change belongs to the new one. Periods in which all zones stand as in an earlier one
    (winter again, after the summer) are left out. All tuples are of one length and one order.
    Raises ValidationError for a zone this machine does not know.
    """
    names = sorted(set(zones))
    for unknown in sorted(set(names) - known_zones()):
        validate_zone(unknown)
    days = range((last - first).days + 1)
    noons = [datetime.combine(first + timedelta(day), time(12)) for day in days]
    # Every day is looked at: a zone may change for a few days only, and 400 of them over three
    # years take a tenth of a second.
    columns = [list(map(ZoneInfo(name).utcoffset, noons)) for name in names]
    periods = dict.fromkeys(zip(*columns, strict=True))
    return {
        name: tuple(map(_minutes, offsets)) for name, *offsets in zip(names, *periods, strict=True)
    }


def _minutes(offset: timedelta | None) -> int:
    return round((offset or timedelta(0)).total_seconds() / 60)
