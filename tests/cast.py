"""The same people in every test: two programs whose people must never see each other.

Every text that a person wrote carries its program's canary word, so that a leak shows up as
a word on a page.
"""

from dataclasses import dataclass

from feedback.models import CheckIn, Invitation, Survey
from matching.models import Match, MatchingRun
from mentorship.shared.base import clock
from programs.models import Application, Cohort, Objective, Participant, Program, User
from tests.factories.feedback import InvitationFactory, SurveyFactory, checkin_of
from tests.factories.matching import MatchingRunFactory, match_of
from tests.factories.programs import (
    ApplicationFactory,
    AssignmentFactory,
    CohortFactory,
    MembershipFactory,
    ObjectiveFactory,
    ParticipantFactory,
    ProfileFactory,
    ProgramFactory,
    UserFactory,
)


@dataclass(frozen=True, slots=True)
class Troupe:
    """One program with a running cohort of two pairs, and somebody who applies to the next.

    The other applicant has applied to the running cohort and takes no part in it.
    """

    canary: str
    program: Program
    cohort: Cohort
    next_cohort: Cohort
    draft_cohort: Cohort
    coordinator: User
    reviewer: User
    observer: User
    applicant: User
    other_applicant: User
    application: Application
    mentor: Participant
    mentee: Participant
    match: Match
    checkin: CheckIn
    past_checkin: CheckIn
    other_mentor: Participant
    other_mentee: Participant
    other_match: Match
    run: MatchingRun
    survey: Survey
    invitation: Invitation
    objective: Objective


def troupe(canary: str) -> Troupe:
    """A program whose every text carries `canary`."""
    program = ProgramFactory(name=f"{canary} program", purpose=f"{canary} purpose")
    cohort = CohortFactory(
        program=program, stage="running", name=f"{canary} running", has_flexible_pace=True
    )
    # names are hidden from the reviewer, who has one application to read
    next_cohort = CohortFactory(
        program=program, stage="applying", name=f"{canary} next", is_blind=True
    )
    draft_cohort = CohortFactory(program=program, stage="draft", name=f"{canary} draft")
    staff = {
        role: UserFactory(name=f"{canary} {role}", email=f"{role}.{canary}@example.org")
        for role in ("coordinator", "reviewer", "observer")
    }
    for role, user in staff.items():
        MembershipFactory(program=program, user=user, role=role)
    applicant = UserFactory(name=f"{canary} applicant", email=f"applicant.{canary}@example.org")
    application = ApplicationFactory(
        cohort=next_cohort,
        applicant=applicant,
        answers={"motivation": f"{canary} motivation", "skills_wanted": [f"{canary} skill"]},
    )
    AssignmentFactory(application=application, reviewer=staff["reviewer"])
    other_applicant = UserFactory(
        name=f"{canary} other_applicant", email=f"other_applicant.{canary}@example.org"
    )
    ApplicationFactory(cohort=cohort, applicant=other_applicant)
    people = {name: _participant(cohort, canary, name) for name in _PARTS}
    match = match_of(people["mentor"], people["mentee"])
    other_match = match_of(people["other_mentor"], people["other_mentee"])
    survey = SurveyFactory(cohort=cohort, title=f"{canary} survey", sent_at=clock.now())
    return Troupe(
        canary=canary,
        program=program,
        cohort=cohort,
        next_cohort=next_cohort,
        draft_cohort=draft_cohort,
        applicant=applicant,
        other_applicant=other_applicant,
        application=application,
        match=match,
        checkin=checkin_of(match, days=3, notes=f"{canary} notes"),
        past_checkin=checkin_of(match, days=-2, number=2, notes=f"{canary} past notes"),
        other_match=other_match,
        run=MatchingRunFactory(
            cohort=cohort, status=MatchingRun.Status.DONE, mentees=1, matched=1, matched_bound=1
        ),
        survey=survey,
        invitation=InvitationFactory(survey=survey, participant=people["mentee"]),
        objective=ObjectiveFactory(program=program, statement=f"{canary} objective"),
        **staff,
        **people,
    )


_PARTS = {
    "mentor": "mentor",
    "mentee": "mentee",
    "other_mentor": "mentor",
    "other_mentee": "mentee",
}


def _participant(cohort: Cohort, canary: str, name: str) -> Participant:
    user = UserFactory(
        name=f"{canary} {name}", email=f"{name}.{canary}@example.org", time_zone="Europe/Kyiv"
    )
    ProfileFactory(user=user, story=f"{canary} story of {name}", headline=f"{canary} headline")
    return ParticipantFactory(
        cohort=cohort,
        user=user,
        role=_PARTS[name],
        facts={"skills_offered": [f"{canary} craft"], "job_title": f"{canary} job"},
    )
