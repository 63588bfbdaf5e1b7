"""Every mail of this stage, declared."""

from programs.notifications.applying import (
    ApplicationAccepted,
    ApplicationDeclined,
    ApplicationNotice,
    ApplicationOffered,
    ApplicationReceived,
    ApplicationUnfinished,
    ApplicationWaitlisted,
    InterviewCancelled,
    InterviewInvited,
    InterviewNotice,
    InvitedToApply,
    OfferLapsed,
    OfferReminder,
)
from programs.notifications.members import (
    DutyNotice,
    MemberChanged,
    MemberInvited,
    MemberJoined,
    MemberRemoved,
)
from programs.notifications.of_program import OfProgram
from programs.notifications.people import (
    AccountEnds,
    DataCorrected,
    GateReminder,
    ImportFinished,
    PartToConfirm,
    SecondFactorReset,
)
from programs.notifications.reviewing import ReviewsAssigned

__all__ = [
    "AccountEnds",
    "ApplicationAccepted",
    "ApplicationDeclined",
    "ApplicationNotice",
    "ApplicationOffered",
    "ApplicationReceived",
    "ApplicationUnfinished",
    "ApplicationWaitlisted",
    "DataCorrected",
    "DutyNotice",
    "GateReminder",
    "ImportFinished",
    "InterviewCancelled",
    "InterviewInvited",
    "InterviewNotice",
    "InvitedToApply",
    "MemberChanged",
    "MemberInvited",
    "MemberJoined",
    "MemberRemoved",
    "OfProgram",
    "OfferLapsed",
    "OfferReminder",
    "PartToConfirm",
    "ReviewsAssigned",
    "SecondFactorReset",
]
