"""Every page asks the database as often for three rows as for one, and not too often."""

import inspect

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from feedback.notifications import SurveyInvitation
from matching.models import Suggestion
from matching.models.matches import MatchQuerySet
from mentorship.shared.audit.models import record
from mentorship.shared.notifications.outbox import notify
from tests.cast import Troupe
from tests.factories.feedback import InvitationFactory, SurveyFactory, checkin_of
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    ProfileFactory,
    ProgramFactory,
    UserFactory,
)
from tests.house.matrix import Page, pages
from tests.house.routes import NOTHING, Route, every_route
from tests.house.world import HERE, World

pytestmark = pytest.mark.django_db

# A page that asks more often than this is slow on a small server however few rows there are.
MOST = 20

ROUTES = {route.name: route for route in every_route()}
PAGES = [
    page for page in pages() if page.may and page.status.get("GET") == 200 and not page.library
]
# Pages that list, whatever their code looks like; those that use `page_of` are found.
LISTS = frozenset({"home", "admin:index", "program-detail", "match-detail", "desk-surveys"})


def more(one: Troupe) -> None:
    """Two more of everything that a page could list."""
    for number in (1, 2):
        mentor, mentee, newcomer = (
            ParticipantFactory(
                cohort=one.cohort,
                role=role,
                user=UserFactory(name=f"{one.canary} {role}", time_zone="Europe/Kyiv"),
            )
            for role in ("mentor", "mentee", "mentee")
        )
        for person in (mentor, mentee, newcomer):
            ProfileFactory(user=person.user)
            ApplicationFactory(cohort=one.cohort, applicant=person.user, role=person.role)
            record(by=person.user, verb="cohort.opened", subject=one.cohort, program=one.program)
        Suggestion.objects.create(
            run=one.run, mentor=mentor, mentee=mentee, score=5, reasons=one.match.reasons
        )
        checkin_of(match_of(mentor, mentee), days=4)
        checkin_of(match_of(one.mentor, newcomer), days=5)
        checkin_of(one.match, days=6 + number, number=10 + number)
        MatchingRunFactory(cohort=one.cohort, status="done")
        survey = SurveyFactory(cohort=one.cohort, title=f"{one.canary} survey")
        for participant in (one.mentee, one.mentor, mentee):
            invitation = InvitationFactory(survey=survey, participant=participant)
            notify(SurveyInvitation(invitation), participant.user, program=one.program)
        cohort = CohortFactory(program=one.program, stage="applying", name=f"{one.canary} next")
        ApplicationFactory(cohort=cohort, applicant=one.applicant)
        CohortFactory(program=one.program, stage="applying", name=f"{one.canary} next")
        another = ProgramFactory(name=f"{one.canary} program")
        CohortFactory(program=another, stage="running", name=f"{one.canary} running")
        for role, user in (("coordinator", one.coordinator), ("observer", one.observer)):
            MembershipFactory(program=another, user=user, role=role)


def readers(page: Page) -> tuple[str, ...]:
    """Who reads the page: whoever sees the most of it, and who sees it otherwise."""
    usual = ("applicant", "mentor", "mentee", "coordinator", "observer", "owner", "anonymous")
    links = ("check-in link", "later link", "survey link")
    return tuple(actor for actor in (*usual, *links) if page.expects(actor, "GET", actor) == 200)


def is_list(route: Route, address: str) -> bool:
    view = inspect.unwrap(resolve(address).func)
    pages_itself = inspect.isfunction(view) and "page_of(" in inspect.getsource(view)
    return pages_itself or route.name in LISTS or route.name.endswith("_changelist")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.name}-{page.object}".strip("-"))
def test_three_rows_cost_as_many_queries_as_one(world: World, page: Page) -> None:
    route = ROUTES[page.name]
    address = route.address(world.code(HERE, page.object) if page.object else NOTHING)
    few = {actor: asked(world, actor, address) for actor in readers(page)}
    more(world.here)
    many = {actor: asked(world, actor, address) for actor in readers(page)}

    assert few, "nobody reads this page"
    assert {actor: queries for actor, (queries, _) in few.items()} == {
        actor: queries for actor, (queries, _) in many.items()
    }
    assert max(queries for queries, _ in few.values()) <= MOST
    if is_list(route, address):
        grown = {actor for actor in few if many[actor][1] > few[actor][1]}
        assert grown, "the rows that were added are not on the page, so nothing was measured"


def asked(world: World, actor: str, address: str) -> tuple[int, int]:
    """How many queries the page asks, and how much stands in its lists."""
    world.ask(actor, "GET", address)  # what is remembered for the whole process
    with CaptureQueriesContext(connection) as queries:
        answer = world.ask(actor, "GET", address)
    assert answer.status == 200
    ours = [q for q in queries if "SAVEPOINT" not in q["sql"]]
    return len(ours), sum(answer.text.count(mark) for mark in (HERE, "<tr", "<li"))


def test_a_query_for_each_row_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(MatchQuerySet, "with_people", lambda self: self)
    page = next(page for page in PAGES if page.name == "home")
    with pytest.raises(AssertionError):
        test_three_rows_cost_as_many_queries_as_one(world, page)
