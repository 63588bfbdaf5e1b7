"""Real migrations over real rows: what people told before is still told."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
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


NEVER, ONCE = None, datetime(2026, 1, 5, tzinfo=UTC)
SENT = datetime(2026, 2, 1, 12, tzinfo=UTC)

# When the applicant last logged in, whether the history has a deed of theirs in the program, the
# status, and whether a list brought the application for sure.
BROUGHT = (
    (NEVER, "", "submitted", True),
    (NEVER, "", "accepted", True),
    (NEVER, "elsewhere", "submitted", True),
    (NEVER, "here", "accepted", False),  # answered from a mail
    (ONCE, "", "submitted", False),
    (NEVER, "", "draft", False),
    (NEVER, "", "withdrawn", False),
)


def test_what_a_list_brought_before_that_was_noted_counts_as_brought_where_it_is_sure(
    moved: Callable[[Any], Any],
) -> None:
    apps = moved([("programs", "0020_how_people_are_matched"), ("audit", "0001_initial")])
    model = partial(apps.get_model, "programs")
    form = apps.get_model("questions", "Questionnaire").objects.create(title="Form")
    program = model("Program").objects.create(name="Here", purpose="To learn", code="here")
    cohort = model("Cohort").objects.create(
        program=program,
        name="First",
        time_zone="UTC",
        apply_from=date(2026, 1, 1),
        apply_until=date(2026, 2, 1),
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 9, 1),
        mentor_questions=form,
        mentee_questions=form,
    )
    by = model("User").objects.create(email="coordinator@example.org", last_login=ONCE)
    for number, (last_login, acted_in, status, _is_brought) in enumerate(BROUGHT):
        person = model("User").objects.create(
            email=f"{number}@example.org", code=f"person{number}", last_login=last_login
        )
        if acted_in:
            apps.get_model("audit", "AuditEvent").objects.create(
                actor_code=person.code, program_code=acted_in, verb="checkin.held"
            )
        decided = {"decided_at": SENT, "decided_by": by} if status == "accepted" else {}
        model("Application").objects.create(
            cohort=cohort,
            applicant=person,
            role="mentee",
            status=status,
            questionnaire=form,
            code=f"application{number}",
            submitted_at=None if status == "draft" else SENT,
            **decided,
        )
    apps = moved([("programs", "0021_brought_before")])
    kept = apps.get_model("programs", "Application").objects.order_by("pk")
    expected = [SENT if is_brought else None for *_told, is_brought in BROUGHT]
    assert list(kept.values_list("brought_at", flat=True)) == expected
