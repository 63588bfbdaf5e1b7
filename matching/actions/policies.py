"""What a cohort is matched by."""

from django.db import transaction

from matching.engine import Policy
from mentorship.shared.audit.models import record
from programs.models import Cohort, User


@transaction.atomic
def keep(cohort: Cohort, *, by: User, policy: Policy) -> Cohort:
    """Make this the cohort's policy; runs that were started before keep theirs."""
    cohort = (
        Cohort.objects.select_for_update(of=("self",)).select_related("program").get(pk=cohort.pk)
    )
    table = policy.to_dict()
    if cohort.policy != table:
        cohort.policy = table
        cohort.save(update_fields=["policy"])
        record(by=by, verb="policy.changed", subject=cohort, program=cohort.program)
    return cohort
