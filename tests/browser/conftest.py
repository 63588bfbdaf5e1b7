"""A real browser before the real product. What it complains of fails the test, asked or not."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from programs.models import User
from tests.browser.site import Site, serving
from tests.conftest import missing

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A busy machine is slow, not wrong.
PATIENCE = 15_000

Visit = Callable[..., Page]


@pytest.fixture(scope="package")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """One for all tests of this folder."""
    if not Path(CHROMIUM).exists():
        missing(f"needs Chromium: {CHROMIUM} is not there, CHROMIUM may name another")
    before = {connection.alias: connection for connection in connections.all()}
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread. Django takes it for an async view: it
        # would refuse the database, and open connections of its own to it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        for alias, connection in before.items():
            connections[alias] = connection
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(browser: Browser, django_db_blocker: Any) -> Iterator[Site]:
    """The product, on a database that the tests of one file share."""
    with django_db_blocker.unblock():
        with serving() as site:
            yield site
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def db(site: Site) -> None:
    """Under this name pytest-django knows that a database is needed; ours is emptied by `site`."""


@pytest.fixture
def complaints(site: Site) -> Iterator[list[str]]:
    """What the browser complains of while a test runs; the test fails when there is anything."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def visit(db: None, site: Site, browser: Browser, complaints: list[str]) -> Iterator[Visit]:
    """`visit(user)` is a window of a new visitor, logged in when a user is given."""
    contexts: list[BrowserContext] = []

    def open_window(
        user: User | None = None, *, width: int = 1280, height: int = 800, **options: Any
    ) -> Page:
        size = {"width": width, "height": height}
        context = browser.new_context(base_url=site.url, viewport=size, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if user is not None:
            log_in(context, site, user)
        page = context.new_page()
        listen(page, site, complaints)
        return page

    yield open_window
    for context in contexts:
        context.close()


def log_in(context: BrowserContext, site: Site, user: User) -> None:
    """Put a session into the browser, so that a test need not click through the log-in."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site.url}])


def listen(page: Page, site: Site, complaints: list[str]) -> None:
    """Note errors of scripts, refusals by the content security policy, and strange addresses."""

    def on_console(message: ConsoleMessage) -> None:
        # An error page is an error to the console, and what a test may have asked for.
        is_status = message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not is_status:
            complaints.append(f"{page.url}: console: {message.text}")

    def on_request(request: Any) -> None:
        if not request.url.startswith((site.url + "/", "data:", "about:")):
            complaints.append(f"{page.url}: asks {request.url}")

    def on_response(response: Any) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            complaints.append(f"{page.url}: {response.status} for {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: script: {error}"))
    page.on("request", on_request)
    page.on("response", on_response)


def mail_to(address: str, subject: str) -> str:
    """The text of the newest mail to an address whose subject has these words."""
    found = [m for m in mail.outbox if address in m.to and subject in m.subject]
    told = [(m.to, m.subject) for m in mail.outbox]
    assert found, f"no mail about {subject!r} to {address}; there are {told}"
    return str(found[-1].body)
