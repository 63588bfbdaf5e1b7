"""Real migrations over real rows: what people told before is still told."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from programs import skills

BEFORE = [("programs", "0007_invitations")]
AFTER = [("programs", "0009_one_list_of_skills")]

# The two lists as they were, and the one list they become.
LISTS = (
    ([], [], []),
    (
        ["Go", "SQL"],
        ["Rust", "SQL"],
        [
            {"name": "Go", "now": 2, "wanted": 2, "teaches": True},
            {"name": "SQL", "now": 2, "wanted": 3, "teaches": True},
            {"name": "Rust", "now": 0, "wanted": 2, "teaches": False},
        ],
    ),
    ([], ["Rust"], [{"name": "Rust", "now": 0, "wanted": 2, "teaches": False}]),
    (
        [f"skill {n}" for n in range(100)],
        [],
        [{"name": f"skill {n}", "now": 2, "wanted": 2, "teaches": True} for n in range(100)],
    ),
)


def migrated(targets: list[tuple[str, str]]) -> Any:
    """The models as they were at this point, with the database at the same one."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def moved(transactional_db: None) -> Iterator[Callable[[Any], Any]]:
    """Afterwards the database is as the code wants it."""
    yield migrated
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_two_lists_of_skills_become_one_that_tells_the_matching_the_same(
    moved: Callable[[Any], Any],
) -> None:
    apps = moved(BEFORE)
    for number, (offered, wanted, _one) in enumerate(LISTS):
        user = apps.get_model("programs", "User").objects.create(email=f"{number}@example.org")
        apps.get_model("programs", "Profile").objects.create(
            user=user, skills_offered=offered, skills_wanted=wanted
        )
    apps = moved(AFTER)
    kept = list(
        apps.get_model("programs", "Profile")
        .objects.order_by("pk")
        .values_list("skills", flat=True)
    )
    assert kept == [one for _offered, _wanted, one in LISTS]
    for (offered, wanted, _one), told in zip(LISTS, kept, strict=True):
        skills.validate_skills(told)
        assert list(skills.offered(told)) == offered
        assert set(skills.wanted(told)) == set(wanted)
    apps = moved(BEFORE)
    rows = apps.get_model("programs", "Profile").objects.order_by("pk")
    for (offered, wanted, _one), row in zip(LISTS, rows, strict=True):
        assert (row.skills_offered, set(row.skills_wanted)) == (offered, set(wanted))
