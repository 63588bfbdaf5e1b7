"""From two drafts to a pair, its end, and the next one: on the desk and from the mail.

No script runs in these windows: everything works without.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from matching.models import LoggedDecision, MatchingRun
from matching.tasks import answer_inquiries, go_on_with_next_best, run_queued
from mentorship.shared.base import clock
from mentorship.shared.notifications.tasks import deliver_due
from programs.models import Cohort, User
from programs.questions import make_questionnaire
from tests.browser.conftest import Visit, mail_to
from tests.browser.site import Site
from tests.browser.test_story import _link, _logs_in, _takes_part
from tests.factories.programs import (
    CohortFactory,
    MembershipFactory,
    ProgramFactory,
    UserFactory,
)
from tests.matching.people import person

pytestmark = pytest.mark.browser

PASSWORD = "a lamp by the window"
PHONE = 360
POLICY = {
    "name": "Skills first",
    "objective": "most-mentees-then-total",
    "criterion": [
        {
            "name": "skills",
            "label": "Skills to learn",
            "kind": "overlap",
            "mentee": "skills_wanted",
            "mentor": "skills_offered",
            "points": 40,
            "enough": 2,
        },
        {
            "name": "styles",
            "label": "Ways of learning",
            "kind": "overlap",
            "mentee": "styles",
            "mentor": "styles",
            "points": 10,
            "enough": 1,
        },
        {
            "name": "waited",
            "label": "Went without a match before",
            "kind": "priority",
            "mentee": "priority",
            "points": 15,
            "unanswered": 0,
            "private": True,
        },
    ],
}
# With the skills first Amara goes to Jonas and Ben to Mia; with the styles first it is the other
# way round.
MENTORS = {
    "Jonas Lind": {"skills_offered": ["Django", "SQL"], "styles": ["video"]},
    "Mia Roth": {"skills_offered": ["Go", "Django"], "styles": ["books"]},
    "Tom Novak": {"skills_offered": ["SQL"], "styles": ["school"]},
    "Ines Costa": {"skills_offered": ["Rust", "CSS"], "styles": ["courses"]},
    "Noor Haddad": {"skills_offered": ["Rust"], "styles": ["courses"]},
}
MENTEES = {
    "Amara Okafor": {"skills_wanted": ["Django", "SQL"], "styles": ["books"]},
    "Ben Hale": {"skills_wanted": ["Go", "Django"], "styles": ["video"]},
    "Chloe Martin": {"skills_wanted": ["Rust", "CSS"], "styles": ["courses"]},
}


@dataclass
class Program:
    cohort: Cohort
    coordinator: User

    def day(self, days: int, hour: int = 12) -> datetime:
        """So many days from the start of the cohort, at an hour of its zone."""
        on = self.cohort.starts_on + timedelta(days=days)
        return datetime.combine(on, time(hour), ZoneInfo(self.cohort.time_zone))


@pytest.fixture
def program(db: None) -> Program:
    program = ProgramFactory(name="Lanterns", purpose="An evening a month with somebody ahead.")
    coordinator = UserFactory(name="Rosa Brandt", email="rosa@example.org")
    coordinator.set_password(PASSWORD)
    coordinator.save()
    MembershipFactory(program=program, user=coordinator)
    keys = ("motivation", "time_zone", "styles")
    cohort = CohortFactory(
        program=program,
        name="Autumn",
        answer_days=7,
        policy=POLICY,
        mentor_questions=make_questionnaire(
            "Mentors", (*keys, "skills_offered", "capacity"), "mentor"
        ),
        mentee_questions=make_questionnaire("Mentees", (*keys, "skills_wanted"), "mentee"),
    )
    for name, answers in MENTORS.items():
        _takes_part(cohort, coordinator, name, "mentor", answers)
    for name, answers in MENTEES.items():
        _takes_part(cohort, coordinator, name, "mentee", answers)
    return Program(cohort, coordinator)


def test_from_two_drafts_to_a_pair_its_end_and_the_next_one(
    site: Site, program: Program, visit: Visit
) -> None:
    rosa = visit(java_script_enabled=False)
    _logs_in(rosa, "rosa@example.org")

    with site.at(program.day(-12)):
        _starts_two_runs(rosa)
        _compares(rosa)
        _settles_one_pair(rosa)
        _rules_out_another(rosa)
        _asks_why_not(rosa)
        _publishes(rosa)
        deliver_due()

    with site.at(program.day(-11)):
        _says_no(visit(width=PHONE, java_script_enabled=False), "jonas@example.org")
        go_on_with_next_best()
        run_queued()
        go_on_with_next_best()
        deliver_due()
    text = mail_to("amara@example.org", "introduction to Jonas Lind is closed")
    assert "friend" not in text
    assert "Jonas Lind" in text

    with site.at(program.day(-10)):
        for address in ("tom@example.org", "amara@example.org"):
            _says_yes(visit(width=PHONE, java_script_enabled=False), address)
        deliver_due()
    match = program.cohort.matches.get()
    assert sorted(person.user.name for person in match.people) == ["Amara Okafor", "Tom Novak"]

    with site.at(program.day(20)):
        _leaves(visit(match.those("mentor")[0].user, java_script_enabled=False), match.code)
        deliver_due()
        assert "has come to its end" in mail_to("amara@example.org", "has ended")
        _goes_first(rosa, program)

    assert LoggedDecision.objects.filter(cohort=program.cohort).count() >= 4
    rosa.get_by_role("link", name="Decisions").click()
    rosa.get_by_role("link", name="Check the log").click()
    expect(rosa.get_by_role("status")).to_contain_text("The log holds")


def _starts_two_runs(page: Page) -> None:
    page.get_by_role("link", name="Autumn").click()
    page.get_by_role("link", name="Matching").click()
    page.get_by_role("link", name="Change what counts first").click()
    page.get_by_label("Name of the draft").fill("By skills")
    page.get_by_role("button", name="Start a run").click()
    run_queued()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="3 of 3 mentees have a match")).to_be_visible()

    page.get_by_role("link", name="All runs").click()
    page.get_by_role("link", name="Change what counts first").click()
    styles = page.get_by_role("group", name="Ways of learning")
    styles.get_by_label("Points").fill("80")
    page.get_by_label("Name of the draft").fill("By styles")
    page.get_by_role("button", name="Start a run").click()
    run_queued()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="3 of 3 mentees have a match")).to_be_visible()
    page.get_by_role("link", name="All runs").click()


def _compares(page: Page) -> None:
    for name in ("By skills", "By styles"):
        page.get_by_role("row", name=name).get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare the ticked ones").click()
    expect(page.get_by_text("their points cannot be held against each other")).to_be_visible()
    moves = page.get_by_role("region", name="Who moves")
    amara = moves.get_by_role("row", name="Amara Okafor")
    expect(amara).to_contain_text("Jonas Lind")
    expect(amara).to_contain_text("Mia Roth")
    expect(moves.get_by_role("row", name="Chloe Martin")).to_have_count(0)
    page.get_by_role("link", name="By skills").click()


def _to_pair(page: Page, mentee: str) -> None:
    page.get_by_role("link", name="Look at the pairs").click()
    page.get_by_role("link", name=mentee).click()


def _settles_one_pair(page: Page) -> None:
    _to_pair(page, "Ben Hale")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ben Hale with Mia Roth")
    page.get_by_role("button", name="Settle or rule out these two").click()
    page.get_by_label("Reason").fill("They know each other from the meetup.")
    page.get_by_role("button", name="Settle these two").click()
    expect(page.get_by_role("heading", name="3 of 3 mentees have a match")).to_be_visible()


def _rules_out_another(page: Page) -> None:
    _to_pair(page, "Chloe Martin")
    page.get_by_role("button", name="Settle or rule out these two").click()
    expect(page.get_by_role("region", name="What would change")).to_be_visible()
    page.get_by_label("Reason").fill("They share a flat.")
    page.get_by_role("button", name="Rule these two out").click()
    expect(page.get_by_role("heading", name="3 of 3 mentees have a match")).to_be_visible()


def _asks_why_not(page: Page) -> None:
    _to_pair(page, "Amara Okafor")
    page.get_by_role("button", name="Why not Ines Costa?").click()
    answer_inquiries()
    page.reload()
    answer = page.get_by_role("region", name="The answer").get_by_role("listitem")
    expect(answer.first).to_be_visible()


def _publishes(page: Page) -> None:
    run = MatchingRun.objects.filter(status="done").latest("pk")
    assert run.kind == MatchingRun.Kind.CHANGED
    page.goto(f"/admin/runs/{run.code}/")
    page.get_by_role("button", name="Publish these matches").click()
    expect(page.get_by_text("introduced")).to_be_visible()


def _says_no(page: Page, address: str) -> None:
    """In a window that nobody is logged in to."""
    page.goto(_link(mail_to(address, "work with Amara Okafor"), "/l/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Meet Amara Okafor")
    page.get_by_label("Reason").fill("A friend of mine asked me first.")
    page.get_by_role("button", name="No, thank you").click()
    expect(page.get_by_role("main")).to_contain_text("no")


def _says_yes(page: Page, address: str) -> None:
    """In a window that nobody is logged in to."""
    other = "Tom Novak" if address.startswith("amara") else "Amara Okafor"
    page.goto(_link(mail_to(address, f"work with {other}"), "/l/"))
    page.get_by_role("button", name="Yes, I would").click()
    expect(page.get_by_role("main")).to_contain_text("yes")


def _leaves(page: Page, code: str) -> None:
    page.goto(f"/matches/{code}/")
    page.get_by_role("link", name=re.compile("Leave", re.I)).first.click()
    page.get_by_role("button", name="Leave the match").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def _goes_first(rosa: Page, program: Program) -> None:
    """One place is free, and somebody who came since fits it as well: Amara goes first."""
    cohort = program.cohort
    answers = {"skills_wanted": ["Kotlin"], "styles": ["video"]}
    person(cohort, user=UserFactory(name="Dara Singh"), answers=answers)
    gone = cohort.participants.filter(user__name__in=("Jonas Lind", "Tom Novak"))
    gone.update(left_at=clock.now())
    rosa.goto("/admin/")
    rosa.get_by_role("link", name="Autumn").first.click()
    rosa.get_by_role("link", name="Matching").click()
    rosa.get_by_role("button", name="Start a run").click()
    run_queued()
    rosa.get_by_role("link", name="Look again").click()
    expect(rosa.get_by_role("heading", name="1 of 2 mentees have a match")).to_be_visible()
    rosa.get_by_role("link", name="Look at the pairs").click()
    expect(rosa.get_by_role("row", name="Amara Okafor")).to_contain_text("Ines Costa")
    rosa.get_by_role("link", name="Matching").click()
