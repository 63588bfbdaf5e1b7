"""For how long what belongs to a cohort is kept; the stages above ask the same."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.privacy.registry import Rows, days

AFTER_COHORT = days(
    _("{days} days after the end of the cohort; without an end, after the last change."),
    settings.RETENTION_ANSWER_DAYS,
)


def cohort_ended(way: str = "", *, stamp: str = "updated_at") -> Callable[[Rows, datetime], Rows]:
    """Finds the rows of cohorts that ended a term ago; without an end, by the age of `stamp`.

    `way` leads from a row to what has a cohort, as a query writes it ("application__").
    """

    def past(rows: Rows, at: datetime) -> Rows:
        before = at - timedelta(days=settings.RETENTION_ANSWER_DAYS)
        ended = Q(**{f"{way}cohort__ends_on__lt": before.date()})
        endless = Q(**{f"{way}cohort__ends_on__isnull": True, f"{stamp}__lt": before})
        return rows.filter(ended | endless)

    return past
