"""Real migrations over real rows: what earlier runs knew is still known."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from mentorship.shared.base import clock

BEFORE = [
    ("matching", "0002_published_has_its_time"),
    ("programs", "0003_names_in_one_line"),
    ("questions", "0001_initial"),
]
AFTER = [("matching", "0005_run_without_problem")]
POLICY = {"name": "p", "objective": "total", "criterion": []}


def migrated(targets):
    """The models as they were at this point, with the database at the same one."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def moved(transactional_db):
    """Afterwards the database is as the code wants it."""
    yield migrated
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def people(apps):
    def made(app, model, **fields):
        return apps.get_model(app, model).objects.create(**fields)

    form = made("questions", "Questionnaire", title="Form")
    program = made("programs", "Program", name="Program", purpose="x")
    today = clock.now().date()
    cohort = made(
        "programs",
        "Cohort",
        program=program,
        name="Spring",
        time_zone="UTC",
        apply_from=today,
        apply_until=today,
        starts_on=today.replace(year=today.year + 1),
        ends_on=today.replace(year=today.year + 2),
        mentor_questions=form,
        mentee_questions=form,
    )
    return cohort, [
        made(
            "programs",
            "Participant",
            cohort=cohort,
            user=made("programs", "User", email=f"{number}@example.org", name=str(number)),
            role="mentor" if number == 0 else "mentee",
            time_zone="UTC",
            joined_at=clock.now(),
        )
        for number in range(4)
    ]


def test_runs_keep_pairs_prices_and_who_was_left_over_but_not_what_they_were_asked(moved):
    apps = moved(BEFORE)
    cohort, (mentor, placed, left, _late) = people(apps)
    Run = apps.get_model("matching", "MatchingRun")
    asked = {
        "mentors": [{"id": mentor.code, "seats": 1, "facts": {}}],
        "mentees": [{"id": one.code, "facts": {}} for one in (placed, left)],
        "excluded": [],
    }
    prices = {mentor.code: 3}
    done = Run.objects.create(
        cohort=cohort,
        status="done",
        policy=POLICY,
        problem=asked,
        prices=prices,
        mentees=2,
        matched=1,
        matched_bound=1,
        score=5,
    )
    queued = Run.objects.create(cohort=cohort, policy={"name": "q", "criterion": []})
    apps.get_model("matching", "Suggestion").objects.create(
        run=done, mentor=mentor, mentee=placed, score=5
    )

    apps = moved(AFTER)
    Run = apps.get_model("matching", "MatchingRun")
    after = Run.objects.get(pk=done.pk)
    assert (after.objective, after.prices, after.score, after.mentees) == ("total", prices, 5, 2)
    assert [row.mentee_id for row in after.suggestions.all()] == [placed.pk]
    assert [row.mentee_id for row in after.left_over.all()] == [left.pk]
    assert not apps.get_model("matching", "RunInput").objects.exists()
    waits = Run.objects.get(pk=queued.pk)
    assert (waits.objective, waits.left_over.count()) == ("most-mentees-then-total", 0)

    apps = moved(BEFORE)
    back = apps.get_model("matching", "MatchingRun").objects.get(pk=done.pk)
    assert (back.problem, back.prices, back.matched) == ({}, prices, 1)
