"""The house checks itself: every route for everybody, held against tests/permissions.toml.

The house's other checks stand in tests/house/.
"""

import pytest

from tests.house.matrix import ACTORS, Page, pages, walk
from tests.house.routes import every_route
from tests.house.world import World

pytestmark = pytest.mark.django_db

ROUTES = {route.name: route for route in every_route()}
PAGES = pages()


def test_every_route_has_a_name_of_its_own() -> None:
    assert len(ROUTES) == len(every_route())


def test_the_file_names_the_routes_of_the_site_and_no_other() -> None:
    named = {page.name for page in PAGES}
    assert (ROUTES.keys() - named, named - ROUTES.keys()) == (set(), set())


def test_the_file_names_nobody_unknown() -> None:
    known = {*ACTORS, "visitors", "duty", "unless duty"}
    assert {who for page in PAGES for who in (*page.may, *page.barred, *page.others)} <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.name}-{page.object}".strip("-"))
def test_everybody_gets_what_the_file_says(world: World, page: Page) -> None:
    assert list(walk(world, ROUTES[page.name], page)) == []
