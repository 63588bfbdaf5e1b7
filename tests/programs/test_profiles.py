"""What people tell of themselves, and what of it the matching reads."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from programs import skills
from programs.actions import applications, people
from programs.models import Participant, Profile, User
from programs.visibility import FIELD_OF
from tests.factories.programs import (
    ApplicationFactory,
    ParticipantFactory,
    ProfileFactory,
    UserFactory,
)

TOLD = {
    "name": "Ada",
    "time_zone": "Asia/Tokyo",
    "pronouns": "she",
    "headline": "Engines",
    "story": "Notes",
    "languages": "English, French",
    "skills-0-name": "Numbers",
    "skills-0-now": "4",
    "skills-0-wanted": "4",
    "skills-0-teaches": "1",
    "skills-1-name": "Looms",
    "skills-1-now": "1",
    "skills-1-wanted": "3",
    "styles": "books; letters",
    "interests": "music",
    "hours-part": "0-morning",
    "capacity": "3",
    "channel": "chat",
    "reach": "@ada",
    "linkedin": "linkedin.com/in/ada",
    "github": "https://github.com/ada",
    "site": "https://ada.example/",
}


@pytest.fixture
def ada(db: None, client: Client) -> User:
    user: User = UserFactory()
    client.force_login(user)
    return user


def test_a_person_tells_of_themself_and_reads_it_again(client: Client, ada: User) -> None:
    assert client.get(reverse("profile")).status_code == 200
    assert not Profile.objects.exists()
    assert client.post(reverse("profile"), TOLD).status_code == 302
    profile = Profile.objects.get(user=ada)
    assert (profile.user.name, profile.user.time_zone) == ("Ada", "Asia/Tokyo")
    assert profile.facts() == {
        "languages": ["English", "French"],
        "skills_offered": {"Numbers": 4},
        "skills_wanted": {"Looms": 2},
        "styles": ["books", "letters"],
        "hours": list(range(16, 24)),
    }
    assert (profile.capacity, profile.channel, profile.reach) == (3, "chat", "@ada")
    assert (profile.linkedin, profile.github, profile.site) == (
        "https://linkedin.com/in/ada",
        "https://github.com/ada",
        "https://ada.example/",
    )
    assert profile.missing() == []
    page = client.get(reverse("profile")).content.decode()
    assert "books, letters" in page
    assert "two steps to go" in page
    assert "17 of 17 parts are told" in page


@pytest.mark.parametrize(
    "field, value",
    [
        ("name", ""),
        ("name", "x" * 121),
        ("name", "a\nb"),
        ("time_zone", "Mars/Olympus"),
        ("story", "x" * 4001),
        ("headline", "a\0"),
        ("headline", "a\nb"),
        ("languages", "x" * 81),
        ("capacity", "0"),
        ("capacity", "21"),
        ("capacity", "many"),
        ("channel", "pigeon"),
        ("site", "http://ada.example"),
        ("site", "ftp://ada.example"),
        ("site", "javascript:alert(1)"),
        ("site", "https://ada:secret@ada.example"),
        ("site", "https://"),
        ("linkedin", "https://linkedin.com.evil.example/in/ada"),
        ("linkedin", "https://notlinkedin.com/in/ada"),
        ("github", "https://linkedin.com/in/ada"),
    ],
)
def test_a_wrong_word_is_an_error_on_the_form(
    client: Client, ada: User, field: str, value: str
) -> None:
    answer = client.post(reverse("profile"), TOLD | {field: value})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert not Profile.objects.exists()


def test_a_wrong_skill_or_hour_is_an_error_on_the_form(client: Client, ada: User) -> None:
    for wrong, field in (({"skills-0-now": "5"}, "skills"), ({"hours-part": "9-noon"}, "hours")):
        answer = client.post(reverse("profile"), TOLD | wrong)
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {field}


def test_a_refused_form_says_of_the_kept_profile_what_is_missing(client: Client, ada: User) -> None:
    answer = client.post(reverse("profile"), TOLD | {"site": "http://ada.example"})
    assert [name for name, _label in answer.context["missing"]][:2] == ["pronouns", "time_zone"]


def test_the_action_takes_no_value_the_models_do_not_take(ada: User) -> None:
    people.update_profile(ada, by=ada, headline="one")
    wrong = (
        {"headline": "x" * 141},
        {"time_zone": "Mars"},
        {"capacity": 0},
        {"skills": [{"name": "Go"}]},
        {"skills": "Go"},
        {"skills": [{"name": "Go", "now": 5, "wanted": 0, "teaches": True}]},
        {"skills": [{"name": "Go", "now": True, "wanted": 0, "teaches": True}]},
        {"skills": [{"name": "Go", "now": 1, "wanted": 1, "teaches": True}] * 2},
        {"site": "http://ada.example"},
    )
    for fields in wrong:
        with pytest.raises(ValidationError):
            people.update_profile(User.objects.get(pk=ada.pk), by=ada, **fields)
    people.update_profile(ada, by=ada, story="two")
    profile = Profile.objects.get(user=ada)
    assert (profile.headline, profile.story) == ("one", "two")


def test_too_many_skills_are_refused() -> None:
    many = [
        {"name": f"s{n}", "now": 1, "wanted": 1, "teaches": False} for n in range(skills.MOST + 1)
    ]
    skills.validate_skills(many[1:])
    with pytest.raises(ValidationError):
        skills.validate_skills(many)


def test_what_is_taught_is_offered_and_what_is_wanted_better_is_wanted() -> None:
    told = [
        {"name": "known only", "now": 4, "wanted": 4, "teaches": False},
        {"name": "taught", "now": 2, "wanted": 2, "teaches": True},
        {"name": "both", "now": 2, "wanted": 3, "teaches": True},
        {"name": "wanted", "now": 0, "wanted": 3, "teaches": False},
        {"name": "taught anyway", "now": 0, "wanted": 0, "teaches": True},
        {"name": "enough", "now": 3, "wanted": 1, "teaches": False},
    ]
    assert skills.offered(told) == {"taught": 2, "both": 2, "taught anyway": 1}
    assert skills.wanted(told) == {"both": 1, "wanted": 3}


@pytest.mark.parametrize("answers, capacity", [({}, 4), ({"capacity": 2}, 2)])
def test_without_an_answer_a_mentor_takes_as_many_as_the_profile_says(
    ada: User, answers: dict[str, int], capacity: int
) -> None:
    people.update_profile(ada, by=ada, capacity=4)
    application = ApplicationFactory(applicant=ada, role="mentor", answers=answers)
    assert applications.accept(application, by=UserFactory()).capacity == capacity


def test_a_new_zone_holds_in_every_cohort(ada: User) -> None:
    here, left = ParticipantFactory(user=ada), ParticipantFactory(user=ada, role="mentor")
    Participant.objects.filter(pk=left.pk).update(left_at=left.joined_at)
    people.update_profile(ada, by=ada, time_zone="Asia/Tokyo")
    zones = dict(Participant.objects.values_list("pk", "time_zone"))
    assert zones == {here.pk: "Asia/Tokyo", left.pk: "UTC"}


@pytest.mark.parametrize(
    "fields",
    [
        {"site": "http://ada.example"},
        {"linkedin": "x"},
        {"github": "javascript:alert(1)"},
        {"back_on": "2026-01-01"},
        {"capacity": 21},
    ],
)
def test_the_database_keeps_links_https_and_pauses_whole(db: None, fields: dict[str, str]) -> None:
    profile = ProfileFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Profile.objects.filter(pk=profile.pk).update(**fields)


def test_what_is_missing_is_asked_by_name(ada: User) -> None:
    nothing = Profile(user=ada)
    told_by_everybody = {"name", "email", "capacity"}
    assert nothing.missing() == [name for name in FIELD_OF if name not in told_by_everybody]
    assert nothing.missing(["hours", "name", "story"]) == ["story", "hours"]
    people.update_profile(ada, by=ada, story="Notes", hours=[1])
    assert Profile.objects.get().missing(["hours", "story"]) == []


def test_links_are_shown_without_credit_and_never_opened(client: Client, ada: User) -> None:
    client.post(reverse("profile"), TOLD)
    page = client.get(reverse("profile-preview")).content.decode()
    for link in ("https://linkedin.com/in/ada", "https://github.com/ada", "https://ada.example/"):
        assert f'<a href="{link}" rel="nofollow noopener noreferrer">' in page


# --- Whatever is sent --------------------------------------------------------------------------

_ANY = st.one_of(
    st.text(max_size=150),
    st.sampled_from(["", "0", "5", "-1", "https://a.example", "linkedin.com/in/a", "UTC", "a\0b"]),
)
_NAMES = st.sampled_from(
    [
        *TOLD,
        *(f"skills-{n}-{part}" for n in range(4) for part in ("name", "now", "wanted", "teaches")),
        "skills",
        "hours",
        "hours-was",
        "email",
        "audiences",
        "back_on",
    ]
)


class AnyProfile(TestCase):
    """The form keeps or refuses whatever is sent, and what it keeps the models take."""

    @settings(max_examples=80, deadline=None)
    @given(sent=st.dictionaries(_NAMES, _ANY, max_size=12), is_whole=st.booleans())
    def test_any_profile_is_kept_or_refused(self, sent: dict[str, str], is_whole: bool) -> None:
        client = Client()
        ada = User.objects.create_user("ada@example.org", name="Ada")
        client.force_login(ada)
        answer = client.post(reverse("profile"), (TOLD if is_whole else {}) | sent)
        assert answer.status_code in (302, 422)
        assert client.get(reverse("profile")).status_code == 200
        if answer.status_code == 302:
            profile = Profile.objects.get(user=ada)
            profile.full_clean()
            assert (profile.audiences, profile.back_on, profile.user.email) == (
                {},
                None,
                "ada@example.org",
            )
            assert client.get(reverse("profile-preview")).status_code == 200

    @settings(max_examples=40, deadline=None)
    @given(sent=st.dictionaries(st.sampled_from([*FIELD_OF, "other"]), _ANY))
    def test_any_choice_of_readers_is_kept_or_refused(self, sent: dict[str, str]) -> None:
        client = Client()
        client.force_login(User.objects.create_user("ada@example.org", name="Ada"))
        usual = {field.name: field.usual.value for field in FIELD_OF.values()}
        assert client.post(reverse("profile-audiences"), usual | sent).status_code in (302, 422)

    @settings(max_examples=40, deadline=None)
    @given(day=st.one_of(st.dates().map(str), _ANY))
    def test_any_day_of_return_is_kept_or_refused(self, day: str) -> None:
        client = Client()
        client.force_login(User.objects.create_user("ada@example.org", name="Ada"))
        assert client.post(reverse("profile-pause"), {"back_on": day}).status_code in (302, 422)
