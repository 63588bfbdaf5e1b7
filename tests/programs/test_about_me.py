"""What people call themselves: told freely, taken back at any time, read by the audit alone."""

import json

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from matching import bridge
from matching.fairness import SMALLEST_GROUP
from matching.models import MatchingRun
from mentorship.shared.audit.models import AuditEvent
from programs.about_me import DIMENSIONS
from programs.actions import about_me
from programs.forms.about_me import AboutMeForm
from programs.models import SelfIdentification, User
from tests.factories.programs import UserFactory
from tests.house.matrix import pages, relation
from tests.house.routes import every_route
from tests.house.world import HERE, make_world

CANARY = "kingfisher"


@pytest.fixture
def ada(db: None, client: Client) -> User:
    user: User = UserFactory()
    client.force_login(user)
    return user


def told() -> dict[str, str]:
    return dict(SelfIdentification.objects.values_list("dimension", "group"))


def test_a_person_tells_changes_and_takes_back(client: Client, ada: User) -> None:
    url = reverse("about-me")
    assert "Remove everything" not in client.get(url).content.decode()
    sent = {"about_0": "woman", "about_1_own": "Sorbian", "about_4": ""}
    assert client.post(url, sent).status_code == 302
    assert told() == {"gender": "woman", "background": "Sorbian"}
    form = client.get(url).context["form"]
    assert (form["about_0"].value(), form["about_0_own"].value()) == ("woman", "")
    assert (form["about_1"].value(), form["about_1_own"].value()) == ("", "Sorbian")
    at = SelfIdentification.objects.get(dimension="gender").given_at
    assert client.post(url, {"about_0": "woman"}).status_code == 302
    assert told() == {"gender": "woman"}
    assert SelfIdentification.objects.get().given_at == at
    assert client.post(url, {"action": "remove"}).status_code == 302
    assert told() == {}
    assert not AuditEvent.objects.exists()


def test_the_page_says_who_reads_it(client: Client, ada: User) -> None:
    page = client.get(reverse("about-me")).content.decode()
    assert "Only the fairness audit" in page
    assert "groups of five people or more" in page
    assert SMALLEST_GROUP == 5
    assert "The matching never reads it" in page
    assert "Coordinators, reviewers and other participants never see" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"about_0": "queen"},
        {"about_0": "woman", "about_0_own": "lady"},
        {"about_0_own": "x" * 61},
        {"about_0_own": "a\0"},
        {"about_0_own": "a\x1b[1mb"},
    ],
)
def test_an_answer_that_is_none_is_refused(
    client: Client, ada: User, wrong: dict[str, str]
) -> None:
    assert client.post(reverse("about-me"), wrong).status_code == 422
    assert told() == {}


def test_own_words_that_are_a_suggestion_are_counted_as_it() -> None:
    form = AboutMeForm({"about_0_own": "WOMAN"}, told={})
    assert form.is_valid()
    assert form.groups() == {"gender": "woman"}


def test_nobody_reads_or_changes_what_another_told(client: Client, ada: User) -> None:
    other = UserFactory()
    about_me.tell(other, groups={"gender": "woman"})
    assert client.get(reverse("about-me")).context["form"]["about_0"].value() == ""
    client.post(reverse("about-me"), {"action": "remove"})
    assert told() == {"gender": "woman"}


def test_the_action_takes_no_word_the_model_does_not_take(ada: User) -> None:
    with pytest.raises(ValidationError):
        about_me.tell(ada, groups={"gender": "x" * 61})


class AnyAnswer(TestCase):
    """Whatever is sent, it is kept or refused."""

    fields = st.sampled_from(
        [*(f"about_{n}{own}" for n in range(len(DIMENSIONS)) for own in ("", "_own")), "action"]
    )

    @settings(max_examples=60, deadline=None)
    @given(sent=st.dictionaries(fields, st.text(max_size=70)))
    def test_any_answer_is_kept_or_refused(self, sent: dict[str, str]) -> None:
        client = Client()
        client.force_login(User.objects.create_user("ada@example.org", name="Ada"))
        assert client.post(reverse("about-me"), sent).status_code in (302, 422)


# --- Coordinators never see it --------------------------------------------------------------------


def test_no_page_but_the_persons_own_shows_it(db: None) -> None:
    """Everybody whom the file of permissions lets in, on every address that answers a GET."""
    world = make_world()
    here = world.here
    for user in (here.mentor.user, here.mentee.user, here.applicant, here.coordinator):
        about_me.tell(user, groups={dimension.name: CANARY for dimension in DIMENSIONS})
    routes = {route.name: route for route in every_route()}
    shown, asked = set(), 0
    for page in pages():
        for actor in ("owner", "coordinator", "reviewer", "observer", "mentor", "other mentee"):
            stands = relation(actor, HERE) if page.object else actor
            if page.expects(actor, "GET", stands) != 200:
                continue
            code = world.code(HERE, page.object) if page.object else ""
            answer = world.ask(actor, "GET", routes[page.name].address(code))
            asked += 1
            if CANARY in answer.text:
                shown.add((page.name, actor))
    assert asked > 100
    # one's own page about oneself, and "everything held about me"
    assert {name for name, _actor in shown} <= {"about-me", "my-data", "my-data-file"}
    assert {("about-me", "coordinator"), ("about-me", "mentor")} <= shown
    assert "owner" not in {actor for _name, actor in shown}


def test_it_is_no_fact_and_in_no_record_of_the_dashboard(db: None) -> None:
    world = make_world()
    here = world.here
    for user in (here.mentor.user, here.mentee.user):
        about_me.tell(user, groups={"gender": CANARY})
    run = MatchingRun.objects.create(cohort=here.cohort, policy=here.cohort.policy)
    assert CANARY not in bridge.load(run).to_text()
    facts = [one.facts for one in here.cohort.participants.all()]
    assert CANARY not in json.dumps(facts)
    assert SelfIdentification not in admin.site._registry
