"""Bringing lists in the dashboard, mounted under /admin/."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentorship.shared.base import clock
from programs.actions import import_jobs
from programs.forms.imports import ColumnsForm, ImportForm
from programs.models import Cohort, ImportJob, ImportRow
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn

Status = ImportJob.Status
Fate = ImportRow.Fate

# How often a page that follows an import loads anew.
FOLLOW_SECONDS = 3


@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request: SignedIn, code: str) -> HttpResponse:
    """Bring files; and every import of this cohort so far."""
    cohort = cohort_of(request, code)
    if request.method != "POST":
        return _import_page(request, cohort, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, cohort, form, status=422)
    job = import_jobs.start(
        cohort,
        by=request.user,
        files=form.files_by_side,
        mapping=form.cleaned_data["mapping"],
    )
    return redirect(
        "desk-import-columns" if job.status == Status.COLUMNS else "desk-import-job", job.code
    )


def _import_page(
    request: SignedIn, cohort: Cohort, form: ImportForm, *, status: int = 200
) -> HttpResponse:
    rows = ImportJob.objects.filter(cohort=cohort).select_related("asked_by")
    return render(
        request,
        "desk/import.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "form": form,
            "page_obj": page_of(request, rows),
            "days": import_jobs.DAYS_KEPT,
        },
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def import_columns(request: SignedIn, code: str) -> HttpResponse:
    """What each column means: ready guesses, to be changed."""
    job = _job(request, code)
    files = list(job.files.select_related("stored"))
    if not files or not job.can_move_to(Status.QUEUED):
        return redirect("desk-import-job", job.code)
    for file in files:
        file.job = job
    data = request.POST if request.method == "POST" else None
    forms = [ColumnsForm(file, data) for file in files]
    is_right = all(form.is_valid() for form in forms)
    if data is None or not is_right or any(form.asks_again for form in forms):
        has_errors = any(form.errors for form in forms)
        return render(
            request,
            "desk/import_columns.html",
            {
                "job": job,
                "cohort": job.cohort,
                "may_coordinate": True,
                "forms": forms,
            },
            status=422 if has_errors else 200,
        )
    import_jobs.choose(
        job,
        by=request.user,
        chosen={form.file.side: (form.sheet, form.chosen) for form in forms},
    )
    return redirect("desk-import-job", job.code)


@require_safe
def import_detail(request: SignedIn, code: str) -> HttpResponse:
    """How far it is, what would become of each row, or what came of it."""
    job = _job(request, code)
    fate = request.GET.get("fate", "")
    is_followed = job.is_unfinished and "follow" in request.GET
    answer = render(
        request,
        "desk/import_job.html",
        {
            "job": job,
            "cohort": job.cohort,
            "may_coordinate": True,
            "is_left_behind": job.is_left_behind(clock.now()),
            "is_followed": is_followed,
            "follow_seconds": FOLLOW_SECONDS,
            **_rows(request, job, fate if fate in Fate.values else ""),
        },
    )
    if is_followed:
        # The page works without a script, and nobody is followed who did not ask for it.
        answer["Refresh"] = str(FOLLOW_SECONDS)
    return answer


def _rows(request: SignedIn, job: ImportJob, fate: str) -> dict[str, Any]:
    """The rows of one fate or of all, once the check has ended."""
    counts = {
        Fate.WRONG: job.wrong,
        Fate.NEW: job.new,
        Fate.CHANGED: job.changed,
        Fate.UNCHANGED: job.unchanged,
    }
    rows = ImportRow.objects.filter(file__job=job).select_related("file__stored")
    if job.status not in (Status.CHECKED, Status.CONFIRMED, Status.IMPORTING, Status.IMPORTED):
        rows = rows.none()
    if fate:
        rows = rows.filter(fate=fate)
    return {
        "page_obj": page_of(request, rows),
        "fate": fate,
        "counts": [
            {"value": fate.value, "label": fate.label, "count": count}
            for fate, count in counts.items()
            if count
        ],
        "has_files": job.files.exists(),
    }


@require_POST
def import_confirm(request: SignedIn, code: str) -> HttpResponse:
    job = import_jobs.confirm(_job(request, code), by=request.user)
    messages.success(request, _("The import has started. You get a mail when it is done."))
    return redirect("desk-import-job", job.code)


@require_POST
def import_cancel(request: SignedIn, code: str) -> HttpResponse:
    job = import_jobs.cancel(_job(request, code), by=request.user)
    messages.success(request, _("The import is cancelled, or will be in a few seconds."))
    return redirect("desk-import-job", job.code)


def _job(request: SignedIn, code: str) -> ImportJob:
    mine = ImportJob.objects.coordinated_by(request.user)
    return get_object_or_404(mine.select_related("cohort__program", "asked_by"), code=code)
