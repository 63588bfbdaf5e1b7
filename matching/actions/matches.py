from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from matching.actions import closing, decisions, seats
from matching.models import EndKind, Introduction, Match, MatchingRun, Place, Seat
from matching.notifications import MatchChanged, MatchEnded, MatchExtended, MatchIntroduced
from matching.pairing import Pair
from matching.signals import match_ended, match_extended, match_introduced
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.outbox import notify, notify_many
from programs.models import Participant, Role, User

# Of so many matches at once the higher stages hear in the same transaction.
FEW = 20

# Rows written at a time.
_BATCH = 500

# A match is extended by no more than this, so that nobody plans meetings for ever.
LONGEST_EXTENSION = timedelta(days=366)

# A mail about the same match may come again at another instant.
_OCCASION = "%Y%m%d%H%M%S%f"


@transaction.atomic
def begin(
    mentee: Participant,
    mentor: Participant,
    *,
    run: MatchingRun | None = None,
    score: int = 0,
    reasons: Iterable[dict[str, Any]] = (),
    introduction: Introduction | None = None,
) -> Match:
    """Let two work together from now on; their check-ins are planned and both are told.

    `introduction` is the one they said yes to; the place that is kept for it is theirs.
    Raises RuleBroken when one of them has left, the mentee is matched by now in a one-to-one
    cohort, or the mentor has no free place any more.
    """
    people = seats.lock([mentee, mentor])
    mentee, mentor = people[mentee.pk], people[mentor.pk]
    free = seats.free_for(mentor, introduction)
    refuse(mentee, mentor, free, is_matched=bool(seats.matched([mentee.pk])[mentee.pk]))
    pair = Pair(mentee, mentor, free.pop(), score, list(reasons))
    (match,) = write_many([pair], run=run)
    closing.overtaken_by([pair], besides=[introduction.pk] if introduction else [])
    return match


def refuse(mentee: Participant, mentor: Participant, free: list[Seat], *, is_matched: bool) -> None:
    """Raise RuleBroken when these two cannot begin; the caller holds their locks."""
    for person in (mentor, mentee):
        if person.left_at is not None:
            raise RuleBroken(_("%(name)s has left the cohort.") % {"name": person.user.name})
    if is_matched and mentee.cohort.is_one_to_one:
        raise RuleBroken(_("%(name)s is matched by now.") % {"name": mentee.user.name})
    if not free:
        raise RuleBroken(_("%(name)s has no free place any more.") % {"name": mentor.user.name})


def write_many(pairs: Iterable[Pair], *, run: MatchingRun | None) -> list[Match]:
    """The rows of matches of one cohort that nothing stands against, and a mail to everybody.

    The caller holds the locks. Of many at once the higher stages hear from a worker, soon: what
    they do of each, such as planning its check-ins, would keep a page waiting.
    """
    now, begun = clock.now(), list(pairs)
    are_few = len(begun) <= FEW
    made = [
        Match(
            cohort=pair.mentee.cohort,
            run=run,
            score=pair.score,
            reasons=list(pair.reasons),
            introduced_at=now,
            is_announced=are_few,
        )
        for pair in begun
    ]
    Match.objects.bulk_create(made, batch_size=_BATCH)
    places = [
        Place(
            match=match,
            participant=person,
            role=person.role,
            seat=seat,
            is_exclusive=person.cohort.is_one_to_one,
            from_at=now,
        )
        for match, pair in zip(made, begun, strict=True)
        for person, seat in ((pair.mentor, pair.seat), (pair.mentee, None))
    ]
    Place.objects.bulk_create(places, batch_size=_BATCH)
    for match in made if are_few else ():
        match_introduced.send(Match, match=match)
    notices = [
        (MatchIntroduced(match), person.user)
        for match, pair in zip(made, begun, strict=True)
        for person in (pair.mentor, pair.mentee)
    ]
    notify_many(notices, program=made[0].cohort.program if made else None)
    return made


@transaction.atomic
def announce(match_id: int) -> bool:
    """Let the higher stages know of a match that began among many; False when they do."""
    waiting = Match.objects.to_announce().filter(pk=match_id)
    if not waiting.update(is_announced=True):
        return False
    match_introduced.send(Match, match=Match.objects.get(pk=match_id))
    return True


@transaction.atomic
def end(
    match: Match,
    *,
    by: User | None,
    kind: str = EndKind.OTHER,
    reason: str = "",
    side: str = "",
) -> Match:
    """Close a match, free its seats and write to all of it kindly, never why.

    One that has ended already stays as it is. `by` is the coordinator who decided, None when it
    follows by itself. `side` is the role through whom it ended, "" for nobody's doing; `reason`
    is read by coordinators only.
    """
    match = lock(match)
    if not match.can_move_to(Match.Status.ENDED):
        return match
    if by is not None:
        note(match, by=by, kind="match.ended", facts={"kind": kind}, reason=reason)
    _close(match, by=by, kind=kind, reason=reason, side=side)
    record(by=by, verb="match.ended", subject=match, program=match.cohort.program)
    return match


@transaction.atomic
def leave(match: Match, *, by: User, reason: str = "") -> Match:
    """Let a person out of their match at once; nobody hears why but coordinators.

    The match goes on where others of the same role are there, and ends where not. Whoever is
    out of it already stays out.
    """
    match = lock(match)
    place = match.place_of(by)
    if place is not None:
        let_go(match, place, by=by, reason=reason)
    return match


def let_go(match: Match, place: Place, *, by: User | None, reason: str = "") -> None:
    """End one person's place: the match goes on without them, or ends through their side.

    Notes that were shared pass to the mentors who stay. The caller holds the match's lock.
    """
    stay = [one for one in match.open_places if one.pk != place.pk]
    person = place.participant
    if not any(one.role == place.role for one in stay):
        _close(match, by=by, kind=EndKind.LEFT, reason=reason, side=place.role)
        record(by=by, verb="match.left", subject=match, program=match.cohort.program)
        return
    now = clock.now()
    place.until_at, place.left_reason = now, reason
    place.save(update_fields=["until_at", "left_reason"])
    if place.role == Role.MENTOR:
        here = Place.objects.open().filter(match=match, role=Role.MENTOR)
        here.update(is_handed_over=True)
    record(by=by, verb="match.left", subject=match, program=match.cohort.program)
    if person.left_at is None:
        tell(MatchEnded(match), person)
    for one in stay:
        tell(MatchChanged(match), one.participant)


@transaction.atomic
def leave_all(participant: Participant) -> None:
    """Let somebody out of all their matches who has left the cohort."""
    for place in Place.objects.open().filter(participant=participant).select_related("match"):
        match = lock(place.match)
        here = match.place_of(participant.user)
        if here is not None:
            let_go(match, here, by=None)


@transaction.atomic
def lose_touch(match: Match, *, by: User | None, side: str = "") -> Match:
    """Close a match of people who lost touch; one that has ended already stays as it is.

    `by` is the person in it who asked to end it, None when nobody answered for long. `side` is
    the role that was warned and did not answer while the other did.
    """
    match = lock(match)
    if match.can_move_to(Match.Status.ENDED):
        _close(match, by=by, kind=EndKind.NO_CONTACT, reason="", side=side)
        record(by=by, verb="match.lapsed", subject=match, program=match.cohort.program)
    return match


@transaction.atomic
def extend(match: Match, *, by: User, last_on: date, reason: str) -> Match:
    """Let a match go on until a later day; check-ins are planned further and both are told.

    Raises RuleBroken when it has ended, or for a day that is not later than its last one, over,
    or more than a year ahead.
    """
    match = lock(match)
    if match.status != Match.Status.RUNNING:
        raise RuleBroken(_("This match has ended, so there is nothing to extend."))
    today = local(clock.now(), match.cohort.time_zone).date()
    if last_on <= max(match.last_day, today - timedelta(days=1)):
        raise RuleBroken(
            _("The match runs until %(day)s. Please choose a later day.")
            % {"day": date_format(max(match.last_day, today), "j F Y")}
        )
    if last_on > max(match.last_day, today) + LONGEST_EXTENSION:
        raise RuleBroken(_("Please choose a day within the next year; it can be extended again."))
    match.last_on = last_on
    match.save(update_fields=["last_on"])
    until = {"until": last_on.isoformat()}
    record(by=by, verb="match.extended", subject=match, program=match.cohort.program, **until)
    note(match, by=by, kind="match.extended", facts=until, reason=reason)
    match_extended.send(Match, match=match)
    for person in match.people:
        tell(MatchExtended(match), person)
    return match


def lock(match: Match) -> Match:
    """The match as it is now, with its people, for us alone until the commit.

    Whoever needs participants too locks those first.
    """
    Match.objects.select_for_update().get(pk=match.pk)
    return Match.objects.with_people().get(pk=match.pk)


def note(match: Match, *, by: User, kind: str, facts: dict[str, Any], reason: str) -> None:
    """Log a coordinator's decision about a match; the reason may tell of everybody in it."""
    sides = {role.value: person.code for role in Role for person in reversed(match.those(role))}
    decisions.note(
        match.cohort,
        by=by,
        kind=kind,
        facts={"match": match.code, **sides, **facts},
        reason=reason,
        about=[person.user for person in match.people],
    )


def tell(notice: Any, person: Participant) -> None:
    """Write to somebody about a match, once for each instant."""
    occasion = clock.now().strftime(_OCCASION)
    notify(notice, person.user, program=person.cohort.program, occasion=occasion)


def _close(match: Match, *, by: User | None, kind: str, reason: str, side: str) -> None:
    """The rows and mails of an end; the caller holds the match's lock and records it."""
    now = clock.now()
    people = match.people
    match.status, match.ended_at, match.ended_by = Match.Status.ENDED, now, by
    match.end_kind, match.end_reason, match.ended_side = kind, reason, side
    match.save(
        update_fields=["status", "ended_at", "ended_by", "end_kind", "end_reason", "ended_side"]
    )
    Place.objects.open().filter(match=match).update(until_at=now)
    match_ended.send(Match, match=match)
    for person in people:
        # whoever left the cohort is not asked what they think of what comes next
        if person.left_at is None:
            tell(MatchEnded(match), person)
