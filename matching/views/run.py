"""One run: how far it is, or what it came to."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from matching import figures, told
from matching.actions import changes, inquiries, matching_runs
from matching.models import Exclusion, Inquiry, MatchingRun, RunInput
from matching.proofs import aim_of, failure_of, floor_of, proof_of, step_of
from mentorship.shared.base import clock
from mentorship.shared.base.codes import code_in
from mentorship.shared.base.rules import RuleBroken
from programs.views.desk import cohort_of
from programs.views.signed_in import SignedIn

# How often a page that follows a run loads anew.
FOLLOW_SECONDS = 5

# Of so many newer drafts one is looked for that was not taken back.
_NEWEST = 10


def run_of(request: SignedIn, code: str) -> MatchingRun:
    """A run this person coordinates, or 404."""
    mine = MatchingRun.objects.coordinated_by(request.user).select_related(
        "cohort__program", "parent"
    )
    return get_object_or_404(
        mine.defer("parent__prices", "parent__floor", "prices", "floor"), code=code
    )


@require_safe
def run_detail(request: SignedIn, code: str) -> HttpResponse:
    """A run: how far it is, or its proof, its figures and what to look at first."""
    run = run_of(request, code)
    if run.is_unfinished:
        about = _at_work(request, run)
    elif run.is_answered:
        about = _result(run)
    else:
        about = {}
    about |= {
        "run": run,
        "cohort": run.cohort,
        "may_coordinate": True,
        "failure": failure_of(run),
        "changed": told.change_of(run),
        "can_start": not run.cohort.runs.unfinished().exists(),
    }
    answer = render(request, "desk/run.html", about)
    if about.get("is_followed"):
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


def _result(run: MatchingRun) -> dict[str, Any]:
    load = figures.load_of(run)
    kept_until = RunInput.objects.filter(run=run).values_list("keep_until", flat=True).first()
    return {
        "proof": proof_of(run),
        "floor": floor_of(run),
        "aim": aim_of(run.objective),
        "sides": figures.sides(run, load),
        "load": figures.load_bars(run, load),
        "distribution": figures.distribution(run),
        "weakest": figures.weakest(run),
        "kept_until": kept_until,
        "is_undone": run.change.get("is_undone", False),
        "can_publish": run.matched > 0
        and run.can_move_to(MatchingRun.Status.PUBLISHED)
        and not run.change.get("is_undone"),
        "newest": _newer_draft(run),
        "exclusions": _exclusions(run),
        **_sureness(run),
        **_advice(run),
    }


def _sureness(run: MatchingRun) -> dict[str, Any]:
    inquiry = inquiries.look(run, Inquiry.Kind.HOW_SURE)
    sure = figures.sureness(inquiry)
    return {
        "how_sure": inquiry,
        "look_first": figures.look_first(run, sure) if sure else [],
        "shaky": figures.shaky_count(sure),
    }


def _advice(run: MatchingRun) -> dict[str, Any]:
    """Whom to recruit, where somebody is left over."""
    if not run.unmatched:
        return {"recruit": None, "advice": [], "zones": []}
    inquiry = inquiries.look(run, Inquiry.Kind.RECRUIT)
    answer = inquiry.answer if inquiry is not None else None
    return {
        "recruit": inquiry,
        "advice": told.recruit(answer, run.policy, told.names_in(run, answer)) if answer else [],
        "zones": figures.zones_of_unmatched(run),
    }


def _newer_draft(run: MatchingRun) -> MatchingRun | None:
    """The newest draft of the cohort, where this run is an older one."""
    if run.status != MatchingRun.Status.DONE:
        return None
    drafts = run.cohort.runs.filter(status=MatchingRun.Status.DONE, pk__gt=run.pk)
    rows = drafts.without_proof().select_related("asked_by")[:_NEWEST]
    return next((one for one in rows if not one.change.get("is_undone")), None)


def _exclusions(run: MatchingRun) -> Any:
    rows = Exclusion.objects.in_cohort(run.cohort).select_related("mentee__user", "mentor__user")
    return rows.select_related("by", "mentee__user", "mentor__user").order_by("-pk")[:25]


@require_POST
def run_cancel(request: SignedIn, code: str) -> HttpResponse:
    run = matching_runs.cancel(run_of(request, code), by=request.user)
    messages.success(request, _("The run is cancelled, or will be in a few seconds."))
    return redirect("desk-run", run.code)


@require_POST
def run_again(request: SignedIn, code: str) -> HttpResponse:
    run = matching_runs.again(run_of(request, code), by=request.user)
    messages.success(request, _("The matching has started. You get a mail when it is done."))
    return redirect("desk-run", run.code)


@require_POST
def run_undo(request: SignedIn, code: str) -> HttpResponse:
    """Go back to the draft before this change."""
    parent = changes.undo(run_of(request, code), by=request.user)
    messages.success(request, _("The change is taken back. This is the draft before it."))
    return redirect("desk-run", parent.code)


@require_POST
def run_publish(request: SignedIn, code: str) -> HttpResponse:
    run = run_of(request, code)
    if run.change.get("is_undone"):
        raise RuleBroken(_("This change was taken back. Publish the draft before it instead."))
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


@require_POST
def pair_allow(request: SignedIn, code: str) -> HttpResponse:
    """Lift the prohibition of a pair, in later runs."""
    cohort = cohort_of(request, code)
    mentee, mentor = (code_in(request.POST, side) for side in ("mentee", "mentor"))
    mine = Exclusion.objects.in_cohort(cohort).select_related("mentee__cohort__program", "mentor")
    for exclusion in mine.filter(mentee__code=mentee, mentor__code=mentor):
        changes.allow(exclusion, by=request.user)
    messages.success(request, _("Later runs may put the two together again."))
    return redirect("desk-runs", cohort.code)
