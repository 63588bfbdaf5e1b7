"""How introductions end: one way to close them, and who hears of it."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from matching.actions import seats
from matching.models import Introduction
from matching.notifications import IntroductionOver, NextBestNotFound
from matching.pairing import Pair
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.notifications.outbox import notify, notify_many
from programs.models import Membership, Participant, User

Status = Introduction.Status


def close(
    introduction: Introduction,
    status: str,
    *,
    by: User | None = None,
    untold: Collection[Participant] = (),
) -> Introduction:
    """Let an open introduction come to nothing and tell the two kindly; the caller holds its lock.

    `by` is whoever did it, None for what follows by itself. `untold` get no mail: who said no
    reads it on the page, who left does not want to hear. A mentor never hears of the end of an
    ask: it may be one that they were not shown.
    """
    introduction.status, introduction.closed_at = status, clock.now()
    if status == Status.WITHDRAWN:
        introduction.withdrawn_by = by
    introduction.save()
    program = introduction.cohort.program
    record(by=by, verb=f"introduction.{status}", subject=introduction, program=program)
    silent = {person.pk for person in untold}
    if introduction.is_ask:
        silent.add(introduction.mentor_id)
    for person in (introduction.mentor, introduction.mentee):
        if person.pk not in silent and person.left_at is None:
            notify(IntroductionOver(introduction), person.user, program=program)
    if introduction.is_proposed and introduction.cohort.next_best and not introduction.goes_on:
        tell_coordinators(introduction)
    return introduction


def tell_coordinators(introduction: Introduction) -> None:
    """Its mentee was let down, and nothing more happens by itself."""
    cohort = introduction.cohort
    coordinators = User.objects.filter(
        memberships__program=cohort.program,
        memberships__role=Membership.Role.COORDINATOR,
        is_active=True,
    )
    notices = [(NextBestNotFound(introduction), person) for person in coordinators.distinct()]
    notify_many(notices, program=cohort.program)


def of_leaver(participant: Participant) -> None:
    """Take back what is open of somebody who leaves; the other hears kindly. Holds their lock."""
    mine = Q(mentee=participant) | Q(mentor=participant)
    for introduction in _open(mine):
        close(introduction, Status.WITHDRAWN, untold=[participant])


def overtaken_by(pairs: Iterable[Pair], *, besides: Collection[int] = ()) -> None:
    """Take back what cannot come about any more, now that these pairs of a cohort work together.

    In a one-to-one cohort that is everything else that is open of the mentees, and what is open
    of a mentor whose last place is taken. The others hear kindly. `besides` are introductions (by
    number) that stay as they are. The caller holds the locks of all.
    """
    begun = list(pairs)
    mentors = {pair.mentor.pk: pair.mentor for pair in begun}
    places = seats.matched(mentors.keys())
    full = [pk for pk, mentor in mentors.items() if places[pk] >= mentor.capacity]
    over = Q(mentor__in=full)
    if begun and begun[0].mentee.cohort.is_one_to_one:
        over |= Q(mentee__in=[pair.mentee.pk for pair in begun])
    knowing = [person for pair in begun for person in (pair.mentee, pair.mentor)]
    for introduction in _open(over & ~Q(pk__in=besides)):
        close(introduction, Status.WITHDRAWN, untold=knowing)


def _open(which: Q) -> list[Introduction]:
    """These open introductions, locked in the order of their numbers."""
    rows = Introduction.objects.select_for_update(of=("self",)).open().filter(which)
    return list(rows.with_people().order_by("pk"))
