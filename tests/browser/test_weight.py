"""What a first visit costs somebody on a phone in a train."""

import gzip

import pytest
from playwright.sync_api import Response

from tests.browser.conftest import Visit
from tests.factories.programs import CohortFactory

pytestmark = pytest.mark.browser

ALLOWED = 100 * 1024


@pytest.mark.parametrize("page", ["home", "program", "sign-up"])
def test_a_first_visit_is_light(visit: Visit, page: str) -> None:
    """Everything the browser fetches with an empty cache.

    Static files count as they lie compressed in production (whitenoise writes them with gzip -9 at
    the build), pages as they are, as nothing compresses them. Headers are left out.
    """
    program = CohortFactory().program
    address = {"home": "/", "program": f"/programs/{program.code}/", "sign-up": "/accounts/signup/"}
    window = visit(width=360)
    fetched: list[Response] = []
    window.on("response", lambda response: fetched.append(response))
    window.goto(address[page])
    weights = {response.url: _weight(response) for response in fetched}
    assert len(weights) >= 4  # the page, and its styles
    assert sum(weights.values()) < ALLOWED, weights


def _weight(response: Response) -> int:
    body = response.body()
    return len(gzip.compress(body, 9)) if "/static/" in response.url else len(body)
