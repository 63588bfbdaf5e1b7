"""axe-core has nothing to say about any page, and every page fits on a phone.

Light and dark, wide and narrow. On the way: no error in the console, no refusal by the content
security policy, no request to anybody but us (see `complaints`).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.mail import send_mail
from django.test import override_settings
from playwright.sync_api import BrowserContext, Page, Route, expect

from mentorship.demo import mail as demo_mail
from mentorship.shared.notifications.models import OutboxMessage, State
from mentorship.shared.notifications.registry import declared
from mentorship.shared.notifications.tasks import deliver_due
from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.pages import (
    DEMO_ROUTES,
    NO_PAGE,
    PASSKEY_ROUTES,
    ROUTES,
    SCENES,
    Scene,
    View,
    furnished_world,
    mail_of_every_kind,
    refused_routes,
    views,
)
from tests.browser.site import Site
from tests.house.world import World

pytestmark = pytest.mark.browser

WIDE, PHONE = 1280, 360
# A small phone; a window of 640 px is as narrow at a zoom of 200 %, one of 1280 px at 400 %.
SMALLEST = 320
# A mail is an article on the page of a mail program, which has the landmarks.
OF_PAGES = ("landmark-one-main", "region")


@pytest.fixture(scope="module")
def world(site: Site) -> World:
    return furnished_world(site)


def test_every_route_has_its_page_here() -> None:
    seen = {view.route for view in views()} | {scene.route for scene in SCENES}
    known = seen | NO_PAGE.keys() | refused_routes() | DEMO_ROUTES | PASSKEY_ROUTES
    assert ROUTES.keys() - known == set()


@pytest.mark.parametrize("view", views(), ids=str)
def test_a_page(visit: Visit, world: World, complaints: list[str], view: View) -> None:
    page = _window(visit, world, view.actor)
    answer = page.goto(view.address(world))
    assert (answer.status, answer.request.redirected_from) == (200, None)
    assert_nothing(findings(page, complaints))


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_page_some_steps_away(
    visit: Visit, world: World, complaints: list[str], scene: Scene
) -> None:
    page = _window(visit, world, scene.actor)
    scene.play(page, world)
    expect(page.locator("body")).to_contain_text(scene.says)
    assert_nothing(findings(page, complaints))


def test_the_page_for_a_fault_of_ours(
    visit: Visit, site: Site, complaints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mentorship.dashboard.views.render", lambda *args: 1 / 0)
    page = visit()
    assert page.goto("/").status == 500
    expect(page.get_by_role("heading")).to_have_text("Something went wrong on our side")
    assert_nothing(findings(page, complaints))


def test_the_pages_of_the_demo(
    visit: Visit, world: World, complaints: list[str], demo: Path
) -> None:
    page = _window(visit, world, "anonymous")
    found: list[str] = []
    for address in ("/demo/", "/outbox/", "/"):
        assert page.goto(address).ok
        found += [f"{address}: {one}" for one in findings(page, complaints)]
    assert_nothing(found)


def test_the_mails_as_they_are_read(
    visit: Visit, world: World, complaints: list[str], demo: Path
) -> None:
    page = _window(visit, world, "anonymous")
    page.route("**/body/", _without_sandbox)
    found: list[str] = []
    for name in demo_mail.names():
        page.goto(f"/outbox/{name}/")
        for address in (page.url, *(frame.url for frame in page.frames[1:])):
            page.goto(address)
            without = OF_PAGES if address.endswith("/body/") else ()
            found += [f"{address}: {one}" for one in findings(page, complaints, without)]
    assert_nothing(found)


def _without_sandbox(route: Route) -> None:
    """axe is a script, and the frame of a mail runs none."""
    answer = route.fetch()
    policy = answer.headers["content-security-policy"].partition("sandbox")[0]
    route.fulfill(response=answer, headers=answer.headers | {"content-security-policy": policy})


@pytest.fixture
def demo(world: World, tmp_path: Path) -> Iterator[Path]:
    """The demo's pages are there, and a mail of each kind in its folder."""
    with override_settings(
        DEMO=True, MAIL_DIR=tmp_path, EMAIL_BACKEND="mentorship.demo.mail.FileBackend"
    ):
        mail_of_every_kind(world.here)
        deliver_due()
        send_mail("A code", "It is 123456.", None, ["somebody@example.org"])
        sent = OutboxMessage.objects.filter(state=State.SENT)
        assert set(sent.values_list("kind", flat=True)) == {notice.kind for notice in declared()}
        yield tmp_path


def test_a_page_with_faults_is_found_out(visit: Visit, site: Site, complaints: list[str]) -> None:
    page = visit()
    page.goto("/")
    axe.evaluate(
        page,
        """(() => {
        document.querySelector("main").insertAdjacentHTML("beforeend",
          '<input id="nameless"><p id="pale">Pale</p><p id="broad">Broad</p><img id="mute">' +
          '<p id="cut">Something that goes on</p><p id="hid">Something that goes on</p>');
        for (const [id, how] of [["cut", "hidden"], ["hid", "auto"]]) {
          const one = document.querySelector(`#${id}`);
          one.style.cssText = `overflow: ${how}; width: 40px; white-space: nowrap`;
        }
        document.querySelector("#pale").style.color = "#ddd";
        document.querySelector("#broad").style.width = "2000px";
        console.error("loud"); fetch("http://127.0.0.2/").catch(() => 0);
        })()""",
    )
    page.wait_for_timeout(200)
    noticed = "\n".join(complaints)
    found = "\n".join(findings(page, complaints))
    complaints.clear()
    for rule in ("label (critical)", "color-contrast (serious)", "image-alt (critical)"):
        assert rule in found
    assert 'px wide: <p id="broad"' in found
    assert 'cut off: <p id="cut"' in found
    assert 'scrolls and does not say so: <p id="hid"' in found
    assert "loud" in noticed
    assert "127.0.0.2" in noticed
    assert "Content Security Policy" in noticed


def assert_nothing(found: list[str]) -> None:
    assert not found, "\n".join(found)


def findings(page: Page, complaints: list[str], without: tuple[str, ...] = ()) -> list[str]:
    """What axe says in each mode, and what is too wide."""
    before = len(complaints)
    axe.evaluate(page, "document.querySelectorAll('details').forEach(d => d.open = true)")
    found = []
    for width in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{width} {scheme}: {one}" for one in axe.violations(page, without)]
    for width in (PHONE, SMALLEST):
        found += [f"too wide at {width}: {one}" for one in axe.too_wide(page, width)]
    del complaints[before:]  # axe's own styles, which the page's policy refuses
    return found


def _window(visit: Visit, world: World, actor: str) -> Page:
    page = visit()
    _lend(page.context, world, actor)
    return page


def _lend(context: BrowserContext, world: World, actor: str) -> None:
    """Give the window the cookies that this actor has."""
    context.add_cookies(
        [
            {
                "name": cookie.key,
                "value": cookie.coded_value,
                "domain": "127.0.0.1",
                "path": cookie["path"] or "/",
            }
            for cookie in world.cookies[actor].values()
        ]
    )
