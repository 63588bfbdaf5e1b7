"""What a worker does about a meet-and-greet: the question from the rows, the plan into rows."""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from matching import bridge, engine
from matching.asking import as_fact
from matching.models import MatchingRun, MeetAndGreet, Meeting, MeetingSlot
from matching.policies import for_cohort, policy_of
from mentorship.shared.base import clock
from programs.models import Participant

logger = logging.getLogger(__name__)

# Who gives no sign for this long is taken for dead; one call of the solver may take a minute.
_LEASE = timedelta(minutes=5)
_SECONDS_BETWEEN_SIGNS = 1.0

_WEEK = timedelta(weeks=1)
_A_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)

Status = MeetAndGreet.Status


@dataclass(frozen=True, slots=True)
class Question:
    """A round as the engine takes it; the engine's number of a slot is its place in `slots`."""

    asked: engine.Input
    times: engine.MeetingRound
    slots: Sequence[MeetingSlot]


def plan(round_id: int, *, threads: int = 1) -> bool:
    """Plan a round that waits; whether it was ours to plan. Safe to call twice.

    What the engine refuses leaves it in preparation with a sentence. A worker that dies leaves it
    waiting; it is taken up again after the lease, a few times.
    """
    planned = _claim(round_id)
    if planned is None:
        return False
    if planned.attempts > MeetAndGreet.MOST_ATTEMPTS:
        _give_up(planned, _("The work broke off again and again. Please plan it once more."))
        return True
    signs = _Signs(planned)
    work = engine.Work(threads=threads, watch=signs.watch, is_late=signs.is_late)
    try:
        question = load(planned)
        found = engine.plan_meetings(question.asked, question.times, work)
        engine.check_meetings(question.asked, question.times, found, work)
    except engine.Stopped:
        return False
    except engine.EngineError as error:
        _give_up(planned, str(error)[:500])
        return True
    except Exception:
        logger.exception("Meet-and-greet %s stopped", planned.code)
        _give_up(planned, _("Something went wrong. Please plan it once more."))
        raise
    return _keep(planned, question, found)


def load(planned: MeetAndGreet) -> Question:
    """The question of a round: everybody who can be matched, and when each is free.

    Whom a matching of the cohort could put together may meet: musts, exclusions and private
    wishes hold. Raises ProblemError or PolicyError with a sentence.
    """
    cohort = planned.cohort
    policy = for_cohort(policy_of(cohort), cohort)
    asked = bridge.load(MatchingRun(cohort=cohort, policy=policy.to_dict()))
    slots = list(planned.slots.all())
    told = _told(planned)
    users = {told[one.id].user: one.id for one in asked.mentors if one.id in told}
    same = frozenset(
        (one.id, users[told[one.id].user])
        for one in asked.mentees
        if one.id in told and told[one.id].user in users
    )
    times = engine.MeetingRound(
        _free([one.id for one in asked.mentees], told, slots, planned.minutes),
        _free([one.id for one in asked.mentors], told, slots, planned.minutes),
        planned.mentee_meetings,
        planned.mentor_meetings,
        same,
    )
    return Question(asked, times, slots)


# --- When everybody is free -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """Who somebody is, on which clock they live, and their half-hours of a week."""

    user: int
    zone: str
    hours: Any


def _told(planned: MeetAndGreet) -> dict[str, _Told]:
    """By code. Hours are read from the facts, whether the policy looks at them or not."""
    people = Participant.objects.filter(cohort=planned.cohort_id).present()
    rows = people.values_list("code", "user", "time_zone", "facts__hours")
    # No half-hour at all is no answer: such a person could meet nobody ever.
    return {
        code: _Told(user, zone, as_fact("hours", hours or None, has_levels=False))
        for code, user, zone, hours in rows
    }


def _free(
    codes: Sequence[str], told: Mapping[str, _Told], slots: Sequence[MeetingSlot], minutes: int
) -> Any:
    """Who is free in which slot, people x slots, on everybody's own clock at that very time.

    Slots between two changes of anybody's clock are asked about together.
    """
    people = [
        engine.Mentee(code, {"hours": told[code].hours} if code in told else {}) for code in codes
    ]
    zones = sorted({one.zone for one in told.values()})
    at_once: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, slot in enumerate(slots):
        at_once[tuple(_offset(zone, slot.starts_at) for zone in zones)].append(number)
    free = np.zeros((len(people), len(slots)), dtype=np.bool_)
    for offsets, numbers in at_once.items():
        clocks = dict(zip(zones, offsets, strict=True))
        free[:, numbers] = engine.free_in_slots(
            people,
            [(_of_week(slots[number].starts_at), minutes) for number in numbers],
            {code: clocks[told[code].zone] for code in codes if code in told},
        )
    return free


def _of_week(moment: datetime) -> int:
    """Minutes since Monday 00:00 UTC."""
    return int((moment - _A_MONDAY) % _WEEK / timedelta(minutes=1))


def _offset(zone: str, moment: datetime) -> int:
    """Minutes east of UTC in a zone at an instant."""
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    return round(offset / timedelta(minutes=1))


# --- The row and its worker -----------------------------------------------------------------------


def _claim(round_id: int) -> MeetAndGreet | None:
    now = clock.now()
    waiting = MeetAndGreet.objects.to_plan(now).filter(pk=round_id)
    claimed = waiting.update(
        status=Status.PLANNING, lease_until=now + _LEASE, attempts=F("attempts") + 1
    )
    if not claimed:
        return None
    return MeetAndGreet.objects.select_related("cohort__program").get(pk=round_id)


def _ours(planned: MeetAndGreet) -> Any:
    """The row, unless somebody took it up after our lease."""
    return MeetAndGreet.objects.filter(
        pk=planned.pk, status=Status.PLANNING, attempts=planned.attempts
    )


def _give_up(planned: MeetAndGreet, failure: str) -> None:
    _ours(planned).update(status=Status.DRAFT, lease_until=None, failure=failure)


class _Signs:
    """Signs of life on the round's row. Who lost the round hears Stopped."""

    def __init__(self, planned: MeetAndGreet) -> None:
        self._planned = planned
        self._started = self._given = time.monotonic()

    def watch(self, step: str, share: float) -> None:
        if time.monotonic() - self._given < _SECONDS_BETWEEN_SIGNS:
            return
        if not _ours(self._planned).update(lease_until=clock.now() + _LEASE):
            raise engine.Stopped
        self._given = time.monotonic()

    def is_late(self) -> bool:
        return 0 < settings.MATCHING_SECONDS <= time.monotonic() - self._started


@transaction.atomic
def _keep(planned: MeetAndGreet, question: Question, found: engine.MeetingPlan) -> bool:
    """Write the meetings, unless nobody waits for our plan any more; whether somebody did."""
    if _ours(planned).select_for_update().first() is None:
        return False
    people = dict(
        Participant.objects.filter(cohort=planned.cohort_id).values_list("code", "pk").order_by()
    )
    planned.meetings.all().delete()
    Meeting.objects.bulk_create(
        [
            Meeting(
                round=planned,
                slot=question.slots[one.slot],
                mentee_id=people[one.mentee],
                mentor_id=people[one.mentor],
                score=one.score,
            )
            for one in found.meetings
        ],
        batch_size=1_000,
    )
    _ours(planned).update(
        status=Status.PLANNED,
        planned_at=clock.now(),
        lease_until=None,
        failure="",
        figures=_figures(question, found),
    )
    return True


def _figures(question: Question, found: engine.MeetingPlan) -> dict[str, Any]:
    """What is kept of a plan: how many meet how many, who meets nobody, how good it is at least.

    Never why somebody meets nobody: it may be somebody's private wish.
    """
    meetings = {
        "mentees": Counter(one.mentee for one in found.meetings),
        "mentors": Counter(one.mentor for one in found.meetings),
    }
    return {
        "meetings": len(found.meetings),
        "mentees": len(meetings["mentees"]) + len(found.unmet),
        "mentors": len(meetings["mentors"]) + len(found.idle),
        "met": {side: sorted(Counter(n.values()).items()) for side, n in meetings.items()},
        "unmet": list(found.unmet),
        "idle": list(found.idle),
        "goals": [[goal.at_least, goal.reached, goal.bound] for goal in found.goals],
        "solver": found.solver,
        "digest": found.digest,
    }
