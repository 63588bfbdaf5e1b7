"""The queue of applications: what it shows and hides, and that it stays quick with thousands."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mentorship.shared.base import clock
from programs.actions import applications
from programs.models import Application, Interview, Review, SavedView, User
from tests.factories.programs import (
    ApplicationFactory,
    AssignmentFactory,
    CohortFactory,
    MembershipFactory,
    ReviewFactory,
    UserFactory,
)


@pytest.fixture
def cohort(here):
    return CohortFactory(program=here.program, reviews_each=2)


@pytest.fixture
def ask(as_coordinator, cohort):
    """The names on the page for a filter, in order."""

    def names(**told):
        page = as_coordinator.get(reverse("desk-applications", args=[cohort.code]), told)
        assert page.status_code == 200
        return [one.applicant.name for one in page.context["page_obj"]]

    return names


def wish(cohort, name, **fields):
    return ApplicationFactory(
        cohort=cohort, applicant=UserFactory(name=name, email=f"{name}@post.test"), **fields
    )


@pytest.fixture
def people(here, cohort):
    """Ada is scored well and known of, Ben badly and flagged, Cyd not at all, Dan waits."""
    ada = wish(cohort, "Ada", heard_from="friend", answers={"skills_wanted": ["Python", "Café"]})
    ben = wish(cohort, "Ben", role="mentor", answers={"skills_offered": ["Rust"]})
    cyd = wish(cohort, "Cyd", answers={"motivation": "I like Python"})
    dan = applications.waitlist(wish(cohort, "Dan"), by=here.coordinator)
    wish(cohort, "Eve", status="draft")
    for score in (4.0, 5.0):
        ReviewFactory(application=ada, score=score)
    ReviewFactory(application=ben, score=1.5, is_flagged=True)
    ReviewFactory(application=cyd, score=None, submitted_at=None, is_flagged=True)
    AssignmentFactory(application=cyd, reviewer=here.coordinator)
    at = clock.now() + timedelta(days=1)
    Interview.objects.create(application=ada, interviewer=here.coordinator, planned_at=at)
    Interview.objects.create(
        application=ben, interviewer=here.coordinator, planned_at=at, cancelled_at=at
    )
    Interview.objects.create(
        application=dan,
        interviewer=here.coordinator,
        planned_at=at,
        held_at=at,
        outcome="good",
    )
    return ada, ben, cyd, dan


@pytest.mark.parametrize(
    "told, names",
    [
        ({}, ["Ada", "Ben", "Cyd", "Dan"]),
        ({"order": "-date"}, ["Dan", "Cyd", "Ben", "Ada"]),
        ({"order": "-score"}, ["Ada", "Ben", "Cyd", "Dan"]),
        ({"order": "score"}, ["Ben", "Ada", "Cyd", "Dan"]),
        ({"order": "waiting"}, ["Dan", "Ada", "Ben", "Cyd"]),
        ({"order": "name", "role": "mentee"}, ["Ada", "Cyd", "Dan"]),
        ({"status": "waitlisted"}, ["Dan"]),
        ({"role": "mentor"}, ["Ben"]),
        ({"reviewed": "no"}, ["Cyd", "Dan"]),
        ({"reviewed": "part"}, ["Ben"]),
        ({"reviewed": "all"}, ["Ada"]),
        ({"mine": "1"}, ["Cyd"]),
        ({"low": "4.5"}, ["Ada"]),
        ({"high": "2"}, ["Ben"]),
        ({"low": "1", "high": "1.4"}, []),
        ({"flagged": "1"}, ["Ben"]),
        ({"skill": "pyth"}, ["Ada"]),
        ({"skill": "café"}, ["Ada"]),
        ({"skill": "rust"}, ["Ben"]),
        ({"source": "friend"}, ["Ada"]),
        ({"interview": "planned"}, ["Ada"]),
        ({"interview": "held"}, ["Dan"]),
        ({"interview": "none"}, ["Ben", "Cyd"]),
        ({"q": "ada@post"}, ["Ada"]),
        ({"q": "DA"}, ["Ada", "Dan"]),
        # what makes no sense asks nothing
        ({"status": "draft"}, ["Ada", "Ben", "Cyd", "Dan"]),
        (
            {"low": "nan", "high": "many", "q": "x" * 101, "order": "x"},
            ["Ada", "Ben", "Cyd", "Dan"],
        ),
    ],
)
def test_the_queue_shows_what_the_filter_asks_for(people, ask, told, names):
    assert ask(**told) == names


def test_a_view_is_kept_by_name_and_holds_only_what_may_be_asked(
    here, cohort, as_coordinator, people
):
    keep = reverse("desk-view-save", args=[cohort.code])
    told = {"name": " To  read ", "query": "role=mentor&page=3&next=//evil.test&low=1&status=x"}
    there = as_coordinator.post(keep, told)
    (view,) = SavedView.objects.all()
    assert (view.name, view.query, view.user) == (
        "To read",
        "role=mentor&low=1.0",
        here.coordinator,
    )
    page = as_coordinator.get(there["Location"])
    assert [one.applicant.name for one in page.context["page_obj"]] == ["Ben"]
    assert f'href="?{view.query.replace("&", "&amp;")}"' in page.content.decode()
    as_coordinator.post(keep, told | {"query": "role=mentee"})
    assert SavedView.objects.get().query == "role=mentee"
    as_coordinator.post(keep, told | {"name": ""})
    assert SavedView.objects.count() == 1
    as_coordinator.post(reverse("desk-view-delete", args=[SavedView.objects.get().code]))
    assert not SavedView.objects.exists()


def test_a_view_is_its_owners_alone(here, cohort, as_coordinator):
    other = MembershipFactory(program=here.program).user
    view = SavedView.objects.create(cohort=cohort, user=other, name="Theirs", query="role=mentor")
    page = as_coordinator.get(reverse("desk-applications", args=[cohort.code]))
    assert "Theirs" not in page.content.decode()
    assert as_coordinator.post(reverse("desk-view-delete", args=[view.code])).status_code == 404


def test_the_page_of_an_application_leads_to_its_neighbours(cohort, as_coordinator):
    first, second, third = (wish(cohort, name) for name in ("A", "B", "C"))
    wish(cohort, "D", status="draft")
    page = as_coordinator.get(reverse("desk-application", args=[second.code]))
    assert page.context["neighbours"] == {"previous": first.code, "next": third.code}
    page = as_coordinator.get(reverse("desk-application", args=[third.code]))
    assert page.context["neighbours"] == {"previous": second.code, "next": None}


def test_the_page_tells_what_happened_in_sentences(cohort, as_coordinator):
    one = wish(cohort, "Ada")
    applications.waitlist(one, by=UserFactory(name="Nora"))
    text = as_coordinator.get(reverse("desk-application", args=[one.code])).content.decode()
    assert "Nora put the application of Ada on the waiting list" in text


# --- Five thousand ----------------------------------------------------------------------------

MANY = 5_000


@pytest.fixture
def crowd(here, cohort):
    """5,000 applications in every status, two reviews on most."""
    users = User.objects.bulk_create(
        [User(name=f"Person {n}", email=f"crowd{n}@post.test") for n in range(MANY)]
    )
    statuses = ["submitted"] * 6 + ["accepted", "waitlisted", "declined", "withdrawn", "draft"]
    now = clock.now()
    rows = Application.objects.bulk_create(
        [
            Application(
                cohort=cohort,
                applicant=user,
                role=("mentor", "mentee")[n % 3 > 0],
                status=statuses[n % len(statuses)],
                questionnaire=cohort.mentee_questions,
                answers={"motivation": "Word " * 50, "skills_wanted": [f"skill {n % 60}", "Go"]},
                submitted_at=now - timedelta(minutes=n),
                decided_at=now if statuses[n % len(statuses)] != "submitted" else None,
                decided_by=here.coordinator if statuses[n % len(statuses)] != "submitted" else None,
            )
            for n, user in enumerate(users)
        ]
    )
    Review.objects.bulk_create(
        [
            Review(
                application=one,
                reviewer=reviewer,
                score=1 + (one.pk * 7 + place) % 5,
                advice="yes",
                submitted_at=now,
            )
            for place, reviewer in enumerate((here.reviewer, here.coordinator))
            for one in rows
            if one.pk % 5
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what PostgreSQL does by itself within a minute
    return rows


def asked(client, url, **told):
    with CaptureQueriesContext(connection) as queries:
        started = time.process_time()
        page = client.get(url, told)
        took = time.process_time() - started
    assert page.status_code == 200
    return page, len(queries), took


@pytest.mark.parametrize(
    "told",
    [
        {"page": "180"},
        {"order": "-score", "page": "180"},
        {"order": "score", "low": "2", "high": "4", "flagged": ""},
        {"reviewed": "all", "role": "mentee", "status": "submitted", "skill": "go"},
        {"q": "person 4", "interview": "none", "mine": ""},
    ],
)
def test_the_queue_with_5000_applications_asks_few_questions_and_pages(
    cohort, as_coordinator, crowd, told
):
    page, queries, took = asked(
        as_coordinator, reverse("desk-applications", args=[cohort.code]), **told
    )
    assert queries <= 20
    assert page.context["page_obj"].object_list
    if told.get("page"):
        assert page.context["page_obj"].number == 180
    assert took < 1  # seconds of CPU; usually a fifth of it


def test_the_other_pages_with_5000_applications_ask_few_questions(cohort, as_coordinator, crowd):
    for name in ("desk-supply", "desk-drafts", "desk-reviewers"):
        _page, queries, took = asked(as_coordinator, reverse(name, args=[cohort.code]))
        assert queries <= 20, name
        assert took < 2, name
    waiting = reverse("desk-waiting", args=[cohort.code, "mentee"])
    assert asked(as_coordinator, waiting)[1] <= 20
    one = next(one for one in crowd if one.status == "submitted")
    page = reverse("desk-application", args=[one.code])
    assert asked(as_coordinator, page)[1] <= 20


@pytest.mark.parametrize("decision", ["offered", "accepted"])
def test_the_last_day_of_an_offer_is_asked_for_offers_only(here, as_coordinator, decision):
    url = reverse("desk-decide", args=[here.next_cohort.code])
    sent = {"decision": decision, "ticked": here.application.code}
    page = as_coordinator.post(url, sent).content.decode()
    assert ("Last day to take an offer" in page) is (decision == "offered")
