"""A round between its last application and its matching: a desk with drafts to decide on."""

from datetime import timedelta
from typing import Any

from matching import inquiring, runs
from matching.actions import changes, drafts, inquiries, introductions, matching_runs, pairs
from matching.models import Inquiry, Introduction, MatchingRun
from mentorship.demo import developers, samples, texts
from mentorship.demo.director import DAY, ZONE, Dates, Director
from mentorship.demo.play import chance
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.actions import applications, cohorts, people
from programs.models import Application, Cohort, Participant, Program, Role, User

# So many of those who took part before join, and there are fewer mentors than mentees.
_MENTEES, _MENTORS = 44, 20

# What counts in the second draft, where it differs from the program's own points.
_SAME_WORK = {"skills": 15, "work": 30, "industry": 15, "styles": 4}


def set_up(director: Director, program: Program, before: Cohort) -> None:
    """Six weeks of reviewing code in pairs: everybody is in, and the matching is being looked at.

    The mentee of the cast is introduced by hand to somebody who has said yes already.
    """
    coordinator = director.cast["coordinator"]
    dates = Dates(director.monday + 14 * DAY, weeks=6)

    def announce() -> None:
        cohort = _found(program, coordinator, dates)
        for number, earlier in enumerate(_joining(director, before)):
            _apply(cohort, earlier, after=timedelta(minutes=10 * number))
        director.act(dates.day(-16), lambda: _accept_all(cohort, coordinator))
        director.act(director.now - 26 * timedelta(hours=1), lambda: _by_hand(director, cohort))
        director.act(director.now - 25 * timedelta(hours=1), lambda: _drafts(director, cohort))

    director.act(dates.day(-18), announce)


def _found(program: Program, coordinator: User, dates: Dates) -> Cohort:
    cohort = cohorts.create(
        program,
        by=coordinator,
        name=f"Code reviews, {dates.name}",
        time_zone=ZONE,
        apply_from=dates.apply_from,
        apply_until=dates.apply_until,
        review_until=dates.starts_on - 13 * DAY,
        match_on=dates.starts_on - 10 * DAY,
        starts_on=dates.starts_on,
        ends_on=dates.ends_on,
        checkin_weeks=1,
        checkin_minutes=45,
        answer_days=7,
        policy=developers.policy(),
        mentor_questions=samples.in_steps("Review code", texts.ASKED_OF_MENTORS, Role.MENTOR),
        mentee_questions=samples.in_steps(
            "Have code reviewed", texts.ASKED_OF_MENTEES, Role.MENTEE
        ),
    )
    return cohorts.open(cohort, by=coordinator)


def _joining(director: Director, before: Cohort) -> list[Application]:
    """Who was in the round before and wants this too: the same people each time."""
    there = Application.objects.filter(cohort=before).select_related("applicant").order_by("pk")
    others = [one for one in there if one.applicant != director.cast["mentor"]]
    others.sort(key=lambda one: chance("reviews code", one.applicant.email))
    mentees = [one for one in others if one.role == Role.MENTEE]
    # the mentee of the cast is among them
    mentees.sort(key=lambda one: one.applicant != director.cast["mentee"])
    mentors = [one for one in others if one.role == Role.MENTOR]
    return [*mentees[:_MENTEES], *mentors[:_MENTORS]]


def _apply(cohort: Cohort, earlier: Application, *, after: timedelta) -> None:
    with clock.at(clock.now() + after):
        application = applications.start(
            cohort, applicant=earlier.applicant, role=earlier.role, answers=earlier.answers
        )
        applications.submit(application, by=earlier.applicant)


def _accept_all(cohort: Cohort, coordinator: User) -> None:
    waiting = Application.objects.filter(cohort=cohort).waiting()
    for application in waiting.exclude(applicant=coordinator):
        applications.accept(application, by=coordinator)


def _by_hand(director: Director, cohort: Cohort) -> None:
    """The mentee of the cast and whoever teaches most of what she wants to learn."""
    coordinator, mentee = director.cast["coordinator"], _person(cohort, director.cast["mentee"])
    wanted = set(mentee.facts.get("skills_wanted", ()))
    there = (
        Participant.objects.filter(cohort=cohort).mentors().select_related("user").order_by("pk")
    )
    for mentor in sorted(
        there, key=lambda one: -len(wanted.intersection(one.facts.get("skills_offered", ())))
    ):
        try:
            pairs.make(mentee, mentor, by=coordinator, reason=texts.BY_HAND)
        except RuleBroken:
            continue  # a must of the policy is against it
        people.update_profile(mentor.user, by=mentor.user, **developers.profile_of(mentor))
        shown = Introduction.objects.open().with_people().get(mentee=mentee)
        introductions.answer(shown, by=mentor.user, says_yes=True)
        return


def _person(cohort: Cohort, user: User) -> Participant:
    return Participant.objects.select_related("user").get(cohort=cohort, user=user)


# --- drafts -------------------------------------------------------------------------------------


def _drafts(director: Director, cohort: Cohort) -> None:
    """Two drafts that weigh differently; the first is changed by hand, asked about and shown."""
    coordinator = director.cast["coordinator"]
    _draft(cohort, coordinator, "Same work first", _weighed(**_SAME_WORK))
    by_skill = _draft(cohort, coordinator, "Skills first", developers.policy())
    changed = _changed(by_skill, coordinator)
    for run in (by_skill, changed):
        for kind in (Inquiry.Kind.HOW_SURE, Inquiry.Kind.RECRUIT):
            inquiring.answer(inquiries.ask(run, kind, by=coordinator).pk)
    drafts.show(changed, by=coordinator)
    drafts.comment(changed, by=director.cast["reviewer"], text=texts.ON_DRAFT)


def _draft(cohort: Cohort, by: User, name: str, policy: dict[str, Any]) -> MatchingRun:
    run = matching_runs.start(cohort, by=by, name=name, policy=policy)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    return run


def _weighed(**points: int) -> dict[str, Any]:
    """The program's policy with other points for some criteria."""
    policy = developers.policy()
    for criterion in policy["criterion"]:
        if criterion["name"] in points:
            criterion["points"] = points[criterion["name"]]
    return policy


def _changed(run: MatchingRun, by: User) -> MatchingRun:
    """The draft with its best pair settled and its weakest ruled out."""
    found = run.suggestions.select_related("mentee__user", "mentor__user")
    ordered = list(found.order_by("-score", "pk"))
    best, weakest = ordered[0], ordered[-1]
    settled = changes.make(
        run, by=by, kind="lock", mentee=best.mentee, mentor=best.mentor, reason=texts.SETTLED
    )
    return changes.make(
        settled,
        by=by,
        kind="forbid",
        mentee=weakest.mentee,
        mentor=weakest.mentor,
        reason=texts.RULED_OUT,
    )
