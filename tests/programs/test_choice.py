"""How people are matched in a cohort: the coordinator's settings, copies, templates, readiness."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from matching.actions import wishes
from matching.engine import Policy
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from programs.actions import cohorts
from programs.blueprints import all_blueprints
from programs.models import Choice, Cohort
from programs.readiness import findings
from tests.cast import Troupe
from tests.factories.programs import POLICY, CohortFactory, ParticipantFactory, UserFactory

pytestmark = pytest.mark.django_db

RANKS = {"name": "choice", "kind": "ranks", "side": "mentee", "points": 5}


def keep(client: Client, cohort: Cohort, **changed: Any) -> Any:
    sent = {"choice": "assigned", "ask_days": "7", "answer_days": "5", "next_best": "on"}
    return client.post(reverse("desk-cohort-choice", args=[cohort.code]), sent | changed)


def texts(cohort: Cohort) -> str:
    return " ".join(finding.text for finding in findings(cohort, clock.now()))


def test_a_coordinator_says_who_chooses_and_it_stands_in_the_history(
    as_coordinator: Client, here: Troupe
) -> None:
    cohort = here.next_cohort
    last = cohort.apply_until + timedelta(days=5)
    answer = keep(as_coordinator, cohort, choice="ranked", choose_until=f"{last}", silent_days="30")
    assert answer.url == reverse("desk-cohort-setup", args=[cohort.code])
    cohort.refresh_from_db()
    told = (cohort.choice, cohort.choose_until, cohort.answer_days, cohort.silent_days)
    assert told == ("ranked", last, 5, 30)
    event = AuditEvent.objects.get(verb="cohort.changed")
    assert event.details == {"fields": "choice, choose_until, answer_days, silent_days"}
    page = as_coordinator.get(answer.url).content.decode()
    assert "How people are matched" in page
    assert "Ranked" in page


def test_empty_days_mean_that_nobody_is_asked(as_coordinator: Client, here: Troupe) -> None:
    keep(as_coordinator, here.next_cohort, answer_days="", silent_days="")
    here.next_cohort.refresh_from_db()
    assert here.next_cohort.answer_days is None
    assert here.next_cohort.silent_days is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"choice": "lottery"},
        {"answer_days": "0"},
        {"ask_days": ""},
        {"silent_days": "2"},
        {"choose_until": "2001-01-01"},
        {"choose_until": "2199-01-01"},
    ],
)
def test_what_makes_no_sense_is_refused_on_the_page(
    as_coordinator: Client, here: Troupe, wrong: dict[str, str]
) -> None:
    before = Cohort.objects.filter(pk=here.next_cohort.pk).values().get()
    assert keep(as_coordinator, here.next_cohort, **wrong).status_code == 422
    assert Cohort.objects.filter(pk=here.next_cohort.pk).values().get() == before


def test_changing_who_chooses_after_people_chose_is_warned_of_and_done(
    as_coordinator: Client, here: Troupe
) -> None:
    cohort = here.next_cohort
    cohort.choice = "ranked"
    cohort.save()
    mentor = ParticipantFactory(cohort=cohort, role="mentor")
    mentee = ParticipantFactory(cohort=cohort)
    url = reverse("desk-cohort-choice", args=[cohort.code])
    wishes.avoid(mentee, mentor, by=mentee.user)
    assert "People have chosen already" not in as_coordinator.get(url).content.decode()
    wishes.rank(mentee, mentor, by=mentee.user)
    assert "People have chosen already" in as_coordinator.get(url).content.decode()
    answer = as_coordinator.get(keep(as_coordinator, cohort, choice="open").url)
    assert "People had chosen already" in answer.content.decode()
    cohort.refresh_from_db()
    assert cohort.choice == "open"


def test_a_copy_chooses_as_the_round_before_did_later() -> None:
    cohort = CohortFactory(stage="ended", choice="ranked", answer_days=4, silent_days=21)
    cohort.choose_until = cohort.starts_on - timedelta(days=2)
    cohort.save()
    starts = cohort.starts_on + timedelta(weeks=30)
    new = cohorts.clone(
        cohort, by=UserFactory(), name="Again", time_zone="Europe/Berlin", starts_on=starts
    )
    assert (new.choice, new.answer_days, new.silent_days) == ("ranked", 4, 21)
    assert new.choose_until == starts - timedelta(days=2)


def test_every_template_says_how_people_are_matched() -> None:
    for ready in all_blueprints():
        assert ready.cohort["choice"] in Choice.values
        kinds = {criterion.kind.name for criterion in Policy.from_dict(ready.policy).criteria}
        assert ("ranks" in kinds) == (ready.cohort["choice"] == "ranked"), ready.key
        assert ("choose_until" in ready.days) == (ready.cohort["choice"] == "ranked"), ready.key


def test_readiness_tells_of_choices_that_nobody_reads_or_that_come_too_late() -> None:
    cohort = CohortFactory(stage="applying", choice="ranked")
    assert "the matching policy does not read it" in texts(cohort)
    assert "until when people may choose" in texts(cohort)
    cohort.policy = POLICY | {"criterion": [*POLICY["criterion"], RANKS]}
    cohort.match_on = cohort.starts_on - timedelta(days=4)
    cohort.choose_until = cohort.match_on
    found = texts(cohort)
    assert "does not read it" not in found
    assert "when the matching has begun" in found
    cohort.choose_until = cohort.apply_until + timedelta(days=1)
    assert "people need a few days to look" in texts(cohort)
    cohort.choose_until = clock.now().date() - timedelta(days=2)
    assert "has passed" in texts(cohort)
    cohort.choice = "assigned"
    assert "choose" not in texts(cohort)


def test_readiness_tells_of_answers_that_come_after_the_start() -> None:
    cohort = CohortFactory(stage="applying", answer_days=7)
    cohort.match_on = cohort.starts_on - timedelta(days=5)
    assert "when the round starts" in texts(cohort)
    cohort.answer_days = 5
    assert "when the round starts" not in texts(cohort)
