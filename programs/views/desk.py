"""The coordinators' pages of this stage, mounted under /admin/."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.registry import label_of
from programs.actions import applications, cohorts
from programs.forms.applications import DecisionForm
from programs.models import Application, Cohort, Role, User
from programs.views.signed_in import SignedIn

Status = Application.Status

PAGE_SIZE = 25

DECISIONS = {
    Status.ACCEPTED: applications.accept,
    Status.WAITLISTED: applications.waitlist,
    Status.DECLINED: applications.decline,
}


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
def application_list(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    rows = Application.objects.reviewable_by(request.user).filter(cohort=cohort)
    counted = Counter(dict(rows.order_by().values_list("status").annotate(count=Count("pk"))))
    status, role = request.GET.get("status", ""), request.GET.get("role", "")
    if status in Status.values:
        rows = rows.filter(status=status)
    if role in Role.values:
        rows = rows.filter(role=role)
    return render(
        request,
        "desk/applications.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "page_obj": page_of(request, rows.select_related("applicant")),
            "counts": [
                {"value": value, "label": label, "count": counted[value]}
                for value, label in Status.choices
                if value != Status.DRAFT
            ],
            "roles": Role.choices,
            "status": status,
            "role": role,
        },
    )


@require_safe
def application_detail(request: SignedIn, code: str) -> HttpResponse:
    return _application_page(request, _application(request, code), DecisionForm())


@require_POST
def application_decide(request: SignedIn, code: str) -> HttpResponse:
    application = _application(request, code)
    form = DecisionForm(request.POST)
    decision = request.POST.get("decision", "")
    if not form.is_valid() or decision not in DECISIONS:
        return _application_page(request, application, form, status=422)
    DECISIONS[Status(decision)](application, by=request.user, note=form.cleaned_data["note"])
    messages.success(request, _("Decided. The applicant hears by mail."))
    return redirect("desk-application", application.code)


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


@require_safe
def history(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    page = page_of(request, AuditEvent.objects.filter(program_code=cohort.program.code))
    codes = {code for event in page for code in (event.actor_code, event.subject_code)}
    names = dict(User.objects.filter(code__in=codes).values_list("code", "name"))
    for event in page:
        event.actor = names.get(event.actor_code, "") or _("The system")
        event.text = event.told(names)
    return render(
        request,
        "desk/history.html",
        {"cohort": cohort, "may_coordinate": True, "page_obj": page},
    )


def _application(request: SignedIn, code: str) -> Application:
    rows = Application.objects.reviewable_by(request.user).select_related(
        "cohort__program", "applicant", "questionnaire", "decided_by"
    )
    return get_object_or_404(rows, code=code)


def _application_page(
    request: SignedIn, application: Application, form: DecisionForm, status: int = 200
) -> HttpResponse:
    verbs = {
        Status.ACCEPTED: (_("Accept"), "primary"),
        Status.WAITLISTED: (_("Waiting list"), "outline-secondary"),
        Status.DECLINED: (_("Decline"), "outline-danger"),
    }
    return render(
        request,
        "desk/application.html",
        {
            "application": application,
            "cohort": application.cohort,
            "may_coordinate": True,
            "answers": application.in_words(),
            "moves": [
                {"value": value, "label": label, "style": style}
                for value, (label, style) in verbs.items()
                if application.can_move_to(value)
            ],
            "form": form,
        },
        status=status,
    )
