"""From database rows to saved matches: the engine with Django around it, on SQLite in memory.

`connect` makes the database, in this process and gone with it. People come in as they do for a
coordinator, by `import_applications`; what is measured then is what a worker does for a run:
`bridge.load`, `bridge.solve`, `bridge.save`, in one transaction like there.
"""

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


@cache
def connect() -> None:
    """An empty database with all tables; nothing where Django is set up already (the tests)."""
    import django
    from django.apps import apps

    if apps.ready:
        return
    os.environ["DATABASE_URL"] = "sqlite://:memory:"
    os.environ["DJANGO_SETTINGS_MODULE"] = "mentorship.settings.test"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


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


def run_of(cohort: "Cohort", policy: Policy) -> "MatchingRun":
    """A row for a run, as it waits for a worker."""
    from matching.models import MatchingRun

    return MatchingRun.objects.create(cohort=cohort, policy=policy.to_dict())


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
        run = run_of(cohort, policy)
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
    from matching.models import Suggestion
    from mentorship.shared.base import clock

    before: set[PairOfIds] = set()
    rounds = []
    with clock.at(TODAY):
        for _ in range(ROUNDS):
            run = run_of(cohort, policy)
            asked = as_in_a_round(bridge.load(run), before)
            result = bridge.solve(asked)
            with transaction.atomic():
                bridge.save(run, asked, result)
            before.update((pair.mentee, pair.mentor) for pair in result.pairs)
            saved = Suggestion.objects.filter(run=run)
            rounds.append(tuple(saved.values_list("mentee__user__email", "mentor__user__email")))
    return Job(tuple(rounds))


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
