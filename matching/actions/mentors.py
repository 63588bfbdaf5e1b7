"""Mentors of a running match: one beside another, one instead of another, one who steps down."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from matching.actions import closing, matches, seats
from matching.models import Match, Part, Place, Seat
from matching.notifications import MatchChanged, MatchEnded, MatchJoined
from matching.pairing import Pair
from matching.ruled_out import barred
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from programs.models import Participant, Role, User


@transaction.atomic
def add(
    match: Match,
    mentor: Participant,
    *,
    by: User,
    part: str,
    until_on: date | None = None,
    reason: str = "",
) -> Place:
    """Give a match a second mentor: a co-mentor to its end, or a stand-in until a day.

    The mentor's place counts like any other. Everybody in the match is told, the new one too.
    Raises RuleBroken when the match has ended, the mentor has left, is in it already, has no free
    place or is kept apart from its mentee, and for a stand-in without a day, or with one that is
    over or past the match's last.
    """
    free, match = _locked(match, mentor)
    if part == Part.STAND_IN:
        _require_day(match, until_on)
    else:
        part, until_on = Part.CO, None
    place = _sit(match, mentor, free[-1], part=part, until_on=until_on)
    until = {"until": until_on.isoformat()} if until_on else {}
    record(by=by, verb="match.joined", subject=match, program=match.cohort.program)
    facts = {"part": part, **until}
    _written(match, place, by=by, kind="mentor.added", facts=facts, reason=reason)
    return place


@transaction.atomic
def replace(match: Match, *, old: Participant, new: Participant, by: User, reason: str) -> Place:
    """Let another mentor take over; notes that were shared pass to them, and nothing else.

    Everybody is told, the one who hands over too. Raises RuleBroken as `add` does, and when the
    old one is not a mentor of the match.
    """
    free, match = _locked(match, new, old)
    before = next((one for one in match.open_places if one.participant_id == old.pk), None)
    if before is None or before.role != Role.MENTOR:
        raise RuleBroken(_("%(name)s is not a mentor of this match.") % {"name": old.user.name})
    before.until_at = clock.now()
    before.save(update_fields=["until_at"])
    place = _sit(
        match, new, free[-1], part=before.part, until_on=before.until_on, is_handed_over=True
    )
    facts = {"before": old.code}
    record(by=by, verb="match.reassigned", subject=match, program=match.cohort.program)
    _written(match, place, by=by, kind="mentor.replaced", facts=facts, reason=reason)
    if before.participant.left_at is None:
        matches.tell(MatchEnded(match), before.participant)
    return place


@transaction.atomic
def step_down(place: Place, *, by: User | None) -> None:
    """End a mentor's place; the last mentor's ends the match. An ended one stays as it is.

    `by` is None when a stand-in's last day is over.
    """
    match = matches.lock(place.match)
    here = next((one for one in match.open_places if one.pk == place.pk), None)
    if here is not None:
        matches.let_go(match, here, by=by)


def end_over(place: Place) -> bool:
    """End the place of a stand-in whose day is over; False when another did it or it is not."""
    if not Place.objects.over(clock.now()).filter(pk=place.pk).exists():
        return False
    step_down(place, by=None)
    return True


def _locked(match: Match, new: Participant, *others: Participant) -> tuple[list[Seat], Match]:
    """The new mentor's free seats and the match, both locked, people first.

    Raises RuleBroken when nothing can be added.
    """
    people = seats.lock([new, *others])
    mentor = people[new.pk]
    match = matches.lock(match)
    if match.status != Match.Status.RUNNING:
        raise RuleBroken(_("This match has ended."))
    if mentor.role != Role.MENTOR or mentor.cohort_id != match.cohort_id:
        raise RuleBroken(_("Please choose a mentor of this cohort."))
    if match.place_of(mentor.user) is not None:
        raise RuleBroken(_("%(name)s is in this match already.") % {"name": mentor.user.name})
    mentees = match.those(Role.MENTEE)
    if barred([(mentee.pk, mentor.pk) for mentee in mentees]):
        raise RuleBroken(
            _("%(mentee)s and %(mentor)s are not possible (a private wish).")
            % {"mentee": " · ".join(one.user.name for one in mentees), "mentor": mentor.user.name}
        )
    free = seats.free_seats([mentor])[mentor.pk]
    matches.refuse(mentees[0], mentor, free, is_matched=False)
    return free, match


def _require_day(match: Match, until_on: date | None) -> None:
    today = local(clock.now(), match.cohort.time_zone).date()
    if until_on is None or not today <= until_on <= match.last_day:
        raise RuleBroken(
            _("A stand-in needs a last day between today and %(day)s, the last day of the match.")
            % {"day": date_format(match.last_day, "j F Y")}
        )


def _sit(match: Match, mentor: Participant, seat: Seat, **how: Any) -> Place:
    return Place.objects.create(
        match=match,
        participant=mentor,
        role=Role.MENTOR,
        seat=seat,
        is_exclusive=match.cohort.is_one_to_one,
        from_at=clock.now(),
        **how,
    )


def _written(
    match: Match, place: Place, *, by: User, kind: str, facts: dict[str, Any], reason: str
) -> None:
    """Log who sits in the match by whose word, and tell everybody who is in it now."""
    match = Match.objects.with_people().get(pk=match.pk)
    mentor = place.participant
    # whoever asked for a place that is taken now hears kindly that it is
    closing.overtaken_by([Pair(one, mentor, place.seat) for one in match.those(Role.MENTEE)])
    matches.note(match, by=by, kind=kind, facts={"mentor": mentor.code, **facts}, reason=reason)
    for person in match.people:
        is_new = person.pk == mentor.pk
        matches.tell(MatchJoined(match) if is_new else MatchChanged(match), person)
