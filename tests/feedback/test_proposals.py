"""Check-ins are proposed in the hours people named; without an answer on weekdays from 08 to 21."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest

from feedback.actions import checkins
from feedback.cadence import is_free, propose
from mentorship.shared.base.zones import instant
from mentorship.shared.questions.week import half_hours
from tests.cast import Troupe
from tests.factories.matching import match_of
from tests.factories.programs import ParticipantFactory

MONDAY = date(2026, 11, 2)


def test_the_first_free_evening_of_both_is_taken() -> None:
    tuesday_evening = half_hours(["1-evening", "3-morning"])
    slot = propose(MONDAY, ["Europe/Kyiv", "Europe/Berlin"], 45, hours=[tuesday_evening, None])
    assert (slot.on, slot.zone) == (date(2026, 11, 3), "Europe/Kyiv")
    assert time(17) <= slot.at <= time(20)


def test_a_weekend_is_taken_when_people_ask_for_it() -> None:
    sunday = half_hours(["6-morning"])
    slot = propose(MONDAY, ["Europe/Berlin", "Europe/Rome"], 60, hours=[sunday, sunday])
    assert slot.on == date(2026, 11, 8)
    assert time(8) <= slot.at <= time(11)


def test_hours_that_never_meet_still_get_a_time() -> None:
    slot = propose(
        MONDAY,
        ["Europe/Berlin", "Europe/Berlin"],
        45,
        hours=[half_hours(["0-morning"]), half_hours(["1-evening"])],
    )
    assert MONDAY <= slot.on <= date(2026, 11, 8)


@pytest.mark.parametrize(
    "at, minutes, free",
    [
        (time(8), 240, True),
        (time(8), 241, False),
        (time(7, 30), 30, False),
        (time(11, 45), 15, True),
        (time(11, 45), 30, False),
    ],
)
def test_a_meeting_is_free_only_from_its_first_to_its_last_minute(
    at: time, minutes: int, free: bool
) -> None:
    start = instant(MONDAY, at, "Asia/Kolkata")
    assert is_free(start, "Asia/Kolkata", minutes, half_hours(["0-morning"])) is free


@pytest.mark.django_db
def test_a_pairs_meetings_lie_in_the_hours_both_named(here: Troupe) -> None:
    evening = {"hours": half_hours(["2-evening"])}
    mentor, mentee = (
        ParticipantFactory(cohort=here.cohort, role=role, time_zone="Europe/Berlin", facts=evening)
        for role in ("mentor", "mentee")
    )
    planned = checkins.plan(match_of(mentor, mentee))
    assert planned
    assert {checkin.local_on.weekday() for checkin in planned} == {2}
    assert all(time(17) <= checkin.local_at <= time(20) for checkin in planned)


@pytest.mark.django_db
def test_a_mentor_of_two_never_has_two_meetings_at_once(here: Troupe) -> None:
    mentor = ParticipantFactory(cohort=here.cohort, role="mentor", time_zone="Europe/Berlin")
    mentees = [ParticipantFactory(cohort=here.cohort, time_zone="Europe/Berlin") for _ in range(3)]
    planned = [c for mentee in mentees for c in checkins.plan(match_of(mentor, mentee))]
    spans = sorted((c.starts_at, c.starts_at + timedelta(minutes=c.minutes)) for c in planned)
    assert len(spans) >= 9
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
