from celery import shared_task

from matching import runs
from matching.models import MatchingRun, RunInput
from mentorship.shared.base import clock
from mentorship.shared.base.sweeps import each


@shared_task
def run_matching(run_id: int) -> None:
    """Carry out one run."""
    runs.carry_out(run_id)


@shared_task
def run_queued() -> None:
    """Carry out every run that waits or was left behind."""
    waiting = MatchingRun.objects.to_carry_out(clock.now()).values_list("pk", flat=True)
    each(waiting, runs.carry_out)


@shared_task
def forget_inputs() -> int:
    """Delete what runs were asked longer ago than it may be kept."""
    today = clock.now().date()
    expired = RunInput.objects.past_their_term(today).values_list("run", flat=True)
    return each(list(expired), runs.forget_expired_input)
