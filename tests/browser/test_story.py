"""A program from the first visit to the figures, as people see it: on the pages and in the mail.

No script runs in these windows: everything works without.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from feedback.actions import checkins, surveys
from feedback.metrics.tasks import compute_figures
from feedback.tasks import remind_due_checkins, send_due_surveys
from matching.tasks import run_queued
from mentorship.shared.base import clock
from mentorship.shared.notifications.tasks import deliver_due
from mentorship.shared.questions.kinds import Kind
from programs.actions import applications
from programs.models import Cohort, User
from programs.questions import make_questionnaire
from tests.browser.conftest import Visit, mail_to
from tests.browser.site import Site
from tests.factories.programs import (
    CohortFactory,
    MembershipFactory,
    ProgramFactory,
    QuestionnaireFactory,
    UserFactory,
)

pytestmark = pytest.mark.browser

AMARA, PASSWORD = "amara@example.org", "a lamp by the window"
PHONE = 360
MENTORS = {
    "Jonas Lind": ["Django", "PostgreSQL"],
    "Mia Roth": ["Go"],
    "Ines Costa": ["Rust"],
    "Tom Novak": ["CSS"],
    "Noor Haddad": ["Kotlin"],
}
OTHER_MENTEES = {"Ben": ["Go"], "Chloe": ["Rust"], "Dara": ["CSS"], "Emil": ["Kotlin"]}


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
    """A program that takes applications, with everybody in it but one mentee."""
    program = ProgramFactory(name="Lanterns", purpose="An evening a month with somebody ahead.")
    coordinator = UserFactory(name="Rosa Brandt", email="rosa@example.org")
    coordinator.set_password(PASSWORD)
    coordinator.save()
    MembershipFactory(program=program, user=coordinator)
    keys = ("motivation", "time_zone", "styles")
    cohort = CohortFactory(
        program=program,
        mentor_questions=make_questionnaire(
            "Mentors", (*keys, "skills_offered", "capacity"), "mentor"
        ),
        mentee_questions=make_questionnaire("Mentees", (*keys, "skills_wanted"), "mentee"),
        name="Autumn",
    )
    for name, skills in MENTORS.items():
        _takes_part(cohort, coordinator, name, "mentor", {"skills_offered": skills})
    for name, skills in OTHER_MENTEES.items():
        _takes_part(cohort, coordinator, name, "mentee", {"skills_wanted": skills})
    return Program(cohort, coordinator)


def _takes_part(
    cohort: Cohort, coordinator: User, name: str, role: str, answers: dict[str, list[str]]
) -> None:
    person = UserFactory(name=name, email=f"{name.split()[0].lower()}@example.org")
    application = applications.start(
        cohort, applicant=person, role=role, answers={"motivation": "Because."} | answers
    )
    application = applications.submit(application, by=person)
    applications.accept(application, by=coordinator)


def test_a_program_from_the_first_visit_to_the_figures(
    site: Site, program: Program, visit: Visit
) -> None:
    amara = visit(width=PHONE, java_script_enabled=False)
    rosa = visit(java_script_enabled=False)

    _reads_and_signs_up(amara)
    _applies(amara)
    deliver_due()
    assert "has arrived" in mail_to(AMARA, "application")

    _logs_in(rosa, "rosa@example.org")
    _accepts(rosa)
    with site.at(clock.now() + timedelta(minutes=2)):
        deliver_due()
        assert "Lanterns" in mail_to(AMARA, "You are in")

    with site.at(program.day(-8)):
        _matches(rosa)
        deliver_due()
        _reads_why(amara)

    first = program.cohort.matches.get(places__participant__user__email=AMARA).checkins.first()
    with site.at(first.starts_at - timedelta(hours=20)):
        remind_due_checkins()
        deliver_due()
        assert "Jonas Lind" in mail_to(AMARA, "Your check-in")
    with site.at(first.starts_at + timedelta(hours=8)):
        remind_due_checkins()
        deliver_due()
        _answers_the_checkin(visit(width=PHONE, java_script_enabled=False))

    with site.at(program.day(27)):
        _others_answer(program)
    with site.at(program.day(28)):
        _plan_survey(program)
        send_due_surveys()
        deliver_due()
        _answers_the_survey(visit(width=PHONE, java_script_enabled=False))

    with site.at(program.day(29)):
        compute_figures()
        _sees_figures(rosa)


def _reads_and_signs_up(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Lanterns").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lanterns")
    expect(page.get_by_text("An evening a month with somebody ahead.")).to_be_visible()
    page.get_by_role("link", name="Apply as a mentee").click()

    # a stranger lands on the sign-up
    page.get_by_label("Your name").fill("Amara Okafor")
    page.get_by_label("Email").fill(AMARA)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()

    expect(page.get_by_role("main")).to_contain_text(AMARA)
    text = mail_to(AMARA, "")
    page.get_by_label("Code").fill(re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", text, re.M)[1])
    page.get_by_role("button", name="Continue").click()


def _applies(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Apply as a mentee")
    page.get_by_label("Which skills do you want to learn?").fill("Django, PostgreSQL")
    page.get_by_role("button", name="Save and continue later").click()
    expect(page.get_by_text("Your answers are saved.")).to_be_visible()

    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Finish your application")).to_be_visible()
    page.get_by_role("link", name="Continue").click()
    expect(page.get_by_label("Which skills do you want to learn?")).to_have_value(
        "Django, PostgreSQL"
    )
    page.get_by_role("button", name="Save and look it over").click()
    page.get_by_role("alert").get_by_role("link", name="Why do you want to take part?").click()
    page.get_by_label("Why do you want to take part?").fill("I am stuck and would like not to be.")
    page.get_by_role("button", name="Save and look it over").click()
    page.get_by_label("Where did you hear of us?").select_option("A newsletter")
    page.get_by_role("button", name="Send in").click()
    expect(page.get_by_text("Your application is sent in.")).to_be_visible()


def _logs_in(page: Page, email: str) -> None:
    page.goto("/admin/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")


def _accepts(page: Page) -> None:
    page.get_by_role("link", name="Autumn").click()
    page.get_by_role("link", name="1 application waits for a decision.").click()
    page.get_by_role("link", name="Amara Okafor").click()
    expect(page.get_by_text("I am stuck and would like not to be.")).to_be_visible()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("1 application is decided.")).to_be_visible()


def _matches(page: Page) -> None:
    page.get_by_role("link", name="Matching").click()
    page.get_by_role("button", name="Start a run").click()
    expect(page.get_by_text("The run is at work")).to_be_visible()
    run_queued()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="5 of 5 mentees have a match")).to_be_visible()
    expect(page.get_by_text("No other matching places more mentees")).to_be_visible()
    expect(page.get_by_role("row", name="Amara Okafor")).to_contain_text("Jonas Lind")
    page.get_by_role("button", name="Publish these matches").click()
    expect(page.get_by_text("5 matches are published.")).to_be_visible()


def _reads_why(page: Page) -> None:
    text = mail_to(AMARA, "Please meet Jonas Lind")
    page.goto(_link(text, "/matches/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("You and Jonas Lind")
    why = page.get_by_role("region", name="Why you two fit")
    expect(why).to_contain_text("Django, PostgreSQL")
    expect(page.get_by_role("link", name="Open the check-in")).to_be_visible()


def _answers_the_checkin(page: Page) -> None:
    """In a window that nobody is logged in to."""
    page.goto(_link(mail_to(AMARA, "Did you meet Jonas Lind?"), "/l/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("How did it go?")
    page.get_by_label("Yes, we met").check()
    page.get_by_label("How useful was it?").select_option("5")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you. Your answer is saved.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Held")


def _others_answer(program: Program) -> None:
    """Three of the other pairs met, one did not."""
    matches = program.cohort.matches.exclude(places__participant__user__email=AMARA)
    for match, outcome in zip(matches, ("held", "held", "held", "missed"), strict=True):
        checkins.answer(
            match.checkins.first(),
            by=match.people[0].user,
            outcome=outcome,
            rating=4 if outcome == "held" else None,
        )


def _plan_survey(program: Program) -> None:
    surveys.schedule(
        program.cohort,
        by=program.coordinator,
        title="Four weeks in",
        questionnaire=QuestionnaireFactory(
            asks=[("usefulness", Kind.SCALE), ("comment", Kind.LONG_TEXT)]
        ),
        opens_at=clock.now() - timedelta(minutes=1),
        closes_at=clock.now() + timedelta(days=10),
    )


def _answers_the_survey(page: Page) -> None:
    """In a window that nobody is logged in to."""
    page.goto(_link(mail_to(AMARA, "Four weeks in"), "/l/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Four weeks in")
    page.get_by_label("4", exact=True).check()
    page.get_by_label("About comment?").fill("More of this.")
    page.get_by_role("button", name="Send your answers").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def _sees_figures(page: Page) -> None:
    page.get_by_role("link", name="Overview").click()
    figures = page.get_by_role("region", name="Figures").get_by_role("listitem")
    for name, value in (
        ("Mentees matched", "100%"),
        ("Pairs that have met", "80%"),
        ("Check-ins held", "80%"),
        ("How useful check-ins were", "4.2"),
        ("Surveys answered", "10%"),
    ):
        expect(figures.filter(has_text=name)).to_contain_text(value)
    page.get_by_role("link", name="Surveys").click()
    page.get_by_role("link", name="Four weeks in").click()
    expect(page.get_by_text("More of this.")).to_be_visible()


def _link(text: str, path: str) -> str:
    found = re.search(rf"^\S+{path}\S+$", text, re.M)
    assert found, text
    return found[0]
