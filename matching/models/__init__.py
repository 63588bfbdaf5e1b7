from matching.models.decisions import (
    DecisionLog,
    DecisionReason,
    LoggedDecision,
    LoggedDecisionQuerySet,
)
from matching.models.inquiries import Inquiry, InquiryQuerySet
from matching.models.introductions import Answer, Introduction, IntroductionQuerySet
from matching.models.matches import EndKind, Match, MatchQuerySet, Part, Place, Seat
from matching.models.meetings import MeetAndGreet, Meeting, MeetingQuerySet, MeetingSlot
from matching.models.places import PlaceAsk, PlaceAskQuerySet
from matching.models.runs import (
    MatchingRun,
    MatchingRunQuerySet,
    RunComment,
    RunInput,
    RunInputQuerySet,
    Suggestion,
    Unmatched,
)
from matching.models.wishes import Avoid, Exclusion, Preference

__all__ = [
    "Answer",
    "Avoid",
    "DecisionLog",
    "DecisionReason",
    "EndKind",
    "Exclusion",
    "Inquiry",
    "InquiryQuerySet",
    "Introduction",
    "IntroductionQuerySet",
    "LoggedDecision",
    "LoggedDecisionQuerySet",
    "Match",
    "MatchQuerySet",
    "MatchingRun",
    "MatchingRunQuerySet",
    "MeetAndGreet",
    "Meeting",
    "MeetingQuerySet",
    "MeetingSlot",
    "Part",
    "Place",
    "PlaceAsk",
    "PlaceAskQuerySet",
    "Preference",
    "RunComment",
    "RunInput",
    "RunInputQuerySet",
    "Seat",
    "Suggestion",
    "Unmatched",
]
