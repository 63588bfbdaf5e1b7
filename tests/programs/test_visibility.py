"""Who sees which part of a profile: canary words, field by field, on every page that shows one."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from matching.notifications import MatchIntroduced
from programs.actions import people
from programs.models import Participant, Profile, Seen, User
from programs.visibility import FIELDS, Audience, Viewer, hidden_facts, seen_fields
from tests.cast import Troupe
from tests.factories.programs import ProfileFactory, UserFactory

# One word for each field, as it stands in the profile and as a page shows it.
CANARIES: dict[str, tuple[Any, str]] = {
    "name": ("wordname", "wordname"),
    "pronouns": ("wordpronouns", "wordpronouns"),
    "time_zone": ("Asia/Kathmandu", "Kathmandu"),
    "headline": ("wordheadline", "wordheadline"),
    "story": ("wordstory", "wordstory"),
    "languages": (["wordlanguage"], "wordlanguage"),
    "skills": ([{"name": "wordskill", "now": 1, "wanted": 3, "teaches": True}], "wordskill"),
    "styles": (["wordstyle"], "wordstyle"),
    "interests": (["wordinterest"], "wordinterest"),
    "hours": ([32, 33], "16:00 to 17:00"),
    "capacity": (17, "Mentees they can take"),
    "email": ("wordmail@example.org", "wordmail"),
    "channel": ("in_person", "In person"),
    "reach": ("wordreach", "wordreach"),
    "linkedin": ("https://linkedin.com/in/wordlinkedin", "wordlinkedin"),
    "github": ("https://github.com/wordgithub", "wordgithub"),
    "site": ("https://wordsite.example", "wordsite"),
}
USUAL = {
    Viewer.COORDINATOR: set(CANARIES),
    Viewer.MATCH: set(CANARIES) - {"capacity"},
    Viewer.COHORT: {
        "name",
        "pronouns",
        "headline",
        "languages",
        "skills",
        "interests",
    },
}


def furnish(user: User, audiences: dict[str, str] | None = None) -> Profile:
    """A profile with a canary word in every field."""
    told = {name: value for name, (value, _shown) in CANARIES.items()}
    for name in ("name", "time_zone", "email"):
        setattr(user, name, told.pop(name))
    user.save()
    profile, _made = Profile.objects.update_or_create(
        user=user, defaults=told | {"audiences": audiences or {}}
    )
    return profile


def seen_on(page: str) -> set[str]:
    return {name for name, (_value, shown) in CANARIES.items() if shown in page}


def in_main(client: Client, url: str) -> str:
    page = client.get(url).content.decode()
    return page[page.index("<main") : page.index("</main>")]


def test_every_field_of_a_profile_stands_in_the_table() -> None:
    own = {field.name for field in Profile._meta.get_fields()}
    apart = {"id", "user", "created_at", "updated_at", "audiences", "taken", "paused_at", "back_on"}
    on_the_account = {"name", "email", "time_zone"}
    assert {field.name for field in FIELDS} == own - apart | on_the_account
    assert {field.name for field in FIELDS} | {"hidden_facts"} == set(Seen.__dataclass_fields__)


@pytest.mark.parametrize("viewer", Viewer)
def test_who_sees_what_unless_told_otherwise(viewer: Viewer) -> None:
    assert seen_fields(viewer, {}) == USUAL[viewer]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_each_choice_shows_a_field_to_exactly_those(field: Any) -> None:
    readers = {
        Audience.COHORT: {"match", "cohort", "coordinator"},
        Audience.MATCHED: {"match", "coordinator"},
        Audience.COORDINATORS: {"coordinator"},
    }
    for audience in field.choices:
        chosen = {field.name: audience.value}
        assert {one for one in Viewer if field.name in seen_fields(one, chosen)} == readers[
            audience
        ]


def test_a_word_that_is_no_choice_shows_the_field_to_the_fewest() -> None:
    assert "story" not in seen_fields(Viewer.MATCH, {"story": "world"})
    assert "email" not in seen_fields(Viewer.MATCH, {"email": "cohort"})
    assert "name" in seen_fields(Viewer.MATCH, {"name": "coordinators"})


def test_a_hidden_field_hides_its_facts() -> None:
    hidden = hidden_facts(Viewer.MATCH, {"skills": "coordinators", "hours": "coordinators"})
    assert hidden == {"skills_offered", "skills_wanted", "hours", "capacity"}


# --- What others see: the preview ----------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("viewer", Viewer)
def test_the_preview_shows_what_that_viewer_sees(viewer: Viewer, client: Client) -> None:
    user = UserFactory()
    furnish(user)
    client.force_login(user)
    page = in_main(client, f"{reverse('profile-preview')}?as={viewer}")
    assert seen_on(page) == USUAL[viewer]


@pytest.mark.django_db
@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_for_coordinators_only_is_in_no_other_preview(field: Any, client: Client) -> None:
    user = UserFactory()
    least = field.choices[-1].value
    furnish(user, {field.name: least})
    client.force_login(user)
    for viewer in Viewer:
        page = in_main(client, f"{reverse('profile-preview')}?as={viewer}")
        assert (field.name in seen_on(page)) == (
            field.name in seen_fields(viewer, {field.name: least})
        )


@pytest.mark.django_db
def test_an_unknown_viewer_is_the_match(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get(f"{reverse('profile-preview')}?as=world").context["viewer"] == "match"


# --- The match page and the introduction ---------------------------------------------------------


def with_facts(person: Participant) -> None:
    """The facts of a run, as copied from the same profile."""
    person.facts = {
        "skills_offered": ["wordskill"],
        "skills_wanted": ["wordskill"],
        "languages": ["wordlanguage"],
        "styles": ["wordstyle"],
        "hours": [32, 33],
        "capacity": 17,
        "job_title": "wordjob",
    }
    person.time_zone = person.user.time_zone
    person.save()


def introduced(here: Troupe) -> None:
    reason = {
        "criterion": "skills",
        "kind": "overlap",
        "points": 10,
        "answered": True,
        "private": False,
        "shared": ["wordskill"],
        "mentee": "",
        "mentor": "",
    }
    here.match.run, here.match.reasons = here.run, [reason]
    here.match.save()


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_match_sees_no_field_that_is_for_coordinators(
    field: Any, here: Troupe, client: Client
) -> None:
    chosen = {field.name: field.choices[-1].value}
    furnish(here.mentor.user, chosen)
    with_facts(here.mentor)
    introduced(here)
    client.force_login(here.mentee.user)
    page = in_main(client, reverse("match-detail", args=[here.match.code]))
    assert seen_on(page) == seen_fields(Viewer.MATCH, chosen)
    assert "wordjob" in page


def test_the_introduction_names_no_address_and_no_reason_that_is_hidden(here: Troupe) -> None:
    furnish(here.mentor.user, {"email": "coordinators", "skills": "coordinators"})
    with_facts(here.mentor)
    introduced(here)
    context = MatchIntroduced(here.match).context(here.mentee.user)
    assert [person.seen.email for person in context["others"]] == [""]
    assert [person.seen.reach for person in context["others"]] == ["wordreach"]
    assert context["reasons"] == []
    furnish(here.mentor.user)
    context = MatchIntroduced(here.match).context(here.mentee.user)
    assert [person.seen.email for person in context["others"]] == ["wordmail@example.org"]
    assert len(context["reasons"]) == 1


def test_coordinators_see_every_field_on_the_desk(here: Troupe, client: Client) -> None:
    furnish(here.mentor.user, {field.name: field.choices[-1].value for field in FIELDS})
    client.force_login(here.coordinator)
    page = in_main(client, reverse("desk-person", args=[here.mentor.code]))
    assert seen_on(page) == set(CANARIES)


# --- Choosing ------------------------------------------------------------------------------------


@pytest.fixture
def ada(db: None, client: Client) -> User:
    profile = ProfileFactory(reach="@ada")
    client.force_login(profile.user)
    return profile.user


def usual() -> dict[str, str]:
    return {field.name: field.usual.value for field in FIELDS}


def test_a_person_chooses_and_only_what_differs_is_kept(client: Client, ada: User) -> None:
    url = reverse("profile-audiences")
    assert client.post(url, usual() | {"story": "cohort"}).status_code == 302
    assert Profile.objects.get().audiences == {"story": "cohort"}
    form = client.get(url).context["form"]
    assert {name: field.initial for name, field in form.fields.items()} == usual() | {
        "story": "cohort"
    }
    assert "they need it to run the program" in client.get(url).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "coordinators"},
        {"email": "cohort"},
        {"story": "world"},
        {"story": ""},
        {"email": "coordinators", "reach": "coordinators"},
    ],
)
def test_a_choice_that_is_none_is_refused(client: Client, ada: User, wrong: dict[str, str]) -> None:
    answer = client.post(reverse("profile-audiences"), usual() | wrong)
    assert answer.status_code == 422
    assert Profile.objects.get().audiences == {}


def test_an_address_is_hidden_only_where_another_way_is_told(client: Client, ada: User) -> None:
    url, hidden = reverse("profile-audiences"), usual() | {"email": "coordinators"}
    assert client.post(url, hidden).status_code == 302
    Profile.objects.update(reach="")
    assert client.post(url, hidden).status_code == 422


@pytest.mark.parametrize("chosen", [{"story": "world"}, {"nothing": "cohort"}, {"name": None}])
def test_the_action_takes_no_audience_that_is_none(ada: User, chosen: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        people.choose_audiences(ada, by=ada, chosen=chosen)
