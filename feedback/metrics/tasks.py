from datetime import timedelta

from celery import shared_task

from feedback.metrics import figures
from feedback.metrics.models import Figure
from mentorship.shared.base import clock
from mentorship.shared.base.sweeps import each
from programs.models import Cohort

# Figures may lag a little; counting them costs more than the pages that show them.
_FRESH = timedelta(minutes=5)


@shared_task
def compute_figures() -> int:
    """Renew the figures of every open cohort whose last count is not fresh."""
    now = clock.now()
    fresh = Figure.objects.filter(computed_at__gt=now - _FRESH).values("cohort")
    stale = Cohort.objects.public().exclude(pk__in=fresh)
    return each(stale, lambda cohort: bool(figures.compute(cohort, now)))
