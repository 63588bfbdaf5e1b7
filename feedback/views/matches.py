from collections.abc import Collection
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from matching.models import Match
from matching.reasons import sentences
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs.models import Participant, Profile, Seen, User
from programs.views.signed_in import SignedIn
from programs.visibility import Viewer

# What the two see of each other beyond the profile; never anything marked sensitive, and nothing
# that the profile tells already.
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
    others = _others(match, request.user)
    hidden = frozenset().union(*(other["seen"].hidden_facts for other in others))
    now = clock.now()
    return render(
        request,
        "matching/match_detail.html",
        {
            "match": match,
            "cohort": match.cohort,
            "others": others,
            "reasons": sentences(
                match.reasons, match.run.policy if match.run else {}, hidden=hidden
            ),
            "checkins": checkins,
            "next_checkin": next(
                (c for c in checkins if c.status == c.Status.SCHEDULED and c.starts_at > now), None
            ),
            "my_zone": request.user.time_zone,
        },
    )


def _others(match: Match, user: User) -> list[dict[str, Any]]:
    """Whom the person works with: what they let a match see, and whether they are away."""
    others = match.others_than(user)
    profiles = Profile.objects.by_user(person.user for person in others)
    sensitive = match.cohort.sensitive_facts()
    today = local(clock.now(), match.cohort.time_zone).date()
    return [_card(person, profiles[person.user_id], sensitive, today) for person in others]


def _card(
    person: Participant, profile: Profile, sensitive: Collection[str], today: date
) -> dict[str, Any]:
    """What the other may read of a participant."""
    seen = profile.seen_by(Viewer.MATCH)
    return {
        "participant": person,
        "user": person.user,
        "seen": seen,
        "facts": _facts(person, {*sensitive, *seen.hidden_facts, *_told_already(seen)}),
        "back_on": profile.paused_until(today),
    }


def _facts(person: Participant, left_out: Collection[str]) -> list[tuple[str, Any]]:
    return [
        (str(label), ", ".join(value) if isinstance(value, list | dict) else value)
        for name, label in _SHOWN_FACTS.items()
        if name not in left_out and (value := person.facts.get(name))
    ]


def _told_already(seen: Seen) -> set[str]:
    """Facts that stand in the profile above them."""
    told = {name for name in ("languages", "styles") if getattr(seen, name)}
    return told | ({"skills_offered", "skills_wanted"} if seen.skills else set())
