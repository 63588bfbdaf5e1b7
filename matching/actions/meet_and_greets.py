"""A round in which people meet before anybody is matched: prepared, planned, published."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from matching import meeting, slots, tasks
from matching.actions import decisions, seats
from matching.models import MatchingRun, MeetAndGreet, Meeting, MeetingSlot
from matching.notifications import MeetingCalledOff, MeetingsNone, MeetingsPlanned
from matching.ruled_out import barred
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.nudge import nudge
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import instant, local
from mentorship.shared.notifications.outbox import notify_many
from programs.models import Cohort, Participant, User

Status = MeetAndGreet.Status


# --- Preparing ------------------------------------------------------------------------------------


@transaction.atomic
def make(cohort: Cohort, *, by: User, starts: Iterable[datetime], **limits: Any) -> MeetAndGreet:
    """A round in preparation, with slots that start at these times.

    `limits` are its fields: `mentee_meetings`, `mentor_meetings`, `minutes`, `place`.
    Raises RuleBroken for times that are over, overlap, or are too many.
    """
    made = MeetAndGreet.objects.create(cohort=cohort, made_by=by, **limits)
    _set_slots(made, set(starts))
    record(by=by, verb="meet.made", subject=made, program=cohort.program)
    return made


@transaction.atomic
def change(planned: MeetAndGreet, *, by: User, **limits: Any) -> MeetAndGreet:
    """Other limits, or another place to meet. A plan there was goes with them.

    Raises RuleBroken while it is planned or once it is published, or where the times overlap then.
    """
    planned = _changing(planned)
    for name, value in limits.items():
        setattr(planned, name, value)
    planned.save()
    _set_slots(planned, _starts(planned))
    record(by=by, verb="meet.changed", subject=planned, program=planned.cohort.program)
    return planned


@transaction.atomic
def add_slot(planned: MeetAndGreet, *, by: User, starts_at: datetime) -> MeetAndGreet:
    """One more time to meet. Raises RuleBroken as `change` does."""
    planned = _changing(planned)
    _set_slots(planned, _starts(planned) | {starts_at})
    record(by=by, verb="meet.changed", subject=planned, program=planned.cohort.program)
    return planned


@transaction.atomic
def remove_slot(planned: MeetAndGreet, *, by: User, starts_at: datetime) -> MeetAndGreet:
    """One time less; one that is gone already is no error. Raises RuleBroken as `change` does."""
    planned = _changing(planned)
    planned.slots.filter(starts_at=starts_at).delete()
    record(by=by, verb="meet.changed", subject=planned, program=planned.cohort.program)
    return planned


@transaction.atomic
def drop(planned: MeetAndGreet, *, by: User) -> None:
    """Delete a round that was not published. Raises RuleBroken as `change` does."""
    planned = _changing(planned)
    record(by=by, verb="meet.dropped", subject=planned, program=planned.cohort.program)
    planned.delete()


def _locked(planned: MeetAndGreet) -> MeetAndGreet:
    return (
        MeetAndGreet.objects.select_for_update(of=("self",))
        .select_related("cohort__program")
        .get(pk=planned.pk)
    )


def _changing(planned: MeetAndGreet) -> MeetAndGreet:
    """The round for us alone, in preparation again and without a plan."""
    planned = _locked(planned)
    if planned.status == Status.PUBLISHED:
        raise RuleBroken(_("These meetings are published, so they cannot be changed any more."))
    if not planned.can_change:
        raise RuleBroken(_("The meetings are being planned. Please wait for the plan."))
    _without_plan(planned)
    planned.status = Status.DRAFT
    planned.save()
    return planned


def _without_plan(planned: MeetAndGreet) -> None:
    planned.meetings.all().delete()
    planned.figures, planned.planned_at, planned.failure, planned.attempts = {}, None, "", 0


def _starts(planned: MeetAndGreet) -> set[datetime]:
    return set(planned.slots.values_list("starts_at", flat=True))


def _set_slots(planned: MeetAndGreet, starts: Collection[datetime]) -> None:
    """Let the round have these slots. Raises RuleBroken for times that cannot be."""
    if why_not := slots.why_not(starts, planned.minutes, clock.now()):
        raise RuleBroken(why_not)
    known = _starts(planned)
    MeetingSlot.objects.bulk_create(
        [MeetingSlot(round=planned, starts_at=at) for at in sorted(starts) if at not in known]
    )


# --- Planning -------------------------------------------------------------------------------------


def plan(planned: MeetAndGreet, *, by: User) -> MeetAndGreet:
    """Look for the best meetings, at once where the cohort is small, else by a worker.

    A plan there was is thrown away. Raises RuleBroken while it is planned, once it is published,
    or without a time to meet.
    """
    planned = _queued(planned, by)
    if _is_small(planned.cohort):
        meeting.plan(planned.pk)
        planned.refresh_from_db()
    return planned


@transaction.atomic
def _queued(planned: MeetAndGreet, by: User) -> MeetAndGreet:
    planned = _changing(planned)
    if not planned.slots.exists():
        raise RuleBroken(_("There is no time to meet yet. Add some first."))
    _set_slots(planned, _starts(planned))
    planned.status = Status.QUEUED
    planned.save()
    record(by=by, verb="meet.planned", subject=planned, program=planned.cohort.program)
    if not _is_small(planned.cohort):
        nudge(tasks.plan_meetings, planned.pk)
    return planned


def _is_small(cohort: Cohort) -> bool:
    """Whether somebody who waits for the page can wait for the plan."""
    there = Participant.objects.filter(cohort=cohort).present()
    return there.mentees().count() * there.mentors().count() <= MatchingRun.AT_ONCE


# --- Publishing -----------------------------------------------------------------------------------


@transaction.atomic
def publish(planned: MeetAndGreet, *, by: User) -> MeetAndGreet:
    """Write to everybody when they meet whom, and to who meets nobody.

    Raises RuleBroken when there is no plan, it was published, a time is over, or one of its
    meetings cannot be any more, whatever the reason: then nothing is published.
    """
    planned = _locked(planned)
    if planned.status == Status.PUBLISHED:
        raise RuleBroken(_("These meetings are published already."))
    if not planned.can_move_to(Status.PUBLISHED):
        raise RuleBroken(_("There is no plan yet, so there is nothing to publish."))
    meetings = list(planned.meetings.select_related("slot"))
    if not meetings:
        raise RuleBroken(_("Nobody meets anybody in this plan, so there is nothing to publish."))
    if min(one.slot.starts_at for one in meetings) <= clock.now():
        raise RuleBroken(_("A time is over already. Choose times to come."))
    people = seats.lock_numbers({pk for one in meetings for pk in (one.mentee_id, one.mentor_id)})
    _check(planned, meetings, people)
    planned.status, planned.published_at, planned.published_by = Status.PUBLISHED, clock.now(), by
    planned.save()
    _tell(planned, people)
    cohort, facts = planned.cohort, {"meetings": len(meetings)}
    record(by=by, verb="meet.published", subject=planned, program=cohort.program, **facts)
    decisions.note(cohort, by=by, kind="meet.published", facts={"round": planned.code, **facts})
    return planned


def _check(planned: MeetAndGreet, meetings: list[Meeting], people: dict[int, Participant]) -> None:
    """Raise RuleBroken where a meeting cannot be any more.

    One sentence for every reason and no name in it: it may be somebody's private wish.
    """
    today = local(clock.now(), planned.cohort.time_zone).date()
    there = Participant.objects.filter(cohort=planned.cohort_id).matchable(today)
    can_be_matched = set(there.values_list("pk", flat=True))
    matched = seats.matched({one.mentee_id for one in meetings})
    pairs = {(one.mentee_id, one.mentor_id) for one in meetings}
    if (
        not can_be_matched.issuperset(people)
        or any(matched[mentee] for mentee, _mentor in pairs)
        or barred(pairs)
    ):
        raise RuleBroken(
            _(
                "Something has changed since these meetings were planned. Please plan them again; "
                "nothing was published."
            )
        )


def _tell(planned: MeetAndGreet, people: dict[int, Participant]) -> None:
    """One mail to each person: when they meet whom, or that it is nobody this time."""
    meeting_users = {person.user_id: person.user for person in people.values()}
    codes = [*planned.figures.get("unmet", ()), *planned.figures.get("idle", ())]
    left = Participant.objects.filter(cohort=planned.cohort_id, code__in=codes).present()
    none = {
        person.user_id: person.user
        for person in left.select_related("user")
        if person.user_id not in meeting_users
    }
    notices: list[tuple[Any, User]] = [
        *((MeetingsPlanned(planned), user) for user in meeting_users.values()),
        *((MeetingsNone(planned), user) for user in none.values()),
    ]
    notify_many(notices, program=planned.cohort.program)


# --- Calling off ----------------------------------------------------------------------------------


def call_off_of_leaver(participant: Participant) -> int:
    """Call off what is to come of somebody who leaves; how many meetings that were."""
    return _call_off(Q(mentee=participant) | Q(mentor=participant))


@transaction.atomic
def call_off_of_paused(user: User, *, until: date) -> int:
    """Call off what somebody would miss who is away until this day of theirs; how many."""
    mine = Participant.objects.filter(user=user).present()
    # Whoever publishes a round with them in it waits for us, or we for them.
    seats.lock(mine)
    back = instant(until, time(0), user.time_zone)
    return _call_off(Q(mentee__in=mine) | Q(mentor__in=mine), before=back, away=user)


@transaction.atomic
def _call_off(whose: Q, *, before: datetime | None = None, away: User | None = None) -> int:
    """These meetings do not take place, and the other of each hears so. Never why."""
    rows = Meeting.objects.select_for_update(of=("self",)).filter(
        whose,
        round__status=Status.PUBLISHED,
        called_off_at__isnull=True,
        slot__starts_at__gt=clock.now(),
    )
    if before is not None:
        rows = rows.filter(slot__starts_at__lt=before)
    found = list(rows.with_people().order_by("pk"))
    Meeting.objects.filter(pk__in=[one.pk for one in found]).update(called_off_at=clock.now())
    for one in found:
        program = one.round.cohort.program
        record(by=None, verb="meeting.cancelled", subject=one, program=program)
        others = [
            side.user
            for side in (one.mentee, one.mentor)
            if side.left_at is None and (away is None or side.user_id != away.pk)
        ]
        notify_many([(MeetingCalledOff(one), user) for user in others], program=program)
    return len(found)
