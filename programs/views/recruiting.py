"""While applications come in: supply and demand by skill, and what was begun and not sent in."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from programs import drafts, supply
from programs.actions import unfinished
from programs.models import Application, Cohort, Role
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn


@require_safe
def supply_and_demand(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    market = supply.market_of(cohort)
    most = max((max(one.seats, one.wishes) for one in market.skills), default=0)
    return render(
        request,
        "desk/supply.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "market": market,
            "skills": [
                {
                    "skill": one,
                    "seats_share": one.seats / most,
                    "wishes_share": one.wishes / most,
                }
                for one in market.skills
            ],
        },
    )


@require_safe
def draft_list(request: SignedIn, code: str) -> HttpResponse:
    """Half-finished applications: how far, since when, and where people stop."""
    cohort = cohort_of(request, code)
    rows = Application.objects.drafts().filter(cohort=cohort).order_by("-updated_at", "pk")
    page = page_of(
        request,
        rows.select_related("applicant", "questionnaire").prefetch_related(
            "questionnaire__questions"
        ),
    )
    for application in page:
        application.progress = drafts.progress_of(application.questionnaire, application.answers)
    return render(
        request,
        "desk/drafts.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "page_obj": page,
            "stops": _stops(cohort),
            "can_remind": unfinished.can_be_reminded(cohort),
        },
    )


@require_POST
def drafts_remind(request: SignedIn, code: str) -> HttpResponse:
    reminded = unfinished.remind(cohort_of(request, code), by=request.user)
    messages.success(
        request,
        ngettext(
            "%(count)d person is reminded by mail.",
            "%(count)d people are reminded by mail.",
            reminded,
        )
        % {"count": reminded},
    )
    return redirect("desk-drafts", code)


def _stops(cohort: Cohort) -> list[dict[str, Any]]:
    told = [{"role": role, "rows": drafts.where_people_stop(cohort, role)} for role in Role]
    for one in told:
        one["rows"] = [(label or _("Nothing answered yet"), n) for label, n in one["rows"]]
    return [one for one in told if one["rows"]]
