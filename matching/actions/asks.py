"""A mentee asks a mentor, in a cohort where they find each other themselves."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching import choosing
from matching.actions import closing, introductions, seats
from matching.models import Answer, Introduction
from matching.notifications import AskReceived
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.outbox import notify
from programs.models import Choice, Participant, User

# Each ask is a mail to somebody who did not ask for it.
_MOST_A_DAY = 6


@transaction.atomic
def ask(mentee: Participant, mentor: Participant, *, by: User, message: str) -> Introduction:
    """Ask a mentor with some words of one's own; they answer until a deadline.

    No place is kept for it. A second ask of the same mentor while the first is open is the first.
    Raises RuleBroken when the mentee may not ask now, has asked enough mentors, or the mentor
    cannot be asked. Whether the mentor would rather not be matched with the mentee changes
    nothing here: such an ask is written, queued and lapses like all others, and is never shown.
    """
    people = seats.lock([mentee, mentor])
    mentee, mentor = people[mentee.pk], people[mentor.pk]
    asked = Introduction.objects.asks().open().filter(mentee=mentee)
    again = asked.filter(mentor=mentor).first()
    if again is not None:
        return again
    _require_asking(mentee, asked.count())
    _require_patience(mentee, mentor)
    _require_asked(mentee, mentor)
    cohort, now = mentee.cohort, clock.now()
    introduction = Introduction.objects.create(
        cohort=cohort,
        mentee=mentee,
        mentor=mentor,
        origin=Introduction.Origin.ASK,
        message=message,
        made_at=now,
        answer_by=introductions.end_of_day(cohort, now, cohort.ask_days),
        mentee_answer=Answer.YES,
        mentee_answered_at=now,
        holds_place=False,
        is_exclusive=cohort.is_one_to_one,
    )
    record(by=by, verb="ask.made", subject=introduction, program=cohort.program)
    # In no program's ledger: one that is never sent would tell of a private wish.
    notify(AskReceived(introduction), mentor.user)
    return introduction


@transaction.atomic
def take_back(introduction: Introduction, *, by: User) -> Introduction:
    """The mentee asks no longer. What is answered or over stays as it is."""
    seats.lock([introduction.mentee, introduction.mentor])
    rows = Introduction.objects.select_for_update(of=("self",)).with_people()
    introduction = rows.get(pk=introduction.pk)
    if not introduction.is_open:
        return introduction
    return closing.close(
        introduction, Introduction.Status.WITHDRAWN, by=by, untold=[introduction.mentee]
    )


def _require_asking(mentee: Participant, count: int) -> None:
    """Raise RuleBroken unless this mentee may ask one more."""
    cohort, now = mentee.cohort, clock.now()
    if cohort.choice != Choice.OPEN:
        raise RuleBroken(_("In this cohort nobody asks a mentor: the matching finds one."))
    state = choosing.choosing(mentee, now)
    if not state.is_open:
        raise RuleBroken(state.why_not)
    today = local(now, cohort.time_zone).date()
    if not Participant.objects.filter(pk=mentee.pk).matchable(today).exists():
        raise RuleBroken(
            _("You can ask once nothing is missing of you any more, and you are not on a pause.")
        )
    if count >= choosing.MOST_ASKS:
        raise RuleBroken(
            ngettext(
                "%(count)d mentor has not answered you yet. Wait, or take an ask back.",
                "%(count)d mentors have not answered you yet. Wait, or take an ask back.",
                count,
            )
            % {"count": count}
        )


def _require_patience(mentee: Participant, mentor: Participant) -> None:
    """Raise RuleBroken for an ask that was taken back lately, and for too many in a day."""
    now = clock.now()
    asked = Introduction.objects.asks().filter(mentee=mentee)
    lately = now - timedelta(days=mentee.cohort.ask_days)
    if asked.filter(mentor=mentor, made_at__gt=lately).exists():
        raise RuleBroken(_("You asked this person a short while ago. Ask somebody else."))
    if asked.filter(made_at__gt=now - timedelta(days=1)).count() >= _MOST_A_DAY:
        raise RuleBroken(_("You have asked many people today. Please go on tomorrow."))


def _require_asked(mentee: Participant, mentor: Participant) -> None:
    """Raise RuleBroken unless this mentor may be asked; the sentence tells no reason."""
    found = choosing.askable(mentee, clock.now()).filter(pk=mentor.pk).first()
    if found is None:
        raise RuleBroken(_("This person cannot be asked at the moment. Ask somebody else."))
    if choosing.has_enough(found):
        raise RuleBroken(
            _("This person has enough to answer at the moment. Ask somebody else, or later.")
        )
