from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from programs.models import Cohort, User


@transaction.atomic
def open(cohort: Cohort, *, by: User) -> Cohort:
    """Show the cohort to visitors; applications come in from its first day on.

    Raises RuleBroken when the last day for applications is over or the cohort is archived.
    """
    cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
    now = clock.now()
    if cohort.opened_at is not None:
        return cohort
    if cohort.archived_at is not None:
        raise RuleBroken(_("This cohort is archived. Make a new one to start again."))
    if cohort.apply_until < local(now, cohort.time_zone).date():
        raise RuleBroken(_("The dates for applications are over. Change them before you open."))
    cohort.opened_at = now
    cohort.save(update_fields=["opened_at"])
    record(by=by, verb="cohort.opened", subject=cohort, program=cohort.program)
    return cohort


@transaction.atomic
def update(cohort: Cohort, *, by: User, changed: Sequence[str]) -> Cohort:
    """Keep edited texts, dates or rhythm of a cohort; `changed` names the fields."""
    # only these: an action may have written others since the form was opened
    cohort.save(update_fields=list(changed))
    record(
        by=by,
        verb="cohort.changed",
        subject=cohort,
        program=cohort.program,
        fields=", ".join(changed),
    )
    return cohort
