from typing import Any

from django.dispatch import receiver

from matching.actions import matches
from matching.models import Place
from programs.models import Participant
from programs.signals import participant_withdrew


@receiver(participant_withdrew)
def end_matches_of(participant: Participant, **_: Any) -> None:
    """Whoever leaves a cohort leaves their matches; nobody is left waiting for them."""
    for place in Place.objects.open().filter(participant=participant).select_related("match"):
        matches.end(place.match, by=None)
