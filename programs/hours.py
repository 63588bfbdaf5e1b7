"""Weekly hours as parts of days. Pure.

Half-hours are numbered from 0 (Monday 00:00) to 335 (Sunday 23:30) in a person's own wall time.
People tick parts of days; who wants it finer keeps what was stored finer.
"""

from collections.abc import Collection

HALF_HOURS_A_DAY = 48
# Name of the part of a day, and its first and its last half-hour but one.
PARTS = {"morning": (16, 24), "afternoon": (24, 34), "evening": (34, 42)}


def half_hours(parts: Collection[str]) -> list[int]:
    """The half-hours of parts written as "0-morning" (0 is Monday), in order.

    Raises ValueError or KeyError for a part that is none.
    """
    found: set[int] = set()
    for part in parts:
        day, _, name = part.partition("-")
        first, last = PARTS[name]
        begin = int(day) * HALF_HOURS_A_DAY
        found.update(range(begin + first, begin + last))
    return sorted(found)


def parts(hours: Collection[int]) -> list[str]:
    """The parts of days that are free from their first to their last half-hour."""
    free = set(hours)
    return [
        f"{day}-{name}"
        for day in range(7)
        for name, (first, last) in PARTS.items()
        if free.issuperset(range(day * HALF_HOURS_A_DAY + first, day * HALF_HOURS_A_DAY + last))
    ]
