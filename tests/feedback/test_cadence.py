"""When check-ins fall due: properties over zones, days and clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback import cadence
from feedback.cadence import Slot, due_days, is_awake, propose
from mentorship.shared.base.zones import instant

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Africa/Casablanca",
)
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
zones = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3)
minutes = st.sampled_from((15, 45, 60, 90, 240))


def anybody_sleeps(slot: Slot, all_zones: list[str], length: int) -> bool:
    return not all(is_awake(slot.instant, zone, length) for zone in all_zones)


@settings(max_examples=60, deadline=None)
@given(days, zones, minutes, st.integers(0, 4))
def test_a_time_lies_within_a_week_and_wakes_nobody_where_that_is_possible(day, zs, length, spread):
    slot = propose(day, zs, length, spread=spread)
    assert slot.zone == zs[0]
    assert day <= slot.on < day + timedelta(days=7)
    assert propose(day, zs, length, spread=spread) == slot
    if anybody_sleeps(slot, zs, length):
        every = [
            Slot(day + timedelta(days=n), time(step // 2, step % 2 * 30), zs[0])
            for n in range(7)
            for step in range(48)
        ]
        assert all(anybody_sleeps(other, zs, length) for other in every)


@settings(max_examples=60, deadline=None)
@given(days, st.integers(0, 400), st.integers(1, 12))
def test_days_keep_the_rhythm_and_stay_inside_the_cohort(starts, length, weeks):
    ends = starts + timedelta(days=length)
    due = due_days(starts, ends, weeks)
    assert all(starts < day <= ends for day in due)
    assert {(b - a).days for a, b in pairwise(due)} <= {weeks * 7}
    assert len(due) == (0 if length < 2 else (length - 2) // (weeks * 7) + 1)


def test_what_makes_no_sense_is_said():
    with pytest.raises(ValueError, match="at least one week"):
        due_days(date(2026, 1, 1), date(2026, 2, 1), 0)
    with pytest.raises(ValueError, match="nobody"):
        propose(date(2026, 1, 1), [], 45)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(1, 30), time(2, 30), time(9), time(23, 59)])
def test_a_years_wall_times_do_not_drift(zone, at):
    """A gap moves the meeting on by the gap; nothing else moves it, and never for longer."""
    drifted, gaps = [], 0
    for week in range(53):
        day = date(2026, 1, 4) + timedelta(weeks=week)  # Sundays: the days of clock changes
        slot = Slot(day, at, zone)
        assert slot.instant == instant(day, at, zone)
        wall = slot.instant.astimezone(ZoneInfo(zone))
        if wall.replace(tzinfo=None) != datetime.combine(day, at):
            there = datetime.combine(day, at, ZoneInfo(zone))
            is_gap = there.astimezone(UTC).astimezone(ZoneInfo(zone)).time() != at
            gaps += is_gap
            if not is_gap:
                drifted.append(day)
    assert drifted == []
    assert gaps <= 1


def test_a_skipped_hour_moves_on_and_a_doubled_one_is_the_first():
    berlin = ZoneInfo("Europe/Berlin")
    gap = Slot(date(2026, 3, 29), time(2, 30), "Europe/Berlin").instant
    assert gap.astimezone(berlin).time() == time(3, 30)
    fold = Slot(date(2026, 10, 25), time(2, 30), "Europe/Berlin").instant
    assert fold == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_pair_in_one_zone_meets_at_one_wall_time_all_year():
    for zone in ZONES:
        due = due_days(date(2026, 1, 5), date(2026, 12, 31), 1)
        slots = [propose(day, [zone, zone], 45) for day in due]
        assert len({slot.at for slot in slots}) == 1
        assert {(slot.on - day).days for slot, day in zip(slots, due, strict=True)} == {0}


@pytest.mark.parametrize(
    "wall, length, awake",
    [
        ((2026, 3, 2, 8, 0), 45, True),
        ((2026, 3, 2, 7, 59), 45, False),
        ((2026, 3, 2, 20, 15), 45, True),
        ((2026, 3, 2, 20, 16), 45, False),
        ((2026, 3, 7, 12, 0), 45, False),
        ((2026, 3, 2, 22, 0), 180, False),
    ],
)
def test_waking_hours_are_eight_to_nine_in_the_evening_on_weekdays(wall, length, awake):
    assert is_awake(datetime(*wall, tzinfo=ZoneInfo("Asia/Tokyo")), "Asia/Tokyo", length) is awake
    assert (cadence.EARLIEST, cadence.LATEST) == (8, 21)
