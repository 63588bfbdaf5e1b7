"""What holds for every request: no forged POST, no session for a visitor, links that only look."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from tests.house.matrix import Page, pages, relation
from tests.house.routes import NOTHING, every_route
from tests.house.world import ACTORS, HERE, Browser, World

pytestmark = pytest.mark.django_db

ROUTES = {route.name: route for route in every_route()}
READ = [page for page in pages() if page.may and page.status.get("GET") == 200]
POSTED = [page for page in pages() if page.may and "POST" in page.status]
_ident = {"ids": lambda page: f"{page.name}-{page.object}".strip("-")}


def address(world: World, page: Page) -> str:
    return ROUTES[page.name].address(world.code(HERE, page.object) if page.object else NOTHING)


def welcome(page: Page, method: str) -> str:
    """Somebody whom the page answers."""
    return next(
        actor
        for actor in ("coordinator", "mentee", "owner", *ACTORS)
        if page.expects(actor, method, relation(actor, HERE)) == page.status[method]
    )


class Guarded(Browser):
    """A browser whose POSTs carry no token."""

    handler = ClientHandler(enforce_csrf_checks=True)


@pytest.mark.parametrize("page", POSTED, **_ident)
def test_a_post_without_its_token_is_refused(world: World, page: Page) -> None:
    guarded = World(world.here, world.elsewhere, Guarded(), world.cookies, world.things)
    answer = guarded.ask(welcome(page, "POST"), "POST", address(world, page), dict(page.send))
    assert answer.status == 403


@pytest.mark.parametrize("page", pages(), **_ident)
def test_a_visitor_who_reads_gets_no_session(world: World, page: Page) -> None:
    for method in ("GET", "HEAD"):
        answer = world.ask("anonymous", method, address(world, page))
        assert "sessionid" not in answer.headers


@pytest.mark.parametrize("page", READ, **_ident)
def test_no_link_of_a_page_holds_a_number(world: World, page: Page) -> None:
    answer = world.ask(welcome(page, "GET"), "GET", address(world, page))
    links = re.findall(r'(?:href|action|src|data-[\w-]+)="(/[^"]*)"', answer.text)
    assert links or not answer.text.startswith("<!DOCTYPE")
    assert [link for link in links if re.search(r"/\d+(/|$|\?)", link)] == []


def test_no_address_of_ours_takes_a_number() -> None:
    numbers = [
        str(one.pattern)
        for one in _patterns(get_resolver().url_patterns)
        if any(isinstance(c, IntConverter) for c in getattr(one.pattern, "converters", {}).values())
    ]
    assert numbers == []


def _patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for one in found:
        yield from [one] if isinstance(one, URLPattern) else _patterns(one.url_patterns)


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    return {
        model._meta.label: sorted(model._default_manager.values_list(), key=str)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table in connection.introspection.table_names()
    }


@pytest.mark.parametrize("actor", ["check-in link", "later link", "survey link"])
def test_opening_a_link_from_a_mail_again_and_again_changes_no_row(
    world: World, actor: str
) -> None:
    links = [reverse("mail-link", args=[world.code(HERE, "mail_token")])]
    links += [address(world, page) for page in READ if actor in page.may and len(page.may) < 5]
    before = everything()
    for link in links * 3:
        for method in ("GET", "HEAD"):
            assert world.ask(actor, method, link, keep=True).status in (200, 302)
    assert everything() == before


def test_a_row_that_changes_is_noticed(world: World) -> None:
    before = everything()
    page = next(page for page in POSTED if page.name == "survey-answer")
    world.ask("survey link", "POST", address(world, page), dict(page.send), keep=True)
    assert everything() != before
