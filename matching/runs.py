"""What the matching task does: claim the run, ask the engine, keep the answer."""

import logging
import time
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from matching import bridge
from matching.engine import PolicyError, ProblemError
from matching.models import MatchingRun
from matching.notifications import RunFinished
from mentorship.shared.base import clock
from mentorship.shared.notifications.outbox import notify

logger = logging.getLogger(__name__)

# Longer than any run takes; a worker that died before this long ago will not come back.
_LEASE = timedelta(hours=1)

Status = MatchingRun.Status


def carry_out(run_id: int) -> None:
    """Answer a run that waits. Safe to call twice: the second call finds it claimed.

    An input or policy the engine refuses leaves the run failed with its sentence; a crash
    leaves it running, and the sweep takes it up again after the lease.
    """
    now = clock.now()
    claimed = (
        MatchingRun.objects.to_carry_out(now)
        .filter(pk=run_id)
        .update(status=Status.RUNNING, lease_until=now + _LEASE)
    )
    if not claimed:
        return
    run = MatchingRun.objects.select_related("cohort__program", "asked_by").get(pk=run_id)
    started = time.perf_counter()
    try:
        problem = bridge.load(run)
        result = bridge.solve(problem)
    except (PolicyError, ProblemError) as error:
        _settle(run, Status.FAILED, failure=str(error)[:500])
        return
    except Exception:
        logger.exception("Matching run %s stopped", run.code)
        _settle(run, Status.FAILED, failure=_("Something went wrong. Please start a new run."))
        raise
    with transaction.atomic():
        if _is_still_ours(run):
            bridge.save(run, problem, result)
            _settle(run, Status.DONE, seconds=time.perf_counter() - started)


def _is_still_ours(run: MatchingRun) -> bool:
    """Whether nobody took the run up after our lease. Locks it: call inside a transaction."""
    ours = MatchingRun.objects.select_for_update().filter(
        pk=run.pk, status=Status.RUNNING, lease_until=run.lease_until
    )
    return ours.first() is not None


def _settle(run: MatchingRun, status: str, **fields: object) -> None:
    with transaction.atomic():
        settled = MatchingRun.objects.filter(
            pk=run.pk, status=Status.RUNNING, lease_until=run.lease_until
        ).update(status=status, finished_at=clock.now(), lease_until=None, **fields)
        if settled and run.asked_by is not None:
            notify(RunFinished(run), run.asked_by, program=run.cohort.program)
