"""Pairs that coordinators made by hand and bring as a list."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from matching.actions import brought
from matching.engine import EngineError
from matching.forms.brought import PairsForm
from matching.imports.pairs import COLUMNS, MadePair, checked
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.files.store import one_line
from mentorship.shared.files.tables import Format, write_table
from programs.imports.problems import Problems
from programs.imports.reading import Source
from programs.models import Cohort
from programs.views.desk import cohort_of
from programs.views.signed_in import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
def pairs_import(request: SignedIn, code: str) -> HttpResponse:
    """Bring a list: all that is wrong with it at once, or a run around all of its pairs."""
    cohort = cohort_of(request, code)
    if request.method != "POST":
        return _page(request, cohort, PairsForm())
    form = PairsForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, cohort, form, status=422)
    name, problems = one_line(form.cleaned_data["file"].name, 60), Problems()
    found = _checked(cohort, form.cleaned_data["file"], name, problems)
    if not found and not problems:
        problems.add(name, _("There is no pair in this file."))
    if problems:
        return _page(request, cohort, form, problems=problems, status=422)
    run = brought.start(
        cohort, by=request.user, pairs=found, name=_("Pairs from %(file)s") % {"file": name}
    )
    messages.success(
        request, _("The pairs stay together, and the rest is being matched around them.")
    )
    return redirect("desk-run", run.code)


@require_safe
def pairs_template(request: SignedIn, code: str) -> HttpResponse:
    """An empty list with the names of the columns, as CSV or with ?format=xlsx as a workbook."""
    cohort_of(request, code)
    format = Format.XLSX if request.GET.get("format") == Format.XLSX else Format.CSV
    out, _rows = write_table(format, _("Pairs"), COLUMNS, [])
    with out:
        return HttpResponse(
            out.read(),
            content_type=format.content_type,
            headers={"Content-Disposition": f'attachment; filename="pairs.{format.value}"'},
        )


def _checked(cohort: Cohort, upload: UploadedFile, name: str, problems: Problems) -> list[MadePair]:
    """The pairs of a file that was sent, which lies on a disk for as long as it is read."""
    with tempfile.NamedTemporaryFile(prefix="mentorship-") as copy:
        for part in upload.chunks():
            copy.write(part)
        copy.flush()
        try:
            return checked(cohort, Source(Path(copy.name), name, is_guessing=True), problems)
        except EngineError as error:
            raise RuleBroken(str(error)) from error


def _page(
    request: SignedIn,
    cohort: Cohort,
    form: PairsForm,
    *,
    problems: Problems | None = None,
    status: int = 200,
) -> HttpResponse:
    about: dict[str, Any] = {
        "cohort": cohort,
        "may_coordinate": True,
        "form": form,
        "problems": problems,
        "can_start": not cohort.runs.unfinished().exists(),
    }
    return render(request, "desk/pairs_import.html", about, status=status)
