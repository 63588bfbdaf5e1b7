"""Asking people by mail to finish an application that they began."""

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.outbox import notify
from programs.models import Application, Cohort, User
from programs.notifications import ApplicationUnfinished


def can_be_reminded(cohort: Cohort) -> bool:
    """Whether the cohort still takes applications, so that a reminder makes sense."""
    return cohort.accepts_applications(clock.now())


@transaction.atomic
def remind(cohort: Cohort, *, by: User) -> int:
    """Remind everybody who began and did not send in, once a day; how many mails were queued.

    Raises RuleBroken when the cohort takes no applications now.
    """
    if not can_be_reminded(cohort):
        raise RuleBroken(_("This cohort takes no applications now: there is nothing to finish."))
    today = local(clock.now(), cohort.time_zone).date()
    drafts = Application.objects.drafts().filter(cohort=cohort, applicant__is_active=True)
    reminded = sum(
        notify(
            ApplicationUnfinished(draft),
            draft.applicant,
            program=cohort.program,
            occasion=f"asked {today:%Y%m%d}",
        )
        for draft in drafts.select_related("applicant", "cohort__program")
    )
    record(by=by, verb="drafts.reminded", subject=cohort, program=cohort.program, count=reminded)
    return reminded
