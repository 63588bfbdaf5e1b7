"""A draft before it is published, as reviewers of the program read it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from matching.actions import drafts
from matching.draft_sight import seen_pairs
from matching.forms.drafts import CommentForm
from matching.models import MatchingRun
from matching.proofs import proof_of
from programs.permissions import may_coordinate
from programs.views.desk import page_of
from programs.views.signed_in import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
def draft_detail(request: SignedIn, code: str) -> HttpResponse:
    """Read the pairs of a draft, and say what one thinks of them."""
    shown = MatchingRun.objects.shown_to(request.user).select_related("cohort__program")
    run = get_object_or_404(shown, code=code)
    form = CommentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        drafts.comment(run, by=request.user, text=form.cleaned_data["text"])
        messages.success(request, _("Thank you. The coordinators read what you wrote."))
        return redirect("desk-draft", run.code)
    return render(
        request, "desk/draft.html", _about(request, run, form), status=422 if form.is_bound else 200
    )


def _about(request: SignedIn, run: MatchingRun, form: CommentForm) -> dict[str, Any]:
    # By number, since the order by points would tell what is not shown.
    rows = run.suggestions.order_by("mentee").select_related("mentee__user", "mentor__user")
    page = page_of(request, rows)
    runs_it = may_coordinate(request.user, run.cohort.program)
    said = run.comments.with_people()
    return {
        "run": run,
        "cohort": run.cohort,
        "may_coordinate": runs_it,
        "page_obj": page,
        "pairs": seen_pairs(run, page),
        "proof": proof_of(run),
        "form": form,
        "comments": said if runs_it else said.filter(by=request.user),
    }


@require_POST
def run_show(request: SignedIn, code: str) -> HttpResponse:
    run = drafts.show(_run(request, code), by=request.user)
    messages.success(request, _("The reviewers can read this draft now. They hear so by mail."))
    return redirect("desk-run", run.code)


@require_POST
def run_hide(request: SignedIn, code: str) -> HttpResponse:
    run = drafts.hide(_run(request, code), by=request.user)
    messages.success(request, _("The reviewers cannot read this draft any more."))
    return redirect("desk-run", run.code)


def _run(request: SignedIn, code: str) -> MatchingRun:
    return get_object_or_404(MatchingRun.objects.coordinated_by(request.user), code=code)
