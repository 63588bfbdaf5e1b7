import pytest

from mentorship.shared.questions.week import half_hours, parts


def test_parts_of_days_become_half_hours_and_come_back() -> None:
    assert half_hours(["0-morning"]) == list(range(16, 24))
    assert half_hours(["6-evening"]) == list(range(6 * 48 + 34, 6 * 48 + 42))
    assert parts(half_hours(["1-evening", "3-morning"])) == ["1-evening", "3-morning"]
    assert parts(range(16, 23)) == []  # half an hour short of a morning


@pytest.mark.parametrize("part", ["0-night", "monday", "x-morning"])
def test_what_is_no_part_of_a_day_is_refused(part: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        half_hours([part])
