"""Whom people would like to work with, and whom rather not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching import choosing
from matching.actions import asks, seats
from matching.models import Avoid, Introduction, Preference
from matching.notifications import ChoosingEnds
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from programs.models import Choice, Cohort, Participant, User


@transaction.atomic
def rank(one: Participant, other: Participant, *, by: User, place: int = 0) -> list[int]:
    """Choose somebody, as the `place`-th choice (from 1), or after those chosen before (0).

    Returns the numbers of all who are chosen, best first. Whoever was to be avoided no longer is.
    Raises RuleBroken when nothing can be chosen now, the other cannot be, or enough are chosen.
    """
    one = seats.lock([one])[one.pk]
    _require_choosing(one)
    if not choosing.rankable(one, clock.now()).filter(pk=other.pk).exists():
        raise RuleBroken(_("This person cannot be chosen at the moment. Choose somebody else."))
    before = _ranked(one)
    chosen = [pk for pk in before if pk != other.pk]
    if len(chosen) >= choosing.MOST_RANKS:
        raise RuleBroken(_full())
    chosen.insert(place - 1 if place else len(chosen), other.pk)
    Avoid.objects.filter(participant=one, other=other).delete()
    return _keep(one, before, chosen, by=by)


@transaction.atomic
def move(one: Participant, other: Participant, *, by: User, up: bool) -> list[int]:
    """Let a choice change places with the one before it, or after it. At an end it stays."""
    one = seats.lock([one])[one.pk]
    _require_choosing(one)
    before = _ranked(one)
    if other.pk not in before:
        raise RuleBroken(_("This person is not among your choices any more."))
    at = before.index(other.pk)
    to = min(max(at + (-1 if up else 1), 0), len(before) - 1)
    chosen = list(before)
    chosen[at], chosen[to] = chosen[to], chosen[at]
    return _keep(one, before, chosen, by=by)


@transaction.atomic
def drop(one: Participant, other: Participant, *, by: User) -> list[int]:
    """Take a choice back. Whoever was not chosen stays so."""
    one = seats.lock([one])[one.pk]
    _require_choosing(one)
    before = _ranked(one)
    return _keep(one, before, [pk for pk in before if pk != other.pk], by=by)


@transaction.atomic
def avoid(one: Participant, other: Participant, *, by: User) -> None:
    """Keep the two apart in every matching to come, without anybody hearing of it.

    A choice of the other falls away, and so does what a mentee has asked them. Nothing is written
    to the history: it is read by coordinators. Raises RuleBroken for enough of these, or when
    somebody has left.
    """
    one = seats.lock([one])[one.pk]
    if not choosing.others(one).filter(pk=other.pk).exists() or one.left_at is not None:
        raise RuleBroken(_("This person does not take part any more."))
    mine = Avoid.objects.filter(participant=one)
    if mine.filter(other=other).exists():
        return
    if mine.count() >= choosing.MOST_AVOIDS:
        raise RuleBroken(
            _("You can name up to %(count)d people. Please talk to a coordinator.")
            % {"count": choosing.MOST_AVOIDS}
        )
    Avoid.objects.create(participant=one, other=other)
    before = _ranked(one)
    _keep(one, before, [pk for pk in before if pk != other.pk], by=by)
    for asked in Introduction.objects.asks().open().filter(mentee=one, mentor=other):
        asks.take_back(asked, by=by)


@transaction.atomic
def stop_avoiding(one: Participant, other: Participant, *, by: User) -> None:
    """Take it back; from now on the two may be matched. Nothing is written to the history."""
    Avoid.objects.filter(participant=one, other=other).delete()


def to_remind(at: datetime) -> list[int]:
    """Whoever may rank, chose nobody and was not reminded yet, when the last day is near."""
    near: list[int] = []
    for cohort in Cohort.objects.current().filter(choice=Choice.RANKED, choose_until__isnull=False):
        last, today = cohort.choose_until, local(at, cohort.time_zone).date()
        if last is None or not today <= last <= today + timedelta(days=choosing.REMINDER_DAYS):
            continue
        told = OutboxMessage.objects.filter(kind=ChoosingEnds.kind, occasion=str(last))
        people = Participant.objects.filter(cohort=cohort).present().available(today)
        idle = people.filter(preferences__isnull=True)
        near += idle.exclude(code__in=told.values("subject_code")).values_list("pk", flat=True)
    return near


def remind(participant: int) -> bool:
    """Tell somebody who has chosen nobody that choosing ends soon; once for each last day."""
    one = Participant.objects.select_related("cohort__program", "user").get(pk=participant)
    last = one.cohort.choose_until
    return notify(ChoosingEnds(one), one.user, occasion=str(last or ""), program=one.cohort.program)


def _require_choosing(one: Participant) -> None:
    if one.cohort.choice != Choice.RANKED:
        raise RuleBroken(_("Nobody ranks anybody in this cohort."))
    state = choosing.choosing(one, clock.now())
    if not state.is_open:
        raise RuleBroken(state.why_not)


def _ranked(one: Participant) -> list[int]:
    rows = Preference.objects.filter(participant=one).order_by("rank")
    return list(rows.values_list("other", flat=True))


def _keep(one: Participant, before: list[int], chosen: Sequence[int], *, by: User) -> list[int]:
    """Write the choices anew where they changed: ranks have no gaps, and nobody holds one twice."""
    if list(chosen) != before:
        Preference.objects.filter(participant=one).delete()
        Preference.objects.bulk_create(
            Preference(participant=one, other_id=pk, rank=rank)
            for rank, pk in enumerate(chosen, start=1)
        )
        record(by=by, verb="wishes.changed", subject=one, program=one.cohort.program)
    return list(chosen)


def _full() -> str:
    return ngettext(
        "You have chosen %(count)d person. Take one back to choose another.",
        "You have chosen %(count)d people. Take one back to choose another.",
        choosing.MOST_RANKS,
    ) % {"count": choosing.MOST_RANKS}
