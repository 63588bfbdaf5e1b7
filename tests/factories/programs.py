from datetime import date, timedelta
from typing import Any

import factory
from allauth.account.models import EmailAddress

from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question, Questionnaire
from programs.models import (
    Application,
    Assignment,
    Cohort,
    Membership,
    Objective,
    Participant,
    Profile,
    Program,
    Review,
    User,
)

# A policy in which skills decide and nothing is a must.
POLICY = {
    "name": "Skills first",
    "objective": "most-mentees-then-total",
    "criterion": [
        {
            "name": "skills",
            "label": "Skills you want to learn",
            "kind": "overlap",
            "mentee": "skills_wanted",
            "mentor": "skills_offered",
            "points": 10,
            "enough": 2,
        }
    ],
}


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")

    @factory.post_generation
    def verified(user: User, create: bool, extracted: Any, **_: Any) -> None:
        """Everybody can log in: the address is verified."""
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


class ProfileFactory(factory.django.DjangoModelFactory[Profile]):
    class Meta:
        model = Profile

    user = factory.SubFactory(UserFactory)


class ProgramFactory(factory.django.DjangoModelFactory[Program]):
    class Meta:
        model = Program

    name = factory.Sequence(lambda n: f"Program {n}")
    purpose = "People who know help people who want to know."


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    program = factory.SubFactory(ProgramFactory)
    user = factory.SubFactory(UserFactory)
    role = Membership.Role.COORDINATOR


class QuestionnaireFactory(factory.django.DjangoModelFactory[Questionnaire]):
    class Meta:
        model = Questionnaire
        skip_postgeneration_save = True

    title = "Questions"

    @factory.post_generation
    def asks(questionnaire: Questionnaire, create: bool, extracted: Any, **_: Any) -> None:
        """`asks=[(key, kind), …]`; a question's key is its fact."""
        for position, (key, kind) in enumerate(extracted or ()):
            Question.objects.create(
                questionnaire=questionnaire,
                position=position,
                key=key,
                kind=kind,
                label=f"About {key}?",
                fact=key,
                required=key == "motivation",
            )


# Days of a cohort relative to today, by the stage it shall be in.
_STAGES = {
    "draft": (10, 20, 30, 120),
    "applying": (-5, 10, 20, 110),
    "matching": (-30, -5, 5, 95),
    "running": (-60, -40, -35, 55),
    "ended": (-200, -180, -170, -80),
}


def _day(o: Any, index: int) -> date:
    return o.today + timedelta(days=_STAGES[o.stage][index])


class CohortFactory(factory.django.DjangoModelFactory[Cohort]):
    """`CohortFactory(stage="running")` lays the dates around the clock's today."""

    class Meta:
        model = Cohort

    class Params:
        stage = "applying"
        today = factory.LazyAttribute(lambda o: local(clock.now(), o.time_zone).date())
        always_on = factory.Trait(
            is_always_on=True, apply_until=None, ends_on=None, match_weeks=8, checkin_weeks=2
        )

    program = factory.SubFactory(ProgramFactory)
    name = "Spring"
    # Most tests are about people who work together at once.
    answer_days = None
    time_zone = "Europe/Berlin"
    mentor_questions = factory.SubFactory(
        QuestionnaireFactory,
        asks=[
            ("motivation", Kind.LONG_TEXT),
            ("skills_offered", Kind.ITEMS),
            ("capacity", Kind.NUMBER),
            ("time_zone", Kind.ZONE),
        ],
    )
    mentee_questions = factory.SubFactory(
        QuestionnaireFactory,
        asks=[
            ("motivation", Kind.LONG_TEXT),
            ("skills_wanted", Kind.ITEMS),
            ("time_zone", Kind.ZONE),
        ],
    )
    policy = factory.LazyFunction(lambda: POLICY)

    apply_from = factory.LazyAttribute(lambda o: _day(o, 0))
    apply_until = factory.LazyAttribute(lambda o: _day(o, 1))
    starts_on = factory.LazyAttribute(lambda o: _day(o, 2))
    ends_on = factory.LazyAttribute(lambda o: _day(o, 3))
    opened_at = factory.LazyAttribute(
        lambda o: None if o.stage == "draft" else clock.now() - timedelta(days=210)
    )


class ObjectiveFactory(factory.django.DjangoModelFactory[Objective]):
    class Meta:
        model = Objective

    program = factory.SubFactory(ProgramFactory)
    statement = "Ten pairs start together"
    baseline = 0
    target = 10
    due_on = factory.LazyFunction(lambda: clock.now().date() + timedelta(days=90))


class ApplicationFactory(factory.django.DjangoModelFactory[Application]):
    class Meta:
        model = Application

    cohort = factory.SubFactory(CohortFactory)
    applicant = factory.SubFactory(UserFactory)
    role = "mentee"
    questionnaire = factory.LazyAttribute(lambda o: o.cohort.questions_for(o.role))
    # every required question of the cohort's forms
    answers = factory.LazyFunction(lambda: {"motivation": "I want to."})
    status = Application.Status.SUBMITTED
    submitted_at = factory.LazyAttribute(
        lambda o: None if o.status == Application.Status.DRAFT else clock.now()
    )
    decided_at = factory.LazyAttribute(
        lambda o: clock.now() if o.status in Application.DECIDED else None
    )
    decided_by = factory.LazyAttribute(lambda o: UserFactory() if o.decided_at else None)
    offer_until = factory.LazyAttribute(
        lambda o: {
            Application.Status.OFFERED: clock.now() + timedelta(days=7),
            Application.Status.LAPSED: clock.now() - timedelta(days=1),
        }.get(o.status)
    )


class AssignmentFactory(factory.django.DjangoModelFactory[Assignment]):
    class Meta:
        model = Assignment

    application = factory.SubFactory(ApplicationFactory)
    reviewer = factory.SubFactory(UserFactory)


class ReviewFactory(factory.django.DjangoModelFactory[Review]):
    """A review that is in; `score` is what it says."""

    class Meta:
        model = Review

    application = factory.SubFactory(ApplicationFactory)
    reviewer = factory.SubFactory(UserFactory)
    score = 3.0
    advice = "yes"
    submitted_at = factory.LazyFunction(clock.now)


class ParticipantFactory(factory.django.DjangoModelFactory[Participant]):
    class Meta:
        model = Participant

    cohort = factory.SubFactory(CohortFactory)
    user = factory.SubFactory(UserFactory)
    role = "mentee"
    time_zone = factory.LazyAttribute(lambda o: o.user.time_zone)
    joined_at = factory.LazyFunction(clock.now)
