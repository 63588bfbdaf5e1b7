"""A person fills the whole profile on a phone and without scripts, and looks at it as others do."""

import pytest
from playwright.sync_api import Page, expect

from programs.models import Profile
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.cast import Troupe, troupe

pytestmark = pytest.mark.browser

PHONE = 360


@pytest.fixture(scope="module")
def here(site: Site) -> Troupe:
    return troupe("heron")


def save(page: Page) -> None:
    page.get_by_role("main").get_by_role("button", name="Save").first.click()


def test_a_profile_is_told_on_a_phone_without_a_script(visit: Visit, here: Troupe) -> None:
    page = visit(here.mentor.user, width=PHONE, java_script_enabled=False)
    page.goto("/profile/")
    page.get_by_label("Skill 1", exact=True).fill("Rust")
    page.get_by_label("Level now").first.select_option("1")
    page.get_by_label("Level wanted").first.select_option("3")
    page.get_by_role("checkbox", name="I can teach it").first.check()
    page.get_by_label("Monday, Morning").check()
    page.get_by_label("Where you can be reached").fill("Evenings by phone")
    page.get_by_label("GitHub").fill("github.com/heron")
    save(page)
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    profile = Profile.objects.get(user=here.mentor.user)
    assert profile.skills == [{"name": "Rust", "now": 1, "wanted": 3, "teaches": True}]
    assert profile.hours == list(range(16, 24))

    page.get_by_role("link", name="Choose who sees what").first.click()
    page.get_by_label("Skills").select_option("coordinators")
    page.get_by_label("E-mail address").select_option("coordinators")
    save(page)
    page.get_by_role("link", name="What others see").first.click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("Evenings by phone")
    expect(main).not_to_contain_text("Rust")
    expect(main).not_to_contain_text(here.mentor.user.email)
    page.get_by_role("link", name="Coordinators", exact=True).click()
    expect(main).to_contain_text("beginner, wants strong (two steps to go)")
    expect(main).to_contain_text(here.mentor.user.email)


def test_a_pause_is_begun_and_ended_without_a_script(visit: Visit, here: Troupe) -> None:
    page = visit(here.mentor.user, width=PHONE, java_script_enabled=False)
    page.goto("/profile/")
    page.get_by_role("link", name="Take a pause").click()
    day = here.cohort.ends_on.isoformat()
    page.get_by_label("The first day you are back").fill(day)
    page.get_by_role("button", name="Begin the pause").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You are paused until")
    page.goto("/")
    page.get_by_role("link", name="Change it or come back").first.click()
    page.get_by_role("button", name="Come back now").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Take a pause")
