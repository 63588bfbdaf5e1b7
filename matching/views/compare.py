"""Runs side by side, and one run by the groups its people count themselves to."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from matching import comparing
from matching.actions import inquiries
from matching.fairness import SMALLEST_GROUP
from matching.models import Inquiry, MatchingRun
from matching.views.run import run_of
from matching.views.runs import MOST_COMPARED
from mentorship.shared.base.codes import is_code
from programs.models import Cohort
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn


@require_safe
def compare(request: SignedIn, code: str) -> HttpResponse:
    """Up to four runs: what each comes to, their points over each other, and who moves."""
    cohort = cohort_of(request, code)
    runs = _chosen(request, cohort)
    about = {"cohort": cohort, "may_coordinate": True, "most": MOST_COMPARED}
    return render(
        request, "desk/compare.html", about | (_compared(request, runs) if len(runs) > 1 else {})
    )


def _compared(request: SignedIn, runs: list[MatchingRun]) -> dict[str, Any]:
    columns = comparing.columns(runs)
    page = page_of(request, comparing.moving(runs))
    return {
        "columns": columns,
        "letters": [one.letter for one in columns],
        "verdict": comparing.verdict(columns),
        "distributions": comparing.distributions(runs),
        "page_obj": page,
        "moves": comparing.moves_of(page, runs),
    }


def _chosen(request: SignedIn, cohort: Cohort) -> list[MatchingRun]:
    """The runs the address names, in its order; 404 for one that is not of this cohort."""
    codes = [code for code in dict.fromkeys(request.GET.getlist("run")) if is_code(code)]
    if len(codes) < len(set(request.GET.getlist("run"))):
        raise Http404
    codes = codes[:MOST_COMPARED]
    rows = MatchingRun.objects.filter(cohort=cohort, code__in=codes).answered().without_proof()
    found = {run.code: run for run in rows}
    if len(found) < len(codes):
        raise Http404
    return [found[code] for code in codes]


@require_safe
def run_audit(request: SignedIn, code: str) -> HttpResponse:
    """How the matching went for the groups that people count themselves to."""
    run = run_of(request, code)
    return render(
        request,
        "desk/run_audit.html",
        {
            "run": run,
            "cohort": run.cohort,
            "may_coordinate": True,
            "inquiry": inquiries.look(run, Inquiry.Kind.AUDIT),
            "smallest": SMALLEST_GROUP,
        },
    )
