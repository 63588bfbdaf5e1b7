"""The coordinators' pages to set up a program and its cohorts, mounted under /admin/."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs.actions import cohorts, programs
from programs.blueprints import blueprint, first_monday
from programs.forms.choices import ChoiceForm
from programs.forms.cohorts import CohortForm, NewCohortForm
from programs.forms.programs import NewProgramForm, ProgramForm
from programs.models import Cohort, Program
from programs.permissions import may_open
from programs.readiness import findings
from programs.setup_cards import cards
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn

form_page = require_http_methods(["GET", "HEAD", "POST"])


def posted(request: SignedIn) -> QueryDict | None:
    """What was sent, an empty form too; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def program_of(request: SignedIn, code: str) -> Program:
    """A program this person coordinates, or 404."""
    return get_object_or_404(Program.objects.coordinated_by(request.user), code=code)


# --- Programs -------------------------------------------------------------------------------------


@form_page
def program_new(request: SignedIn) -> HttpResponse:
    """For the owner of the site: a program from a blueprint, or an empty one."""
    if not request.user.is_superuser:
        raise PermissionDenied
    form = NewProgramForm(posted(request), initial={"time_zone": request.user.time_zone})
    if not form.is_valid():
        return _page(request, "desk/program_new.html", form, {})
    name, key = form.cleaned_data["name"], form.cleaned_data["blueprint"]
    if not key:
        program = programs.create_program(by=request.user, name=name, purpose=_("To be written."))
        messages.success(request, _("The program is made. Write its purpose next."))
        return redirect("desk-program-edit", program.code)
    zone = form.cleaned_data["time_zone"]
    today = local(clock.now(), zone).date()
    cohort = programs.create_from(
        blueprint(key), by=request.user, name=name, time_zone=zone, today=today
    )
    messages.success(request, _("The program and its first cohort are made. Look at every part."))
    return redirect("desk-cohort-setup", cohort.code)


@form_page
def program_edit(request: SignedIn, code: str) -> HttpResponse:
    program = program_of(request, code)
    form = ProgramForm(posted(request), instance=program)
    if not form.is_valid():
        program.refresh_from_db()
        return _page(request, "desk/program_edit.html", form, {"program": program})
    if form.changed_data:
        programs.update(program, by=request.user, changed=form.changed_data)
    messages.success(request, _("The program is saved."))
    return redirect("desk-program", program.code)


@require_POST
def program_archive(request: SignedIn, code: str) -> HttpResponse:
    programs.archive(program_of(request, code), by=request.user)
    messages.success(request, _("The program and its cohorts are in the archive."))
    return redirect("desk-archive")


@require_POST
def program_restore(request: SignedIn, code: str) -> HttpResponse:
    program = programs.take_back(program_of(request, code), by=request.user)
    messages.success(request, _("The program is back."))
    return redirect("desk-program", program.code)


@require_safe
def archive(request: SignedIn) -> HttpResponse:
    """What was put away, to look at or to bring back."""
    mine = Cohort.objects.coordinated_by(request.user).archived().select_related("program")
    return render(
        request,
        "desk/archive.html",
        {
            "programs": Program.objects.coordinated_by(request.user).archived(),
            "page_obj": page_of(request, mine.order_by("-archived_at", "pk")),
        },
    )


# --- Cohorts --------------------------------------------------------------------------------------


@form_page
def cohort_new(request: SignedIn, code: str) -> HttpResponse:
    """A cohort as a copy of an earlier one, from a blueprint, or empty."""
    program = program_of(request, code)
    today = local(clock.now(), request.user.time_zone).date()
    newest = program.cohorts.first()
    initial = {
        "starts_on": first_monday(today + timedelta(weeks=8)),
        "time_zone": newest.time_zone if newest else request.user.time_zone,
    }
    form = NewCohortForm(posted(request), program=program, initial=initial)
    if not form.is_valid():
        return _page(request, "desk/cohort_new.html", form, {"program": program})
    cohort = _make(program, form, request)
    messages.success(request, _("The cohort is made. Look at every part, then open it."))
    return redirect("desk-cohort-setup", cohort.code)


def _make(program: Program, form: NewCohortForm, request: SignedIn) -> Cohort:
    told = {name: form.cleaned_data[name] for name in ("name", "time_zone", "starts_on")}
    if form.earlier is not None:
        return cohorts.clone(form.earlier, by=request.user, **told)
    if form.cleaned_data["source"] == "empty":
        return cohorts.create_empty(program, by=request.user, **told)
    ready = blueprint(form.cleaned_data["source"])
    return cohorts.create_from(ready, program, by=request.user, **told)


@require_safe
def cohort_setup(request: SignedIn, code: str) -> HttpResponse:
    """Every part of the set-up with its state, and what is still missing."""
    cohort = cohort_of(request, code)
    found = findings(cohort, clock.now())
    return render(
        request,
        "desk/setup.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "cards": cards(cohort),
            "missing": sum(finding.blocks for finding in found),
            "risky": sum(not finding.blocks for finding in found),
            "may_open": may_open(request.user, cohort),
        },
    )


@require_safe
def readiness(request: SignedIn, code: str) -> HttpResponse:
    """What is missing before opening, and what may go wrong, each with the page to mend it."""
    cohort = cohort_of(request, code)
    found = findings(cohort, clock.now())
    return render(
        request,
        "desk/readiness.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "missing": [finding for finding in found if finding.blocks],
            "risky": [finding for finding in found if not finding.blocks],
            "may_open": may_open(request.user, cohort),
        },
    )


@form_page
def cohort_edit(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    form = CohortForm(posted(request), instance=cohort)
    if not form.is_valid():
        cohort.refresh_from_db()
        context = {"cohort": cohort, "may_coordinate": True, "has_people": _has_people(cohort)}
        return _page(request, "desk/cohort_edit.html", form, context)
    if form.changed_data:
        # a form of one shape empties the dates of the other without anybody touching them
        cohorts.update(cohort, by=request.user, changed=form.fields_to_keep())
    messages.success(request, _("The cohort is saved."))
    if form.changes_dates() and _has_people(cohort):
        text = _("Check-ins that are planned already stay where they are. Pairs can move theirs.")
        messages.warning(request, text)
    return redirect("desk-cohort-setup", cohort.code)


@form_page
def cohort_choice(request: SignedIn, code: str) -> HttpResponse:
    """Who chooses, and how long people have to choose and to answer."""
    cohort = cohort_of(request, code)
    form = ChoiceForm(posted(request), instance=cohort)
    have_chosen = cohorts.have_chosen(cohort)
    if not form.is_valid():
        cohort.refresh_from_db()
        context = {"cohort": cohort, "may_coordinate": True, "have_chosen": have_chosen}
        return _page(request, "desk/cohort_choice.html", form, context)
    if form.changed_data:
        cohorts.update(cohort, by=request.user, changed=form.changed_data)
    messages.success(request, _("The cohort is saved."))
    if have_chosen and "choice" in form.changed_data:
        text = _("People had chosen already, and nobody told them of the change. Write to them.")
        messages.warning(request, text)
    return redirect("desk-cohort-setup", cohort.code)


def _has_people(cohort: Cohort) -> bool:
    return cohort.participants.present().exists()


@require_POST
def cohort_archive(request: SignedIn, code: str) -> HttpResponse:
    cohorts.archive(cohort_of(request, code), by=request.user)
    messages.success(request, _("The cohort is in the archive."))
    return redirect("desk-archive")


@require_POST
def cohort_restore(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohorts.take_back(cohort_of(request, code), by=request.user)
    messages.success(request, _("The cohort is back."))
    return redirect("desk-cohort", cohort.code)


def _page(request: SignedIn, template: str, form: Any, context: Mapping[str, Any]) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, template, {**context, "form": form}, status=status)
