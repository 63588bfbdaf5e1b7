"""A person is away until a day: passed over by matchings, told to their match, back by itself."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from programs.actions import pauses
from programs.models import Participant, Profile, User
from tests.cast import Troupe
from tests.factories.programs import ParticipantFactory, ProfileFactory, UserFactory


@pytest.fixture
def ada(db: None, client: Client) -> User:
    user: User = UserFactory()
    client.force_login(user)
    return user


def in_days(days: int) -> date:
    return clock.now().date() + timedelta(days=days)


def test_a_pause_begins_moves_and_ends_early(client: Client, ada: User) -> None:
    url = reverse("profile-pause")
    assert "Begin the pause" in client.get(url).content.decode()
    for days in (30, 60):
        assert client.post(url, {"back_on": in_days(days).isoformat()}).status_code == 302
        assert Profile.objects.get().back_on == in_days(days)
    assert "Change the day" in client.get(url).content.decode()
    for _twice in range(2):
        assert client.post(reverse("profile-return")).status_code == 302
        assert (Profile.objects.get().back_on, Profile.objects.get().paused_at) == (None, None)


@pytest.mark.parametrize("told", ["", "tomorrow", "0001-01-01", "9999-12-31", "2020-01-01", "1\0"])
def test_a_day_that_is_none_is_refused(client: Client, ada: User, told: str) -> None:
    assert client.post(reverse("profile-pause"), {"back_on": told}).status_code == 422
    assert not Profile.objects.exists()


@pytest.mark.parametrize("days, is_taken", [(0, False), (1, True), (366, True), (367, False)])
def test_a_pause_ends_after_today_and_within_a_year(
    client: Client, ada: User, days: int, is_taken: bool
) -> None:
    answer = client.post(reverse("profile-pause"), {"back_on": in_days(days).isoformat()})
    assert answer.status_code == (302 if is_taken else 422)
    if not is_taken:
        with pytest.raises(RuleBroken):
            pauses.begin(ada, by=ada, until=in_days(days))


def test_today_is_the_persons_own_day(db: None) -> None:
    """In Kiritimati it is tomorrow already for more than half of the day."""
    ada = UserFactory(time_zone="Pacific/Kiritimati")
    today = local(clock.now(), ada.time_zone).date()
    with pytest.raises(RuleBroken):
        pauses.begin(ada, by=ada, until=today)
    assert pauses.begin(ada, by=ada, until=today + timedelta(days=1)).back_on > today


def test_whoever_is_away_is_not_available(db: None) -> None:
    here, away, back = (ParticipantFactory() for _ in range(3))
    ProfileFactory(user=here.user)
    for person, days in ((away, 1), (back, 0)):
        ProfileFactory(user=person.user, paused_at=clock.now(), back_on=in_days(days))
    silent = ParticipantFactory()  # without a profile
    assert set(Participant.objects.available(in_days(0))) == {here, back, silent}
    assert set(Participant.objects.available(in_days(1))) == {here, away, back, silent}
    assert [one.user_id for one in Profile.objects.paused(in_days(0))] == [away.user_id]


def test_a_pause_ends_by_itself(client: Client, ada: User) -> None:
    profile = pauses.begin(ada, by=ada, until=in_days(3))
    until = [profile.paused_until(in_days(days)) for days in (0, 2, 3, 4)]
    assert until == [in_days(3), in_days(3), None, None]
    Profile.objects.update(back_on=in_days(0))
    assert "Begin the pause" in client.get(reverse("profile-pause")).content.decode()
    assert "You are paused" not in client.get(reverse("home")).content.decode()


def test_home_and_profile_say_until_when(client: Client, ada: User) -> None:
    pauses.begin(ada, by=ada, until=in_days(3))
    for name in ("home", "profile"):
        assert "You are paused until" in client.get(reverse(name)).content.decode()


def test_whom_one_works_with_reads_it_on_the_match_page(here: Troupe, client: Client) -> None:
    client.force_login(here.mentee.user)
    url = reverse("match-detail", args=[here.match.code])
    assert "takes a pause" not in client.get(url).content.decode()
    pauses.begin(here.mentor.user, by=here.mentor.user, until=in_days(3))
    page = client.get(url).content.decode()
    assert f"{here.mentor.user.name} takes a pause and is back on" in page


def test_the_programs_in_which_somebody_takes_part_know(here: Troupe, elsewhere: Troupe) -> None:
    user = here.mentor.user
    left = ParticipantFactory(cohort=elsewhere.cohort, user=user)
    Participant.objects.filter(pk=left.pk).update(left_at=left.joined_at)
    pauses.begin(user, by=user, until=in_days(3))
    pauses.end(user, by=user)
    events = AuditEvent.objects.filter(verb__startswith="person.").order_by("id")
    assert [(one.verb, one.program_code) for one in events] == [
        ("person.paused", here.program.code),
        ("person.returned", here.program.code),
    ]
