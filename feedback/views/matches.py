from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from feedback.models import CheckIn, Silence
from matching.cards import cards_of, hidden_in, introductions_to_answer
from matching.models import Match
from matching.reasons import sentences
from mentorship.shared.base import clock
from programs.views.signed_in import SignedIn


@login_required
@require_safe
def match_detail(request: SignedIn, code: str) -> HttpResponse:
    """One's own match: who the other is, why the two were brought together, when they meet."""
    mine = Match.objects.of(request.user).with_people().with_policy()
    match = get_object_or_404(mine, code=code)
    checkins = list(CheckIn.objects.of(request.user).filter(match=match).defer("notes"))
    others = cards_of(match.others_than(request.user), match.cohort)
    now = clock.now()
    return render(
        request,
        "matching/match_detail.html",
        {
            "match": match,
            "cohort": match.cohort,
            "others": others,
            "reasons": sentences(
                match.reasons, match.run.policy if match.run else {}, hidden=hidden_in(others)
            ),
            "checkins": checkins,
            "next_checkin": next(
                (c for c in checkins if c.status == c.Status.SCHEDULED and c.starts_at > now), None
            ),
            "silence": Silence.objects.open().filter(match=match).first(),
            "is_new": not any(c.status == c.Status.HELD for c in checkins),
            "introductions": introductions_to_answer(request.user, match.cohort),
            "my_zone": request.user.time_zone,
        },
    )
