"""Time zones by their IANA name."""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@cache
def zone_names() -> tuple[str, ...]:
    """All zones a person can choose, sorted, without the historical aliases at the root."""
    return tuple(
        sorted(
            name
            for name in available_timezones()
            if name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/")))
        )
    )


def validate_zone(name: str) -> None:
    """Raise ValidationError unless `name` is a zone this machine knows."""
    if name not in available_timezones():
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
    offset = datetime.combine(on, time(12), tzinfo=ZoneInfo(zone)).utcoffset() or timedelta(0)
    return round(offset.total_seconds() / 60)
