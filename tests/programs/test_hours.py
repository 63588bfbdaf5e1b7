import pytest
from django.test import Client

from programs.hours import half_hours, parts
from programs.models import Profile
from tests.factories.programs import ProfileFactory


def test_parts_of_days_become_half_hours_and_come_back() -> None:
    assert half_hours(["0-morning"]) == list(range(16, 24))
    assert half_hours(["6-evening"]) == list(range(6 * 48 + 34, 6 * 48 + 42))
    assert parts(half_hours(["1-evening", "3-morning"])) == ["1-evening", "3-morning"]
    assert parts(range(16, 23)) == []  # half an hour short of a morning


@pytest.mark.parametrize("part", ["0-night", "monday", "x-morning"])
def test_what_is_no_part_of_a_day_is_refused(part: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        half_hours([part])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ticked, kept",
    [(["2-afternoon"], list(range(2 * 48 + 24, 2 * 48 + 34))), ([], None)],
)
def test_a_person_ticks_when_they_can_meet(ticked: list[str], kept: list[int] | None) -> None:
    profile = ProfileFactory()
    client = Client()
    client.force_login(profile.user)
    fields = {"name": "Ada", "time_zone": "Europe/Kyiv", "capacity": 1, "hours": ticked}
    assert client.post("/profile/", fields).status_code == 302
    assert Profile.objects.get(pk=profile.pk).hours == kept
    page = client.get("/profile/").content.decode()
    assert page.count(" checked") == len(ticked)
