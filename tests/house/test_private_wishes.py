"""Nobody can tell from any page, file or list who would rather not be matched with whom."""

from urllib.parse import urlsplit

import pytest

from matching.actions import asks
from matching.models import Avoid, Introduction
from mentorship.shared.base import clock
from tests.house.matrix import Page, pages, relation, told_apart
from tests.house.routes import NOTHING, every_route
from tests.house.world import HERE, World, undone

pytestmark = pytest.mark.django_db

ROUTES = {route.name: route for route in every_route()}
# The mentor wishes it; everybody else, the one whom they avoid before all, must notice nothing.
READERS = ("mentee", "other mentee", "other mentor", "coordinator", "observer", "owner")
PAGES = [page for page in pages() if page.may and not page.library and page.name != "desk-preview"]
ASKED = tuple(
    (page, actor, method)
    for page in PAGES
    for actor in READERS
    for method in ("GET", "POST")
    if page.expects(actor, method, relation(actor, HERE) if page.object else actor) in (200, 302)
    and (method == "GET" or page.name.endswith("-export"))
)


def wish(world: World) -> None:
    """The mentor would rather not be matched with the mentee, in each of their cohorts."""
    mentors = world.here.mentor.user.participations.all()
    mentees = {one.cohort_id: one for one in world.here.mentee.user.participations.all()}
    for mentor in mentors:
        Avoid.objects.get_or_create(participant=mentor, other=mentees[mentor.cohort_id])
    # one that was asked before the wish, another after it
    again = Introduction.objects.asks().get(mentor__user=world.here.mentor.user)
    assert asks.ask(again.mentee, again.mentor, by=again.mentee.user, message="x") == again


@pytest.mark.parametrize("page, actor, method", ASKED, ids=lambda part: getattr(part, "name", part))
def test_a_private_wish_changes_no_page(world: World, page: Page, actor: str, method: str) -> None:
    code = world.code(HERE, page.object) if page.object else NOTHING
    address = ROUTES[page.name].address(code)
    with clock.at(clock.now()):
        before = world.ask(actor, method, address)
        with undone():
            wish(world)
            after = world.ask(actor, method, address)
    assert not told_apart(before, code, after, code), urlsplit(address).path


def test_a_page_that_told_would_be_found_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A naive list of whom one may ask, which leaves out those who would rather not."""
    from matching import choosing  # noqa: PLC0415  only to break it

    honest = choosing.askable

    def naive(one, at):
        avoids = Avoid.objects.filter(other=one).values("participant")
        return honest(one, at).exclude(pk__in=avoids)

    monkeypatch.setattr(choosing, "askable", naive)
    page = next(page for page in PAGES if (page.name, page.object) == ("choose", "open_mentee"))
    with pytest.raises(AssertionError):
        test_a_private_wish_changes_no_page(world, page, "mentee", "GET")
