"""Choosing and asking, in a browser without scripts and without a mouse, on a phone too."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from matching.models import Avoid, Introduction, Preference
from programs.models import Participant
from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.keys import Keys
from tests.browser.site import Site
from tests.factories.programs import (
    CohortFactory,
    ParticipantFactory,
    ProfileFactory,
    ProgramFactory,
    UserFactory,
)

pytestmark = pytest.mark.browser

PHONE = 360
TEACHES = {
    "Ada Lund": ["Go", "SQL"],
    "Bao Tran": ["Go"],
    "Chi Obi": ["Rust"],
    "Dov Katz": ["SQL", "Rust"],
}


@dataclass
class Round:
    mentee: Participant
    mentors: list[Participant]


@pytest.fixture(scope="module")
def rounds(site: Site) -> dict[str, Round]:
    """The same people in a cohort where they rank each other and in one where they ask."""
    program = ProgramFactory(name="Harbour")
    people = {name: UserFactory(name=name) for name in ("Mika Aro", *TEACHES)}
    wish = {"now": 1, "wanted": 3, "teaches": False}
    ProfileFactory(
        user=people["Mika Aro"], skills=[{"name": name, **wish} for name in ("Go", "SQL")]
    )
    for name, skills in TEACHES.items():
        taught = [{"name": s, "now": 4, "wanted": 4, "teaches": True} for s in skills]
        ProfileFactory(
            user=people[name],
            skills=taught,
            headline=f"{name.split()[0]} shows what works",
            languages=["English"],
        )
    return {choice: _round(program, people, choice) for choice in ("ranked", "open")}


def _round(program, people, choice) -> Round:
    cohort = CohortFactory(program=program, name=choice, stage="matching", choice=choice)
    mentee = ParticipantFactory(cohort=cohort, user=people["Mika Aro"])
    mentors = [
        ParticipantFactory(cohort=cohort, user=people[name], role="mentor") for name in TEACHES
    ]
    return Round(mentee, mentors)


def test_a_mentee_ranks_on_a_phone_without_scripts(visit: Visit, rounds) -> None:
    mentee = rounds["ranked"].mentee
    page = visit(mentee.user, width=PHONE, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Choose whom you would like").click()
    names = page.get_by_role("article").get_by_role("heading", level=3)
    expect(names.first).to_have_text("Ada Lund")
    for place, name in (("First", "Bao Tran"), ("Second", "Ada Lund"), ("Third", "Chi Obi")):
        page.get_by_role("button", name=f"{place} choice {name}").click()
        expect(page.get_by_role("main")).to_contain_text(f"{place} choice: {name}.")
    page.get_by_role("button", name="Up Ada Lund").click()
    page.get_by_role("button", name="Remove Chi Obi").click()
    choices = page.get_by_role("region", name="Your choices").get_by_role("listitem")
    expect(choices).to_have_count(2)
    expect(choices.first).to_contain_text("Ada Lund")
    card = page.get_by_role("article", name="Dov Katz")
    card.get_by_text("Rather not?").click()
    card.get_by_role("button", name="I would rather not be matched with them").click()
    expect(page.get_by_role("region", name="Whom you named")).to_contain_text("Dov Katz")
    assert Avoid.objects.get(participant=mentee).other.user.name == "Dov Katz"
    chosen = Preference.objects.filter(participant=mentee).order_by("rank")
    assert [one.other.user.name for one in chosen] == ["Ada Lund", "Bao Tran"]


def test_a_mentee_asks_and_takes_it_back_with_the_keys_alone(visit: Visit, rounds) -> None:
    mentee = rounds["open"].mentee
    keys = Keys(visit(mentee.user, reduced_motion="reduce"))
    keys.page.goto(f"/participation/{mentee.code}/choose/")
    keys.press("Ask Ada Lund")
    keys.fill("Your message", "I would like to learn from you.")
    keys.press("Send it")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Your asks")
    assert Introduction.objects.get(mentee=mentee).is_open
    keys.press("Take it back Ada Lund")
    expect(keys.page.get_by_role("main")).to_contain_text("You have taken your ask back")
    assert axe.evaluate(keys.page, "document.title").strip().startswith("Your asks")
