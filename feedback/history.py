"""How this stage's events are told and found in the history."""

from django.utils.translation import gettext_lazy as _

from feedback.models import CheckIn, Silence, Survey
from mentorship.shared.audit.subjects import Named, declare
from mentorship.shared.audit.verbs import group

declare(
    Named(CheckIn, name="match__places__participant__user__name", place="match__cohort"),
    Named(Silence, name="match__places__participant__user__name", place="match__cohort"),
    Named(Survey, name="title", place="cohort"),
)

group("feedback", _("Check-ins and surveys"), "checkin", "silence", "survey")
