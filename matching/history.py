"""How this stage's events are told and found in the history."""

from django.utils.translation import gettext_lazy as _

from matching.models import Introduction, Match, MatchingRun, MeetAndGreet, Meeting
from mentorship.shared.audit.subjects import Named, declare
from mentorship.shared.audit.verbs import group

declare(
    Named(MatchingRun, place="cohort"),
    Named(Match, name="places__participant__user__name", place="cohort"),
    Named(Introduction, name="mentee__user__name", place="cohort"),
    Named(MeetAndGreet, place="cohort"),
    Named(Meeting, name="mentee__user__name", place="round__cohort"),
)

group("matching", _("Matching"), "run", "policy", "match", "introduction", "wishes", "ask")
group("matching", _("Matching"), "meet", "meeting", "pair", "place")
