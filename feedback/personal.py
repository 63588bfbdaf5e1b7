"""What this stage holds of people: why, who reads it, for how long, and what an erasure does."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from feedback.models import CheckIn, Invitation, Response, Silence, Survey
from mentorship.shared.privacy.registry import (
    COORDINATORS,
    MATCH,
    STAMPS,
    Erase,
    Held,
    Rows,
    Term,
    Told,
    blanked,
    days,
    deleted,
    impersonal,
    left,
    register,
)

_TWO_OF_YOU = _("Those who meet")
_IN_TOUCH = _("Leave nobody alone in a match that has gone silent.")
_MEET = _("Meet, and remember what it was about.")


def _notes_past(rows: Rows, at: datetime) -> Rows:
    """Check-ins that lie a term back."""
    return rows.filter(starts_at__lt=at - timedelta(days=settings.RETENTION_ANSWER_DAYS))


def _empty_notes(rows: Rows) -> int:
    return blanked("", notes="").act(rows)


def _notes_of_nobody(rows: Rows) -> int:
    """Notes belong to all who met: they go with the last of them."""
    met = rows.prefetch_related("match__places__participant__user")
    alone = [checkin.pk for checkin in met if len(_still_here(checkin)) <= 1]
    return _empty_notes(CheckIn.objects.filter(pk__in=alone))


def _still_here(checkin: CheckIn) -> set[int]:
    """Who of those who met has an account; whoever is being erased now still has one."""
    people = (place.participant.user for place in checkin.match.places.all())
    return {person.pk for person in people if not person.is_erased}


def _own_answers(response: Any, person: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = response.invitation.survey.questionnaire.told(response.answers)
    return told


def _responses_past(rows: Rows, at: datetime) -> Rows:
    before = at - timedelta(days=settings.RETENTION_ANSWER_DAYS)
    return rows.filter(invitation__survey__closes_at__lt=before)


def _was_there(checkin: Any, person: Any) -> bool:
    """Whether it fell in the person's own time in the match."""
    places = checkin.match.places.filter(participant__user=person).select_related("match")
    return any(place.was_there(checkin.starts_at) for place in places)


def _own_notes(checkin: Any, person: Any) -> str:
    return str(checkin.notes) if _was_there(checkin, person) else ""


def _own_rating(checkin: Any, person: Any) -> int | None:
    rating: int | None = checkin.rating if _was_there(checkin, person) else None
    return rating


def _own_answer(silence: Any, person: Any) -> str:
    return str(silence.get_answer_display()) if silence.answered_by_id == person.pk else ""


def _own_answered_at(silence: Any, person: Any) -> Any:
    return silence.answered_at if silence.answered_by_id == person.pk else None


_TERM = days(_("{days} days after it was over."), settings.RETENTION_ANSWER_DAYS)

register(
    Held(
        model=CheckIn,
        title=_("Check-ins"),
        person="match__places__participant__user",
        kept=Term(_TERM, _notes_past, Erase(_empty_notes)),
        erase=Erase(
            _notes_of_nobody,
            _(
                "Notes you share with somebody stay with them until they leave too; that you met "
                "stays, without your name."
            ),
        ),
        fields={
            "starts_at": Told(_MEET, MATCH),
            "minutes": Told(_MEET, MATCH),
            "time_zone": Told(_MEET, MATCH),
            "status": Told(_("Know whether people meet."), MATCH),
            "rating": Told(_("Know whether it helps."), _TWO_OF_YOU, _own_rating),
            "notes": Told(_MEET, _TWO_OF_YOU, _own_notes),
        },
        machinery=("code", "number", "local_on", "local_at", "answered_at", *STAMPS),
        others=("id", "match", "reminded_at", "asked_at", "moved_at", "answered_by"),
    ),
    Held(
        model=Silence,
        title=_("Times we asked whether you are in touch"),
        person="match__places__participant__user",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("That a match was asked and what was answered stays, without your name.")),
        fields={
            "asked_at": Told(_IN_TOUCH, MATCH),
            "warned_at": Told(_IN_TOUCH, MATCH),
            "answer": Told(_IN_TOUCH, COORDINATORS, _own_answer),
            "answered_at": Told(_IN_TOUCH, COORDINATORS, _own_answered_at),
        },
        machinery=("code", "closed_at", *STAMPS),
        others=("id", "match", "answered_by"),
        labels={"warned_at": _("warned")},
    ),
    Held(
        model=Invitation,
        title=_("Surveys you were asked to answer"),
        person="participant__user",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("That somebody was asked stays, without your name, for the response rate.")),
        labels={
            "survey": _("survey"),
        },
        fields={
            "survey": Told(_("Ask you once."), COORDINATORS),
            "answered_at": Told(_("Not ask you again."), COORDINATORS),
        },
        machinery=("code", *STAMPS),
        others=("id",),
    ),
    Held(
        model=Response,
        title=_("Your answers to surveys"),
        person="invitation__participant__user",
        kept=Term(_TERM, _responses_past),
        erase=deleted(),
        labels={
            "invitation": _("survey"),
        },
        fields={
            "invitation": Told(_("Improve the program."), COORDINATORS),
            "answers": Told(_("Improve the program."), COORDINATORS, _own_answers),
        },
        machinery=STAMPS,
        others=("id",),
    ),
)

impersonal(_("What is asked."), Survey)
