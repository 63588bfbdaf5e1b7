"""How made people work together: they meet, say how it was, and answer a survey."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from feedback.actions import checkins, surveys
from feedback.models import CheckIn, Invitation, Survey
from feedback.models.checkins import REMIND_BEFORE
from feedback.tasks import send_due_surveys
from matching.models import Match
from mentorship.demo import samples, texts
from mentorship.demo.director import Dates, Director
from mentorship.demo.play import chance, pick
from mentorship.shared.base import clock
from programs.models import Cohort, Participant, Role


def work_together(director: Director, cohort: Cohort, since: datetime) -> None:
    """People who are matched `since` meet, most say so, and a few note what it was about."""

    def foresee_answers() -> None:
        near = CheckIn.objects.filter(
            match__cohort=cohort, starts_at__lt=director.now + REMIND_BEFORE
        )
        director.sweep_around(near)
        for checkin in near.filter(starts_at__lt=director.now).with_people():
            _foresee_answer(director, checkin)

    director.play.at(since, foresee_answers)


def _foresee_answer(director: Director, checkin: CheckIn) -> None:
    """Decide whether, when and how a check-in will be answered."""
    mentee = checkin.match.those(Role.MENTEE)[0].user
    mentor = checkin.match.those(Role.MENTOR)[0].user
    key = (mentee.email, checkin.number)
    is_story = mentee == director.cast["mentee"]
    luck = chance("outcome", *key)
    if luck >= 0.88 and not is_story:
        return
    outcome = CheckIn.Status.HELD if luck < 0.8 or is_story else CheckIn.Status.MISSED
    held = outcome == CheckIn.Status.HELD
    rating = pick((5, 5, 5, 5, 4, 4, 4, 4, 3, 3, 2), "rating", *key) if held else None
    notes: str | None = None
    if is_story:
        rating = max(4, rating or 4)
        notes = texts.STORY_NOTES[min(checkin.number, len(texts.STORY_NOTES)) - 1]
    elif held and chance("notes", *key) < 0.25:
        notes = pick(texts.NOTES, "note", *key)
    # most say it right after the meeting, the others when they are asked
    slow = chance("slow", *key) < 0.3
    delay = timedelta(hours=1 + (28 if slow else 1.5) * chance("delay", *key))
    by = mentee if chance("by", *key) < 0.65 else mentor
    director.play.at(
        checkin.starts_at + delay,
        lambda: _say(checkin, by=by, outcome=outcome, rating=rating, notes=notes),
    )


def _say(checkin: CheckIn, **said: Any) -> None:
    """How it was, unless the match has ended before they met."""
    if Match.objects.running().filter(pk=checkin.match_id).exists():
        checkins.answer(checkin, **said)


def ask_how_it_goes(director: Director, cohort: Cohort, dates: Dates) -> None:
    """A pulse survey in the fourth week, open until the seventh, answered by most pairs."""
    coordinator = director.cast["coordinator"]

    def schedule() -> None:
        survey = surveys.schedule(
            cohort,
            by=coordinator,
            title=texts.PULSE_TITLE,
            intro=texts.PULSE_INTRO,
            questionnaire=samples.questionnaire("Pulse", texts.PULSE),
            opens_at=dates.day(23, 9),
            closes_at=dates.day(46, 20),
        )
        director.act(dates.day(23, 9), send_due_surveys)
        director.play.at(dates.day(23, 10), lambda: _foresee_responses(director, survey))

    director.play.at(dates.day(16), schedule)


def _foresee_responses(director: Director, survey: Survey) -> None:
    matched = set(
        Participant.objects.filter(
            cohort=survey.cohort, places__match__status=Match.Status.RUNNING
        ).values_list("pk", flat=True)
    )
    for invitation in Invitation.objects.filter(survey=survey).select_related("participant__user"):
        email = invitation.participant.user.email
        if invitation.participant.user == director.cast["mentor"]:
            continue  # left for the visitor
        if chance("responds", email) >= (0.72 if invitation.participant_id in matched else 0.3):
            continue
        hours = 1 + 150 * chance("responds after", email) ** 3
        director.play.at(
            clock.now() + timedelta(hours=hours), _response(invitation, _opinion(email))
        )


def _response(invitation: Invitation, answers: dict[str, Any]) -> Callable[[], object]:
    return lambda: surveys.answer(invitation, answers=answers)


def _opinion(email: str) -> dict[str, Any]:
    """What this person thinks after four weeks; answers fit each other."""
    useful = pick((5, 5, 5, 4, 4, 4, 4, 3, 3, 2), "useful", email)
    moods = {5: "Very well", 4: "Well", 3: "It is slow", 2: "Not well"}
    answers: dict[str, Any] = {
        "useful": useful,
        "together": moods[useful],
        "met_as_planned": chance("met", email) < 0.35 + useful / 10,
    }
    if chance("says", email) < 0.35:
        answers["would_help"] = pick(texts.WOULD_HELP, "help", email)
    return answers
