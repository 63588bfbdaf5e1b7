"""Fixtures for every test, and what a missing service means."""

import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from tests.cast import Troupe, troupe
from tests.house.world import World, make_world, undone

SERVICES_ARE_A_MUST = os.environ.get("REQUIRE_SERVICES") == "1"


def missing(why: str) -> None:
    """Skip with the reason, or fail with it where services are a must."""
    if SERVICES_ARE_A_MUST:
        pytest.fail(f"{why} (REQUIRE_SERVICES=1)")
    pytest.skip(why)


@pytest.fixture(autouse=True)
def _services(request: pytest.FixtureRequest) -> None:
    """`postgres`, `redis` and `browser` tests say why they do not run."""
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        missing("needs PostgreSQL: set DATABASE_URL")
    if request.node.get_closest_marker("redis") and not os.environ.get("REDIS_URL", "").startswith(
        "redis"
    ):
        missing("needs Redis: set REDIS_URL")


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Rate limits of one test do not count in the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def here(db: None) -> Troupe:
    """The program whose people we are."""
    return troupe("heron")


@pytest.fixture
def elsewhere(db: None) -> Troupe:
    """Another program that nobody here may know of."""
    return troupe("walrus")


@pytest.fixture
def as_coordinator(here: Troupe) -> Client:
    client = Client()
    client.force_login(here.coordinator)
    return client


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Both programs and everybody in them, made once for a whole file; no test may change it."""
    refusals = logging.getLogger("django.request")
    level = refusals.level
    refusals.setLevel(logging.ERROR)  # thousands of refusals are what these tests ask for
    with django_db_blocker.unblock(), undone():
        yield make_world()
    refusals.setLevel(level)
