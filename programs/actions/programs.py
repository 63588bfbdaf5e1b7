from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from mentorship.shared.audit.models import record
from mentorship.shared.questions.models import Questionnaire
from programs.actions import memberships
from programs.models import Cohort, Membership, Program, Role, User
from programs.questions import make_questionnaire, ready_made_for

# What a form made on the dashboard asks to begin with.
USUAL = frozenset(
    {
        "motivation",
        "skills_offered",
        "skills_wanted",
        "styles",
        "channels",
        "years_experience",
        "job_title",
        "career_goal",
        "languages",
        "time_zone",
        "capacity",
    }
)


@transaction.atomic
def create_program(*, by: User, name: str, purpose: str, **texts: str) -> Program:
    """A new program, run by whoever made it.

    `texts` are the other fields: for_mentors, for_mentees, reply_to.
    Raises ValidationError for a value the model does not take.
    """
    program = Program(name=name, purpose=purpose, **texts)
    program.full_clean()
    program.save()
    record(by=by, verb="program.created", subject=program, program=program)
    memberships.appoint(program, user=by, role=Membership.Role.COORDINATOR, by=by)
    return program


@transaction.atomic
def create_cohort(
    program: Program,
    *,
    by: User,
    name: str,
    time_zone: str,
    apply_from: date,
    apply_until: date,
    starts_on: date,
    ends_on: date,
    mentor_questions: Questionnaire,
    mentee_questions: Questionnaire,
    policy: dict[str, Any],
    **rhythm: int,
) -> Cohort:
    """A new cohort of `program`, not yet open. `rhythm`: checkin_weeks, checkin_minutes.

    Raises ValidationError for dates in the wrong order or an unknown zone.
    """
    cohort = Cohort(
        program=program,
        name=name,
        time_zone=time_zone,
        apply_from=apply_from,
        apply_until=apply_until,
        starts_on=starts_on,
        ends_on=ends_on,
        mentor_questions=mentor_questions,
        mentee_questions=mentee_questions,
        policy=policy,
        **rhythm,
    )
    cohort.full_clean()
    cohort.save()
    record(by=by, verb="cohort.created", subject=cohort, program=program)
    return cohort


@transaction.atomic
def update(program: Program, *, by: User, changed: Sequence[str]) -> Program:
    """Keep edited texts of a program; `changed` names the fields."""
    program.save(update_fields=list(changed))
    record(
        by=by,
        verb="program.changed",
        subject=program,
        program=program,
        fields=", ".join(changed),
    )
    return program


@transaction.atomic
def keep_new_cohort(cohort: Cohort, *, by: User) -> Cohort:
    """Keep a cohort made on the dashboard, with the ready-made forms to start from."""
    for role, attribute in ((Role.MENTOR, "mentor_questions"), (Role.MENTEE, "mentee_questions")):
        keys = [question.key for question in ready_made_for(role) if question.key in USUAL]
        title = f"{cohort.name}, {role.label}"[:200]
        setattr(cohort, attribute, make_questionnaire(title, keys, role))
    cohort.save()
    record(by=by, verb="cohort.created", subject=cohort, program=cohort.program)
    return cohort
