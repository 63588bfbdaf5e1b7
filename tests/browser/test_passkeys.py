"""Passkeys, as a browser makes and uses them, and every page on the way.

The browser pretends to be a phone with a fingerprint reader. It keeps passkeys for names only, not
for numbers, so this site is visited as localhost.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, Page, expect

from programs.models import User
from tests.browser import axe
from tests.browser.conftest import PATIENCE
from tests.browser.site import Site
from tests.factories.programs import MembershipFactory, UserFactory

pytestmark = pytest.mark.browser

PASSWORD = "a-long-way-home-17"


@pytest.fixture
def coordinator(site: Site, db: None) -> User:
    user = UserFactory(name="Cleo Coordinator")
    user.set_password(PASSWORD)
    user.save()
    MembershipFactory(user=user)
    return user


@contextmanager
def phone(browser: Browser, site: Site, complaints: list[str]) -> Iterator[tuple[Page, Any, str]]:
    """A window, the hand on the reader, and what the reader is called there."""
    url = site.url.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=url, viewport={"width": 360, "height": 800})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: script: {error}"))
    page.on(
        "console",
        lambda message: (
            message.type in ("error", "warning")
            and "Failed to load resource" not in message.text
            and complaints.append(f"{page.url}: {message.text}")
        ),
    )
    hand = context.new_cdp_session(page)
    hand.send("WebAuthn.enable")
    reader = hand.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )["authenticatorId"]
    with override_settings(BASE_URL=url, SECOND_FACTOR_REQUIRED=True):
        yield page, hand, reader
    context.close()


def press(page: Page, button: str) -> None:
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def follow(page: Page, link: str) -> None:
    page.get_by_role("main").get_by_role("link", name=link).first.click()


def log_in(page: Page, user: User) -> None:
    page.goto("/accounts/login/?next=/admin/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Log in")


def log_out(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()


def look(page: Page, title: str, complaints: list[str]) -> None:
    """The page with this title has nothing that axe minds, and fits."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    before = len(complaints)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += axe.violations(page)
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        found += axe.too_wide(page, width)
    page.set_viewport_size({"width": 360, "height": 800})
    del complaints[before:]  # axe's own styles, which the page's policy refuses
    assert found == [], title


def test_a_coordinator_sets_up_a_passkey_and_enters_with_it_alone(
    browser: Browser, site: Site, coordinator: User, complaints: list[str]
) -> None:
    with phone(browser, site, complaints) as (page, *_):
        log_in(page, coordinator)
        look(page, "Second factor", complaints)
        follow(page, "Add a passkey")
        look(page, "Is it you?", complaints)
        page.get_by_label("Password").fill(PASSWORD)
        press(page, "Continue")
        look(page, "Add a passkey", complaints)
        press(page, "Add")
        look(page, "Recovery codes", complaints)
        with page.expect_download() as download:
            follow(page, "Download")
        assert download.value.suggested_filename == "recovery-codes.txt"
        assert len(download.value.path().read_text().split()) == 10
        follow(page, "I have kept them")
        follow(page, "Go to the dashboard")
        expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")

        page.goto("/accounts/2fa/webauthn/")
        look(page, "Passkeys", complaints)
        expect(page.get_by_role("main")).to_contain_text("Opens your account alone")
        follow(page, "Rename")
        look(page, "Rename the passkey", complaints)
        page.get_by_label("Name").fill("Phone")
        press(page, "Save")
        expect(page.get_by_role("main")).to_contain_text("Phone")

        log_out(page)
        log_in(page, coordinator)
        look(page, "Now your second factor", complaints)
        press(page, "Use a passkey")
        expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")

        log_out(page)
        page.goto("/accounts/login/")
        look(page, "Log in", complaints)
        press(page, "Log in with a passkey")
        expect(page.get_by_role("navigation").get_by_role("button", name="Log out")).to_be_visible()
        assert page.goto("/admin/").ok
        expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")

        page.goto("/accounts/2fa/webauthn/reauthenticate/?next=/accounts/2fa/webauthn/")
        look(page, "Is it you?", complaints)
        press(page, "Use a passkey")
        follow(page, "Remove")
        look(page, "Remove “Phone”?", complaints)
        press(page, "Remove")
        expect(page.get_by_role("main")).to_contain_text("The passkey is removed.")
        page.goto("/admin/")
        look(page, "Second factor", complaints)


def test_a_finger_that_does_not_fit_is_told_of(
    browser: Browser, site: Site, coordinator: User, complaints: list[str]
) -> None:
    with phone(browser, site, complaints) as (page, hand, reader):
        hand.send("WebAuthn.setUserVerified", {"authenticatorId": reader, "isUserVerified": False})
        page.goto("/accounts/login/")
        press(page, "Log in with a passkey")
        expect(page.get_by_text("That did not work, or was cancelled.")).to_be_visible()
        look(page, "Log in", complaints)


def test_without_javascript_one_is_told_what_is_missing(
    browser: Browser, site: Site, coordinator: User
) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/")
    expect(page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()
    log_in(page, coordinator)
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Continue")
    expect(page.get_by_role("main")).to_contain_text("This browser cannot use passkeys here.")
    context.close()
