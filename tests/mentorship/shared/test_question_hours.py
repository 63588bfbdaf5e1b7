"""Weekly hours: parts of days and single hours, as a field that works without a script."""

from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from mentorship.shared.questions import hours, week
from mentorship.shared.questions.hours import HoursField

MONDAY_MORNING = list(range(16, 24))


def sent(query: str) -> object:
    return HoursField().widget.value_from_datadict(QueryDict(query), {}, "hours")


def cleaned(query: str, **options: bool) -> list[int] | None:
    return HoursField(**options).clean(sent(query))


def was(free: list[int]) -> str:
    return "hours-was=" + ",".join(map(str, free))


def test_a_part_of_a_day_brings_all_its_hours() -> None:
    assert cleaned("hours-part=0-morning") == MONDAY_MORNING


def test_hours_and_parts_of_days_come_together() -> None:
    assert cleaned("hours=6-23&hours=0-0&hours-part=0-morning") == [0, 1, *MONDAY_MORNING, 334, 335]


def test_clearing_a_part_of_a_day_clears_its_hours_although_they_stay_ticked() -> None:
    ticked = "&".join(f"hours=0-{hour}" for hour in (8, 9, 10, 11, 15))
    assert cleaned(f"{was([*MONDAY_MORNING, 30, 31])}&{ticked}") == [30, 31]


def test_clearing_one_hour_leaves_the_rest_of_a_ticked_part() -> None:
    ticked = "&".join(f"hours=0-{hour}" for hour in (8, 9, 10))
    assert cleaned(f"{was(MONDAY_MORNING)}&hours-part=0-morning&{ticked}") == list(range(16, 22))


def test_half_an_hour_that_nobody_touched_is_kept() -> None:
    assert cleaned(f"{was([17])}&hours=0-8") == [17]
    assert cleaned(f"{was([17])}&hours=0-8&hours=0-9") == [17, 18, 19]
    assert cleaned(was([17]), required=False) is None


def test_no_tick_is_no_answer_and_refused_only_where_one_is_needed() -> None:
    assert cleaned("", required=False) is None
    with pytest.raises(ValidationError, match="at least one hour"):
        cleaned("")


@pytest.mark.parametrize("query", ["hours=7-1", "hours=x", "hours-part=0-night", "hours=16"])
def test_what_is_no_hour_is_refused(query: str) -> None:
    with pytest.raises(ValidationError, match="from the table"):
        cleaned(query, required=False)


@pytest.mark.parametrize("value", [[336], [-1], [True], ["16"], "16", {"a": 1}, [[1]], 16, [1.5]])
def test_stored_values_that_are_no_half_hours_are_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        HoursField(required=False).clean(value)


@given(st.lists(st.integers(0, 335), unique=True))
def test_half_hours_come_back_as_they_were(free: list[int]) -> None:
    """Shown and sent back untouched, nothing is lost; as a plain list neither."""
    field = HoursField(required=False)
    context = field.widget.get_context("hours", free, {"id": "id_hours"})["widget"]
    data = QueryDict(mutable=True)
    data["hours-was"] = context["was"]
    for part, rows in (("hours-part", context["parts"]), ("hours", context["hours"])):
        data.setlist(part, [c["value"] for row in rows for c in row["cells"] if c["is_ticked"]])
    assert field.clean(field.widget.value_from_datadict(data, {}, "hours")) == (
        sorted(free) or None
    )
    assert field.clean(free) == (sorted(free) or None)


@given(
    st.dictionaries(st.sampled_from(["hours", "hours-part", "hours-was"]), st.text() | st.none())
)
def test_whatever_is_sent_is_hours_or_a_sentence(data: dict[str, str | None]) -> None:
    field = HoursField(required=False)
    value = field.widget.value_from_datadict(data, {}, "hours")
    assert "checkbox" in field.widget.render("hours", value, {"id": "id_hours"})
    with suppress(ValidationError):
        kept = field.clean(value)
        assert kept is None or kept == sorted(set(kept))


def test_every_box_says_its_day_and_hour() -> None:
    shown = HoursField().widget.render("hours", [16, 34], {"id": "id_hours"})
    assert shown.count('type="checkbox"') == 7 * 24 + 7 * 3
    for words in (
        "Monday, 08:00 to 09:00 (half of it)",
        "Sunday, 23:00 to 24:00",
        "Friday, Morning",
    ):
        assert words in shown
    assert 'id="id_hours_0"' in shown  # where the list of mistakes leads
    assert "<details open>" in shown


def test_single_hours_are_folded_away_where_parts_of_days_say_it_all() -> None:
    assert "<details open>" not in HoursField().widget.render("hours", MONDAY_MORNING, {})


def test_hours_are_told_in_words() -> None:
    assert hours.in_words([*MONDAY_MORNING, 30, 335]) == (
        "Monday 08:00 to 12:00, 15:00 to 15:30; Sunday 23:30 to 24:00"
    )
    assert hours.in_words("anything") == ""


def test_a_free_night_is_two_pieces_because_a_day_ends_it() -> None:
    assert list(week.spans([46, 47, 48])) == [(0, 46, 48), (1, 0, 1)]
