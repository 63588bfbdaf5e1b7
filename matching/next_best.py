"""Who comes next when an introduction did not work out: a run of its own that moves nobody.

What people may expect:

- A mentee who was let down (the mentor said no or nothing, or it became impossible) is looked at
  first and at once. At most three times in a row; then a coordinator decides.
- Who said no, or did not answer, themself is not introduced to the next by a machine: they are
  counted in when a coordinator runs a matching. Their mentor is free again, and whoever still
  waits from that matching is looked at: first those who were let down, then those left over.
- Nobody who is introduced or matched is part of the question, so nobody is moved.

Every step stands in rows and is claimed there: two sweeps at once, or one that breaks off, do no
harm.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from matching import runs
from matching.actions import closing, publishing
from matching.models import Introduction, MatchingRun, Place, Unmatched
from matching.notifications import StillWaiting
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.outbox import notify
from programs.models import Cohort, Participant

Status = MatchingRun.Status
Kind = MatchingRun.Kind


def go_on(cohort_id: int) -> int:
    """Look for the next best of everybody in the cohort who is due; how many runs were made."""
    asked = _ask(cohort_id, clock.now())
    for run in asked:
        runs.carry_out(run.pk)
        finish(run.pk)
    return len(asked)


@transaction.atomic
def finish(run_id: int) -> bool:
    """Introduce whom a next best found and tell who waits on; False when another did it.

    When something has moved meanwhile nothing is published, and it is looked for anew.
    """
    run = (
        MatchingRun.objects.without_proof()
        .select_for_update(of=("self",))
        .to_finish()
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        return False
    MatchingRun.objects.filter(pk=run.pk).update(settled_at=clock.now())
    placed = set(run.suggestions.values_list("mentee", flat=True))
    if run.status == Status.DONE and placed:
        try:
            publishing.publish(run, by=None, follows=_last_of(placed))
        except RuleBroken:
            run.goes_on_from.update(next_run=None)
            return False
    _tell(run, placed)
    return True


def _last_of(mentees: Collection[int]) -> dict[int, Introduction]:
    """The last introduction of each that came to nothing and that none follows yet."""
    over = Introduction.objects.proposed().filter(mentee__in=mentees, followed_by__isnull=True)
    rows = over.exclude(closed_at__isnull=True).exclude(status=Introduction.Status.AGREED)
    return {one.mentee_id: one for one in rows.order_by("closed_at", "pk")}


def _tell(run: MatchingRun, placed: Collection[int]) -> None:
    """Whoever was let down and not found anybody hears so, and so do the coordinators."""
    over = run.goes_on_from.with_people().exclude(mentee__in=placed)
    for introduction in over:
        mentee = introduction.let_down
        if mentee is not None:
            program = introduction.cohort.program
            notify(StillWaiting(mentee), mentee.user, occasion=run.code, program=program)
            closing.tell_coordinators(introduction)


# --- Asking ---------------------------------------------------------------------------------------


@transaction.atomic
def _ask(cohort_id: int, at: datetime) -> list[MatchingRun]:
    """Make the runs that are due, one for each published run whose introductions came to nothing.

    The cohort's row is ours until the commit, and what is asked for is marked: it is asked once.
    """
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort_id)
    if cohort.archived_at or cohort.is_over(local(at, cohort.time_zone).date()):
        return []
    if cohort.runs.unfinished().filter(kind=Kind.NEXT).exists():
        return []
    over = Introduction.objects.filter(cohort=cohort).select_related("mentee", "run__parent")
    let_down = list(over.to_go_on(at).order_by("closed_at", "pk"))
    if let_down:
        return [
            _new_run(parent, {one.mentee.code for one in some}, some)
            for parent, some in _by_run(let_down)
        ]
    freed = list(over.with_freed_mentors(at).order_by("closed_at", "pk"))
    made = []
    for parent, some in _by_run(freed):
        if first := _let_down_before(parent, some[-1]):
            made.append(_new_run(parent, first, []))
        elif rest := _still_waiting(Unmatched.objects.filter(run=parent)):
            made.append(_new_run(parent, rest, some))
    return made


def _by_run(
    over: Iterable[Introduction],
) -> list[tuple[MatchingRun, list[Introduction]]]:
    """These introductions by the run a coordinator published."""
    found: dict[int, list[Introduction]] = defaultdict(list)
    parents: dict[int, MatchingRun] = {}
    for introduction in over:
        run = introduction.run
        if run is not None:
            parent = run.parent if run.kind == Kind.NEXT and run.parent else run
            parents[parent.pk] = parent
            found[parent.pk].append(introduction)
    return [(parents[pk], some) for pk, some in found.items()]


def _new_run(
    parent: MatchingRun, only: Iterable[str], goes_on_from: list[Introduction]
) -> MatchingRun:
    run = MatchingRun.objects.create(
        cohort=parent.cohort,
        kind=Kind.NEXT,
        parent=parent,
        only=sorted(only),
        policy=parent.policy,
        objective=parent.objective,
        seed=parent.seed,
    )
    Introduction.objects.filter(pk__in=[one.pk for one in goes_on_from]).update(next_run=run)
    return run


def _let_down_before(parent: MatchingRun, freed: Introduction) -> set[str]:
    """The codes of those whom an earlier next best found nobody for, not looked at since."""
    nexts = MatchingRun.objects.filter(parent=parent, kind=Kind.NEXT)
    waiting = _still_waiting(Unmatched.objects.filter(run__in=nexts))
    since = nexts.filter(created_at__gte=freed.closed_at).values_list("only", flat=True)
    return waiting - {code for only in since for code in only}


def _still_waiting(left_over: QuerySet[Unmatched]) -> set[str]:
    """The codes of those of them who are there and have nobody, nor anybody in sight."""
    there = Participant.objects.filter(pk__in=left_over.values("mentee")).present()
    held = Introduction.objects.holding_a_place().values("mentee")
    waiting = there.exclude(pk__in=held).exclude(pk__in=Place.objects.open().values("participant"))
    return set(waiting.values_list("code", flat=True))
