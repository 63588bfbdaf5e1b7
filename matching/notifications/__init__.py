"""The mails of matching, in the order a program meets them."""

from matching.notifications.along_the_way import (
    MatchChanged,
    MatchEnded,
    MatchExtended,
    MatchJoined,
    MatchNotice,
)
from matching.notifications.choosing import AskReceived, ChoosingEnds
from matching.notifications.drafts import DraftShown
from matching.notifications.introductions import (
    IntroductionMade,
    IntroductionOver,
    IntroductionReminder,
    NextBestNotFound,
    StillWaiting,
)
from matching.notifications.matches import MatchIntroduced
from matching.notifications.meetings import MeetingCalledOff, MeetingsNone, MeetingsPlanned
from matching.notifications.places import OneMorePlaceAnswered, OneMorePlaceAsked
from matching.notifications.runs import RunFinished

__all__ = [
    "AskReceived",
    "ChoosingEnds",
    "DraftShown",
    "IntroductionMade",
    "IntroductionOver",
    "IntroductionReminder",
    "MatchChanged",
    "MatchEnded",
    "MatchExtended",
    "MatchIntroduced",
    "MatchJoined",
    "MatchNotice",
    "MeetingCalledOff",
    "MeetingsNone",
    "MeetingsPlanned",
    "NextBestNotFound",
    "OneMorePlaceAnswered",
    "OneMorePlaceAsked",
    "RunFinished",
    "StillWaiting",
]
