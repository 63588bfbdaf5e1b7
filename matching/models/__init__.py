from matching.models.matches import Match, MatchQuerySet, Place, Seat
from matching.models.runs import (
    MatchingRun,
    MatchingRunQuerySet,
    RunInput,
    RunInputQuerySet,
    Suggestion,
    Unmatched,
)
from matching.models.wishes import Avoid, Exclusion, Preference

__all__ = [
    "Avoid",
    "Exclusion",
    "Match",
    "MatchQuerySet",
    "MatchingRun",
    "MatchingRunQuerySet",
    "Place",
    "Preference",
    "RunInput",
    "RunInputQuerySet",
    "Seat",
    "Suggestion",
    "Unmatched",
]
