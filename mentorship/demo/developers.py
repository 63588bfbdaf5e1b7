"""The developers' program: from its first day until its people are matched."""

from typing import Any

from matching import runs
from matching.actions import matching_runs
from matching.models import Match
from matching.tasks import announce_matches
from mentorship.demo import samples, texts
from mentorship.demo.director import DAY, ZONE, Dates, Director
from mentorship.shared.base import clock
from programs.actions import applications, cohorts, memberships, objectives, people
from programs.actions import programs as program_actions
from programs.models import Application, Cohort, Membership, Participant, Program, Role, User

_SAMPLE = "developers-2025"


def found(director: Director, dates: Dates) -> tuple[Program, Cohort]:
    """The program, its coordinator and observer, the owner, and a cohort that is not open yet."""
    with clock.at(min(dates.day(-60), director.now)):
        coordinator = director.join("coordinator", "Nora Lindqvist")
        observer = director.join("observer", "Samuel Osei", "Africa/Accra")
        director.join_owner("Marit Solberg", "Europe/Oslo")
        program = program_actions.create_program(by=coordinator, **texts.DEVELOPERS)
        memberships.appoint(program, user=observer, role=Membership.Role.OBSERVER, by=coordinator)
        cohort = make_cohort(program, coordinator, dates.name, dates)
        for goal in texts.GOALS:
            objectives.add(program, by=coordinator, due_on=dates.ends_on, **goal)
    return program, cohort


def make_cohort(program: Program, by: User, name: str, dates: Dates) -> Cohort:
    return cohorts.create(
        program,
        by=by,
        name=name,
        time_zone=ZONE,
        apply_from=dates.apply_from,
        apply_until=dates.apply_until,
        review_until=dates.starts_on - 13 * DAY,
        match_on=dates.starts_on - 10 * DAY,
        starts_on=dates.starts_on,
        ends_on=dates.ends_on,
        checkin_weeks=2,
        checkin_minutes=45,
        answer_days=None,
        policy=policy(),
        mentor_questions=samples.in_steps("Become a mentor", texts.ASKED_OF_MENTORS, Role.MENTOR),
        mentee_questions=samples.in_steps("Find a mentor", texts.ASKED_OF_MENTEES, Role.MENTEE),
    )


def policy() -> dict[str, Any]:
    """What the program's rounds are matched by."""
    return samples.policy_of(_SAMPLE)


def import_developers(cohort: Cohort, by: User) -> None:
    """The people of the sample apply."""
    samples.bring(_SAMPLE, cohort, by)


def until_matched(director: Director, cohort: Cohort, dates: Dates) -> None:
    """Applications, decisions, the matching and its publication."""
    play, coordinator = director.play, director.cast["coordinator"]

    def accept_all() -> None:
        for application in Application.objects.filter(cohort=cohort).waiting():
            applications.accept(application, by=coordinator)

    def match() -> None:
        run = matching_runs.start(cohort, by=coordinator)
        runs.carry_out(run.pk)
        director.act(dates.day(-10), lambda: matching_runs.publish(run, by=coordinator))
        director.play.at(dates.day(-10, 11), announce_matches)  # a worker's part: check-ins
        play.at(dates.day(-10, 12), lambda: _cast_a_pair(director, cohort))

    play.at(dates.day(-44), lambda: cohorts.open(cohort, by=coordinator))
    play.at(dates.day(-17, 18), lambda: import_developers(cohort, coordinator))
    director.act(dates.day(-13), accept_all)
    director.act(dates.day(-11), match)


def _cast_a_pair(director: Director, cohort: Cohort) -> None:
    """The best pair that meets by day on both sides plays mentor and mentee."""
    pairs = Match.objects.filter(cohort=cohort).running().with_people().order_by("-score", "pk")
    pair = next(
        (one for one in pairs if all(p.time_zone.startswith("Europe/") for p in one.people)),
        pairs[0],
    )
    for part, role in (("mentor", Role.MENTOR), ("mentee", Role.MENTEE)):
        person = pair.those(role)[0]
        director.give_key(part, person.user)
        people.update_profile(person.user, by=person.user, **profile_of(person))


def profile_of(person: Participant) -> dict[str, Any]:
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
