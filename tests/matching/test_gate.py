"""Who is not through the gate, or on a pause, is not in a run; its page says so."""

from datetime import timedelta

import pytest
from django.urls import reverse

from matching import runs
from matching.models import MatchingRun
from mentorship.shared.base import clock
from programs.models import Profile
from tests.factories.programs import MembershipFactory
from tests.factories.texts import GateItemFactory, RequiredTextFactory
from tests.matching.people import asked, loaded, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_coordinator(client, cohort):
    client.force_login(MembershipFactory(program=cohort.program).user)
    return client


def pause(participant):
    Profile.objects.update_or_create(
        user=participant.user,
        defaults={"paused_at": clock.now(), "back_on": clock.now().date() + timedelta(days=3)},
    )


def test_who_has_not_done_what_is_asked_is_in_no_run(cohort):
    GateItemFactory(cohort=cohort, key="story")
    ready = [person(cohort, role, profile={"story": "Once"}).code for role in ("mentor", "mentee")]
    for role in ("mentor", "mentee", "mentee"):
        person(cohort, role)
    question = loaded(cohort)
    assert [one.id for one in (*question.mentors, *question.mentees)] == ready
    run = MatchingRun.objects.get()
    assert (run.not_ready, run.paused) == (3, 0)


def test_who_has_not_read_a_text_is_in_no_run(cohort):
    GateItemFactory(cohort=cohort, text=RequiredTextFactory(cohort=cohort, role="mentor"))
    person(cohort, "mentor")
    mentee = person(cohort)
    question = loaded(cohort)
    assert question.mentors == ()
    assert [one.id for one in question.mentees] == [mentee.code]


def test_who_is_on_a_pause_is_in_no_run(cohort):
    here, away = person(cohort), person(cohort)
    pause(away)
    assert [one.id for one in loaded(cohort).mentees] == [here.code]
    assert MatchingRun.objects.get().paused == 1


def test_the_page_of_a_run_says_who_was_left_out(cohort, pair, as_coordinator):
    GateItemFactory(cohort=cohort, key="story")
    for one in pair:
        Profile.objects.create(user=one.user, story="Once")
    person(cohort)
    pause(person(cohort))
    run = asked(cohort)
    runs.carry_out(run.pk)
    page = as_coordinator.get(reverse("desk-run", args=[run.code])).content.decode()
    assert "1 of 1 mentees have a match" in page
    assert "1 person was left out because something was missing" in page
    assert "1 person was left out because of a pause." in page


def test_a_run_that_asked_everybody_says_nothing_of_it(cohort, pair, done, as_coordinator):
    page = as_coordinator.get(reverse("desk-run", args=[done.code])).content.decode()
    assert "left out" not in page


def test_the_start_of_a_run_says_who_would_be_left_out(cohort, as_coordinator):
    url = reverse("desk-runs", args=[cohort.code])
    person(cohort)
    assert "not ready" not in as_coordinator.get(url).content.decode()
    GateItemFactory(cohort=cohort, key="hours")
    person(cohort)
    page = as_coordinator.get(url).content.decode()
    assert "2 people are not ready." in page
    assert reverse("desk-participants-remind", args=[cohort.code]) in page
    assert f"{reverse('desk-participants', args=[cohort.code])}?ready=no" in page
