"""What commands about one run have in common."""

from django.core.management.base import CommandError

from matching import bridge, engine
from matching.models import MatchingRun


def answered_run(code: str) -> MatchingRun:
    """The run of this code, which has an answer. Raises CommandError with a sentence."""
    run = MatchingRun.objects.select_related("cohort").filter(code=code).first()
    if run is None:
        raise CommandError(f"There is no matching run with the code {code}.")
    if run.is_unfinished:
        raise CommandError(f"The run {code} is still at work. Please try again when it is done.")
    if not run.is_answered:
        raise CommandError(f"The run {code} has no answer: it failed or was cancelled.")
    return run


def input_of(run: MatchingRun) -> engine.Input:
    """What the run was asked. Raises CommandError with a sentence when that is gone or damaged."""
    try:
        asked = bridge.asked_of(run)
    except engine.EngineError as error:
        raise CommandError(f"The run {run.code} does not hold: {error}") from error
    if asked is None:
        raise CommandError(
            f"What the run {run.code} was asked is no longer kept, so it can be neither checked "
            "nor repeated. Its matches and figures stay as they were."
        )
    return asked
