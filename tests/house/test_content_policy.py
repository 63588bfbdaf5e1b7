"""The content security policy of every answer: nothing inline, nothing from anywhere else."""

import pytest
from django.test import Client

from tests.house.matrix import Page, pages, relation
from tests.house.routes import NOTHING, every_route
from tests.house.world import ACTORS, HERE, World

pytestmark = pytest.mark.django_db

ROUTES = {route.name: route for route in every_route()}

POLICY = {
    "default-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "object-src": {"'none'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
    "form-action": {"'self'"},
}
# Scripts of Django's admin set style attributes.
ADMIN_POLICY = POLICY | {"style-src-attr": {"'unsafe-inline'"}}


@pytest.mark.parametrize("page", pages(), ids=lambda page: f"{page.name}-{page.object}".strip("-"))
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_answer_has_the_strict_policy(world: World, page: Page, method: str) -> None:
    address = ROUTES[page.name].address(world.code(HERE, page.object) if page.object else NOTHING)
    # whoever is let in, who is sent to the log-in, and who is refused
    for actor in {_welcome(page, method), "anonymous", "mentee elsewhere"}:
        answer = world.ask(actor, method, address, dict(page.send))
        [policy] = [
            line.partition(": ")[2]
            for line in answer.headers.splitlines()
            if line.lower().startswith("content-security-policy")
        ]
        assert directives(policy) in (
            [POLICY, ADMIN_POLICY] if address.startswith("/admin/") else [POLICY]
        )


def test_a_page_for_a_fault_of_ours_has_it_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mentorship.dashboard.views.render", lambda *args: 1 / 0)
    answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == 500
    assert directives(answer["Content-Security-Policy"]) == POLICY


def directives(policy: str) -> dict[str, set[str]]:
    """The policy by directive."""
    parts = (part.split() for part in policy.split(";") if part.strip())
    return {name: set(sources) for name, *sources in parts}


def _welcome(page: Page, method: str) -> str:
    """The first actor whom the page answers, or anybody."""
    for actor in ACTORS:
        stands = relation(actor, HERE) if page.object else actor
        if page.expects(actor, method, stands) == page.status.get(method):
            return actor
    return "coordinator"
