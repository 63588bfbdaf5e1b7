"""From database rows to saved matches: the engine with Django around it.

`connect` makes a database that is gone with the process: on PostgreSQL where there is one, else
SQLite in memory. People come in as they do for a coordinator, by `import_applications`; what is
measured then is what a worker does for a run, `run` all of it (`runs.carry_out`), the others its
parts: `bridge.load`, `bridge.solve`, `bridge.save`, in one transaction like there.
"""

import atexit
import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers.same_job import ROUNDS, Job, PairOfIds
from matching.engine import Input, Policy, Result, State
from matching.engine.edits import Edit, resolve

if TYPE_CHECKING:
    from matching.models import MatchingRun
    from programs.models import Cohort

# Django is imported where it is used: models can be read only once `connect` has run, and who
# measures memory does not want it.
# ruff: noqa: PLC0415

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
TODAY = datetime(2026, 1, 20, 12, tzinfo=UTC)
UNMATCHED = "unmatched"


LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"
"""A PostgreSQL that is used when nobody names one."""


@cache
def connect() -> str:
    """Which database it is. All tables are there and empty; the tests bring their own.

    On the server that DATABASE_URL or TEST_DATABASE_URL names, else on the one that answers on
    this machine, a database of its own is made and dropped at the end; nothing else is touched.
    """
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ["DATABASE_URL"] = server() or "sqlite://:memory:"
        os.environ["DJANGO_SETTINGS_MODULE"] = "mentorship.settings.test"
        django.setup()
        make_tables()
    from django.db import connection

    with connection.cursor() as cursor:
        is_lite = connection.vendor == "sqlite"
        cursor.execute("SELECT sqlite_version()" if is_lite else "SHOW server_version")
        version = cursor.fetchone()[0].split()[0]
    return f"SQLite {version} in memory" if is_lite else f"PostgreSQL {version}"


def make_tables() -> None:
    from django.db import connection

    connection.settings_dict["TEST"]["NAME"] = f"mentorship_benchmark_{os.getpid()}"
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    atexit.register(connection.creation.destroy_test_db, before, verbosity=0)


def server() -> str | None:
    """The address of a PostgreSQL, or None."""
    import psycopg2

    for name in ("DATABASE_URL", "TEST_DATABASE_URL"):
        if os.environ.get(name, "").startswith("postgres"):
            return os.environ[name]
    try:
        psycopg2.connect(LOCAL, connect_timeout=2).close()
    except psycopg2.OperationalError:
        return None
    return LOCAL


def cohort_of(folder: Path, sample: str, name: str) -> "Cohort":
    """A cohort with the people of `folder`'s two lists, all accepted, by a sample's mapping."""
    from mentorship.shared.base import clock
    from programs.actions.imports import import_applications

    with clock.at(TODAY):
        cohort = new_cohort(name)
        report = import_applications(
            cohort,
            by=None,
            mentors=folder / "mentors.csv",
            mentees=folder / "mentees.csv",
            mapping=SAMPLES / sample / "mapping.toml",
            accept=True,
        )
    if report.rejected_total:
        raise RuntimeError(f"{report.rejected_total} lines were refused: {report.rejected[:3]}")
    return cohort


def new_cohort(name: str) -> "Cohort":
    from programs.actions import cohorts
    from programs.actions.programs import create_program
    from programs.models import Role, User
    from programs.questions import make_questionnaire

    address = f"{name.lower().replace(' ', '-')}@example.org"
    owner = User.objects.create_user(address, name="Owner")
    return cohorts.create(
        create_program(by=owner, name=name, purpose="To be measured."),
        by=owner,
        name="First",
        time_zone="UTC",
        apply_from=date(2026, 1, 1),
        apply_until=date(2026, 1, 31),
        starts_on=date(2026, 2, 15),
        ends_on=date(2026, 8, 15),
        mentor_questions=make_questionnaire("Mentors", (), Role.MENTOR),
        mentee_questions=make_questionnaire("Mentees", (), Role.MENTEE),
        policy={"name": "Any"},
    )


def run_of(cohort: "Cohort", policy: Policy, **fields: Any) -> "MatchingRun":
    """A row for a run, as it waits for a worker."""
    from matching.models import MatchingRun

    return MatchingRun.objects.create(cohort=cohort, policy=policy.to_dict(), **fields)


def answered(run: "MatchingRun") -> Result:
    """From the rows of the people to the rows of the answer."""
    from django.db import transaction

    from matching import bridge
    from mentorship.shared.base import clock

    with clock.at(TODAY):
        asked = bridge.load(run)
        result = bridge.solve(asked)
        with transaction.atomic():
            bridge.save(run, asked, result)
    return result


def asked_of(run: "MatchingRun") -> Input:
    """The question as it is kept with a run."""
    from matching import bridge

    asked = bridge.asked_of(run)
    if asked is None:
        raise RuntimeError("The question of the run is not kept.")
    return asked


def continued(cohort: "Cohort", policy: Policy, before: int, edit: Edit) -> tuple[Input, Result]:
    """From a stored run, its kept question and state, to the rows of the changed answer."""
    from django.db import transaction

    from matching import bridge
    from matching.models import MatchingRun, RunInput
    from mentorship.shared.base import clock

    old = MatchingRun.objects.get(pk=before)
    state = State.unpack(bytes(RunInput.objects.get(run=old).state))
    asked, result = asked_of(old), replace(bridge.answer_of(old), state=state)
    with clock.at(TODAY):
        after, answer = resolve(asked, result, edit)
        run = run_of(cohort, policy, kind=MatchingRun.Kind.CHANGED, parent=old)
        with transaction.atomic():
            bridge.save(run, after, answer)
    return after, answer


# --- mentor-match's job ----------------------------------------------------------------------


def job(cohort: "Cohort", policy: Policy) -> Job:
    """Its three rounds, each from the rows to the rows of a run.

    What only its rules know, who has somebody already, is added to the question in between.
    """
    from django.db import transaction

    from matching import bridge
    from mentorship.shared.base import clock

    before: set[PairOfIds] = set()
    rounds = []
    forget_facts(cohort)
    with clock.at(TODAY):
        for _ in range(ROUNDS):
            run = run_of(cohort, policy)
            asked = as_in_a_round(bridge.load(run), before)
            result = bridge.solve(asked)
            with transaction.atomic():
                bridge.save(run, asked, result)
            before.update((pair.mentee, pair.mentor) for pair in result.pairs)
            rounds.append(pairs_of(run))
    return Job(tuple(rounds))


def run(cohort: "Cohort", policy: Policy) -> Job:
    """Round one as a worker answers a run that waits: claimed, read, solved, explained, stored.

    Everybody has nobody yet, so the points for that are left out of the policy.
    """
    from matching import runs
    from mentorship.shared.base import clock

    first = replace(policy, criteria=tuple(c for c in policy.criteria if c.mentee != UNMATCHED))
    forget_facts(cohort)
    with clock.at(TODAY):
        waiting = run_of(cohort, first)
        runs.carry_out(waiting.pk, threads=1)
    waiting.refresh_from_db()
    if waiting.status != waiting.Status.DONE or waiting.gap:
        raise RuntimeError(f"The run is {waiting.status}: {waiting.failure}")
    return Job((pairs_of(waiting),))


def forget_facts(cohort: "Cohort") -> None:
    """As before the first run of a cohort: everybody's facts have to be copied and written."""
    cohort.participants.update(facts={}, facts_at=None)


def pairs_of(run: "MatchingRun") -> tuple[PairOfIds, ...]:
    """The pairs of a stored run, by address."""
    return tuple(run.suggestions.values_list("mentee__user__email", "mentor__user__email"))


def as_in_a_round(asked: Input, before: Collection[PairOfIds]) -> Input:
    placed = {person for pair in before for person in pair}

    def marked(people: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(
            replace(p, facts={**p.facts, UNMATCHED: "no" if p.id in placed else "yes"})
            for p in people
        )

    return replace(
        asked,
        mentors=marked(asked.mentors),
        mentees=marked(asked.mentees),
        excluded=asked.excluded | frozenset(before),
    )
