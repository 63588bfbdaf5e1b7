"""A small program of the civil service: introductions, a no, a match that ended, a new try."""

from datetime import timedelta

from matching import runs
from matching.actions import introductions, matches, matching_runs
from matching.models import EndKind, Introduction, Match, MatchingRun
from matching.tasks import go_on_with_next_best, tend_introductions
from mentorship.demo import samples, texts, together
from mentorship.demo.director import DAY, Dates, Director
from mentorship.demo.play import Scene, chance
from mentorship.shared.base import clock
from programs.actions import cohorts
from programs.actions import programs as program_actions
from programs.models import Cohort, Role, User
from programs.questions import make_questionnaire

_ZONE = "Europe/London"
_SAMPLE = "civil-service-small"

# Whose mentor says no at once, and for whom somebody else is found.
_LET_DOWN = "mentee.07@example.org"
# Whose match ended a while ago and who is introduced to somebody new, and whose ended just now.
_BEGINS_ANEW = "mentee.25@example.org"
_WAITS = "mentee.03@example.org"


def play(director: Director) -> None:
    """Another program under its own rules: 35 of 50 find a mentor, and the rest is seen."""
    dates = Dates(director.monday - 21 * DAY, _ZONE, weeks=26)
    with clock.at(dates.day(-60)):
        coordinator = director.join("other_coordinator", "Harriet Doyle", _ZONE)
        cohort = _found(coordinator, dates)

    def bring_list() -> None:
        samples.bring(_SAMPLE, cohort, coordinator, accept=True)

    def match() -> None:
        run = _run(cohort, coordinator)
        director.act(dates.day(-10), lambda: matching_runs.publish(run, by=coordinator))

    director.play.at(dates.day(-44), lambda: cohorts.open(cohort, by=coordinator))
    director.act(dates.day(-17, 18), bring_list)
    director.act(dates.day(-11), match)
    director.play.at(dates.day(-10, 11), lambda: _foresee_answers(director, cohort))
    director.act(dates.day(-4, 20), tend_introductions)
    together.work_together(director, cohort, dates.day(-2))
    _end_some(director, cohort, coordinator)


def _found(coordinator: User, dates: Dates) -> Cohort:
    program = program_actions.create_program(by=coordinator, **texts.CIVIL_SERVICE)
    return cohorts.create(
        program,
        by=coordinator,
        name=dates.name,
        time_zone=_ZONE,
        apply_from=dates.apply_from,
        apply_until=dates.apply_until,
        starts_on=dates.starts_on,
        ends_on=dates.ends_on,
        checkin_weeks=3,
        checkin_minutes=60,
        answer_days=7,
        policy=samples.policy_of(_SAMPLE),
        mentor_questions=make_questionnaire(
            "Mentor's form", texts.ASKED_OF_CIVIL_MENTORS, Role.MENTOR
        ),
        mentee_questions=make_questionnaire(
            "Mentee's form", texts.ASKED_OF_CIVIL_MENTEES, Role.MENTEE
        ),
    )


def _run(cohort: Cohort, by: User) -> MatchingRun:
    run = matching_runs.start(cohort, by=by)
    runs.carry_out(run.pk)
    return run


# --- introductions ------------------------------------------------------------------------------


def _foresee_answers(director: Director, cohort: Cohort) -> None:
    """When each says yes: most on the first days, some when they are reminded. One says no."""
    for introduction in Introduction.objects.filter(cohort=cohort).open().with_people():
        if introduction.mentee.user.email == _LET_DOWN and not introduction.follows_id:
            _say_no(director, introduction)
        else:
            _say_yes(director, introduction)


def _say_yes(director: Director, introduction: Introduction) -> None:
    for person in (introduction.mentor, introduction.mentee):
        hours = 1 + 150 * chance("agrees", person.user.email) ** 2
        director.act(clock.now() + timedelta(hours=hours), _yes(introduction, person.user))


def _yes(introduction: Introduction, by: User) -> Scene:
    return lambda: introductions.answer(introduction, by=by, says_yes=True)


def _say_no(director: Director, introduction: Introduction) -> None:
    """The mentor says no, the next best is found at once, and these two agree."""
    mentor = introduction.mentor.user

    def decline() -> None:
        introductions.answer(introduction, by=mentor, says_yes=False, reason=texts.SAYS_NO)
        director.act(clock.now() + timedelta(minutes=1), go_on)

    def go_on() -> None:
        go_on_with_next_best()
        for found in Introduction.objects.filter(follows=introduction).with_people():
            _say_yes(director, found)

    director.act(clock.now() + timedelta(hours=5), decline)


# --- matches that end ---------------------------------------------------------------------------


def _end_some(director: Director, cohort: Cohort, coordinator: User) -> None:
    """Two matches end; one mentee is introduced to somebody new, the other one waits."""

    def end(email: str, reason: str) -> None:
        running = Match.objects.running().filter(
            cohort=cohort, places__participant__user__email=email
        )
        matches.end(
            running.get(), by=coordinator, kind=EndKind.MOVED_ON, side=Role.MENTOR, reason=reason
        )

    def begin_anew() -> None:
        run = _run(cohort, coordinator)
        matching_runs.publish(run, by=coordinator)
        for introduction in Introduction.objects.filter(run=run).with_people():
            introductions.answer(introduction, by=introduction.mentor.user, says_yes=True)

    director.act(director.now - 9 * DAY, lambda: end(_BEGINS_ANEW, texts.MOVED_ON))
    director.act(director.now - 2 * DAY, begin_anew)
    director.act(director.now - timedelta(hours=20), lambda: end(_WAITS, texts.NEW_POST))
