from typing import Any

from django.dispatch import receiver

from feedback.actions import checkins, silences
from matching.models import Match
from matching.signals import match_ended, match_extended, match_introduced


@receiver(match_introduced)
def plan_checkins(match: Match, **_: Any) -> None:
    """A pair that was just introduced finds its meetings planned."""
    checkins.plan(match)


@receiver(match_ended)
def cancel_checkins(match: Match, **_: Any) -> None:
    """Nobody is reminded of a meeting with somebody who left."""
    checkins.cancel_remaining(match)
    silences.close(match)


@receiver(match_extended)
def plan_further(match: Match, **_: Any) -> None:
    """Whoever goes on meeting finds the meetings planned."""
    checkins.plan_further(match)
