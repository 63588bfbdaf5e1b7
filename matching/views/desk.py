"""The coordinators' matching pages, mounted under /admin/."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, F, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from matching.actions import matching_runs
from matching.engine import PolicyError
from matching.models import MatchingRun, Place, RunInput
from matching.policies import policy_of
from matching.proofs import aim_of, failure_of, floor_of, proof_of, step_of
from matching.reasons import sentences
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs import gate
from programs.models import Cohort, Participant, ParticipantQuerySet, Profile
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn

# How often a page that follows a run loads anew.
FOLLOW_SECONDS = 5

# What the list of people can be narrowed to.
READY: Mapping[str, Callable[[ParticipantQuerySet], ParticipantQuerySet]] = {
    "yes": ParticipantQuerySet.ready,
    "no": ParticipantQuerySet.not_ready,
}


@require_safe
def participant_list(request: SignedIn, code: str) -> HttpResponse:
    """Who takes part, who has a match, and what is missing before one."""
    cohort = cohort_of(request, code)
    today = local(clock.now(), cohort.time_zone).date()
    people = Participant.objects.filter(cohort=cohort).present()
    ready = request.GET.get("ready", "")
    if ready in READY:
        people = READY[ready](people)
    rows = people.select_related("user").annotate(
        is_matched=Exists(Place.objects.open().filter(participant=OuterRef("pk"))),
        is_paused=Exists(Profile.objects.paused(today).filter(user=OuterRef("user"))),
    )
    page = page_of(request, rows)
    missing = gate.missing_of(list(page))
    for participant in page:
        participant.missing = missing[participant.pk]
        participant.missing_words = ", ".join(item.label for item in participant.missing)
    return render(
        request,
        "desk/participants.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "page_obj": page,
            "ready": ready,
            "standing": gate.standing(cohort, clock.now()),
        },
    )


@require_safe
def run_list(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    runs = MatchingRun.objects.filter(cohort=cohort).without_proof()
    standing = gate.standing(cohort, clock.now())
    return render(
        request,
        "desk/runs.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "runs": page_of(request, runs),
            "can_start": not runs.unfinished().exists(),
            "why_empty": _why_empty(cohort, standing),
            "standing": standing,
            **_policy(cohort),
        },
    )


def _why_empty(cohort: Cohort, standing: gate.Standing) -> str:
    """Why a run would find nobody to match, in a sentence; empty when it would find somebody."""
    if not standing.present:
        return _("Nobody takes part yet. Accept applications first.")
    if not standing.matchable:
        return _("Nobody who takes part can be matched yet.")
    today = local(clock.now(), cohort.time_zone).date()
    ready = Participant.objects.filter(cohort=cohort).matchable(today)
    if not ready.mentees().exclude(places__in=Place.objects.open()).exists():
        return _("No mentee is without a mentor: there is nobody to look for.")
    held = Count("places", filter=Q(places__in=Place.objects.open()))
    if not ready.mentors().annotate(held=held).filter(held__lt=F("capacity")).exists():
        return _("No mentor has a free place. Accept more mentors first.")
    return ""


def _policy(cohort: Cohort) -> dict[str, Any]:
    """What the cohort's policy aims for and looks at; nothing when the engine does not take it."""
    try:
        policy = policy_of(cohort)
    except PolicyError:
        return {"aim": "", "policy_criteria": []}
    return {
        "aim": aim_of(policy.objective),
        "policy_criteria": [
            {"label": criterion.label, "points": criterion.points, "must": criterion.must}
            for criterion in policy.criteria
        ],
    }


@require_POST
def run_start(request: SignedIn, code: str) -> HttpResponse:
    run = matching_runs.start(cohort_of(request, code), by=request.user)
    messages.success(request, _("The matching has started. You get a mail when it is done."))
    return redirect("desk-run", run.code)


@require_safe
def run_detail(request: SignedIn, code: str) -> HttpResponse:
    """A run: how far it is, or its proof, the pairs with their reasons and who has no match."""
    run = _run(request, code)
    told = _at_work(request, run) if run.is_unfinished else _result(request, run)
    about = {
        "run": run,
        "cohort": run.cohort,
        "may_coordinate": True,
        "failure": failure_of(run),
        "can_start": not run.cohort.runs.unfinished().exists(),
    }
    answer = render(request, "desk/run.html", about | told)
    if told.get("is_followed"):
        # The page works without a script, and nobody is followed who did not ask for it.
        answer["Refresh"] = str(FOLLOW_SECONDS)
    return answer


def _at_work(request: SignedIn, run: MatchingRun) -> dict[str, Any]:
    return {
        "step": step_of(run),
        "is_left_behind": run.is_left_behind(clock.now()),
        "is_followed": "follow" in request.GET,
        "follow_seconds": FOLLOW_SECONDS,
    }


def _result(request: SignedIn, run: MatchingRun) -> dict[str, Any]:
    page = page_of(request, run.suggestions.select_related("mentor__user", "mentee__user"))
    for suggestion in page:
        suggestion.sentences = sentences(suggestion.reasons, run.policy, with_private=True)
    scores = run.suggestions.values_list("score", flat=True)
    return {
        "page_obj": page,
        "proof": proof_of(run),
        "floor": floor_of(run),
        "aim": aim_of(run.objective),
        "unmatched": _unmatched(run),
        "distribution": _distribution(list(scores)),
        "kept_until": RunInput.objects.filter(run=run).values_list("keep_until", flat=True).first(),
        "can_publish": run.matched > 0 and run.can_move_to(MatchingRun.Status.PUBLISHED),
    }


@require_POST
def run_cancel(request: SignedIn, code: str) -> HttpResponse:
    run = matching_runs.cancel(_run(request, code), by=request.user)
    messages.success(request, _("The run is cancelled, or will be in a few seconds."))
    return redirect("desk-run", run.code)


@require_POST
def run_again(request: SignedIn, code: str) -> HttpResponse:
    run = matching_runs.again(_run(request, code), by=request.user)
    messages.success(request, _("The matching has started. You get a mail when it is done."))
    return redirect("desk-run", run.code)


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
    left_over = run.left_over.values("mentee")
    return Participant.objects.filter(pk__in=left_over).select_related("user")


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
