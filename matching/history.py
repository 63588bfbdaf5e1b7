"""How this stage's events are told and found in the history."""

from django.utils.translation import gettext_lazy as _

from matching.models import Match, MatchingRun
from mentorship.shared.audit.subjects import Named, declare
from mentorship.shared.audit.verbs import group

declare(
    Named(MatchingRun, place="cohort"),
    Named(Match, name="places__participant__user__name", place="cohort"),
)

group("matching", _("Matching"), "run", "match")
