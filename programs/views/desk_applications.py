"""A coordinator's page of one application: answers, reviews, interview, decision, waiting list."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mentorship.shared.audit.models import AuditEvent
from programs import blind, rubric
from programs.actions import (
    decisions,
    interviews,
    offers,
    reviews,
    waiting_list,
)
from programs.agreement import spread
from programs.assigning import organisation
from programs.forms.decisions import DECISIONS, WordsForm
from programs.forms.reviews import InterviewForm, OutcomeForm
from programs.models import Application, Interview, Review, Role, User
from programs.queue import with_reviews
from programs.views.desk import cohort_of, page_of
from programs.views.queue import tell
from programs.views.signed_in import SignedIn

Status = Application.Status

# From here on two reviewers should talk to each other.
_APART = 2
_STYLES = {
    Status.ACCEPTED: "primary",
    Status.OFFERED: "outline-secondary",
    Status.WAITLISTED: "outline-secondary",
    Status.DECLINED: "outline-danger",
}


@require_safe
def application_detail(request: SignedIn, code: str) -> HttpResponse:
    return _page(request, _application(request, code))


@require_POST
def application_decide(request: SignedIn, code: str) -> HttpResponse:
    """Decide about one application, with the machinery of many."""
    application = _application(request, code)
    form = _words_form(application, request.POST)
    decision = request.POST.get("decision", "")
    if not form.is_valid() or decision not in dict(DECISIONS):
        return _page(request, application, form=form, status=422)
    told = form.cleaned_data
    outcome = decisions.decide(
        [application],
        decision,
        by=request.user,
        note=told["note"],
        words=told["words"],
        until=offers.end_of(
            told.get("until") or offers.usual_day(application.cohort), application.cohort
        ),
    )
    tell(request, outcome)
    return redirect("desk-application", application.code)


@require_POST
def interview_plan(request: SignedIn, code: str) -> HttpResponse:
    application = _application(request, code)
    form = _interview_form(request, application, request.POST)
    if not form.is_valid():
        return _page(request, application, interview_form=form, status=422)
    interviews.plan(application, by=request.user, **form.told())
    messages.success(request, _("The interview is planned. The applicant gets a mail with it."))
    return redirect("desk-application", application.code)


@require_POST
def interview_hold(request: SignedIn, code: str) -> HttpResponse:
    interview = _interview(request, code)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _page(request, interview.application, outcome_form=form, status=422)
    interviews.hold(interview, by=request.user, **form.cleaned_data)
    messages.success(request, _("It is noted how the interview went."))
    return redirect("desk-application", interview.application.code)


@require_POST
def interview_cancel(request: SignedIn, code: str) -> HttpResponse:
    interview = interviews.cancel(_interview(request, code), by=request.user)
    messages.success(request, _("The interview is cancelled. The applicant gets a mail."))
    return redirect("desk-application", interview.application.code)


@require_safe
def waiting(request: SignedIn, code: str, role: Role) -> HttpResponse:
    """Who waits for a place in a role, in order."""
    cohort = cohort_of(request, code)
    rows = Application.objects.on_waiting_list(cohort, role)
    offered = Application.objects.filter(cohort=cohort, role=role, status=Status.OFFERED)
    free = cohort.free_places(role)
    is_free = (free is None or free > 0) and cohort.archived_at is None
    return render(
        request,
        "desk/waiting.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "role": role,
            "roles": list(Role),
            "page_obj": page_of(request, with_reviews(rows).select_related("applicant")),
            "offered": offered.select_related("applicant").order_by("offer_until")[:50],
            "free": free,
            "next": rows.select_related("applicant").first() if is_free else None,
        },
    )


@require_POST
def waiting_move(request: SignedIn, code: str) -> HttpResponse:
    application = _application(request, code)
    direction = request.POST.get("direction")
    if direction not in ("up", "down"):
        raise BadRequest
    waiting_list.move(application, up=direction == "up", by=request.user)
    return redirect("desk-waiting", application.cohort.code, application.role)


@require_POST
def waiting_order(request: SignedIn, code: str, role: Role) -> HttpResponse:
    cohort = cohort_of(request, code)
    waiting_list.order_by_score(cohort, role, by=request.user)
    messages.success(request, _("The list stands in the order of the scores now."))
    return redirect("desk-waiting", cohort.code, role)


def _application(request: SignedIn, code: str) -> Application:
    rows = Application.objects.coordinated_by(request.user).select_related(
        "cohort__program", "applicant", "questionnaire", "decided_by"
    )
    return get_object_or_404(rows, code=code)


def _interview(request: SignedIn, code: str) -> Interview:
    mine = Application.objects.coordinated_by(request.user)
    rows = Interview.objects.filter(application__in=mine).select_related(
        *("application__cohort__program", "application__applicant"),
        *("application__questionnaire", "application__decided_by"),
    )
    return get_object_or_404(rows, code=code)


def _words_form(application: Application, data: Any = None) -> WordsForm:
    has_offer = application.can_move_to(Status.OFFERED)
    return WordsForm(data, cohort=application.cohort, has_offer=has_offer)


def _interview_form(request: SignedIn, application: Application, data: Any = None) -> InterviewForm:
    return InterviewForm(
        data,
        people=reviews.possible_reviewers(application.cohort),
        zone=request.user.time_zone,
        initial={"interviewer": request.user.code, "minutes": 30},
    )


def _page(
    request: SignedIn,
    application: Application,
    *,
    form: WordsForm | None = None,
    interview_form: InterviewForm | None = None,
    outcome_form: OutcomeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    cohort = application.cohort
    moves = [
        {"value": value, "label": label, "style": _STYLES[value]}
        for value, label in DECISIONS
        if application.can_move_to(value)
    ]
    talks = list(application.interviews.select_related("interviewer"))
    planned = next((one for one in talks if one.is_planned), None)
    return render(
        request,
        "desk/application.html",
        {
            "application": application,
            "cohort": cohort,
            "may_coordinate": True,
            "sight": blind.for_coordinator(application),
            "reviews": _reviews(application),
            "assignments": _assignments(application),
            "moves": moves,
            "form": form or _words_form(application),
            "usual_day": offers.usual_day(cohort),
            "talks": talks,
            "planned": planned,
            "can_interview": application.status in reviews.OPEN,
            "interview_form": interview_form or _interview_form(request, application),
            "outcome_form": outcome_form or OutcomeForm(),
            "recent": decisions.recent(cohort).filter(decisions__application=application),
            "neighbours": _neighbours(application),
            "told": _history(application),
        },
        status=status,
    )


def _reviews(application: Application) -> dict[str, Any]:
    """All reviews side by side: a row for each criterion, a column for each reviewer."""
    handed_in: list[Review] = list(application.reviews.handed_in().select_related("reviewer"))
    criteria = rubric.criteria_for(application.cohort, application.role)
    rows: list[dict[str, Any]] = []
    for one in criteria:
        scores = [review.scores.get(one.key) for review in handed_in]
        given = [score for score in scores if score is not None]
        rows.append(
            {
                "criterion": one,
                "scores": scores,
                "mean": sum(given) / len(given) if given else None,
                "apart": spread(given),
                "is_apart": spread(given) >= _APART,
            }
        )
    totals = [review.score for review in handed_in if review.score is not None]
    return {
        "all": handed_in,
        "rows": rows,
        "mean": sum(totals) / len(totals) if totals else None,
        "apart": spread(totals),
        "most_apart": max((row["apart"] for row in rows), default=0),
        "should_talk": any(row["is_apart"] for row in rows),
    }


def _assignments(application: Application) -> list[dict[str, Any]]:
    """Who was given it; `host` is told where reviewer and applicant seem to work together."""
    host = organisation(application.applicant.email)
    return [
        {
            "row": one,
            "host": host if host and organisation(one.reviewer.email) == host else "",
        }
        for one in application.assignments.select_related("reviewer")
    ]


def _neighbours(application: Application) -> dict[str, str | None]:
    """The codes of the applications sent in before and after this one."""
    rows = Application.objects.filter(cohort=application.cohort).sent_in()
    at, pk = application.submitted_at, application.pk
    same = rows.filter(submitted_at=at)
    before = rows.filter(submitted_at__lt=at) | same.filter(pk__lt=pk)
    after = rows.filter(submitted_at__gt=at) | same.filter(pk__gt=pk)
    return {
        "previous": before.order_by("-submitted_at", "-pk").values_list("code", flat=True).first(),
        "next": after.order_by("submitted_at", "pk").values_list("code", flat=True).first(),
    }


def _history(application: Application) -> list[dict[str, Any]]:
    """What happened to the application, in sentences, the newest first."""
    events = list(AuditEvent.objects.filter(subject_code=application.code)[:50])
    names = dict(
        User.objects.filter(code__in={event.actor_code for event in events}).values_list(
            "code", "name"
        )
    )
    names[application.code] = application.applicant.name
    return [
        {
            "at": event.at,
            "actor": names.get(event.actor_code, "") or _("The system"),
            "text": event.told(names),
        }
        for event in events
    ]
