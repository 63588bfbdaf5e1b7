from matching.models.matches import Match, MatchQuerySet, Place, Seat
from matching.models.runs import MatchingRun, MatchingRunQuerySet, Suggestion

__all__ = [
    "Match",
    "MatchQuerySet",
    "MatchingRun",
    "MatchingRunQuerySet",
    "Place",
    "Seat",
    "Suggestion",
]
