from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from matching.actions import closing, matches, meet_and_greets
from matching.models import Introduction, Place, Preference, Suggestion
from programs.models import Cohort, Participant, User
from programs.signals import (
    participant_withdrew,
    participant_would_go,
    people_have_chosen,
    person_paused,
)


@receiver(participant_withdrew)
def end_matches_of(participant: Participant, **_: Any) -> None:
    """Whoever leaves a cohort leaves their matches; nobody is left waiting for them."""
    matches.leave_all(participant)


@receiver(participant_withdrew)
def withdraw_introductions_of(participant: Participant, **_: Any) -> None:
    """Nor is anybody asked for an answer about somebody who left."""
    closing.of_leaver(participant)


@receiver(participant_withdrew)
def call_off_meetings_of(participant: Participant, **_: Any) -> None:
    """Nor does anybody wait for them at a meet-and-greet."""
    meet_and_greets.call_off_of_leaver(participant)


@receiver(person_paused)
def call_off_what_is_missed(user: User, until: date, **_: Any) -> None:
    """The same for whoever is away at the time."""
    meet_and_greets.call_off_of_paused(user, until=until)


@receiver(participant_would_go)
def is_in_a_match(participant: Participant, since: datetime, **_: Any) -> bool:
    """Whether they are matched or introduced, or a matching proposed them since they came back."""
    proposed = Q(mentor=participant) | Q(mentee=participant)
    return (
        Place.objects.open().filter(participant=participant).exists()
        or Introduction.objects.open().filter(proposed).exists()
        or Suggestion.objects.filter(proposed, run__created_at__gte=since).exists()
    )


@receiver(people_have_chosen)
def has_wishes(cohort: Cohort, **_: Any) -> bool:
    """Whether anybody ranked or asked somebody here. Private wishes count for nothing in it."""
    return (
        Preference.objects.filter(participant__cohort=cohort).exists()
        or Introduction.objects.asks().filter(cohort=cohort).exists()
    )
