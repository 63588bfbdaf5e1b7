"""A program from a template to people who are ready to be matched, as everybody in it sees it."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mentorship.shared.base import clock
from mentorship.shared.notifications.tasks import deliver_due
from programs.models import User
from tests.browser.conftest import Visit, mail_to
from tests.browser.site import Site
from tests.factories.programs import UserFactory

pytestmark = pytest.mark.browser

PASSWORD = "a lamp by the window"
SMALL = {"width": 360, "height": 740}
AMARA, JONAS = "amara@example.org", "jonas@example.org"
STUCK = "I am stuck and would like not to be."
BEFORE, GOOD = "Did you have a mentor before?", "What was good about it?"


@dataclass
class Team:
    owner: User
    coordinator: User
    reviewer: User


@pytest.fixture
def team(db: None) -> Team:
    """Three people with an account; only the owner may do anything so far."""
    return Team(
        owner=UserFactory(name="Olga Nowak", is_superuser=True),
        coordinator=UserFactory(name="Rosa Brandt", email="rosa@example.org"),
        reviewer=UserFactory(name="Ravi Menon", email="ravi@example.org"),
    )


def test_a_program_from_the_template_to_people_who_are_ready(
    site: Site, team: Team, visit: Visit
) -> None:
    olga, rosa, ravi = visit(team.owner), visit(team.coordinator), visit(team.reviewer)

    _makes_a_program(olga)
    _invites(olga, team.coordinator, "Coordinator")
    _takes_the_duty(rosa, team.coordinator)

    _opens_its_setup(rosa)
    _lets_people_apply_from_today(rosa)
    _builds_a_form(rosa)
    _asks_for_a_text_and_a_headline(rosa)
    _hides_the_names(rosa)
    _invites(rosa, team.reviewer, "Reviewer")
    _takes_the_duty(ravi, team.reviewer)
    _opens_the_cohort(rosa)

    amara, jonas = visit(**SMALL), visit(**SMALL)
    _signs_up(amara, "Amara Okafor", AMARA, "mentee")
    _begins_and_stops(amara)
    amara = visit(**SMALL)
    _goes_on_elsewhere(amara)
    _signs_up(jonas, "Jonas Lind", JONAS, "mentor")
    _applies_as_a_mentor(jonas)
    _is_told("has arrived")

    _gives_them_out(rosa)
    _scores_without_knowing_whom(ravi)
    _decides_in_bulk(rosa)
    with site.at(clock.now() + timedelta(minutes=2)):
        _is_told("You are in")
        _passes_the_gate(amara, "Learning Django at night")
        _passes_the_gate(jonas, "Ten years of Django")
    _sees_that_both_are_ready(rosa)

    _takes_the_data_along(jonas)
    _erases_the_account(amara)
    _sees_a_former_participant(rosa)


def _is_told(subject: str) -> None:
    deliver_due()
    for address in (AMARA, JONAS):
        assert "Lanterns" in mail_to(address, subject)


# --- Setting up -----------------------------------------------------------------------------------


def _makes_a_program(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="New program").first.click()
    page.get_by_role("radio", name="Pilot of six weeks").check()
    page.get_by_label("Name").fill("Lanterns")
    page.get_by_role("button", name="Make the program").click()
    expect(page.get_by_text("The program and its first cohort are made.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set-up")


def _invites(page: Page, person: User, duty: str) -> None:
    """From the set-up of the cohort, and back to it."""
    setup = page.url
    page.get_by_role("main").get_by_role("link", name="Members").click()
    form = page.get_by_role("region", name="Invite somebody")
    form.get_by_label("E-mail address").fill(person.email)
    form.get_by_label("Duty").select_option(duty)
    form.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("The duty begins when the person says yes.")).to_be_visible()
    page.goto(setup)


def _takes_the_duty(page: Page, person: User) -> None:
    deliver_due()
    page.goto(_link(mail_to(person.email, "You are asked to help run Lanterns")))
    expect(page.get_by_role("heading", level=1)).to_have_text("Help run Lanterns")
    page.get_by_role("button", name="Yes, I take it").click()
    expect(page.get_by_role("link", name="Dashboard").first).to_be_visible()


def _opens_its_setup(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Pilot").click()
    page.get_by_role("link", name="Set-up", exact=True).click()
    expect(page.get_by_role("heading", name="Is it ready?")).to_be_visible()


def _lets_people_apply_from_today(page: Page) -> None:
    page.get_by_role("link", name="Dates and rhythm").click()
    yesterday = clock.now().date() - timedelta(days=1)
    page.get_by_label("Applications from").fill(yesterday.isoformat())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The cohort is saved.")).to_be_visible()


def _builds_a_form(page: Page) -> None:
    """A second page for mentees: a question, and one that waits for its answer."""
    page.get_by_role("link", name="Forms", exact=True).click()
    page.get_by_role("link", name="Edit the form for mentees").click()
    page.get_by_label("Kind of question").select_option("Yes or no")
    page.get_by_role("button", name="Write it").click()
    page.get_by_label("Question").first.fill(BEFORE)
    page.get_by_label("Heading of a new step").fill("Mentoring so far")
    page.get_by_role("button", name="Save").click()

    page.get_by_label("Kind of question").select_option("Long text")
    page.get_by_role("button", name="Write it").click()
    page.get_by_label("Question").first.fill(GOOD)
    page.get_by_label("Must be answered").check()
    page.get_by_role("checkbox", name=f"{BEFORE}: Yes").check()
    page.get_by_role("button", name="Save").click()
    built = page.get_by_role("region", name="Mentoring so far").get_by_role("listitem")
    expect(built.filter(has_text=GOOD)).to_contain_text(f"Only if you answered “Yes” to “{BEFORE}”")
    _back_to_the_setup(page)


def _asks_for_a_text_and_a_headline(page: Page) -> None:
    page.get_by_role("link", name="Texts, and what is needed before matching").click()
    page.get_by_role("link", name="Start from “Code of conduct”").click()
    page.get_by_label("Nobody in this cohort is matched before they have read it").check()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("link", name="Texts", exact=True).click()
    page.get_by_label("A headline in the profile").check()
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_label("A headline in the profile")).to_be_checked()
    _back_to_the_setup(page)


def _hides_the_names(page: Page) -> None:
    page.get_by_role("link", name="Review", exact=True).click()
    page.get_by_label("Hide names from reviewers").check()
    page.get_by_label("Reviewers for each application").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Hide names from reviewers")).to_be_checked()
    _back_to_the_setup(page)


def _opens_the_cohort(page: Page) -> None:
    page.get_by_role("link", name="Check", exact=True).click()
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Applications open")


def _back_to_the_setup(page: Page) -> None:
    page.get_by_role("link", name="Set-up", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set-up")


# --- Applying -------------------------------------------------------------------------------------


def _signs_up(page: Page, name: str, email: str, role: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Lanterns").click()
    page.get_by_role("link", name=f"Apply as a {role}").click()
    expect(page.get_by_text("To apply, make an account first")).to_be_visible()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("main")).to_contain_text(email)
    code = re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", mail_to(email, ""), re.M)
    page.get_by_label("Code").fill(code[1])
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Apply as a {role}")


def _begins_and_stops(page: Page) -> None:
    expect(page.get_by_text("Step 1 of 2")).to_be_visible()
    page.get_by_label("Why do you want to take part?").fill(STUCK)
    page.get_by_label("Which skills do you want to learn?").fill("Django, PostgreSQL")
    page.get_by_role("button", name="Save and continue later").click()
    expect(page.get_by_text("Your answers are saved.")).to_be_visible()
    page.context.close()


def _goes_on_elsewhere(page: Page) -> None:
    """On another phone, which never saw this person."""
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(AMARA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Finish your application")).to_be_visible()
    page.get_by_role("link", name="Continue").click()
    page.get_by_role("navigation", name="Steps of the application").get_by_role("link").click()
    expect(page.get_by_label("Why do you want to take part?")).to_have_value(STUCK)
    page.get_by_role("button", name="Save and go on").click()

    expect(page.get_by_text("Step 2 of 2")).to_be_visible()
    expect(page.get_by_label(GOOD)).to_be_hidden()
    page.get_by_label(BEFORE).select_option("Yes")
    page.get_by_label(GOOD).fill("She asked more than she told.")
    page.get_by_role("button", name="Save and look it over").click()

    expect(page.get_by_text("She asked more than she told.")).to_be_visible()
    page.get_by_label("Where did you hear of us?").select_option("A newsletter")
    _sends_in(page)


def _applies_as_a_mentor(page: Page) -> None:
    expect(page.get_by_text(BEFORE)).to_have_count(0)
    page.get_by_label("Why do you want to take part?").fill("Somebody helped me, too.")
    page.get_by_label("Which skills can you teach?").fill("Django")
    page.get_by_role("button", name="Save and look it over").click()
    _sends_in(page)


def _sends_in(page: Page) -> None:
    page.get_by_role("button", name="Send in").click()
    expect(page.get_by_text("Your application is sent in.")).to_be_visible()
    expect(page.get_by_role("region", name="What happens next")).to_be_visible()


# --- Reviewing and deciding -----------------------------------------------------------------------


def _gives_them_out(page: Page) -> None:
    page.get_by_role("link", name="Applications", exact=True).click()
    page.get_by_role("link", name="Reviewers", exact=True).click()
    page.get_by_label("Ravi Menon").check()
    page.get_by_role("button", name="Give them out").click()
    expect(page.get_by_role("row", name="Ravi Menon")).to_contain_text("2")


def _scores_without_knowing_whom(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Open the list").click()
    page.get_by_role("link", name="Review the next one").click()
    for _ in range(2):
        expect(page.get_by_role("heading", name="Your review")).to_be_visible()
        seen = page.content()
        assert [name for name in ("Amara", "Okafor", "Jonas", "Lind", AMARA) if name in seen] == []
        for four in page.get_by_role("radio", name="4", exact=True).all():
            four.check()
        page.get_by_role("radio", name="Accept").check()
        page.get_by_label("Note").fill("Knows what it is about.")
        page.get_by_role("button", name="Hand in and go on").click()
    expect(page.get_by_text("2 of 2 done.")).to_be_visible()


def _decides_in_bulk(page: Page) -> None:
    """Once too early, which is undone, and then for good."""
    page.get_by_role("link", name="Applications", exact=True).click()
    _accepts_both(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 decisions are taken back. No mail was sent.")).to_be_visible()
    _accepts_both(page)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def _accepts_both(page: Page) -> None:
    page.get_by_label("Choose Amara Okafor").check()
    page.get_by_label("Choose Jonas Lind").check()
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_role("heading", name="2 applications")).to_be_visible()
    mail = page.get_by_role("region", name="The mail each of them gets")
    expect(mail).to_contain_text("You are in: Lanterns")
    page.get_by_role("button", name="Decide now").click()
    expect(page.get_by_text("2 applications are decided.")).to_be_visible()


# --- Taking part, and leaving ---------------------------------------------------------------------


def _passes_the_gate(page: Page, headline: str) -> None:
    page.get_by_role("link", name="Home").click()
    page.get_by_role("region", name="Your part").get_by_role("link", name="Lanterns").click()
    page.get_by_role("link", name="Code of conduct").click()
    page.get_by_label("I have read this.").check()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("link", name="Write a headline into your profile.").click()
    page.get_by_label("Headline").fill(headline)
    page.get_by_role("button", name="Save").first.click()
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("main")).to_contain_text("Ready")


def _sees_that_both_are_ready(page: Page) -> None:
    page.get_by_role("link", name="People", exact=True).click()
    expect(page.get_by_text("2 of 2 people can be matched.")).to_be_visible()


def _takes_the_data_along(page: Page) -> None:
    page.get_by_role("link", name="Profile", exact=True).click()
    page.get_by_role("link", name="My data").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Take it with you (JSON)").click()
    told = json.loads(Path(download.value.path()).read_text())
    words = json.dumps(told, ensure_ascii=False)
    for mine in (JONAS, "Ten years of Django", "Somebody helped me, too.", "Code of conduct"):
        assert mine in words
    assert "Amara" not in words


def _erases_the_account(page: Page) -> None:
    page.get_by_role("link", name="Profile", exact=True).click()
    page.get_by_role("link", name="My data").click()
    page.get_by_role("link", name="Erase my account").click()
    page.get_by_label("I want my account and my data to be erased").check()
    page.get_by_role("button", name="Erase my account").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Your account is erased.")).to_be_visible()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()


def _sees_a_former_participant(page: Page) -> None:
    page.get_by_role("link", name="Applications", exact=True).click()
    expect(page.get_by_role("row", name="Former participant")).to_be_visible()
    expect(page.get_by_role("row", name="Jonas Lind")).to_be_visible()
    assert "Amara" not in page.content()


def _link(text: str) -> str:
    found = re.search(r"^http\S+$", text, re.M)
    assert found, text
    return found[0]
