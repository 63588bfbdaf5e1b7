"""Which half-hours two people share, by hand, by the minute, and counted for many at once."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import ProblemError, hours
from matching.engine.hours import (
    DAYS,
    HALF_HOURS,
    CommonHours,
    common,
    pack,
    read_hours,
    shifts,
    spans,
)

ALWAYS, NEVER = "1" * HALF_HOURS, "0" * HALF_HOURS

# Minutes east of UTC in winter, in the odd weeks of March and in summer.
BERLIN = (60, 60, 120)
NEW_YORK = (-300, -240, -240)
KATHMANDU = (345, 345, 345)
CHATHAM = (825, 825, 765)
UTC = (0, 0, 0)
AUCKLAND, PAGO_PAGO = (780, 780, 720), (-660, -660, -660)
ZONES = (BERLIN, NEW_YORK, KATHMANDU, CHATHAM, UTC, AUCKLAND, PAGO_PAGO, (330, 330, 330), (7, 0, 1))


def slots(*texts: str) -> list[int]:
    """The half-hours of "Tue 18:00-20:00"."""
    found: list[int] = []
    for text in texts:
        day, times = text.split()
        start, end = (int(t[:2]) * 2 + int(t[3:]) // 30 for t in times.split("-"))
        found += range(DAYS.index(day) * 48 + start, DAYS.index(day) * 48 + end)
    return found


def week(*texts: str) -> str:
    free = slots(*texts)
    return "".join("01"[at in free] for at in range(HALF_HOURS))


def shared(
    mentee: str, mentee_zone: Sequence[int], mentor: str, mentor_zone: Sequence[int]
) -> tuple[str, ...]:
    return spans(common(mentee, tuple(mentee_zone), mentor, tuple(mentor_zone)))


def by_the_minute(
    mentee: str, mentee_zone: Sequence[int], mentor: str, mentor_zone: Sequence[int]
) -> tuple[int, ...]:
    """`common` without half-hours: the minutes of UTC at which both are free."""

    def free(hours_of: str, offset: int, utc: int) -> bool:
        return hours_of[(utc + offset) // 30 % HALF_HOURS] == "1"

    return tuple(
        at
        for at in range(HALF_HOURS)
        if all(
            free(mentee, theirs, utc) and free(mentor, ours, utc)
            for theirs, ours in zip(mentee_zone, mentor_zone, strict=True)
            for utc in range(at * 30 - ours, at * 30 - ours + 30)
        )
    )


# Two people ------------------------------------------------------------------------------------ #


def test_two_people_of_one_zone_keep_their_evening_when_the_clocks_change() -> None:
    evening = week("Tue 18:00-20:00")
    assert shared(evening, BERLIN, evening, BERLIN) == ("Tue 18:00-20:00",)


def test_new_york_and_berlin_lose_the_hour_of_the_odd_weeks() -> None:
    # New York's noon is 18:00 in Berlin, but 17:00 in the odd weeks.
    noon, evening = week("Tue 12:00-14:00"), week("Tue 17:00-20:00")
    assert shared(noon, (-300,), evening, (60,)) == ("Tue 18:00-20:00",)
    assert shared(noon, (-240,), evening, (60,)) == ("Tue 17:00-19:00",)
    assert shared(noon, NEW_YORK, evening, BERLIN) == ("Tue 18:00-19:00",)


def test_hours_are_those_of_the_mentors_clock() -> None:
    noon, evening = week("Tue 12:00-14:00"), week("Tue 17:00-20:00")
    assert shared(evening, (60,), noon, (-300,)) == ("Tue 12:00-14:00",)


def test_a_quarter_of_an_hour_apart_only_whole_half_hours_of_the_mentor_count() -> None:
    # 18:00 in Kathmandu is 12:15 in UTC.
    evening, noon = week("Wed 18:00-20:00"), week("Wed 12:00-15:00")
    assert shared(evening, (345,), noon, (0,)) == ("Wed 12:30-14:00",)
    assert shared(noon, (0,), evening, (345,)) == ("Wed 18:00-20:00",)
    assert shared(evening, (345,), evening, (345,)) == ("Wed 18:00-20:00",)


def test_a_week_ends_where_it_begins() -> None:
    # Monday morning in Auckland is Sunday evening in Berlin, twelve hours back.
    monday, sunday = week("Mon 06:00-10:00"), week("Sun 18:00-20:00", "Sun 23:00-24:00")
    assert shared(monday, (720,), sunday, (0,)) == ("Sun 18:00-20:00",)
    assert shared(sunday, (0,), monday, (720,)) == ("Mon 06:00-08:00",)


def test_who_is_always_free_is_free_whenever_the_other_is() -> None:
    some = week("Mon 00:00-00:30", "Fri 09:30-11:00", "Sun 23:30-24:00")
    for zone in ZONES:
        assert common(ALWAYS, zone, some, CHATHAM) == tuple(
            slots("Mon 00:00-00:30", "Fri 09:30-11:00", "Sun 23:30-24:00")
        )
        assert common(NEVER, zone, some, CHATHAM) == ()


def test_the_shifts_of_a_pair() -> None:
    assert shifts(BERLIN, BERLIN) == {0}
    assert shifts(BERLIN, NEW_YORK) == {12, 10}
    assert shifts(NEW_YORK, BERLIN) == {HALF_HOURS - 12, HALF_HOURS - 10}
    assert shifts(KATHMANDU, UTC) == {11, 12}


def weeks() -> st.SearchStrategy[str]:
    """Weeks in half-hours, in whole hours, and without nights."""
    half = st.integers(0, 2**HALF_HOURS - 1).map(lambda bits: f"{bits:0{HALF_HOURS}b}")
    whole = st.integers(0, 2**168 - 1).map(lambda bits: "".join(bit * 2 for bit in f"{bits:0168b}"))
    days = st.integers(0, 2**112 - 1).map(
        lambda bits: "".join(
            "0" * 14 + "".join(bit * 2 for bit in f"{bits:0112b}"[day * 16 : day * 16 + 16]) + "00"
            for day in range(7)
        )
    )
    return st.one_of(st.just(NEVER), st.just(ALWAYS), days, whole, half)


@given(weeks(), st.sampled_from(ZONES), weeks(), st.sampled_from(ZONES))
@settings(max_examples=25, deadline=None)
def test_common_is_what_the_minutes_say(
    mentee: str, mentee_zone: tuple[int, ...], mentor: str, mentor_zone: tuple[int, ...]
) -> None:
    expected = by_the_minute(mentee, mentee_zone, mentor, mentor_zone)
    assert common(mentee, mentee_zone, mentor, mentor_zone) == expected


# As text --------------------------------------------------------------------------------------- #


@pytest.mark.parametrize(
    "free,expected",
    [
        ([], ()),
        (slots("Tue 18:00-20:00"), ("Tue 18:00-20:00",)),
        (slots("Tue 18:30-19:00"), ("Tue 18:30-19:00",)),
        (
            slots("Tue 07:00-08:00", "Tue 18:00-20:00", "Fri 12:00-12:30"),
            ("Tue 07:00-08:00", "Tue 18:00-20:00", "Fri 12:00-12:30"),
        ),
        (slots("Tue 22:00-24:00"), ("Tue 22:00-24:00",)),
        (slots("Tue 22:00-24:00", "Wed 00:00-01:30"), ("Tue 22:00-Wed 01:30",)),
        (slots("Tue 00:00-24:00", "Wed 00:00-24:00"), ("Tue 00:00-Wed 24:00",)),
        (
            slots("Mon 00:00-01:00", "Mon 09:00-10:00", "Sun 23:00-24:00"),
            ("Mon 09:00-10:00", "Sun 23:00-Mon 01:00"),
        ),
        (list(range(HALF_HOURS)), ("Mon 00:00-Sun 24:00",)),
        (list(reversed(slots("Tue 18:00-20:00"))), ("Tue 18:00-20:00",)),
    ],
)
def test_spans_read_like_a_calendar(free: list[int], expected: tuple[str, ...]) -> None:
    assert spans(free) == expected


# What is read ---------------------------------------------------------------------------------- #


def test_a_week_of_half_hours_is_read_as_it_is() -> None:
    assert read_hours(week("Tue 18:00-20:00"), "mentee e1") == week("Tue 18:00-20:00")


@pytest.mark.parametrize(
    "text", ["", "1" * 335, "0" * 337, "x" * 336, "01" * 167 + "2 ", "\u0660" * 336]
)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ProblemError) as refused:
        read_hours(text, "mentee e1")
    assert str(refused.value) == (
        "The hours of mentee e1 must be 336 half-hours of a week, Monday 00:00 first, each 0 or 1; "
        f"there are {len(text)}."
    )


def test_offsets_of_different_periods_are_refused() -> None:
    with pytest.raises(ProblemError, match=r"the same periods; some are for 2 and some for 3\.$"):
        CommonHours([ALWAYS], [(0, 60)], [ALWAYS], [BERLIN])


def test_a_packed_week_keeps_every_half_hour() -> None:
    packed = pack([ALWAYS, None, week("Mon 00:00-00:30"), week("Sun 23:30-24:00")])
    assert packed.shape == (4, 2, 3)
    assert np.bitwise_count(packed).sum(axis=2).tolist() == [[168, 168], [0, 0], [1, 0], [0, 1]]


# Many people ----------------------------------------------------------------------------------- #

Person = tuple[str | None, tuple[int, ...] | None]
PEOPLE = st.lists(
    st.tuples(
        st.one_of(st.none(), weeks(), weeks(), weeks()),
        st.sampled_from((None, (), *ZONES, *ZONES)),
    ),
    max_size=6,
)


def counter(mentees: Sequence[Person], mentors: Sequence[Person]) -> CommonHours:
    return CommonHours(
        [h for h, _ in mentees],
        [o for _, o in mentees],
        [h for h, _ in mentors],
        [o for _, o in mentors],
    )


def one_by_one(mentees: Sequence[Person], mentors: Sequence[Person]) -> list[list[int]]:
    return [
        [len(common(h, o, w, z)) if h and o and w and z else 0 for w, z in mentors]
        for h, o in mentees
    ]


@given(PEOPLE, PEOPLE, st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_every_pair(
    mentees: list[Person], mentors: list[Person], at_once: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hours, "AT_ONCE", at_once)
        many = counter(mentees, mentors)
        expected = one_by_one(mentees, mentors)
        assert many.counts(slice(None), slice(None)).tolist() == expected
        assert many.mentee_answered.tolist() == [bool(h and o) for h, o in mentees]
        assert many.mentor_answered.tolist() == [bool(h and o) for h, o in mentors]
        # The rows turned around, the columns by group.
        rows = np.arange(len(mentees))[::-1]
        counts = many.counts(rows, many.mentor_order)
        assert counts.tolist() == [[expected[i][j] for j in many.mentor_order] for i in rows]


def test_silent_people_are_told_and_share_nothing() -> None:
    many = counter(
        [(ALWAYS, UTC), (None, UTC), (ALWAYS, None), (ALWAYS, ())],
        [(ALWAYS, None), (ALWAYS, UTC), (None, BERLIN), (ALWAYS, BERLIN)],
    )
    assert many.mentee_answered.tolist() == [True, False, False, False]
    assert many.mentor_answered.tolist() == [False, True, False, True]
    assert many.mentor_clock.tolist() == [-1, 0, -1, 1]
    assert many.mentor_order.tolist() == [1, 3, 0, 2]
    counts = many.counts(slice(None), slice(None))
    assert counts.dtype == np.uint16
    assert counts.tolist() == [[0, 336, 0, 336], [0] * 4, [0] * 4, [0] * 4]


def test_nobody_to_count_is_no_error() -> None:
    assert counter([], []).counts(slice(None), slice(None)).shape == (0, 0)
    assert counter([(ALWAYS, UTC)], []).counts(slice(None), slice(None)).shape == (1, 0)
    assert counter([], [(ALWAYS, UTC)]).counts(slice(None), slice(None)).shape == (0, 1)
    assert counter([(None, UTC)], [(ALWAYS, UTC)]).counts_of_group(
        slice(None), slice(None), 0
    ).tolist() == [[0]]


def test_one_group_is_counted_into_the_callers_own_place() -> None:
    evening, late = week("Tue 18:00-20:00"), week("Tue 19:00-22:00")
    many = counter([(evening, BERLIN), (late, NEW_YORK)], [(late, BERLIN)] * 3 + [(late, UTC)])
    place = np.full((2, 4), 999, dtype=np.uint16)
    given_back = many.counts_of_group(slice(0, 2), slice(0, 3), 0, out=place[:, :3])
    assert np.shares_memory(given_back, place)
    assert place.tolist() == [[2, 2, 2, 999], [0, 0, 0, 999]]


def test_other_rows_are_not_answered_from_the_rows_before() -> None:
    many = counter([(ALWAYS, UTC), (NEVER, UTC)], [(ALWAYS, UTC)])
    rows = np.array([0])
    assert many.counts_of_group(rows, slice(None), 0).tolist() == [[336]]
    rows[0] = 1
    assert many.counts_of_group(rows, slice(None), 0).tolist() == [[0]]
    assert many.counts_of_group(slice(0, 1), slice(None), 0).tolist() == [[336]]


def test_one_half_hour_in_a_mentors_week_changes_nobody_elses_counts() -> None:
    # With it all of the tile is counted in half-hours, without it in whole hours.
    days = week(*(f"{day} 09:00-17:00" for day in DAYS))
    mentees: list[Person] = [(days, zone) for zone in (UTC, BERLIN, NEW_YORK, KATHMANDU)]
    whole: list[Person] = [(days, BERLIN), (ALWAYS, BERLIN)]
    half: list[Person] = [(week("Tue 18:30-19:00"), BERLIN)]
    alone = counter(mentees, whole).counts_of_group(slice(None), slice(None), 0)
    beside = counter(mentees, whole + half).counts_of_group(slice(None), slice(None), 0)
    assert alone.tolist() == one_by_one(mentees, whole) == beside[:, :2].tolist()
    assert alone[1].tolist() == [7 * 16, 7 * 16]


def test_numpy_keeps_its_buffer() -> None:
    before = np.getbufsize()
    counter([(ALWAYS, UTC)], [(ALWAYS, UTC)]).counts(slice(None), slice(None))
    assert np.getbufsize() == before
