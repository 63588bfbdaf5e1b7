"""Made programs, played by the real actions from their first day until now.

Nothing is written past an action, except what a person's own sign-up would write, the account and
its confirmed address, and what makes somebody the owner of the site. A seeding is one transaction:
it is there in full or not at all.
"""

import gc
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from feedback.actions import checkins, surveys
from feedback.metrics.tasks import compute_figures
from feedback.models import CheckIn, Invitation, Survey
from feedback.models.checkins import REMIND_BEFORE
from feedback.tasks import remind_due_checkins, send_due_surveys
from matching import runs
from matching.actions import matching_runs
from matching.models import Match
from mentorship.demo import cast, mail, reviewing, texts
from mentorship.demo.play import Play, Scene, chance, pick
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import instant, local
from mentorship.shared.notifications.tasks import deliver_due
from mentorship.shared.questions.models import Questionnaire
from programs.actions import applications, cohorts, memberships, objectives, people
from programs.actions import programs as program_actions
from programs.actions.imports import import_applications
from programs.models import Application, Cohort, Membership, Participant, Program, Role, User
from programs.questions import add_question, make_questionnaire

SAMPLES = Path(settings.BASE_DIR) / "samples"
_ZONE = "Europe/Berlin"
_OTHER_ZONE = "Europe/London"
_WEEKS = 16
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a seeding made."""

    scenario: str
    program: Program
    cohort: Cohort
    cast: dict[str, User]


def require_made_up_place() -> None:
    """Raise RuleBroken unless made people may live here: in the demo, or under the tests."""
    if settings.DEMO or os.environ.get("DJANGO_SETTINGS_MODULE") == "mentorship.settings.test":
        return
    raise RuleBroken(
        "Made-up people are for the demo's settings only. Nothing was written; "
        "use DJANGO_SETTINGS_MODULE=mentorship.settings.embedded."
    )


def require_no_strangers() -> None:
    """Raise RuleBroken when somebody is here whom neither a seeding nor the demo made."""
    count = cast.strangers().count()
    if count:
        raise RuleBroken(
            f"This database holds people whom the demo did not make ({count}). Nothing was "
            "written; choose another DATA_DIR or DATABASE_URL."
        )


def seed(scenario: str) -> Seeded:
    """Play one of `SCENARIOS` into a database that holds made people only, up to now.

    A database that was seeded before gets one more program, and the new cast is let in.
    Raises RuleBroken where made people may not live, or when the database is in use.
    """
    require_made_up_place()
    require_no_strangers()
    if settings.DEMO and cast.seeding() is None:
        mail.forget_all()  # mails of people who are gone
    with transaction.atomic(), _few_collections():
        seeded = SCENARIOS[scenario](_Director(scenario))
        cast.note_seeded(
            seeded.program,
            by=seeded.cast["coordinator"],
            scenario=scenario,
            cohort_code=seeded.cohort.code,
            cast=seeded.cast,
        )
    return seeded


@dataclass
class _Director:
    """Keeps the play, the moment it leads up to, and who plays which part."""

    scenario: str
    play: Play = field(default_factory=Play)
    now: datetime = field(default_factory=clock.now)
    cast: dict[str, User] = field(default_factory=dict)
    password: str = field(default_factory=lambda: make_password(cast.PASSWORD))

    @property
    def today(self) -> date:
        return local(self.now, _ZONE).date()

    @property
    def monday(self) -> date:
        return self.today - self.today.weekday() * _DAY

    def join(self, part: str, name: str, zone: str = _ZONE) -> User:
        """A member of the cast signs up and confirms the address."""
        email = f"{name.lower().replace(' ', '.')}@{cast.DOMAIN}"
        person = User.objects.filter(email=email).first()
        if person is None:
            person = User.objects.create_user(email, name=name, time_zone=zone)
        return self.give_key(part, person)

    def join_owner(self, name: str, zone: str) -> User:
        """The owner of the site, as `createsuperuser` makes one."""
        person = self.join("owner", name, zone)
        person.is_superuser = True
        person.save(update_fields=["is_superuser"])
        return person

    def give_key(self, part: str, person: User) -> User:
        """Somebody who is here already gets the demo's password and a part."""
        # one hash for all of them: each would cost a third of a second
        person.password = self.password
        person.save(update_fields=["password"])
        EmailAddress.objects.update_or_create(
            user=person, email=person.email, defaults={"verified": True, "primary": True}
        )
        self.cast[part] = person
        return person

    def seeded(self, program: Program, cohort: Cohort) -> Seeded:
        return Seeded(self.scenario, program, cohort, self.cast)

    def act(self, moment: datetime, scene: Scene) -> None:
        """Let somebody act, and let what they caused leave as mail soon after."""
        self.play.at(moment, scene)
        self.play.at(moment + timedelta(minutes=2), deliver_due)

    def sweep_around(self, checkins: Iterable[CheckIn]) -> None:
        """What beat would do about these check-ins, at the moments it would find something.

        The reminders the day before, and on the next morning the question how it was.
        """
        moments = set()
        for checkin in checkins:
            moments.add(_next_quarter(checkin.starts_at - REMIND_BEFORE))
            moments.add(_next_quarter(checkin.starts_at + timedelta(hours=15)))
        for moment in moments:
            self.act(moment, remind_due_checkins)

    def count_weekly(self, since: datetime) -> None:
        """The figures of each week from `since` on."""

        def count() -> None:
            compute_figures()
            self.play.at(clock.now() + 7 * _DAY, count)

        self.play.at(since, count)


@dataclass(frozen=True, slots=True)
class _Dates:
    """The days of a round that starts on a Monday."""

    starts_on: date
    zone: str = _ZONE
    weeks: int = _WEEKS

    def day(self, offset: int, hour: int = 10) -> datetime:
        """The instant of an hour of the day `offset` days from the start."""
        return instant(self.starts_on + offset * _DAY, time(hour), self.zone)

    @property
    def apply_from(self) -> date:
        return self.starts_on - 45 * _DAY

    @property
    def apply_until(self) -> date:
        return self.starts_on - 17 * _DAY

    @property
    def ends_on(self) -> date:
        return self.starts_on + (7 * self.weeks - 3) * _DAY


# --- the scenarios ------------------------------------------------------------------------------


def _empty(director: _Director) -> Seeded:
    """A program and a cohort in preparation: nobody has applied, nobody could."""
    dates = _Dates(director.monday + 70 * _DAY)
    return director.seeded(*_found_developers(director, dates))


def _applications_open(director: _Director) -> Seeded:
    """The last days for applications: a full desk and nothing decided."""
    dates = _Dates(director.monday + 28 * _DAY)
    program, cohort = _found_developers(director, dates)
    coordinator = director.cast["coordinator"]
    director.play.at(dates.day(-44), lambda: cohorts.open(cohort, by=coordinator))
    director.play.at(director.now - _DAY, lambda: _import_developers(cohort, coordinator))
    _applicant_begins(director, cohort, director.now - timedelta(hours=3))
    director.play.at(director.now, _catch_up)
    director.play.run(director.now)
    return director.seeded(program, cohort)


def _matched(director: _Director) -> Seeded:
    """Everybody is accepted and introduced; the first week is ahead."""
    dates = _Dates(director.monday + 7 * _DAY)
    program, cohort = _found_developers(director, dates)
    _until_introductions(director, cohort, dates)
    director.play.at(director.now, _catch_up)
    director.play.run(director.now)
    return director.seeded(program, cohort)


def _mid_program(director: _Director) -> Seeded:
    """The sixth week, another program beside it, and a next round that takes applications."""
    dates = _Dates(director.monday - 35 * _DAY)
    program, cohort = _found_developers(director, dates)
    _until_introductions(director, cohort, dates)
    _work_together(director, cohort, dates)
    _ask_how_it_goes(director, cohort, dates)
    _play_civil_service(director)
    director.count_weekly(dates.day(-10, 19))
    _open_next_round(director, program, cohort)
    director.play.at(director.now, _catch_up)
    director.play.run(director.now)
    return director.seeded(program, cohort)


SCENARIOS: dict[str, Callable[[_Director], Seeded]] = {
    "empty": _empty,
    "applications-open": _applications_open,
    "matched": _matched,
    "mid-program": _mid_program,
}


# --- the developers -----------------------------------------------------------------------------


def _found_developers(director: _Director, dates: _Dates) -> tuple[Program, Cohort]:
    """The program, its coordinator and observer, the owner, and a cohort that is not open yet."""
    with clock.at(min(dates.day(-60), director.now)):
        coordinator = director.join("coordinator", "Nora Lindqvist")
        observer = director.join("observer", "Samuel Osei", "Africa/Accra")
        director.join_owner("Marit Solberg", "Europe/Oslo")
        program = program_actions.create_program(by=coordinator, **texts.DEVELOPERS)
        memberships.appoint(program, user=observer, role=Membership.Role.OBSERVER, by=coordinator)
        cohort = _developers_cohort(program, coordinator, _name_of_round(dates), dates)
        for goal in texts.GOALS:
            objectives.add(program, by=coordinator, due_on=dates.ends_on, **goal)
    return program, cohort


def _developers_cohort(program: Program, by: User, name: str, dates: _Dates) -> Cohort:
    return cohorts.create(
        program,
        by=by,
        name=name,
        time_zone=_ZONE,
        apply_from=dates.apply_from,
        apply_until=dates.apply_until,
        review_until=dates.starts_on - 13 * _DAY,
        match_on=dates.starts_on - 10 * _DAY,
        starts_on=dates.starts_on,
        ends_on=dates.ends_on,
        checkin_weeks=2,
        checkin_minutes=45,
        answer_days=None,
        policy=_policy("developers-2025"),
        mentor_questions=_in_steps("Become a mentor", texts.ASKED_OF_MENTORS, Role.MENTOR),
        mentee_questions=_in_steps("Find a mentor", texts.ASKED_OF_MENTEES, Role.MENTEE),
    )


def _name_of_round(dates: _Dates) -> str:
    seasons = ("Winter", "Spring", "Summer", "Autumn")
    start = dates.starts_on
    return f"{seasons[start.month % 12 // 3]} {start.year + (start.month == 12)}"


def _import_developers(cohort: Cohort, by: User) -> None:
    _import("developers-2025", cohort, by)


def _until_introductions(director: _Director, cohort: Cohort, dates: _Dates) -> None:
    """Applications, decisions, the matching and its publication."""
    play, coordinator = director.play, director.cast["coordinator"]

    def accept_all() -> None:
        for application in Application.objects.filter(cohort=cohort).waiting():
            applications.accept(application, by=coordinator)

    def match() -> None:
        run = matching_runs.start(cohort, by=coordinator)
        runs.carry_out(run.pk)
        director.act(dates.day(-10), lambda: matching_runs.publish(run, by=coordinator))
        play.at(dates.day(-10, 12), lambda: _cast_a_pair(director, cohort))

    play.at(dates.day(-44), lambda: cohorts.open(cohort, by=coordinator))
    play.at(dates.day(-17, 18), lambda: _import_developers(cohort, coordinator))
    director.act(dates.day(-13), accept_all)
    director.act(dates.day(-11), match)


def _cast_a_pair(director: _Director, cohort: Cohort) -> None:
    """The best pair that meets by day on both sides plays mentor and mentee."""
    pairs = Match.objects.filter(cohort=cohort).running().with_people().order_by("-score", "pk")
    pair = next(
        (one for one in pairs if all(p.time_zone.startswith("Europe/") for p in one.people)),
        pairs[0],
    )
    for part, role in (("mentor", Role.MENTOR), ("mentee", Role.MENTEE)):
        person = pair.those(role)[0]
        director.give_key(part, person.user)
        people.update_profile(person.user, by=person.user, **_profile_of(person))


def _profile_of(person: Participant) -> dict[str, Any]:
    """What this person might tell, in keeping with what the application says."""
    facts = person.facts
    work = str(facts.get("job_title", "developer")).lower().removeprefix("developer, ")
    years = int(facts.get("years_experience", 0))
    if person.role == Role.MENTOR:
        return {
            "headline": f"{years} years of {work} work, still curious",
            "story": (
                f"I have been building software for {years} years and made most of the mistakes "
                "one can make in that time. What I like best about the work by now is the moment "
                "when somebody else gets unstuck. I will ask you a lot of questions before I "
                "answer any."
            ),
            "styles": list(facts.get("styles", []))[:4],
            "skills": [
                {"name": name, "now": 3, "wanted": 3, "teaches": True}
                for name in list(facts.get("skills_offered", []))[:5]
            ],
            "interests": ["chess", "long walks"],
            "channel": "video",
            "reach": "or by mail in the evening",
        }
    return {
        "headline": f"{work.capitalize()}, on the way to the next step",
        "story": (
            f"I have worked for {years} years and learned mostly by myself. That went well for "
            "a while. Now I want to hear from somebody who has been further down the road, and "
            "to finish one thing I can be proud of."
        ),
        "styles": list(facts.get("styles", []))[:4],
        "skills": [
            {"name": name, "now": at % 2, "wanted": 3, "teaches": False}
            for at, name in enumerate(list(facts.get("skills_wanted", []))[:5])
        ],
        "interests": ["cycling", "music"],
        "channel": "chat",
    }


# --- working together ---------------------------------------------------------------------------


def _work_together(director: _Director, cohort: Cohort, dates: _Dates) -> None:
    """People meet, most of them say so, and a few note what it was about."""

    def foresee_answers() -> None:
        near = CheckIn.objects.filter(
            match__cohort=cohort, starts_at__lt=director.now + REMIND_BEFORE
        )
        director.sweep_around(near)
        for checkin in near.filter(starts_at__lt=director.now).with_people():
            _foresee_answer(director, checkin)

    director.play.at(dates.day(-10, 14), foresee_answers)


def _foresee_answer(director: _Director, checkin: CheckIn) -> None:
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
        lambda: checkins.answer(checkin, by=by, outcome=outcome, rating=rating, notes=notes),
    )


def _ask_how_it_goes(director: _Director, cohort: Cohort, dates: _Dates) -> None:
    """A pulse survey in the fourth week, open until the seventh, answered by most pairs."""
    coordinator = director.cast["coordinator"]

    def schedule() -> None:
        survey = surveys.schedule(
            cohort,
            by=coordinator,
            title=texts.PULSE_TITLE,
            intro=texts.PULSE_INTRO,
            questionnaire=_questionnaire("Pulse", texts.PULSE),
            opens_at=dates.day(23, 9),
            closes_at=dates.day(46, 20),
        )
        director.act(dates.day(23, 9), send_due_surveys)
        director.play.at(dates.day(23, 10), lambda: _foresee_responses(director, survey))

    director.play.at(dates.day(16), schedule)


def _foresee_responses(director: _Director, survey: Survey) -> None:
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


# --- the next round, and the other program ------------------------------------------------------


def _open_next_round(director: _Director, program: Program, before: Cohort) -> None:
    """A cohort that takes applications now: some have come in, one is being written."""
    coordinator = director.cast["coordinator"]
    reviewer = director.join("reviewer", "Ines Duarte", "Europe/Lisbon")
    memberships.appoint(program, user=reviewer, role=Membership.Role.REVIEWER, by=coordinator)
    dates = _Dates(director.monday + 35 * _DAY)

    def announce() -> None:
        cohort = _developers_cohort(program, coordinator, _name_of_round(dates), dates)
        cohort = cohorts.open(cohort, by=coordinator)
        _mentors_apply_again(director, before, cohort)
        director.play.at(
            director.now - timedelta(hours=4),
            lambda: reviewing.give_out(cohort, coordinator=coordinator, reviewer=reviewer),
        )
        _applicant_begins(director, cohort, director.now - timedelta(hours=20))

    director.play.at(director.now - 8 * _DAY, announce)


def _mentors_apply_again(director: _Director, before: Cohort, cohort: Cohort) -> None:
    """Mentors for whom there was no mentee this time ask for the next."""
    unmatched = (
        Application.objects.filter(cohort=before, role=Role.MENTOR)
        .exclude(applicant__participations__places__isnull=False)
        .select_related("applicant")
        .order_by("pk")[:9]
    )
    for number, earlier in enumerate(unmatched):

        def apply(earlier: Application = earlier) -> None:
            application = applications.start(
                cohort, applicant=earlier.applicant, role=Role.MENTOR, answers=earlier.answers
            )
            applications.submit(application, by=earlier.applicant)

        director.act(clock.now() + timedelta(hours=15 + 19 * number), apply)


def _applicant_begins(director: _Director, cohort: Cohort, moment: datetime) -> None:
    """Somebody new signs up and begins an application; sending it in is left to the visitor."""

    def begin() -> None:
        cohort.refresh_from_db()  # it was opened since
        applicant = director.join("applicant", "Lea Marchetti", "Europe/Rome")
        application = applications.start(cohort, applicant=applicant, role=Role.MENTEE)
        applications.save(
            application,
            by=applicant,
            answers={
                "time_zone": "Europe/Rome",
                "country": "Italy",
                "years_experience": 2,
                "job_title": "Developer, front-end",
                "skills_have": ["HTML/CSS", "JavaScript", "Vue.js"],
                "skills_wanted": ["TypeScript", "Node.js", "PostgreSQL"],
            },
        )

    director.play.at(moment, begin)


def _play_civil_service(director: _Director) -> None:
    """Another program under its own rules: 35 of 50 find a mentor, and the rest is seen."""
    dates = _Dates(director.monday - 21 * _DAY, _OTHER_ZONE, weeks=26)
    with clock.at(dates.day(-60)):
        coordinator = director.join("other_coordinator", "Harriet Doyle", _OTHER_ZONE)
        program = program_actions.create_program(by=coordinator, **texts.CIVIL_SERVICE)
        cohort = cohorts.create(
            program,
            by=coordinator,
            name=_name_of_round(dates),
            time_zone=_OTHER_ZONE,
            apply_from=dates.apply_from,
            apply_until=dates.apply_until,
            starts_on=dates.starts_on,
            ends_on=dates.ends_on,
            checkin_weeks=3,
            checkin_minutes=60,
            policy=_policy("civil-service-small"),
            mentor_questions=make_questionnaire(
                "Mentor's form", texts.ASKED_OF_CIVIL_MENTORS, Role.MENTOR
            ),
            mentee_questions=make_questionnaire(
                "Mentee's form", texts.ASKED_OF_CIVIL_MENTEES, Role.MENTEE
            ),
        )

    def bring_list() -> None:
        _import("civil-service-small", cohort, coordinator, accept=True)

    def match() -> None:
        run = matching_runs.start(cohort, by=coordinator)
        runs.carry_out(run.pk)
        director.act(dates.day(-10), lambda: matching_runs.publish(run, by=coordinator))

    director.play.at(dates.day(-44), lambda: cohorts.open(cohort, by=coordinator))
    director.act(dates.day(-17, 18), bring_list)
    director.act(dates.day(-11), match)
    _work_together(director, cohort, dates)


def _in_steps(title: str, keys: Iterable[str], role: Role) -> Questionnaire:
    """A form of ready-made questions that is asked page by page."""
    questionnaire = make_questionnaire(title, keys, role)
    for key, heading in texts.STEPS.items():
        questionnaire.questions.filter(key=key).update(section=heading)
    return questionnaire


# --- small things -------------------------------------------------------------------------------


def _catch_up() -> None:
    """Everything that is due at this moment."""
    remind_due_checkins()
    send_due_surveys()
    deliver_due()
    compute_figures()


def _import(sample: str, cohort: Cohort, by: User, *, accept: bool = False) -> None:
    folder = SAMPLES / sample
    report = import_applications(
        cohort,
        by=by,
        mentors=folder / "mentors.csv",
        mentees=folder / "mentees.csv",
        mapping=folder / "mapping.toml",
        accept=accept,
    )
    if report.rejected_total:
        first = report.rejected[0]
        raise RuleBroken(f"{first.file}, row {first.row}, {first.column}: {first.reason}")


@contextmanager
def _few_collections() -> Iterator[None]:
    """Look for garbage rarely: millions of short-lived rows make it a fifth of the work."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _next_quarter(moment: datetime) -> datetime:
    """The next of four moments of the day: often enough, and a few sweeps instead of thousands."""
    start = moment.replace(minute=0, second=0, microsecond=0)
    return start + timedelta(hours=6 - start.hour % 6)


def _policy(sample: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / sample / "policy.toml").read_text())


def _questionnaire(title: str, questions: tuple[dict[str, Any], ...]) -> Questionnaire:
    questionnaire = Questionnaire.objects.create(title=title)
    for question in questions:
        add_question(questionnaire, question)
    return questionnaire
