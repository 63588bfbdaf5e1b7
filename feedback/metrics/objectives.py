"""Programs at a glance and their objectives, mounted under /admin/."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from feedback.metrics.forms import FigureForm, ObjectiveForm
from feedback.metrics.progress import progress_of
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs.actions import objectives
from programs.models import Objective, Program
from programs.permissions import may_coordinate
from programs.views.desk import page_of
from programs.views.setup import form_page, posted, program_of
from programs.views.signed_in import SignedIn

# So many objectives stand on the page of the program; the others are one click away.
_AT_A_GLANCE = 6


@require_safe
def program_detail(request: SignedIn, code: str) -> HttpResponse:
    """A program at a glance: its words, how far its objectives are, its cohorts."""
    program = get_object_or_404(Program.objects.watched_by(request.user), code=code)
    shown = program.objectives.select_related("cohort")
    return render(
        request,
        "desk/program.html",
        {
            "program": program,
            "may_coordinate": may_coordinate(request.user, program),
            "objectives": progress_of(shown[:_AT_A_GLANCE]),
            "has_more": shown.count() > _AT_A_GLANCE,
            "page_obj": page_of(request, program.cohorts.current()),
        },
    )


@require_safe
def objective_list(request: SignedIn, code: str) -> HttpResponse:
    program = get_object_or_404(Program.objects.watched_by(request.user), code=code)
    page = page_of(request, program.objectives.select_related("cohort"))
    return render(
        request,
        "desk/objectives.html",
        {
            "program": program,
            "may_coordinate": may_coordinate(request.user, program),
            "page_obj": page,
            "objectives": progress_of(page),
        },
    )


@form_page
def objective_new(request: SignedIn, code: str) -> HttpResponse:
    program = program_of(request, code)
    form = ObjectiveForm(posted(request), program=program, initial={"baseline": 0})
    if not form.is_valid():
        context = {"program": program, "form": form}
        status = 422 if form.is_bound else 200
        return render(request, "desk/objective_new.html", context, status=status)
    objectives.add(program, by=request.user, **form.cleaned_data)
    messages.success(request, _("The objective is added."))
    return redirect("desk-objectives", program.code)


@form_page
def objective_detail(request: SignedIn, code: str) -> HttpResponse:
    """An objective with its figures, to edit it and to enter the next one."""
    objective = _objective(request, code)
    form = ObjectiveForm(posted(request), instance=objective, program=objective.program)
    if not form.is_valid():
        objective.refresh_from_db()
        return _page(request, objective, form=form, figure_form=_figure_form(request))
    if form.changed_data:
        objectives.update(objective, by=request.user, changed=form.changed_data)
    messages.success(request, _("The objective is saved."))
    return redirect("desk-objectives", objective.program.code)


@require_POST
def objective_measure(request: SignedIn, code: str) -> HttpResponse:
    objective = _objective(request, code)
    figure_form = FigureForm(request.POST)
    if not figure_form.is_valid():
        form = ObjectiveForm(instance=objective, program=objective.program)
        return _page(request, objective, form=form, figure_form=figure_form)
    objectives.measure(objective, by=request.user, **figure_form.cleaned_data)
    messages.success(request, _("The figure is kept."))
    return redirect("desk-objective", objective.code)


@require_POST
def objective_remove(request: SignedIn, code: str) -> HttpResponse:
    objective = _objective(request, code)
    objectives.remove(objective, by=request.user)
    messages.success(request, _("The objective is removed."))
    return redirect("desk-objectives", objective.program.code)


def _objective(request: SignedIn, code: str) -> Objective:
    mine = Objective.objects.coordinated_by(request.user).select_related("program", "cohort")
    return get_object_or_404(mine, code=code)


def _figure_form(request: SignedIn) -> FigureForm:
    return FigureForm(initial={"on": local(clock.now(), request.user.time_zone).date()})


def _page(
    request: SignedIn, objective: Objective, *, form: ObjectiveForm, figure_form: FigureForm
) -> HttpResponse:
    refused = form.is_bound or figure_form.is_bound
    return render(
        request,
        "desk/objective.html",
        {
            "program": objective.program,
            "objective": objective,
            "progress": progress_of([objective])[0],
            "form": form,
            "figure_form": figure_form,
            "page_obj": page_of(request, objective.figures.select_related("by")),
        },
        status=422 if refused else 200,
    )
