"""The coordinators' pages of this stage, mounted under /admin/."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.registry import label_of
from programs.actions import cohorts
from programs.models import Cohort
from programs.views.signed_in import SignedIn

PAGE_SIZE = 25


def page_of(request: SignedIn, rows: QuerySet[Any]) -> Page[Any]:
    """The page of `rows` that the address asks for; a number out of range is the last page."""
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))


def cohort_of(request: SignedIn, code: str) -> Cohort:
    """A cohort this person coordinates, or 404."""
    mine = Cohort.objects.coordinated_by(request.user).select_related("program")
    return get_object_or_404(mine, code=code)


@require_POST
def cohort_open(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohorts.open(cohort_of(request, code), by=request.user)
    messages.success(request, _("The cohort is open. Its page takes applications on its dates."))
    return redirect("desk-cohort", cohort.code)


@require_safe
def outbox(request: SignedIn, code: str) -> HttpResponse:
    """The ledger of mails this program sent: who got what when, and what went wrong."""
    cohort = cohort_of(request, code)
    rows = OutboxMessage.objects.filter(program_code=cohort.program.code)
    page = page_of(request, rows.select_related("recipient"))
    for message in page:
        message.kind_label = label_of(message.kind)
    return render(
        request,
        "desk/outbox.html",
        {"cohort": cohort, "may_coordinate": True, "page_obj": page},
    )
