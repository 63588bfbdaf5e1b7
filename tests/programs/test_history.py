"""The audit log as coordinators read it: sentences, narrowed by who, what, whom and when."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mentorship.shared.audit import subjects, verbs
from mentorship.shared.audit.models import AuditEvent, record
from mentorship.shared.base import clock
from programs.actions import applications, memberships
from programs.models import Application, Cohort, Membership, User
from tests.cast import Troupe
from tests.factories.programs import ApplicationFactory, UserFactory

pytestmark = pytest.mark.django_db


def url(here: Troupe) -> str:
    return reverse("desk-history", args=[here.cohort.code])


def told(client: Client, address: str, **asked: str) -> list[str]:
    page = client.get(address, asked)
    assert page.status_code == 200
    return [f"{event.actor} {event.text}" for event in page.context["page_obj"]]


def applied(here: Troupe, name: str, **fields: object) -> Application:
    return ApplicationFactory(cohort=here.cohort, applicant=UserFactory(name=name), **fields)


def test_an_event_is_told_with_the_names_of_today(as_coordinator: Client, here: Troupe) -> None:
    application = applied(here, "Ann Newcomer")
    applications.decline(application, by=here.coordinator)
    assert told(as_coordinator, url(here)) == [
        "heron coordinator declined the application of Ann Newcomer"
    ]
    assert "Ann" not in str(AuditEvent.objects.get().details)
    User.objects.filter(pk=application.applicant_id).update(name="Ann Married")
    assert told(as_coordinator, url(here))[0].endswith("the application of Ann Married")


def test_what_nobody_did_is_told_of_the_system(as_coordinator: Client, here: Troupe) -> None:
    record(by=None, verb="cohort.opened", subject=here.cohort, program=here.program)
    gone = UserFactory(name="Gone")
    record(by=gone, verb="cohort.archived", subject=here.cohort, program=here.program)
    User.objects.filter(pk=gone.pk).update(name="")
    assert told(as_coordinator, url(here)) == [
        "Somebody who has left archived the cohort",
        "The system opened the cohort for applications",
    ]


def test_the_history_of_a_cohort_leaves_out_the_other_cohorts(
    as_coordinator: Client, here: Troupe
) -> None:
    applications.decline(applied(here, "Ann"), by=here.coordinator)
    applications.decline(here.application, by=here.coordinator)  # of the next cohort
    record(
        by=here.coordinator, verb="cohort.opened", subject=here.next_cohort, program=here.program
    )
    observer = Membership.objects.get(program=here.program, user=here.observer)
    memberships.remove(observer, by=here.coordinator)
    lines = told(as_coordinator, url(here))
    assert [line.removeprefix("heron coordinator ") for line in lines] == [
        "ended a duty of heron observer: observer",
        "declined the application of Ann",
    ]
    whole = reverse("desk-program-history", args=[here.program.code])
    assert len(told(as_coordinator, whole)) == 4


def test_a_foreign_event_is_never_told(
    as_coordinator: Client, here: Troupe, elsewhere: Troupe
) -> None:
    applications.decline(elsewhere.application, by=elsewhere.coordinator)
    record(by=elsewhere.coordinator, verb="person.paused", subject=here.mentee.user, until="x")
    for asked in ({}, {"who": "walrus"}, {"about": "walrus"}, {"group": "applications"}):
        assert told(as_coordinator, url(here), **asked) == []
    there = reverse("desk-history", args=[elsewhere.cohort.code])
    assert as_coordinator.get(there).status_code == 404


def test_the_history_is_narrowed(as_coordinator: Client, here: Troupe) -> None:
    ann, bob = applied(here, "Ann Apple"), applied(here, "Bob Berry")
    other = UserFactory(name="Other Hand")
    with clock.at(clock.now() - timedelta(days=9)):
        applications.decline(ann, by=other)
    applications.decline(bob, by=here.coordinator)
    record(by=other, verb="run.started", subject=here.run, program=here.program)

    def seen(**asked: str) -> list[str]:
        return [line.split()[-1] for line in told(as_coordinator, url(here), **asked)]

    today = clock.now().date()
    assert seen() == ["matching", "Berry", "Apple"]
    assert seen(who="other h") == ["matching", "Apple"]
    assert seen(about="apple") == ["Apple"]
    assert seen(group="applications") == ["Berry", "Apple"]
    assert seen(group="matching") == ["matching"]
    assert seen(until=str(today - timedelta(days=3))) == ["Apple"]
    assert seen(since=str(today - timedelta(days=3))) == ["matching", "Berry"]
    assert seen(who="other", group="applications", about="ann") == ["Apple"]
    assert seen(about="nobody") == []


def test_the_days_of_a_period_are_the_cohorts(as_coordinator: Client, here: Troupe) -> None:
    type(here.cohort).objects.filter(pk=here.cohort.pk).update(time_zone="Pacific/Auckland")
    record(by=None, verb="cohort.opened", subject=here.cohort, program=here.program)
    # half past eleven in the evening of the 10th in UTC is the 11th in Auckland
    AuditEvent.objects.update(at="2026-06-10T23:30:00Z")
    assert len(told(as_coordinator, url(here), since="2026-06-11", until="2026-06-11")) == 1
    assert told(as_coordinator, url(here), until="2026-06-10") == []


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "yesterday"},
        {"group": "gossip"},
        {"who": "x" * 101},
        {"since": "2026-06-11", "until": "2026-06-10"},
    ],
)
def test_what_cannot_be_looked_for_is_said(
    as_coordinator: Client, here: Troupe, asked: dict[str, str]
) -> None:
    answer = as_coordinator.get(url(here), asked)
    assert answer.status_code == 422
    assert "Please look at this again" in answer.content.decode()


def test_many_events_cost_as_many_queries_as_one(
    as_coordinator: Client, here: Troupe, django_assert_max_num_queries
) -> None:
    for _ in range(3):
        for verb, subject in (
            ("application.declined", here.application),
            ("run.started", here.run),
            ("match.ended", here.match),
            ("checkin.moved", here.checkin),
            ("survey.sent", here.survey),
            ("member.removed", here.observer),
        ):
            details = {"title": "x", "count": 1, "role": "observer"}
            record(by=here.coordinator, verb=verb, subject=subject, program=here.program, **details)
    whole = reverse("desk-program-history", args=[here.program.code])
    with django_assert_max_num_queries(20):
        lines = told(as_coordinator, whole)
    assert len(lines) == 18
    assert "heron coordinator ended the match heron mentor, heron mentee" in lines


# --- Verbs and subjects ---------------------------------------------------------------------------


def test_every_verb_stands_in_a_group() -> None:
    assert verbs.verbs_in(verbs.OTHER) in ([], ["demo.joined", "demo.seeded"])
    grouped = [verb for key, _ in verbs.groups() for verb in verbs.verbs_in(key)]
    assert sorted(grouped) == sorted(verbs.declared())
    assert verbs.verbs_in("gossip") == []


def test_a_noun_stands_in_one_group() -> None:
    with pytest.raises(ValueError, match="two groups"):
        verbs.group("gossip", "Gossip", "member")


def test_a_model_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        subjects.declare(subjects.Named(User, name="name"))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("end", ["since", "until"])
def test_an_odd_day_is_refused_with_a_sentence(
    here: Troupe, as_coordinator: Client, end: str, day: str
) -> None:
    for zone in ("America/Los_Angeles", "Pacific/Auckland"):
        Cohort.objects.filter(pk=here.cohort.pk).update(time_zone=zone)
        answer = as_coordinator.get(url(here), {end: day})
        assert answer.status_code == 422
        assert "Enter a day of this century." in answer.content.decode()
