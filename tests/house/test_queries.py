"""Every page asks the database as often for three rows as for one, and not too often."""

import inspect
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from feedback.notifications import SurveyInvitation
from matching.actions import asks, wishes
from matching.actions import decisions as logged
from matching.models import Introduction, MeetAndGreet, Suggestion
from matching.models.matches import MatchQuerySet
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.notifications.outbox import notify
from programs.actions import invitations, memberships, texts
from programs.actions.invitations import Asked
from programs.models import Participant, SavedView
from tests.cast import Troupe
from tests.factories.feedback import InvitationFactory, SurveyFactory, checkin_of
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import (
    ApplicationFactory,
    AssignmentFactory,
    CohortFactory,
    MembershipFactory,
    ObjectiveFactory,
    ParticipantFactory,
    ProfileFactory,
    ProgramFactory,
    ReviewFactory,
    UserFactory,
)
from tests.factories.texts import GateItemFactory, RequiredTextFactory
from tests.house.matrix import Page, pages
from tests.house.routes import NOTHING, Route, every_route
from tests.house.world import HERE, World, left_over

pytestmark = pytest.mark.django_db

# A page that asks more often than this is slow on a small server however few rows there are.
MOST = 20

# Pages that ask more often, and why that is right.
OFTEN = {
    "my-data": "one question for each table, for one person, once in a while",
    "my-data-file": "one question for each table, for one person, once in a while",
    "account-erase": "one question for each table, for one person, once in a while",
    "desk-preview": "it plays a part of the program before it shows it",
}

ROUTES = {route.name: route for route in every_route()}
PAGES = [
    page
    for page in pages()
    if page.may and page.status.get("GET") == 200 and not page.library and page.name not in OFTEN
]
# Pages that list, whatever their code looks like; those that use `page_of` are found.
LISTS = frozenset(
    {
        *("home", "admin:index", "program-detail", "match-detail", "desk-surveys"),
        *("desk-invitations", "choose", "asks"),
    }
)


def _more_invited(one: Troupe, number: int) -> None:
    """Somebody else invited, and another public link."""
    guest = Asked(1, f"guest{number}.{one.canary}@example.org", f"{one.canary} guest")
    invitations.invite(one.next_cohort, by=one.coordinator, role="mentor", people=[guest])
    invitations.open_channel(
        one.next_cohort, by=one.coordinator, name=f"{one.canary} radio {number}"
    )


def more(one: Troupe) -> None:
    """Two more of everything that a page could list."""
    for number in (1, 2):
        _more_before_matching(one)
        _more_to_review(one)
        _more_to_choose(one)
        _more_to_meet(one, number)
        _more_invited(one, number)
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
        logged.note(one.cohort, by=one.coordinator, kind="run.published", facts={"matches": number})
        Suggestion.objects.create(
            run=one.run, mentor=mentor, mentee=mentee, score=5, reasons=one.match.reasons
        )
        left_over(one, newcomer)
        checkin_of(match_of(mentor, mentee), days=4)
        _introduce(one.mentor, newcomer)
        _introduce(mentor, one.mentee)
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
        ObjectiveFactory(program=one.program, statement=f"{one.canary} objective")
        CohortFactory(program=one.program, name=f"{one.canary} running", archived_at=clock.now())
        another = ProgramFactory(name=f"{one.canary} program")
        CohortFactory(program=another, stage="running", name=f"{one.canary} running")
        for role, user in (("coordinator", one.coordinator), ("observer", one.observer)):
            MembershipFactory(program=another, user=user, role=role)


def _introduce(mentor: Participant, mentee: Participant) -> None:
    """Another introduction, of people who have one already."""
    Introduction.objects.create(
        cohort=mentor.cohort,
        mentor=mentor,
        mentee=mentee,
        made_at=clock.now(),
        answer_by=clock.now(),
        holds_place=False,
    )


def _more_to_meet(one: Troupe, number: int) -> None:
    """Another round, and another meeting of the one that is published."""
    MeetAndGreet.objects.create(cohort=one.cohort, made_by=one.coordinator)
    mentor = ParticipantFactory(
        cohort=one.cohort, role="mentor", user=UserFactory(name=f"{one.canary} mentor")
    )
    for told in one.cohort.meet_and_greets.filter(status="published"):
        slot = told.slots.create(starts_at=clock.now() + timedelta(days=2, hours=number))
        told.meetings.create(slot=slot, mentee=one.mentee, mentor=mentor)


def _more_to_choose(one: Troupe) -> None:
    """More people in the cohorts where people choose, and more asks."""
    for cohort in one.program.cohorts.exclude(choice="assigned"):
        mentor, mentee = (
            ParticipantFactory(
                cohort=cohort, role=role, user=UserFactory(name=f"{one.canary} {role}")
            )
            for role in ("mentor", "mentee")
        )
        first = {person.role: person for person in cohort.participants.order_by("pk")[:2]}
        if cohort.choice == "open":
            for pair in ((first["mentee"], mentor), (mentee, first["mentor"])):
                asks.ask(*pair, by=pair[0].user, message=f"{one.canary} plea")
        else:
            for place, other in enumerate((mentor, first["mentor"])):
                wishes.rank(first["mentee"], other, by=first["mentee"].user, place=place)


def _more_to_review(one: Troupe) -> None:
    """More to read, more who wait for a place, and more that nobody sent in."""
    for status in ("submitted", "waitlisted", "draft"):
        application = ApplicationFactory(
            cohort=one.cohort,
            status=status,
            answers={"skills_wanted": [f"{one.canary} {status}"]},
        )
        AssignmentFactory(application=application, reviewer=one.reviewer)
        ReviewFactory(application=application, reviewer=one.coordinator)
    SavedView.objects.create(
        cohort=one.cohort, user=one.coordinator, name=application.code, query="role=mentor"
    )


def _more_before_matching(one: Troupe) -> None:
    """More texts and versions of one, more members, and more who are invited."""
    text = RequiredTextFactory(program=one.program, title=f"{one.canary} rules")
    GateItemFactory(cohort=one.cohort, text=text)
    old = one.program.texts.first()
    texts.rewrite(
        old, by=one.coordinator, title=old.title, body=f"{one.canary} rules", asks_again=False
    )
    MembershipFactory(program=one.program, role="observer", user=UserFactory())
    by = UserFactory()
    MembershipFactory(program=one.program, role="coordinator", user=by)
    for email in (one.applicant.email, f"invited{by.pk}@example.org"):
        memberships.invite(one.program, email=email, role="observer", by=by)


def readers(page: Page) -> tuple[str, ...]:
    """Who reads the page: whoever sees the most of it, and who sees it otherwise."""
    usual = (
        *("applicant", "mentor", "mentee", "coordinator", "reviewer", "observer"),
        *("owner", "anonymous"),
    )
    links = ("check-in link", "later link", "survey link", "introduction link")
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
