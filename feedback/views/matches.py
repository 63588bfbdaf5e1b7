from collections.abc import Collection
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from matching.models import Match
from matching.reasons import sentences
from mentorship.shared.base import clock
from programs.models import Participant, Profile
from programs.views.signed_in import SignedIn

# What the two see of each other beyond the profile; never anything marked sensitive.
_SHOWN_FACTS = {
    "job_title": _("Work"),
    "industry": _("Industry"),
    "years_experience": _("Years of experience"),
    "skills_offered": _("Can teach"),
    "skills_wanted": _("Wants to learn"),
    "styles": _("Ways of learning"),
    "languages": _("Languages"),
    "country": _("Country"),
}


@login_required
@require_safe
def match_detail(request: SignedIn, code: str) -> HttpResponse:
    """One's own match: who the other is, why the two were brought together, when they meet."""
    mine = Match.objects.of(request.user).with_people().with_policy()
    match = get_object_or_404(mine, code=code)
    checkins = list(match.checkins.all())
    hidden = match.cohort.sensitive_facts()
    now = clock.now()
    return render(
        request,
        "matching/match_detail.html",
        {
            "match": match,
            "cohort": match.cohort,
            "others": [_card(person, hidden) for person in match.others_than(request.user)],
            "reasons": sentences(match.reasons, match.run.policy if match.run else {}),
            "checkins": checkins,
            "next_checkin": next(
                (c for c in checkins if c.status == c.Status.SCHEDULED and c.starts_at > now), None
            ),
            "my_zone": request.user.time_zone,
        },
    )


def _card(person: Participant, hidden: Collection[str]) -> dict[str, Any]:
    """What the other may read of a participant."""
    facts = [
        (label, ", ".join(value) if isinstance(value, list) else value)
        for name, label in _SHOWN_FACTS.items()
        if name not in hidden and (value := person.facts.get(name))
    ]
    return {
        "participant": person,
        "user": person.user,
        "profile": Profile.objects.filter(user=person.user).first(),
        "facts": facts,
    }
