"""The time zone of a browser is taken over where none was told, and never on the sly."""

import pytest
from playwright.sync_api import Page, expect

from programs.models import User
from tests.browser.conftest import Visit
from tests.factories.programs import UserFactory

pytestmark = pytest.mark.browser

PHONE = 360
PASSWORD = "a-long-way-home-17"


def sign_up(page: Page, email: str) -> User:
    page.goto("/accounts/signup/")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Email").fill(email)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Code")).to_be_visible()
    return User.objects.get(email=email)


def test_who_signs_up_brings_the_zone_of_the_browser_and_reads_so(visit: Visit) -> None:
    page = visit(width=PHONE, timezone_id="Europe/Lisbon")
    page.goto("/accounts/signup/")
    expect(page.get_by_role("status")).to_contain_text("as this device says: Europe/Lisbon")
    assert sign_up(page, "ada@example.org").time_zone == "Europe/Lisbon"


def test_without_a_script_the_sign_up_is_as_ever(visit: Visit) -> None:
    page = visit(width=PHONE, timezone_id="Europe/Lisbon", java_script_enabled=False)
    assert sign_up(page, "grace@example.org").told_zone == ""


def test_the_profile_proposes_the_zone_until_one_was_told(visit: Visit) -> None:
    person = UserFactory()
    page = visit(person, width=PHONE, timezone_id="Asia/Tokyo")
    page.goto("/profile/")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(page.locator("#zone-words")).to_contain_text("Asia/Tokyo. It is kept when you save.")
    person.refresh_from_db()
    assert person.told_zone == ""
    page.get_by_label("Time zone").select_option("Europe/Paris")
    page.get_by_role("main").get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Paris")
    expect(page.locator("#zone-words")).to_be_hidden()
