from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from matching import runs, tasks
from matching.actions import publishing
from matching.engine import Policy, PolicyError
from matching.models import Introduction, Match, MatchingRun
from matching.policies import for_cohort, policy_of
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.nudge import nudge
from mentorship.shared.base.rules import RuleBroken
from programs.models import Cohort, User

Status = MatchingRun.Status


@transaction.atomic
def start(
    cohort: Cohort,
    *,
    by: User | None,
    policy: dict[str, Any] | None = None,
    seed: int = 0,
    solver: str = "",
    locked: Iterable[tuple[str, str]] = (),
    name: str = "",
    only: Iterable[str] = (),
) -> MatchingRun:
    """Ask the engine for the best matching; a worker answers.

    `policy` defaults to the cohort's, and that to the usual one. `by` is None when a command asks.
    `solver` is the engine's name of one, "" for the preferred. `locked` are pairs that are settled,
    by the codes of mentee and mentor. `name` is what coordinators call the draft. Where people
    choose, their choices count whatever the policy says (`policies.for_cohort`). `only` narrows
    the mentees to these codes.
    Raises RuleBroken while another run of the cohort is worked on, or with the engine's
    sentence when the policy is not valid.
    """
    cohort = (
        Cohort.objects.select_for_update(of=("self",)).select_related("program").get(pk=cohort.pk)
    )
    if cohort.runs.unfinished().exists():
        raise RuleBroken(_("A matching of this cohort is being worked on. Please wait for it."))
    try:
        asked = Policy.from_dict(policy) if policy else policy_of(cohort)
        private = for_cohort(asked, cohort)
    except PolicyError as error:
        raise RuleBroken(str(error)) from error
    run = MatchingRun.objects.create(
        cohort=cohort,
        asked_by=by,
        policy=private.to_dict(),
        objective=private.objective,
        seed=seed,
        solver=solver,
        name=name,
        locked=[list(pair) for pair in locked],
        only=list(only),
    )
    record(by=by, verb="run.started", subject=run, program=cohort.program)
    nudge(tasks.run_matching, run.pk)
    return run


def again(run: MatchingRun, *, by: User) -> MatchingRun:
    """A new run with policy, seed and settled pairs of this one, and the people as they are now.

    One that looked at a few mentees only does so again.

    Raises RuleBroken as `start` does.
    """
    return start(
        run.cohort,
        by=by,
        policy=run.policy,
        seed=run.seed,
        locked=run.locked,
        name=run.name,
        only=run.only,
    )


@transaction.atomic
def cancel(run: MatchingRun, *, by: User) -> MatchingRun:
    """Stop a run: at once while nobody works on it, else as soon as its worker asks, in seconds.

    One that is being stopped already stays as it is. Raises RuleBroken when the run has ended.
    """
    run = (
        MatchingRun.objects.without_proof()
        .select_for_update(of=("self",))
        .select_related("cohort__program")
        .get(pk=run.pk)
    )
    if run.status == Status.CANCELLED:
        return run
    if not run.can_move_to(Status.CANCELLED):
        raise RuleBroken(_("This run has ended, so there is nothing to cancel any more."))
    now = clock.now()
    if run.cancel_asked_at is None:
        run.cancel_asked_at = now
        record(by=by, verb="run.cancelled", subject=run, program=run.cohort.program)
    if run.status == Status.QUEUED or run.is_left_behind(now):
        run.status, run.finished_at, run.lease_until = Status.CANCELLED, now, None
    run.save(update_fields=["cancel_asked_at", "status", "finished_at", "lease_until"])
    return run


def forget_input(run: MatchingRun, *, by: User) -> bool:
    """Delete what the run was asked, before its term; whether there was anything to delete."""
    return runs.forget_input(run, by=by)


def publish(run: MatchingRun, *, by: User) -> list[Match | Introduction]:
    """Bring the people of the run's suggestions together; see `publishing.publish`."""
    return publishing.publish(run, by=by)
