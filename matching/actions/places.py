from django.db import transaction
from django.utils.translation import gettext as _

from matching.models import Answer, PlaceAsk
from matching.notifications import OneMorePlaceAnswered, OneMorePlaceAsked
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.outbox import notify
from programs.models import Participant, User

# As the database allows.
_MOST = 20


@transaction.atomic
def ask(mentor: Participant, *, by: User) -> PlaceAsk:
    """Ask a mentor by mail for one more place; one who is asked already is not asked twice.

    Nothing changes before they say yes. Raises RuleBroken for somebody who has left.
    """
    if mentor.left_at is not None:
        raise RuleBroken(
            _("%(name)s has left the cohort, so they cannot be asked.") % {"name": mentor.user.name}
        )
    if mentor.capacity >= _MOST:
        raise RuleBroken(
            _("%(name)s has as many places as anybody can have.") % {"name": mentor.user.name}
        )
    asked, is_new = PlaceAsk.objects.get_or_create(
        mentor=mentor, answer="", defaults={"asked_by": by}
    )
    if is_new:
        program = mentor.cohort.program
        record(by=by, verb="place.asked", subject=mentor, program=program)
        notify(OneMorePlaceAsked(asked), mentor.user, program=program)
    return asked


@transaction.atomic
def answer(asked: PlaceAsk, *, by: User, says_yes: bool) -> PlaceAsk:
    """The mentor says yes, which gives them one place more, or no; whoever asked hears of it.

    A second answer changes nothing.
    """
    asked = PlaceAsk.objects.select_for_update(of=("self",)).with_people().get(pk=asked.pk)
    if not asked.is_open:
        return asked
    # The row that everything about the mentor's places waits for.
    mentor = Participant.objects.select_for_update().get(pk=asked.mentor_id)
    if mentor.left_at is not None:
        raise RuleBroken(_("You have left this cohort, so there is nothing to answer any more."))
    asked.answered(Answer.YES if says_yes else Answer.NO, clock.now())
    asked.save(update_fields=["answer", "answered_at"])
    if says_yes and mentor.capacity < _MOST:
        mentor.capacity += 1
        mentor.save(update_fields=["capacity"])
        asked.mentor.capacity = mentor.capacity
    program = asked.mentor.cohort.program
    about = {"subject": asked.mentor, "program": program}
    if says_yes:
        record(by=by, verb="place.given", **about)
    else:
        record(by=by, verb="place.refused", **about)
    notify(OneMorePlaceAnswered(asked), asked.asked_by, program=program)
    return asked
