"""The coordinators' matching pages, mounted under /admin/."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from matching.actions import matching_runs
from matching.engine import PolicyError
from matching.models import MatchingRun, Place, Suggestion
from matching.notifications import proof_of
from matching.policies import policy_of
from matching.reasons import sentences
from programs.models import Cohort, Participant
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn


@require_safe
def participant_list(request: SignedIn, code: str) -> HttpResponse:
    """Who takes part, and who has a match."""
    cohort = cohort_of(request, code)
    rows = (
        Participant.objects.filter(cohort=cohort)
        .present()
        .select_related("user")
        .annotate(is_matched=Exists(Place.objects.open().filter(participant=OuterRef("pk"))))
    )
    return render(
        request,
        "desk/participants.html",
        {"cohort": cohort, "may_coordinate": True, "page_obj": page_of(request, rows)},
    )


@require_safe
def run_list(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    runs = MatchingRun.objects.filter(cohort=cohort).without_input()
    return render(
        request,
        "desk/runs.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "runs": page_of(request, runs),
            "can_start": not runs.unfinished().exists(),
            "policy_criteria": _criteria(cohort),
        },
    )


def _criteria(cohort: Cohort) -> list[dict[str, Any]]:
    """What the cohort's policy looks at; empty when it is not one the engine takes."""
    try:
        policy = policy_of(cohort)
    except PolicyError:
        return []
    return [
        {"label": criterion.label, "points": criterion.points, "must": criterion.must}
        for criterion in policy.criteria
    ]


@require_POST
def run_start(request: SignedIn, code: str) -> HttpResponse:
    run = matching_runs.start(cohort_of(request, code), by=request.user)
    messages.success(request, _("The matching has started. You get a mail when it is done."))
    return redirect("desk-run", run.code)


@require_safe
def run_detail(request: SignedIn, code: str) -> HttpResponse:
    """A run: its proof in one line, the pairs with their reasons, who stays unmatched."""
    run = _run(request, code)
    page = page_of(request, run.suggestions.select_related("mentor__user", "mentee__user"))
    for suggestion in page:
        suggestion.sentences = sentences(suggestion.reasons, run.policy, with_private=True)
    scores = run.suggestions.values_list("score", flat=True)
    return render(
        request,
        "desk/run.html",
        {
            "run": run,
            "cohort": run.cohort,
            "may_coordinate": True,
            "page_obj": page,
            "proof": proof_of(run),
            "unmatched": _unmatched(run),
            "distribution": _distribution(list(scores)),
            "can_publish": run.matched > 0 and run.can_move_to(MatchingRun.Status.PUBLISHED),
        },
    )


@require_POST
def run_publish(request: SignedIn, code: str) -> HttpResponse:
    run = _run(request, code)
    matches = matching_runs.publish(run, by=request.user)
    messages.success(
        request,
        ngettext(
            "%(count)d match is published. Both people are introduced by mail.",
            "%(count)d matches are published. Everybody is introduced by mail.",
            len(matches),
        )
        % {"count": len(matches)},
    )
    return redirect("desk-run", run.code)


def _run(request: SignedIn, code: str) -> MatchingRun:
    mine = MatchingRun.objects.coordinated_by(request.user).select_related("cohort__program")
    return get_object_or_404(mine, code=code)


def _unmatched(run: MatchingRun) -> Any:
    """The mentees the run was asked about and found no place for."""
    asked = MatchingRun.objects.values_list("problem__mentees", flat=True).get(pk=run.pk) or []
    placed = Suggestion.objects.filter(run=run).values("mentee")
    return (
        Participant.objects.filter(cohort=run.cohort, code__in=[m["id"] for m in asked])
        .exclude(pk__in=placed)
        .select_related("user")
    )


def _distribution(scores: list[int]) -> list[tuple[str, int]]:
    """How many pairs have how many points, in at most ten steps."""
    if not scores:
        return []
    step = max(1, -(-(max(scores) + 1) // 10))
    tally = Counter(score // step for score in scores)
    return [
        (f"{n * step}-{n * step + step - 1}" if step > 1 else str(n), tally[n])
        for n in range(min(tally), max(tally) + 1)
    ]
