from datetime import datetime
from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from matching.actions import matches
from matching.models import Place, Suggestion
from programs.models import Participant
from programs.signals import participant_withdrew, participant_would_go


@receiver(participant_withdrew)
def end_matches_of(participant: Participant, **_: Any) -> None:
    """Whoever leaves a cohort leaves their matches; nobody is left waiting for them."""
    for place in Place.objects.open().filter(participant=participant).select_related("match"):
        matches.end(place.match, by=None)


@receiver(participant_would_go)
def is_in_a_match(participant: Participant, since: datetime, **_: Any) -> bool:
    """Whether they are matched, or a matching proposed them since they came back."""
    proposed = Q(mentor=participant) | Q(mentee=participant)
    return (
        Place.objects.open().filter(participant=participant).exists()
        or Suggestion.objects.filter(proposed, run__created_at__gte=since).exists()
    )
