"""The log of a cohort's decisions about matches, for its coordinators."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from matching.decided import tell
from matching.decision_log import look_through
from matching.models import LoggedDecision
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn


@require_safe
def decision_list(request: SignedIn, code: str) -> HttpResponse:
    """Who decided what and why, the newest first; on demand, whether the log still holds."""
    cohort = cohort_of(request, code)
    rows = LoggedDecision.objects.filter(cohort=cohort).select_related("reason")
    page = page_of(request, rows.order_by("-number"))
    tell(page)
    finding = look_through(cohort) if "check" in request.GET else None
    return render(
        request,
        "desk/decisions.html",
        {"cohort": cohort, "may_coordinate": True, "page_obj": page, "finding": finding},
    )
