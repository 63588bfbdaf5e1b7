"""Who did what in a program, told as sentences: the coordinators' pages of the audit log."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from mentorship.shared.audit.models import AuditEvent, AuditEventQuerySet
from programs.forms.history import HistoryFilter
from programs.history import told
from programs.models import Program
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn


@require_safe
def cohort_history(request: SignedIn, code: str) -> HttpResponse:
    """What was done in a cohort, and what concerns the program as a whole."""
    cohort = cohort_of(request, code)
    rows = AuditEvent.objects.of_program(cohort.program).within(cohort)
    about = {"cohort": cohort, "program": cohort.program, "may_coordinate": True}
    return _page(request, "desk/history.html", rows, cohort.time_zone, about)


@require_safe
def program_history(request: SignedIn, code: str) -> HttpResponse:
    """What was done in a program, in all its cohorts."""
    program = get_object_or_404(Program.objects.coordinated_by(request.user), code=code)
    rows = AuditEvent.objects.of_program(program)
    about = {"program": program, "may_coordinate": True}
    return _page(request, "desk/program_history.html", rows, request.user.time_zone, about)


def _page(
    request: SignedIn, template: str, rows: AuditEventQuerySet, zone: str, about: dict[str, Any]
) -> HttpResponse:
    form = HistoryFilter(request.GET)
    page = page_of(request, form.narrow(rows, zone))
    page.object_list = told(page.object_list)
    return render(
        request,
        template,
        about
        | {
            "page_obj": page,
            "filter": form,
            "is_filtered": not form.is_valid() or any(form.cleaned_data.values()),
        },
        status=200 if form.is_valid() else 422,
    )
