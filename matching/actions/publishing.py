"""A run's suggestions become introductions or matches: all of them, or nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from matching.actions import closing, decisions, introductions, matches, seats
from matching.models import Introduction, Match, MatchingRun, Place, Suggestion
from matching.notifications import StillWaiting
from matching.pairing import Pair
from matching.ruled_out import barred
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.outbox import notify_many
from programs.models import Cohort, Participant, ParticipantQuerySet, User

Status = MatchingRun.Status


@transaction.atomic
def publish(
    run: MatchingRun,
    *,
    by: User | None,
    follows: Mapping[int, Introduction] | None = None,
) -> list[Match | Introduction]:
    """Bring the people of the run's suggestions together and write to everybody it was about.

    Where the cohort asks for both to say yes they have introductions to answer, else they are
    matched at once. Whoever is left over hears what happens next. `by` is None for a next best,
    published in the name of whoever published the run before; `follows` tells then which
    introduction each goes on from, by the mentee's number.

    A number of queries that does not grow with the pairs, but for inserts in batches and, where
    people are matched at once, the plan of their check-ins.

    Raises RuleBroken when the run is not finished, was published, or somebody it names has
    left, is matched by now, has no free place any more, or must not be with the other: then
    nothing is published.
    """
    run = _locked(run, by)
    run.published_by = by or _publisher_before(run)
    run.status, run.published_at = Status.PUBLISHED, clock.now()
    run.save(update_fields=["status", "published_at", "published_by"])
    suggestions = list(run.suggestions.all())
    pairs = _possible(run, suggestions, follows or {})
    made: Sequence[Match | Introduction]
    if run.cohort.answer_days is None:
        made = matches.write_many(pairs, run=run)
        closing.overtaken_by(pairs, besides=[])
    else:
        made = introductions.write_many(pairs, origin=origin_of(run), run=run)
    if run.kind != MatchingRun.Kind.NEXT:
        _tell_who_waits(run)
    cohort, facts = run.cohort, {"matches": len(made)}
    record(by=by, verb="run.published", subject=run, program=cohort.program, **facts)
    decisions.note(cohort, by=by, kind="run.published", facts={"run": run.code, **facts})
    return list(made)


def origin_of(run: MatchingRun) -> str:
    """How introductions that a run proposes came about."""
    is_next = run.kind == MatchingRun.Kind.NEXT
    return Introduction.Origin.NEXT if is_next else Introduction.Origin.RUN


def _locked(run: MatchingRun, by: User | None) -> MatchingRun:
    """The run for us alone. Raises RuleBroken when there is nothing to publish."""
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
    if run.change.get("is_undone"):
        raise RuleBroken(_("This change was taken back, so there is nothing to publish."))
    if run.kind == MatchingRun.Kind.NEXT and by is not None:
        raise RuleBroken(_("A next best is introduced by itself, so there is nothing to publish."))
    if not run.suggestions.exists():
        raise RuleBroken(_("This run placed nobody, so there is nothing to publish."))
    return run


def _publisher_before(run: MatchingRun) -> User | None:
    return run.parent.published_by if run.parent else None


def _possible(
    run: MatchingRun, suggestions: list[Suggestion], follows: Mapping[int, Introduction]
) -> list[Pair]:
    """The pairs with a seat each, their people locked. Raises RuleBroken for one that cannot be."""
    numbers = {pk for one in suggestions for pk in (one.mentor_id, one.mentee_id)}
    people = seats.lock_numbers(numbers)
    for person in people.values():
        person.cohort = run.cohort
    free = seats.free_seats([people[one.mentor_id] for one in suggestions])
    mentees = [one.mentee_id for one in suggestions]
    places, kept = seats.matched(mentees), seats.held_by_introductions(mentees)
    apart = barred([(one.mentee_id, one.mentor_id) for one in suggestions])
    pairs = []
    for one in suggestions:
        mentee, mentor = people[one.mentee_id], people[one.mentor_id]
        try:
            is_taken = bool(places[mentee.pk] or kept[mentee.pk])
            matches.refuse(mentee, mentor, free[mentor.pk], is_matched=is_taken)
            if (mentee.pk, mentor.pk) in apart:
                raise RuleBroken(_apart(mentee, mentor))
        except RuleBroken as broken:
            again = _("Please start a new run; nothing was published.")
            raise RuleBroken(f"{broken} {again}") from broken
        seat, before = free[mentor.pk].pop(), follows.get(mentee.pk)
        pairs.append(Pair(mentee, mentor, seat, one.score, one.reasons, before))
    return pairs


def _apart(mentee: Participant, mentor: Participant) -> str:
    """The same words for a coordinator's exclusion and for a private wish."""
    return _("%(mentee)s and %(mentor)s are not possible (a private wish).") % {
        "mentee": mentee.user.name,
        "mentor": mentor.user.name,
    }


# --- Who is left over -----------------------------------------------------------------------------


def _tell_who_waits(run: MatchingRun) -> None:
    """Mentees the run found nobody for and mentors with nobody hear what happens next, once."""
    people = [*_mentees_left(run)]
    if not run.only:
        people += _mentors_left(run)
    notices: list[tuple[Any, Any]] = []
    for person in people:
        person.cohort = run.cohort
        notices.append((StillWaiting(person), person.user))
    notify_many(notices, occasion=run.code, program=run.cohort.program)


def _mentees_left(run: MatchingRun) -> ParticipantQuerySet:
    there = Participant.objects.filter(pk__in=run.left_over.values("mentee"))
    return _with_nobody(there.present())


def _mentors_left(run: MatchingRun) -> ParticipantQuerySet:
    """Mentors who could have been matched in this run and have no mentee and none in sight."""
    cohort: Cohort = run.cohort
    today = local(clock.now(), cohort.time_zone).date()
    there = Participant.objects.filter(cohort=cohort, joined_at__lte=run.created_at)
    return _with_nobody(there.mentors().matchable(today))


def _with_nobody(people: ParticipantQuerySet) -> ParticipantQuerySet:
    held = Introduction.objects.holding_a_place()
    return (
        people.exclude(pk__in=Place.objects.open().values("participant"))
        .exclude(pk__in=held.values("mentor"))
        .exclude(pk__in=held.values("mentee"))
        .select_related("user")
    )
