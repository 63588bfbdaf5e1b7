from feedback.models.checkins import CheckIn, CheckInQuerySet
from feedback.models.silence import Silence, SilenceQuerySet
from feedback.models.surveys import Invitation, Response, Survey, SurveyQuerySet

__all__ = [
    "CheckIn",
    "CheckInQuerySet",
    "Invitation",
    "Response",
    "Silence",
    "SilenceQuerySet",
    "Survey",
    "SurveyQuerySet",
]
