"""When check-ins fall due. Pure: dates in, wall times out; knows no Django and no clock.

Wall time is what people mean: a meeting at nine stays at nine when the clocks change.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

# People who said nothing of their hours are asked between these, in their own zone.
EARLIEST, LATEST = 8, 21
# The first meeting comes so long after the start, so that both have read who the other is.
AFTER_START = timedelta(days=2)
# The half-hours tried in a day, best first: the middle of a working afternoon is easiest.
_STEP = timedelta(minutes=30)
_BEST_HOUR = 14.5
# More hours of strain than any free half-hour can have.
_AWAY = 24.0


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A wall time in a zone."""

    on: date
    at: time
    zone: str

    @property
    def instant(self) -> datetime:
        """The instant in UTC; a time the clock change skips is moved on by the gap."""
        return datetime.combine(self.on, self.at, ZoneInfo(self.zone)).astimezone(UTC)


def due_days(starts_on: date, ends_on: date, every_weeks: int) -> list[date]:
    """The days a pair should meet: in the first week, then every so many weeks to the end.

    The first is `AFTER_START` after the start.
    Raises ValueError unless `every_weeks` is at least 1.
    """
    if every_weeks < 1:
        raise ValueError("the rhythm is at least one week")
    days, day = [], starts_on + AFTER_START
    while day <= ends_on:
        days.append(day)
        day += timedelta(weeks=every_weeks)
    return days


def is_awake(moment: datetime, zone: str, minutes: int) -> bool:
    """Whether a meeting from `moment` lies between 08 and 21 on a weekday in `zone`."""
    start = moment.astimezone(ZoneInfo(zone))
    end = (moment + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    return (
        start.weekday() < 5
        and start.date() == end.date()
        and start.hour >= EARLIEST
        and (end.hour, end.minute) <= (LATEST, 0)
    )


def is_free(moment: datetime, zone: str, minutes: int, hours: Collection[int]) -> bool:
    """Whether every half-hour of a meeting is among the weekly `hours` (0 is Monday 00:00)."""
    start = moment.astimezone(ZoneInfo(zone))
    first = start.weekday() * 48 + start.hour * 2 + start.minute // 30
    needed = -(-(start.minute % 30 + minutes) // 30)
    return all((first + step) % 336 in hours for step in range(needed))


def propose(
    day: date,
    zones: Sequence[str],
    minutes: int,
    *,
    hours: Sequence[Collection[int] | None] = (),
    busy: Sequence[tuple[datetime, datetime]] = (),
    spread: int = 0,
) -> Slot:
    """A time on or after `day` that suits everybody; the first zone keeps the wall time.

    `hours` are the weekly half-hours of each, in the order of `zones`; None, or no entry, is not
    answered and means weekdays from 08 to 21. `busy` are the begins and ends of what somebody
    has already. Within the week from `day` it takes the first day
    on which all are free, and there the half-hour nearest to everybody's early afternoon;
    `spread` picks among equally good ones. Where no half-hour suits all, it takes the one that is
    least far from the early afternoon for whoever has it worst.
    Raises ValueError without zones.
    """
    if not zones:
        raise ValueError("nobody to meet")
    people = list(zip_longest(zones, hours[: len(zones)]))
    best = min(_candidates(day, people, minutes, busy, spread))
    for later in range(1, 7):
        if best[0] < _AWAY:
            break
        on = day + timedelta(days=later)
        best = min(best, *_candidates(on, people, minutes, busy, spread))
    return best[2]


def _candidates(
    on: date,
    people: Sequence[tuple[str, Collection[int] | None]],
    minutes: int,
    busy: Sequence[tuple[datetime, datetime]],
    spread: int,
) -> list[tuple[float, int, Slot]]:
    """Every half-hour of a day with the strain of whoever has it worst, and a rank for ties."""
    slots = [
        Slot(on, (datetime.combine(on, time(0)) + step * _STEP).time(), people[0][0])
        for step in range(48)
    ]
    return [
        (
            max(_strain(slot.instant, zone, minutes, hours) for zone, hours in people)
            + (_AWAY if _collides(slot.instant, minutes, busy) else 0.0),
            (step * 7 + spread) % 48,
            slot,
        )
        for step, slot in enumerate(slots)
    ]


def _collides(start: datetime, minutes: int, busy: Sequence[tuple[datetime, datetime]]) -> bool:
    end = start + timedelta(minutes=minutes)
    return any(start < until and since < end for since, until in busy)


def _strain(start: datetime, zone: str, minutes: int, hours: Collection[int] | None) -> float:
    """Hours from the early afternoon; when somebody is not free, worse than any free hour."""
    wall = start.astimezone(ZoneInfo(zone))
    middle = wall.hour + wall.minute / 60 + minutes / 120
    strain = abs(middle - _BEST_HOUR)
    if _suits(start, zone, minutes, hours):
        return strain
    return strain + _AWAY


def _suits(start: datetime, zone: str, minutes: int, hours: Collection[int] | None) -> bool:
    if hours is None:
        return is_awake(start, zone, minutes)
    return is_free(start, zone, minutes, hours)
