"""What an introduction came to, for one of the two, and what happens next. Never who, never why."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from matching.models import Answer, Introduction
from programs.models import Participant, Role

Status = Introduction.Status


class Outcome(NamedTuple):
    """What came of it and what happens next, a sentence or two each."""

    what: str
    next: str


def outcome_of(introduction: Introduction, me: Participant) -> Outcome:
    """What a closed introduction came to, as this side may hear it."""
    if introduction.status == Status.AGREED:
        return Outcome(
            _("You both said yes and work together now."),
            _("Write to each other and agree on a first meeting."),
        )
    return Outcome(_what(introduction, me), _next(introduction, me))


def _what(introduction: Introduction, me: Participant) -> str:
    said = introduction.answer_of(me.role)
    if said == Answer.NO:
        return _("You said no, and the other was told only that it did not work out.")
    if introduction.status == Status.LAPSED and not said:
        return _("The time to answer is over, so this introduction is closed.")
    return _("This introduction did not work out. That happens, and it says nothing about you.")


def _next(introduction: Introduction, me: Participant) -> str:
    if introduction.is_ask:
        return _next_after_an_ask(me)
    if me.role == Role.MENTOR:
        return _("Your place is free again. We write to you when somebody fits it.")
    if introduction.goes_on:
        return _(
            "We look for the next best mentor for you now and write to you when we know more. "
            "There is nothing you need to do."
        )
    return _(
        "You are counted in when people are matched the next time. If you would like to talk "
        "about it, write to the coordinators."
    )


def _next_after_an_ask(me: Participant) -> str:
    if me.role == Role.MENTOR:
        return _("There is nothing you need to do.")
    return _("You can ask somebody else.")
