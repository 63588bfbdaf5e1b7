"""Silent pairs: asked, then warned, then closed; each step once."""

from django.db import transaction

from feedback import silence as rules
from feedback.models import Silence
from feedback.notifications import HelpAsked, SilenceQuestion, SilenceWarning
from matching.actions import matches
from matching.models import Match
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.notifications.outbox import notify
from programs.actions.applications import acted_in
from programs.models import Membership, Role, User

Answer = Silence.Answer


@transaction.atomic
def ask(match: Match) -> bool:
    """Ask the people of a match whether they are in touch; False when it is not silent any more."""
    match = matches.lock(match)
    if not rules.silent(match.cohort, clock.now()).filter(pk=match.pk).exists():
        return False
    one = Silence.objects.create(match=match, asked_at=clock.now())
    for person in match.people:
        notify(SilenceQuestion(one), person.user, program=match.cohort.program)
    return True


@transaction.atomic
def warn(one: Silence) -> bool:
    """Say when the match is closed if nobody answers; False when it is not due any more."""
    one = _locked(one)
    cohort, now = one.match.cohort, clock.now()
    if not rules.due_for_warning(cohort, now).filter(pk=one.pk).exists():
        return False
    one.warned_at = now
    one.save(update_fields=["warned_at"])
    for person in one.match.people:
        notify(SilenceWarning(one), person.user, program=cohort.program)
    return True


@transaction.atomic
def give_up(one: Silence) -> bool:
    """Close the match of whom nobody answered; False when it is not due any more."""
    one = _locked(one)
    if not rules.due_for_closing(one.match.cohort, clock.now()).filter(pk=one.pk).exists():
        return False
    matches.lose_touch(one.match, by=None)
    return True


@transaction.atomic
def answer(one: Silence, *, by: User, answer: str) -> Silence:
    """Say that all is well, ask the coordinators for help, or ask to end the match.

    Whatever somebody answers, the question is settled; a later answer changes nothing. Who ends
    it goes out of it without blame; the other side only answers for its silence once it was
    warned too. Raises ValueError for another answer.
    """
    if answer not in Answer.values:
        raise ValueError(f"{answer} is no answer")
    one = _locked(one)
    place = one.match.place_of(by)
    if not one.is_open or place is None:
        return one
    now = clock.now()
    one.answer, one.answered_at, one.answered_by, one.closed_at = answer, now, by, now
    one.save(update_fields=["answer", "answered_at", "answered_by", "closed_at"])
    program = one.match.cohort.program
    acted_in(program, by)
    record(by=by, verb="silence.answered", subject=one, program=program)
    if answer == Answer.HELP:
        coordinators = User.objects.filter(
            is_active=True,
            memberships__program=program,
            memberships__role=Membership.Role.COORDINATOR,
        )
        for coordinator in coordinators:
            notify(HelpAsked(one), coordinator, program=program)
    if answer == Answer.END:
        other = Role.MENTOR if place.role == Role.MENTEE else Role.MENTEE
        matches.lose_touch(one.match, by=by, side=other if one.warned_at else "")
    return one


def close(match: Match) -> None:
    """Settle the question of a match that was heard of, or is over."""
    Silence.objects.open().filter(match=match).update(closed_at=clock.now())


def _locked(one: Silence) -> Silence:
    """The question as it is now and its match, for us alone; the match first."""
    match = matches.lock(one.match)
    one = Silence.objects.select_for_update().get(pk=one.pk)
    one.match = match
    return one
