"""A week as half-hours. Pure.

Half-hours are numbered from 0 (Monday 00:00) to 335 (Sunday 23:30) in a person's own wall time.
Hours are numbered from 0 to 167 in the same way, and parts of days are written "0-morning".
"""

from collections.abc import Collection, Iterator

DAYS = 7
HOURS_A_DAY = 24
HALF_HOURS_A_DAY = 48
HALF_HOURS = DAYS * HALF_HOURS_A_DAY

# Name of the part of a day, and the hour it begins and the hour it ends.
PARTS = {"morning": (8, 12), "afternoon": (12, 17), "evening": (17, 21)}

ALL_PARTS = tuple(f"{day}-{name}" for day in range(DAYS) for name in PARTS)


def of_hour(hour: int) -> range:
    """The two half-hours of an hour of the week."""
    return range(2 * hour, 2 * hour + 2)


def of_part(part: str) -> range:
    """The half-hours of a part of a day. Raises ValueError or KeyError for a part that is none."""
    day, _, name = part.partition("-")
    first, last = PARTS[name]
    begin = int(day) * HALF_HOURS_A_DAY
    return range(begin + 2 * first, begin + 2 * last)


def half_hours(parts: Collection[str]) -> list[int]:
    """The half-hours of these parts of days, in order. Raises as `of_part` does."""
    return sorted({at for part in parts for at in of_part(part)})


def parts(free: Collection[int]) -> list[str]:
    """The parts of days that are free from their first to their last half-hour."""
    found = set(free)
    return [part for part in ALL_PARTS if found.issuperset(of_part(part))]


def spans(free: Collection[int]) -> Iterator[tuple[int, int, int]]:
    """Free time in one piece, as (day, first half-hour of the day, half-hour after its last).

    A piece ends with its day: (0, 44, 48) is Monday from 22:00 to midnight.
    """
    found = set(free)
    for day in range(DAYS):
        first = None
        for at in range(HALF_HOURS_A_DAY + 1):
            is_free = at < HALF_HOURS_A_DAY and day * HALF_HOURS_A_DAY + at in found
            if is_free and first is None:
                first = at
            elif not is_free and first is not None:
                yield day, first, at
                first = None


def wall_time(half_hour: int) -> str:
    """A half-hour of a day as a clock shows it: "08:30", and "24:00" for the day's end."""
    return f"{half_hour // 2:02}:{half_hour % 2 * 30:02}"


def changed(
    before: Collection[int], hours: Collection[int], ticked_parts: Collection[str]
) -> list[int]:
    """The half-hours after somebody ticked hours and parts of days in a table of `before`.

    Only what was changed counts: an hour that stays ticked keeps the half of it that was free, and
    a part of a day that is ticked or cleared takes all its hours along.
    """
    was = set(before)
    free = set(was)
    for hour in range(DAYS * HOURS_A_DAY):
        _change(free, of_hour(hour), not was.isdisjoint(of_hour(hour)), hour in hours)
    for part in ALL_PARTS:
        _change(free, of_part(part), was.issuperset(of_part(part)), part in ticked_parts)
    return sorted(free)


def _change(free: set[int], some: range, was_ticked: bool, is_ticked: bool) -> None:
    if is_ticked and not was_ticked:
        free.update(some)
    elif was_ticked and not is_ticked:
        free.difference_update(some)
