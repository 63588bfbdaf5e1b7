from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from matching.actions import closing, decisions, matches, seats
from matching.models import Answer, Introduction, MatchingRun
from matching.notifications import IntroductionMade, IntroductionReminder
from matching.outcomes import outcome_of
from matching.pairing import Pair
from matching.ruled_out import barred
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import instant, local
from mentorship.shared.notifications.outbox import notify, notify_many
from programs.actions.applications import acted_in
from programs.models import Cohort, Participant, Role, User

Status = Introduction.Status

# Rows written at a time.
_BATCH = 500


def write_many(
    pairs: Iterable[Pair], *, origin: str, run: MatchingRun | None = None
) -> list[Introduction]:
    """Bring pairs of one cohort together that nothing stands against, and ask all by mail.

    The caller holds the locks. A few queries, and inserts in batches.
    """
    now = clock.now()
    made = [
        Introduction(
            cohort=pair.mentee.cohort,
            mentee=pair.mentee,
            mentor=pair.mentor,
            run=run,
            origin=origin,
            score=pair.score,
            reasons=list(pair.reasons),
            follows=pair.follows,
            made_at=now,
            answer_by=end_of_day(pair.mentee.cohort, now, pair.mentee.cohort.answer_days or 0),
            is_exclusive=pair.mentee.cohort.is_one_to_one,
        )
        for pair in pairs
    ]
    Introduction.objects.bulk_create(made, batch_size=_BATCH)
    asked = [
        (IntroductionMade(one), person.user) for one in made for person in (one.mentor, one.mentee)
    ]
    notify_many(asked, program=made[0].cohort.program if made else None)
    return made


def end_of_day(cohort: Cohort, at: datetime, days: int) -> datetime:
    """The last second of the day so many days later, in the cohort's zone."""
    day = local(at, cohort.time_zone).date() + timedelta(days=days + 1)
    return instant(day, time(0), cohort.time_zone) - timedelta(seconds=1)


@transaction.atomic
def answer(
    introduction: Introduction, *, by: User, says_yes: bool, reason: str = ""
) -> Introduction:
    """Say yes or no for one's side. With both yes the two are matched in the same transaction.

    A no ends it: the other hears only that it did not work out, `reason` is for coordinators. A
    yes can be taken back as long as the other's is missing. Where it has become impossible (a
    place is gone, somebody left) a yes ends it too, with the same words as ever; where the two must
    not be put together it stays and lapses.
    Raises RuleBroken when the person said the same before, when it is over, or while all places of
    an asked mentor are kept for others; ValueError for somebody who is neither of the two.
    """
    introduction = _locked(introduction)
    me = introduction.side_of(by)
    if me is None:
        raise ValueError(f"{by} is not introduced here")
    said = Answer.YES if says_yes else Answer.NO
    _refuse(introduction, me, said)
    _note(introduction, me.role, said)
    acted_in(introduction.cohort.program, by)
    if not says_yes:
        introduction.decline_reason = reason
        return closing.close(introduction, Status.DECLINED, by=by, untold=[me])
    record(
        by=by,
        verb="introduction.accepted",
        subject=introduction,
        program=introduction.cohort.program,
    )
    if _is_impossible(introduction):
        return closing.close(introduction, Status.WITHDRAWN, untold=[me])
    if introduction.is_wanted_by_both and not _is_barred(introduction):
        return _agree(introduction)
    introduction.save()
    return introduction


def _refuse(introduction: Introduction, me: Participant, said: Answer) -> None:
    """Raise RuleBroken with a kind sentence when there is nothing to answer any more."""
    before = introduction.answer_of(me.role)
    if before == said:
        raise RuleBroken(
            _("You said yes already. There is nothing more to do.")
            if said == Answer.YES
            else _("You said no already. There is nothing more to do.")
        )
    if not introduction.is_open:
        raise RuleBroken(" ".join(outcome_of(introduction, me)))


def _note(introduction: Introduction, role: str, said: Answer) -> None:
    now = clock.now()
    if role == Role.MENTEE:
        introduction.mentee_answer, introduction.mentee_answered_at = said, now
    else:
        introduction.mentor_answer, introduction.mentor_answered_at = said, now


def _is_barred(introduction: Introduction) -> bool:
    """Whether the two must not be put together by now.

    Then a yes is kept and the introduction lapses on its day, like one that nobody answered: were
    it closed at the click, whoever said yes could tell that the other would rather not.
    """
    return bool(barred([(introduction.mentee_id, introduction.mentor_id)]))


def _is_impossible(introduction: Introduction) -> bool:
    """Whether these two can no longer begin; the caller holds their locks."""
    mentee, mentor = introduction.mentee, introduction.mentor
    if mentee.left_at is not None or mentor.left_at is not None:
        return True
    places = seats.matched([mentee.pk, mentor.pk])
    is_taken = bool(places[mentee.pk]) and mentee.cohort.is_one_to_one
    return is_taken or places[mentor.pk] >= mentor.capacity


def _agree(introduction: Introduction) -> Introduction:
    """Both said yes: they are matched, and whatever stood in the way of it is settled."""
    if not seats.free_for(introduction.mentor, introduction):
        raise RuleBroken(
            _(
                "The free places are kept for people who are introduced and have not answered yet. "
                "Please come back when they have."
            )
        )
    introduction.match = matches.begin(
        introduction.mentee,
        introduction.mentor,
        run=introduction.run,
        score=introduction.score,
        reasons=introduction.reasons,
        introduction=introduction,
    )
    introduction.status, introduction.closed_at = Status.AGREED, clock.now()
    introduction.save()
    return introduction


@transaction.atomic
def lapse(introduction: Introduction) -> bool:
    """End an introduction that nobody answered in time; False when it is not due any more."""
    introduction = _locked(introduction)
    if not introduction.is_due(clock.now()):
        return False
    closing.close(introduction, Status.LAPSED)
    return True


@transaction.atomic
def withdraw(introduction: Introduction, *, by: User, reason: str) -> Introduction:
    """Take an open introduction back; the two hear that it is over, the log of decisions why.

    Raises RuleBroken when it is over already.
    """
    introduction = _locked(introduction)
    if not introduction.can_move_to(Status.WITHDRAWN):
        raise RuleBroken(_("This introduction is over already, so nothing was changed."))
    mentee, mentor = introduction.mentee, introduction.mentor
    decisions.note(
        introduction.cohort,
        by=by,
        kind="introduction.withdrawn",
        facts={"introduction": introduction.code, "mentee": mentee.code, "mentor": mentor.code},
        reason=reason,
        about=[mentee.user, mentor.user],
    )
    return closing.close(introduction, Status.WITHDRAWN, by=by)


@transaction.atomic
def remind(introduction: Introduction) -> bool:
    """Remind whoever has not answered, once; False when another did it or all have answered."""
    now = clock.now()
    due = Introduction.objects.due_for_reminder(now).filter(pk=introduction.pk)
    if not due.update(reminded_at=now):
        return False
    introduction = Introduction.objects.with_people().get(pk=introduction.pk)
    for person in (introduction.mentor, introduction.mentee):
        if not introduction.answer_of(person.role):
            program = introduction.cohort.program
            notify(IntroductionReminder(introduction), person.user, program=program)
    return True


def _locked(introduction: Introduction) -> Introduction:
    """The introduction as it is now and its two people, for us alone until the commit.

    First the people, as everybody does who gives places away.
    """
    people = seats.lock([introduction.mentee, introduction.mentor])
    rows = Introduction.objects.select_for_update(of=("self",)).with_policy()
    found = rows.select_related("cohort__program").get(pk=introduction.pk)
    found.mentee, found.mentor = people[found.mentee_id], people[found.mentor_id]
    found.mentee.cohort = found.mentor.cohort = found.cohort
    return found
