"""The queue of a cohort's applications, and decisions about many of them at once."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from programs import previews, queue
from programs.actions import decisions, offers
from programs.actions.saved_views import forget_view, keep_view
from programs.forms.decisions import DECISIONS, DecideForm
from programs.forms.queue import QueueForm, SavedViewForm, filter_of
from programs.models import Application, ApplicationQuerySet, Batch, Cohort, SavedView
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn

Status = Application.Status

# So many sentences about those who could not move stand in one message.
_TOLD = 5


@require_safe
def application_list(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    form = filter_of(cohort, request.GET)
    found = _found(request, cohort, form)
    return render(
        request,
        "desk/applications.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "page_obj": page_of(request, found.select_related("applicant")),
            "filter": form,
            "query": form.query(),
            "is_filtered": any(name != "order" for name in form.told()),
            "counts": _counts(cohort),
            "status": form.told().get("status", ""),
            "saved": SavedView.objects.filter(cohort=cohort, user=request.user),
            "decisions": DECISIONS,
            "recent": decisions.recent(cohort),
            "most": decisions.MOST,
        },
    )


@require_POST
def decide(request: SignedIn, code: str) -> HttpResponse:
    """First what would happen, then, confirmed, what happens."""
    cohort = cohort_of(request, code)
    chosen = _chosen(request, cohort)
    form = DecideForm(_with_codes(request.POST, chosen), initial={"codes": ""}, cohort=cohort)
    if not chosen or not form.is_valid():
        return _preview(request, cohort, form, chosen, status=422)
    if request.POST.get("step") != "confirm":
        return _preview(request, cohort, form, chosen)
    told = form.cleaned_data
    outcome = decisions.decide(
        chosen,
        told["decision"],
        by=request.user,
        note=told["note"],
        words=told["words"],
        until=offers.end_of(told["until"] or offers.usual_day(cohort), cohort),
    )
    tell(request, outcome)
    return redirect("desk-applications", cohort.code)


@require_POST
def batch_undo(request: SignedIn, code: str) -> HttpResponse:
    mine = Batch.objects.coordinated_by(request.user).select_related("cohort")
    batch = get_object_or_404(mine, code=code)
    outcome = decisions.undo(batch, by=request.user)
    messages.success(
        request,
        ngettext(
            "%(count)d decision is taken back. No mail was sent.",
            "%(count)d decisions are taken back. No mail was sent.",
            outcome.done,
        )
        % {"count": outcome.done},
    )
    _tell_left(request, outcome)
    return redirect("desk-applications", batch.cohort.code)


@require_POST
def view_save(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    form = SavedViewForm(request.POST)
    query = filter_of(cohort, QueryDict(request.POST.get("query", "")[:500])).query()
    back = reverse("desk-applications", args=[cohort.code])
    if form.is_valid():
        keep_view(cohort, user=request.user, name=form.cleaned_data["name"], query=query)
        messages.success(request, _("The view is kept."))
    else:
        messages.error(request, _("Give the view a name of at most 60 characters."))
    return redirect(f"{back}?{query}" if query else back)


@require_POST
def view_delete(request: SignedIn, code: str) -> HttpResponse:
    mine = SavedView.objects.filter(
        user=request.user, cohort__in=Cohort.objects.coordinated_by(request.user)
    ).select_related("cohort")
    view = get_object_or_404(mine, code=code)
    forget_view(view)
    messages.success(request, _("The view is gone. No application was touched."))
    return redirect("desk-applications", view.cohort.code)


def tell(request: SignedIn, outcome: decisions.Outcome) -> None:
    """Say how many were decided, and who could not be."""
    messages.success(
        request,
        ngettext(
            "%(count)d application is decided. Its mail leaves in a minute.",
            "%(count)d applications are decided. Their mails leave in a minute.",
            outcome.done,
        )
        % {"count": outcome.done},
    )
    _tell_left(request, outcome)


def _tell_left(request: SignedIn, outcome: decisions.Outcome) -> None:
    if not outcome.left:
        return
    told = [f"{one.applicant.name}: {why}" for one, why in outcome.left[:_TOLD]]
    messages.warning(
        request,
        ngettext(
            "%(count)d application was left as it is.",
            "%(count)d applications were left as they are.",
            len(outcome.left),
        )
        % {"count": len(outcome.left)}
        + " "
        + " ".join(told),
    )


def _found(request: SignedIn, cohort: Cohort, form: QueueForm) -> ApplicationQuerySet:
    rows = Application.objects.coordinated_by(request.user).filter(cohort=cohort)
    return queue.asked_for(rows, form.told(), cohort=cohort, user=request.user)


def _counts(cohort: Cohort) -> list[dict[str, Any]]:
    rows = Application.objects.filter(cohort=cohort).sent_in().order_by()
    counted = Counter(dict(rows.values_list("status").annotate(count=Count("pk"))))
    return [
        {"value": value, "label": label, "count": counted[value]}
        for value, label in Status.choices
        if value != Status.DRAFT
    ]


def _chosen(request: SignedIn, cohort: Cohort) -> list[Application]:
    """What was ticked, or everything the filter finds; never more than can be decided at once."""
    mine = Application.objects.coordinated_by(request.user).filter(cohort=cohort)
    rows: QuerySet[Application]
    if request.POST.get("every") == "1":
        form = filter_of(cohort, QueryDict(request.POST.get("query", "")[:500]))
        rows = _found(request, cohort, form)
    else:
        ticked = [*request.POST.getlist("ticked"), *request.POST.get("codes", "").split(",")]
        rows = mine.filter(code__in=[one for one in ticked if one.isalnum()][: decisions.MOST])
    return list(rows.select_related("applicant", "cohort__program")[: decisions.MOST])


def _with_codes(sent: QueryDict, chosen: list[Application]) -> QueryDict:
    data = sent.copy()
    data["codes"] = ",".join(one.code for one in chosen)
    return data


def _preview(
    request: SignedIn,
    cohort: Cohort,
    form: DecideForm,
    chosen: list[Application],
    status: int = 200,
) -> HttpResponse:
    told = form.cleaned_data if form.is_valid() else {}
    return render(
        request,
        "desk/decide.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "form": form,
            "chosen": chosen,
            "preview": previews.of(
                chosen,
                told["decision"],
                cohort=cohort,
                by=request.user,
                words=told["words"],
                until=offers.end_of(told["until"] or offers.usual_day(cohort), cohort),
            )
            if told and chosen
            else None,
        },
        status=status,
    )
