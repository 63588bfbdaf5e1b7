from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from feedback import cadence
from feedback.actions import silences
from feedback.models import CheckIn
from feedback.notifications import CheckInMoved, CheckInQuestion, CheckInReminder
from matching.models import Match
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import instant, local
from mentorship.shared.notifications.outbox import notify
from programs.actions.applications import acted_in
from programs.models import Role, User

Status = CheckIn.Status

# The instant of the claim: a check-in that was moved is announced anew, even if moved back.
_OCCASION = "%Y%m%d%H%M%S%f"


@transaction.atomic
def plan(match: Match) -> list[CheckIn]:
    """Plan every check-in of a match from the cohort's rhythm; those it has are left alone.

    Where one of them asked for the flexible pace it is the slower rhythm for both.

    The mentee's zone keeps the wall time, so that the person who asked for help knows it by
    heart; it suits the mentor's zone too where any time does.
    """
    match = Match.objects.with_people().get(pk=match.pk)
    if match.checkins.exists():
        return []
    return _planned(match, match.cohort.starts_on, after=0)


@transaction.atomic
def plan_further(match: Match) -> list[CheckIn]:
    """Plan on from the last check-in to the match's last day, in the rhythm it has.

    Nothing happens where the last one stands near enough to the last day.
    """
    match = Match.objects.with_people().get(pk=match.pk)
    last = match.checkins.order_by("number").last()
    if last is None:
        return _planned(match, match.cohort.starts_on, after=0)
    latest = match.checkins.order_by("local_on").last()
    day = (latest or last).local_on + timedelta(weeks=_rhythm(match)) - cadence.AFTER_START
    return _planned(match, day, after=last.number)


def _planned(match: Match, from_day: date, *, after: int) -> list[CheckIn]:
    """Write check-ins from a day, or today when it is over, numbered on after a number."""
    cohort = match.cohort
    today = local(clock.now(), cohort.time_zone).date()
    people = match.those(Role.MENTEE) + match.those(Role.MENTOR)
    zones = [person.time_zone for person in people]
    told = [person.facts.get("hours") for person in people]
    hours = [None if answer is None else frozenset(answer) for answer in told]
    busy = _other_meetings_of([person.user_id for person in people])
    days = cadence.due_days(max(from_day, today), match.last_day, _rhythm(match))
    slots = [
        cadence.propose(
            day, zones, cohort.checkin_minutes, hours=hours, busy=busy, spread=match.pk % 5
        )
        for day in days
    ]
    planned = [
        CheckIn(
            match=match,
            number=number,
            local_on=slot.on,
            local_at=slot.at,
            time_zone=slot.zone,
            starts_at=slot.instant,
            minutes=cohort.checkin_minutes,
        )
        for number, slot in enumerate(slots, start=after + 1)
    ]
    return CheckIn.objects.bulk_create(planned)


def _rhythm(match: Match) -> int:
    """Weeks between the check-ins of these people."""
    return match.cohort.weeks_between_checkins([person.pace for person in match.people])


def _other_meetings_of(users: list[int]) -> list[tuple[datetime, datetime]]:
    """When these people meet somebody already, in any match."""
    planned = (
        CheckIn.objects.upcoming(clock.now())
        .filter(match__places__participant__user__in=users, match__places__until_at__isnull=True)
        .distinct()
    )
    rows = planned.order_by("starts_at").values_list("starts_at", "minutes")
    return [(starts_at, starts_at + timedelta(minutes=minutes)) for starts_at, minutes in rows]


@transaction.atomic
def cancel_remaining(match: Match) -> int:
    """Cancel what is still planned of a match that ended. Returns how many."""
    return CheckIn.objects.filter(match=match).upcoming(clock.now()).update(status=Status.CANCELLED)


@transaction.atomic
def remind(checkin: CheckIn) -> bool:
    """Queue the reminder of a check-in to everybody who meets; False when another did it."""
    now = clock.now()
    if not CheckIn.objects.due_for_reminder(now).filter(pk=checkin.pk).exists():
        return False
    if not _claim(checkin, reminded_at=now):
        return False
    for person in checkin.match.people:
        notify(
            CheckInReminder(checkin),
            person.user,
            program=checkin.match.cohort.program,
            occasion=now.strftime(_OCCASION),
        )
    return True


@transaction.atomic
def ask(checkin: CheckIn) -> bool:
    """Ask everybody who was to meet how it went; False when another did it."""
    now = clock.now()
    if not CheckIn.objects.due_for_question(now).filter(pk=checkin.pk).exists():
        return False
    if not _claim(checkin, asked_at=now):
        return False
    for person in checkin.match.people:
        notify(
            CheckInQuestion(checkin),
            person.user,
            program=checkin.match.cohort.program,
            occasion=now.strftime(_OCCASION),
        )
    return True


@transaction.atomic
def answer(
    checkin: CheckIn, *, by: User, outcome: str, rating: int | None = None, notes: str | None = None
) -> CheckIn:
    """Say that it was held or missed, how useful it was, and what was noted.

    Saying the same again changes rating and notes only. `notes` None leaves them as they are.
    Raises RuleBroken before it began, or when it was cancelled; ValueError for another outcome.
    """
    if outcome not in (Status.HELD, Status.MISSED):
        raise ValueError(f"{outcome} says nothing of how it went")
    silences.close(checkin.match)
    checkin = _locked(checkin)
    if not checkin.has_begun(clock.now()):
        raise RuleBroken(_("This check-in has not begun yet. You can say how it went afterwards."))
    if checkin.status != outcome:
        if not checkin.can_move_to(outcome):
            raise RuleBroken(_("This check-in was cancelled, so there is nothing to answer."))
        checkin.status = outcome
    checkin.answered_at, checkin.answered_by = clock.now(), by
    if rating is not None:
        checkin.rating = rating
    if notes is not None:
        checkin.notes = notes
    checkin.save(update_fields=["status", "answered_at", "answered_by", "rating", "notes"])
    program = checkin.match.cohort.program
    acted_in(program, by)
    record(by=by, verb="checkin.answered", subject=checkin, program=program)
    return checkin


@transaction.atomic
def move(checkin: CheckIn, *, by: User, on: date, at: time, zone: str) -> CheckIn:
    """Meet at another wall time of `zone`; the others hear at once, all are reminded anew.

    Raises RuleBroken for a time that is over or after the cohort's end, or when the check-in
    was answered or cancelled.
    """
    silences.close(checkin.match)
    checkin = _locked(checkin)
    if checkin.status != Status.SCHEDULED:
        raise RuleBroken(_("Only a planned check-in can be moved."))
    # the day first: the first and the last year of the calendar have no instant in every zone
    today = local(clock.now(), zone).date()
    if on < today or (on == today and instant(on, at, zone) <= clock.now()):
        raise RuleBroken(_("This time is over. Please choose a later one."))
    if on > checkin.match.last_day:
        raise RuleBroken(
            _("The program ends on %(day)s. Please choose a time before that.")
            % {"day": date_format(checkin.match.last_day, "j F Y")}
        )
    checkin.local_on, checkin.local_at, checkin.time_zone = on, at, zone
    checkin.reminded_at = checkin.asked_at = None
    checkin.moved_at = clock.now()
    checkin.save()
    program = checkin.match.cohort.program
    acted_in(program, by)
    record(by=by, verb="checkin.moved", subject=checkin, program=program)
    for person in checkin.match.others_than(by):
        notify(
            CheckInMoved(checkin),
            person.user,
            program=program,
            occasion=clock.now().strftime(_OCCASION),
        )
    return checkin


def _claim(checkin: CheckIn, **when: datetime) -> bool:
    """Write one instant where there is none; False when another did it.

    Names the row by its own columns only: after waiting for another's commit PostgreSQL looks
    at those again, but not at what a join to the match had found before.
    """
    (column,) = when
    free = CheckIn.objects.filter(pk=checkin.pk, **{f"{column}__isnull": True})
    return bool(free.update(**when))


def _locked(checkin: CheckIn) -> CheckIn:
    return (
        CheckIn.objects.select_for_update(of=("self",))
        .select_related("match__cohort__program")
        .get(pk=checkin.pk)
    )
