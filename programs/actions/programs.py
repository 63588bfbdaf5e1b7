from collections.abc import Sequence
from datetime import date

from django.db import transaction

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from programs.actions import cohorts, memberships
from programs.blueprints import Blueprint
from programs.models import Cohort, Membership, Program, User


@transaction.atomic
def create_program(*, by: User, name: str, purpose: str, **texts: str) -> Program:
    """A new program, run by whoever made it.

    `texts` are the other fields: for_mentors, for_mentees, outcomes, skills_exchanged, reply_to.
    Raises ValidationError for a value the model does not take.
    """
    program = Program(name=name, purpose=purpose, **texts)
    program.full_clean()
    program.save()
    record(by=by, verb="program.created", subject=program, program=program)
    memberships.appoint(program, user=by, role=Membership.Role.COORDINATOR, by=by)
    return program


@transaction.atomic
def create_from(ready: Blueprint, *, by: User, name: str, time_zone: str, today: date) -> Cohort:
    """A program with the texts of a blueprint, and its first cohort, from the day `today` on.

    The cohort counts its days in `time_zone`.
    """
    texts = {field: text.strip() for field, text in ready.texts.items()}
    program = create_program(by=by, name=name, **texts)
    return cohorts.create_from(
        ready,
        program,
        by=by,
        name=ready.cohort["name"],
        time_zone=time_zone,
        starts_on=ready.first_start(today),
    )


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
def archive(program: Program, *, by: User) -> Program:
    """Put a program away with all its cohorts. Nothing is deleted.

    Raises RuleBroken while people take part in a round that has not ended.
    """
    program = Program.objects.select_for_update().get(pk=program.pk)
    if program.archived_at is not None:
        return program
    # one instant for all: what is brought back together was put away together
    at = clock.now()
    current = program.cohorts.select_for_update().current()
    for cohort in current:
        cohorts.require_nobody_at_work(cohort)
    program.cohorts.current().update(archived_at=at)
    program.archived_at = at
    program.save(update_fields=["archived_at"])
    record(by=by, verb="program.archived", subject=program, program=program)
    return program


@transaction.atomic
def take_back(program: Program, *, by: User) -> Program:
    """Bring an archived program back, with the cohorts that were put away with it."""
    program = Program.objects.select_for_update().get(pk=program.pk)
    if program.archived_at is None:
        return program
    program.cohorts.filter(archived_at=program.archived_at).update(archived_at=None)
    program.archived_at = None
    program.save(update_fields=["archived_at"])
    record(by=by, verb="program.restored", subject=program, program=program)
    return program
