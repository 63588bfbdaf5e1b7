from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from matching import runs, tasks
from matching.engine import Policy, PolicyError
from matching.models import Match, MatchingRun, Place, Seat
from matching.notifications import MatchIntroduced
from matching.policies import keep_private, policy_of
from matching.signals import match_introduced
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.nudge import nudge
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.outbox import notify
from programs.models import Cohort, Participant, Role, User

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
) -> MatchingRun:
    """Ask the engine for the best matching; a worker answers.

    `policy` defaults to the cohort's, and that to the usual one. `by` is None when a command asks.
    `solver` is the engine's name of one, "" for the preferred. `locked` are pairs that are settled,
    by the codes of mentee and mentor.
    Raises RuleBroken while another run of the cohort is worked on, or with the engine's
    sentence when the policy is not valid.
    """
    cohort = (
        Cohort.objects.select_for_update(of=("self",)).select_related("program").get(pk=cohort.pk)
    )
    if cohort.runs.unfinished().exists():
        raise RuleBroken(_("A matching of this cohort is being worked on. Please wait for it."))
    try:
        checked = Policy.from_dict(policy) if policy else policy_of(cohort)
    except PolicyError as error:
        raise RuleBroken(str(error)) from error
    private = keep_private(checked, cohort.sensitive_facts())
    run = MatchingRun.objects.create(
        cohort=cohort,
        asked_by=by,
        policy=private.to_dict(),
        objective=private.objective,
        seed=seed,
        solver=solver,
        locked=[list(pair) for pair in locked],
    )
    record(by=by, verb="run.started", subject=run, program=cohort.program)
    nudge(tasks.run_matching, run.pk)
    return run


def again(run: MatchingRun, *, by: User) -> MatchingRun:
    """A new run with policy, seed and settled pairs of this one, and the people as they are now.

    Raises RuleBroken as `start` does.
    """
    return start(run.cohort, by=by, policy=run.policy, seed=run.seed, locked=run.locked)


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


@transaction.atomic
def publish(run: MatchingRun, *, by: User) -> list[Match]:
    """Turn the run's suggestions into matches and introduce the people by mail.

    Raises RuleBroken when the run is not finished, was published, or somebody it names has
    left, is matched by now, or has no free seat any more: then nothing is published.
    """
    run = (
        MatchingRun.objects.without_proof()
        .select_for_update(of=("self",))
        .select_related("cohort__program")
        .get(pk=run.pk)
    )
    if run.status == Status.PUBLISHED:
        raise RuleBroken(_("This run is published already."))
    if not run.can_move_to(Status.PUBLISHED):
        raise RuleBroken(_("This run is not finished, so there is nothing to publish yet."))
    if not run.suggestions.exists():
        raise RuleBroken(_("This run placed nobody, so there is nothing to publish."))
    now = clock.now()
    run.status, run.published_at, run.published_by = Status.PUBLISHED, now, by
    run.save(update_fields=["status", "published_at", "published_by"])
    _lock_people_of(run)
    suggestions = list(run.suggestions.select_related("mentor__user", "mentee__user"))
    seats = _free_seats([suggestion.mentor for suggestion in suggestions])
    taken = set(
        Place.objects.open()
        .filter(
            participant__in=[s.mentee_id for s in suggestions], match__cohort__is_one_to_one=True
        )
        .values_list("participant", flat=True)
    )
    matches = []
    for suggestion in suggestions:
        for person in (suggestion.mentor, suggestion.mentee):
            if person.left_at is not None:
                raise RuleBroken(_stale(_("%(name)s has left the cohort."), person))
        if suggestion.mentee_id in taken:
            raise RuleBroken(_stale(_("%(name)s is matched by now."), suggestion.mentee))
        if not seats[suggestion.mentor_id]:
            raise RuleBroken(_stale(_("%(name)s has no free seat any more."), suggestion.mentor))
        match = Match.objects.create(
            cohort=run.cohort,
            run=run,
            score=suggestion.score,
            reasons=suggestion.reasons,
            introduced_at=now,
        )
        exclusive = run.cohort.is_one_to_one
        Place.objects.bulk_create(
            [
                Place(
                    match=match,
                    participant=suggestion.mentor,
                    role=Role.MENTOR,
                    seat=seats[suggestion.mentor_id].pop(),
                    is_exclusive=exclusive,
                    from_at=now,
                ),
                Place(
                    match=match,
                    participant=suggestion.mentee,
                    role=Role.MENTEE,
                    is_exclusive=exclusive,
                    from_at=now,
                ),
            ]
        )
        match_introduced.send(Match, match=match)
        for person in (suggestion.mentor, suggestion.mentee):
            notify(MatchIntroduced(match), person.user, program=run.cohort.program)
        matches.append(match)
    record(
        by=by,
        verb="run.published",
        subject=run,
        program=run.cohort.program,
        matches=len(matches),
    )
    return matches


def _lock_people_of(run: MatchingRun) -> None:
    """Whoever leaves or is matched by another run at this moment waits, or we wait for them.

    Always in the order of their numbers, so that two runs cannot wait for each other.
    """
    named = Q(pk__in=run.suggestions.values("mentor")) | Q(pk__in=run.suggestions.values("mentee"))
    list(
        Participant.objects.select_for_update()
        .filter(named)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _stale(sentence: str, person: Participant) -> str:
    again = _("Please start a new run; nothing was published.")
    return f"{sentence % {'name': person.user.name}} {again}"


def _free_seats(mentors: list[Participant]) -> dict[int, list[Seat]]:
    """The free seats of each mentor, made to fit the capacity, locked until the commit."""
    idents = {mentor.pk: mentor.capacity for mentor in mentors}
    have = set(Seat.objects.filter(participant__in=idents).values_list("participant_id", "number"))
    Seat.objects.bulk_create(
        [
            Seat(participant_id=pk, number=number)
            for pk, capacity in idents.items()
            for number in range(1, capacity + 1)
            if (pk, number) not in have
        ],
        ignore_conflicts=True,
    )
    occupied = set(
        Place.objects.open().filter(seat__participant__in=idents).values_list("seat_id", flat=True)
    )
    free: dict[int, list[Seat]] = {pk: [] for pk in idents}
    rows = Seat.objects.select_for_update().filter(participant__in=idents).order_by("pk")
    for seat in rows:
        if seat.pk not in occupied and seat.number <= idents[seat.participant_id]:
            free[seat.participant_id].append(seat)
    return free
