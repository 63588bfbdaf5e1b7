"""How the clocks of some zones stand to each other between two dates."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from mentorship.shared.base.zones import offset_minutes, offset_periods, zone_names


def test_berlin_and_new_york_have_three_periods_in_a_year() -> None:
    periods = offset_periods(
        ["Europe/Berlin", "America/New_York", "Asia/Kathmandu"],
        date(2026, 1, 1),
        date(2026, 12, 31),
    )
    assert periods == {
        "America/New_York": (-300, -240, -240),
        "Asia/Kathmandu": (345, 345, 345),
        "Europe/Berlin": (60, 60, 120),
    }


def test_the_day_of_the_change_belongs_to_the_new_period() -> None:
    # The clocks of Berlin change on Sunday 29 March 2026.
    berlin = ["Europe/Berlin"]
    assert offset_periods(berlin, date(2026, 3, 1), date(2026, 3, 28)) == {"Europe/Berlin": (60,)}
    assert offset_periods(berlin, date(2026, 3, 1), date(2026, 3, 29)) == {
        "Europe/Berlin": (60, 120)
    }
    assert offset_periods(berlin, date(2026, 3, 29), date(2026, 3, 29)) == {"Europe/Berlin": (120,)}


def test_periods_come_in_the_order_of_their_days_and_once() -> None:
    # Summer, the week in which only Berlin is back, winter, the odd weeks of March, summer.
    periods = offset_periods(
        ["Europe/Berlin", "America/New_York"], date(2026, 7, 1), date(2027, 7, 1)
    )
    assert periods == {
        "America/New_York": (-240, -240, -300),
        "Europe/Berlin": (120, 60, 60),
    }


def test_one_zone_without_changes_is_one_period() -> None:
    assert offset_periods(["UTC", "UTC"], date(2026, 1, 1), date(2028, 12, 31)) == {"UTC": (0,)}
    assert offset_periods([], date(2026, 1, 1), date(2026, 12, 31)) == {}


def test_every_day_of_every_zone_is_in_a_period() -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    zones = zone_names()[::12]
    periods = offset_periods(zones, first, last)
    assert list(periods) == sorted(zones)
    days = (first + timedelta(day) for day in range((last - first).days + 1))
    found = dict.fromkeys(tuple(offset_minutes(zone, day) for zone in zones) for day in days)
    assert list(zip(*periods.values(), strict=True)) == list(found)


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(ValidationError) as refused:
        offset_periods(["UTC", "Europe/Bielefeld"], date(2026, 1, 1), date(2026, 1, 2))
    assert refused.value.messages == [
        "“Europe/Bielefeld” is not a time zone. Use a name such as Europe/Berlin."
    ]
