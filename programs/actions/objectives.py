from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from programs.models import Cohort, Objective, ObjectiveFigure, Program, User


@transaction.atomic
def add(program: Program, *, by: User, cohort: Cohort | None = None, **fields: Any) -> Objective:
    """A new objective of a program, or of one `cohort` of it.

    `fields`: statement, metric, unit, baseline, target, due_on.
    Raises ValidationError for a value the model does not take, RuleBroken for a cohort of
    another program.
    """
    if cohort is not None and cohort.program_id != program.pk:
        raise RuleBroken(_("This cohort belongs to another program."))
    objective = Objective(program=program, cohort=cohort, **fields)
    objective.full_clean()
    objective.save()
    record(
        by=by,
        verb="objective.added",
        subject=objective,
        program=program,
        statement=objective.statement,
    )
    return objective


@transaction.atomic
def update(objective: Objective, *, by: User, changed: Sequence[str]) -> Objective:
    """Keep an edited objective; `changed` names the fields."""
    objective.save(update_fields=list(changed))
    record(
        by=by,
        verb="objective.changed",
        subject=objective,
        program=objective.program,
        statement=objective.statement,
        fields=", ".join(changed),
    )
    return objective


@transaction.atomic
def remove(objective: Objective, *, by: User) -> None:
    """Take an objective away, with the figures that were entered for it."""
    record(
        by=by,
        verb="objective.removed",
        subject=objective,
        program=objective.program,
        statement=objective.statement,
    )
    objective.delete()


@transaction.atomic
def measure(objective: Objective, *, by: User, on: date, value: float) -> ObjectiveFigure:
    """Enter by hand what an objective stood at on a day; a second word about a day replaces it.

    Raises RuleBroken for a day to come, or when the objective is counted by a metric.
    """
    if objective.metric:
        raise RuleBroken(_("This objective is counted by itself. No figure is entered by hand."))
    if on > local(clock.now(), by.time_zone).date():
        raise RuleBroken(_("This day is still to come. Enter the figure when it is over."))
    figure, _is_new = ObjectiveFigure.objects.update_or_create(
        objective=objective, on=on, defaults={"value": value, "by": by}
    )
    record(
        by=by,
        verb="objective.measured",
        subject=objective,
        program=objective.program,
        statement=objective.statement,
        value=f"{value:g}",
        on=on.isoformat(),
    )
    return figure
