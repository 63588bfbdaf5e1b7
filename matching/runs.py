"""What the matching task does: claim the run, ask the engine, keep the answer."""

import logging
import os
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from matching import bridge, changing, engine
from matching.models import Inquiry, MatchingRun, MatchingRunQuerySet, RunInput
from matching.notifications import RunFinished
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.notifications.outbox import notify
from programs.models import Participant, User

logger = logging.getLogger(__name__)

# Who gives no sign for this long is taken for dead, and the sweep takes the run up again.
_LEASE = timedelta(minutes=2)
# A solver gives none while it works, nor does the database; with many people that takes longer.
_PEOPLE_A_SECOND = 50
_SECONDS_BETWEEN_SIGNS = 1.0

Status = MatchingRun.Status


def carry_out(run_id: int, *, threads: int | None = None) -> None:
    """Answer a run that waits. Safe to call twice: the second call finds it claimed.

    What the engine refuses leaves the run failed with its sentence. A worker that dies leaves it
    running; it is taken up again after the lease, a few times, and then it is failed too.
    """
    run = _claim(run_id)
    if run is None:
        return
    if run.attempts > MatchingRun.MOST_ATTEMPTS:
        _settle(run, Status.FAILED, failure=_given_up())
        return
    signs = _Signs(run)
    try:
        signs.give("reading", 0)
        asked, result = _answered(run, signs.work(threads))
        _finish(run, asked, result, signs.seconds)
    except engine.Stopped:
        _settle(run, Status.CANCELLED)
    except KeyboardInterrupt:  # somebody at a terminal
        _settle(run, Status.CANCELLED)
        raise
    except engine.EngineError as error:
        _settle(run, Status.FAILED, failure=str(error)[:500])
    except Exception:
        logger.exception("Matching run %s stopped", run.code)
        _settle(run, Status.FAILED, failure=_("Something went wrong. Please start a new run."))
        raise


def _answered(run: MatchingRun, work: engine.Work) -> tuple[engine.Input, engine.Result]:
    """What the run asks, and the best matching."""
    if run.kind == MatchingRun.Kind.CHANGED:
        return changing.answer(run, work=work)
    asked = bridge.load(run)
    wanted = run.solver.partition(" ")[0] or None
    return asked, bridge.solve(asked, solver=wanted, work=work)


def cores() -> int:
    """On how many cores the engine may work here."""
    return settings.MATCHING_THREADS or os.cpu_count() or 1


def _claim(run_id: int) -> MatchingRun | None:
    """The run, if it waited for somebody; ours for as long as nobody begins another attempt."""
    now = clock.now()
    claimed = (
        MatchingRun.objects.to_carry_out(now)
        .filter(pk=run_id)
        .update(
            status=Status.RUNNING,
            lease_until=now + _LEASE,
            attempts=F("attempts") + 1,
            step="",
            share=0,
        )
    )
    if not claimed:
        return None
    return MatchingRun.objects.select_related("cohort__program", "asked_by", "parent").get(
        pk=run_id
    )


def _ours(run: MatchingRun) -> MatchingRunQuerySet:
    """The row, unless somebody settled the run or took it up after our lease."""
    return MatchingRun.objects.filter(pk=run.pk, status=Status.RUNNING, attempts=run.attempts)


def _given_up() -> str:
    return _(
        "The work on this run broke off %(times)d times without a word; the machine may lack "
        "memory. Please tell whoever runs this site, then run it again."
    ) % {"times": MatchingRun.MOST_ATTEMPTS}


class _Signs:
    """Signs of life on the run's row: how far the work is. A cancelled run answers with Stopped."""

    def __init__(self, run: MatchingRun) -> None:
        self._run = run
        people = Participant.objects.filter(cohort=run.cohort_id).present().count()
        self._lease = _LEASE + timedelta(seconds=people / _PEOPLE_A_SECOND)
        self._started = self._given = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the work began."""
        return time.monotonic() - self._started

    def work(self, threads: int | None) -> engine.Work:
        """How the engine should go about it, as the settings say."""
        return engine.Work(threads=threads or cores(), watch=self._watch, is_late=self._is_late)

    def give(self, step: str, share: float) -> None:
        """Note the step and renew the lease. Raises Stopped when the run is no longer wanted."""
        wanted = _ours(self._run).filter(cancel_asked_at__isnull=True)
        if not wanted.update(step=step, share=share, lease_until=clock.now() + self._lease):
            raise engine.Stopped
        self._given = time.monotonic()

    def _watch(self, step: str, share: float) -> None:
        if time.monotonic() - self._given >= _SECONDS_BETWEEN_SIGNS:
            self.give(step, share)

    def _is_late(self) -> bool:
        return 0 < settings.MATCHING_SECONDS <= self.seconds


@transaction.atomic
def _finish(run: MatchingRun, asked: engine.Input, result: engine.Result, seconds: float) -> None:
    """Keep the answer, unless nobody waits for ours any more."""
    row = _ours(run).without_proof().select_for_update().first()
    if row is None or row.cancel_asked_at is not None:
        raise engine.Stopped
    bridge.save(run, asked, result)
    _settle(run, Status.DONE, seconds=seconds)


@transaction.atomic
def _settle(run: MatchingRun, status: str, **fields: object) -> None:
    settled = _ours(run).update(
        status=status, finished_at=clock.now(), lease_until=None, step="", share=0, **fields
    )
    # Who changed a small draft saw the answer come.
    waited = run.kind == MatchingRun.Kind.CHANGED and run.is_small
    if settled and run.asked_by is not None and status != Status.CANCELLED and not waited:
        notify(RunFinished(run), run.asked_by, program=run.cohort.program)


# --- What is kept of the question, and for how long -----------------------------------------------


@transaction.atomic
def forget_input(run: MatchingRun, *, by: User | None = None) -> bool:
    """Delete what the run was asked; its figures, pairs and prices stay. Whether there was any.

    What was answered about it tells of the people too and goes with it. Afterwards the run can be
    neither checked nor repeated, asked about nor changed.
    """
    deleted, _rows = RunInput.objects.filter(run=run).delete()
    # Audits name nobody, and what was told of groups must be known to keep the next one apart.
    Inquiry.objects.filter(run=run).exclude(kind=Inquiry.Kind.AUDIT).delete()
    if deleted:
        record(by=by, verb="run.forgotten", subject=run, program=run.cohort.program)
    return bool(deleted)


def forget_expired_input(run_id: int) -> bool:
    """Delete what a run was asked when its term is over; safe to call twice."""
    return forget_input(MatchingRun.objects.select_related("cohort__program").get(pk=run_id))
