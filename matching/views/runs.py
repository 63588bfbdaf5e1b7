"""The runs of a cohort, and starting one: what counts, from where, and what is kept."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching.actions import matching_runs, policies
from matching.drafts import page_of_drafts
from matching.engine import Policy, PolicyError
from matching.forms.policies import PolicyFileForm, PolicyForm
from matching.models import MatchingRun, Place
from matching.policies import missing_choices, policy_of, presets, usual
from matching.policies.files import to_toml
from matching.proofs import aim_of
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs import gate
from programs.models import Cohort, Participant
from programs.views.desk import PAGE_SIZE, cohort_of
from programs.views.signed_in import SignedIn

# So many runs can be compared.
MOST_COMPARED = 4


@require_safe
def run_list(request: SignedIn, code: str) -> HttpResponse:
    """Every draft with its versions, the one that was changed last first."""
    cohort = cohort_of(request, code)
    standing = gate.standing(cohort, clock.now())
    return render(
        request,
        "desk/runs.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "page_obj": page_of_drafts(cohort, request.GET.get("page"), PAGE_SIZE),
            "most_compared": MOST_COMPARED,
            "can_start": not cohort.runs.unfinished().exists(),
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
    criteria = [*policy.criteria, *missing_choices(policy, cohort)]
    return {
        "aim": aim_of(policy.objective),
        "policy_criteria": [
            {"label": criterion.label, "points": criterion.points, "must": criterion.must}
            for criterion in criteria
        ],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def run_start(request: SignedIn, code: str) -> HttpResponse:
    """Choose what counts, then start a run by it, keep it for the cohort, or take it along.

    A POST without a policy starts a run by the cohort's own.
    """
    cohort = cohort_of(request, code)
    if request.method != "POST":
        begun, source = _beginning(request, cohort)
        return _start_page(request, cohort, PolicyForm(cohort, policy=begun), source=source)
    if "policy" not in request.POST and "title" not in request.POST:
        return _started(request, matching_runs.start(cohort, by=request.user))
    form = PolicyForm(cohort, request.POST)
    if not form.is_valid():
        return _start_page(request, cohort, form, status=422)
    match request.POST.get("action"):
        case "look":
            return _start_page(request, cohort, form.again())
        case "file":
            return _file(form.asked)
        case "keep":
            policies.keep(cohort, by=request.user, policy=form.asked)
            messages.success(request, _("This cohort is matched by this policy from now on."))
            return redirect("desk-runs", cohort.code)
    run = matching_runs.start(
        cohort,
        by=request.user,
        policy=form.asked.to_dict(),
        seed=form.cleaned_data["seed"] or 0,
        locked=form.settled,
        name=form.cleaned_data["name"],
    )
    if form.cleaned_data["remember"]:
        policies.keep(cohort, by=request.user, policy=form.asked)
    return _started(request, run)


@require_POST
def policy_import(request: SignedIn, code: str) -> HttpResponse:
    """The form filled in from a file; nothing is kept before somebody says so."""
    cohort = cohort_of(request, code)
    file = PolicyFileForm(request.POST, request.FILES)
    if not file.is_valid():
        return _start_page(request, cohort, PolicyForm(cohort), file=file, status=422)
    form = PolicyForm(cohort, policy=file.cleaned_data["file"])
    return _start_page(request, cohort, form, source="file")


def _started(request: SignedIn, run: MatchingRun) -> HttpResponse:
    messages.success(request, _("The matching has started. You get a mail when it is done."))
    return redirect("desk-run", run.code)


def _beginning(request: SignedIn, cohort: Cohort) -> tuple[Policy | None, str]:
    """The policy that the address asks for: a preset's, that of an earlier run, or the cohort's."""
    source = request.GET.get("from", "")
    if (ready := presets().get(source)) is not None:
        return ready, source
    run = MatchingRun.objects.filter(cohort=cohort, code=source).only("policy").first()
    if run is not None:
        try:
            return Policy.from_dict(run.policy), source
        except PolicyError:  # an older one, which the engine takes no more
            return usual(), "skills-first"
    return None, ""


def _start_page(
    request: SignedIn,
    cohort: Cohort,
    form: PolicyForm,
    *,
    file: PolicyFileForm | None = None,
    source: str = "",
    status: int = 200,
) -> HttpResponse:
    return render(
        request,
        "desk/run_start.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "form": form,
            "file": file or PolicyFileForm(),
            "source": source,
            "presets": presets(),
            "missing_choices": missing_choices(form.base, cohort),
            "can_start": not cohort.runs.unfinished().exists(),
        },
        status=status,
    )


def _file(policy: Policy) -> HttpResponse:
    """The policy as a file of its own name."""
    name = slugify(policy.name)[:60] or "policy"
    return HttpResponse(
        to_toml(policy),
        content_type="application/toml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.toml"'},
    )
