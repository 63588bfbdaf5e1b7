"""The coordinators' pages of this stage, mounted under /admin/."""

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from feedback.actions import surveys
from feedback.models import CheckIn, Response, Survey
from feedback.results import results_of
from matching.models import Match, Place
from programs.models import Role
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn


@require_safe
def match_list(request: SignedIn, code: str) -> HttpResponse:
    """Every match of a cohort with how often the people met."""
    cohort = cohort_of(request, code)
    rows = (
        Match.objects.filter(cohort=cohort)
        .prefetch_related(Prefetch("places", Place.objects.select_related("participant__user")))
        .annotate(
            planned=Count("checkins", filter=~Q(checkins__status=CheckIn.Status.CANCELLED)),
            held=Count("checkins", filter=Q(checkins__status=CheckIn.Status.HELD)),
        )
        .order_by("introduced_at", "pk")
    )
    page = page_of(request, rows)
    for match in page:
        people = [(place.role, place.participant) for place in match.places.all()]
        match.mentors = [person for role, person in people if role == Role.MENTOR]
        match.mentees = [person for role, person in people if role == Role.MENTEE]
    return render(
        request,
        "desk/matches.html",
        {"cohort": cohort, "may_coordinate": True, "page_obj": page},
    )


@require_safe
def survey_list(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    rows = (
        Survey.objects.filter(cohort=cohort)
        .annotate(
            invited=Count("invitations"),
            answered=Count("invitations", filter=Q(invitations__answered_at__isnull=False)),
        )
        .order_by("opens_at", "pk")
    )
    return render(
        request,
        "desk/surveys.html",
        {"cohort": cohort, "may_coordinate": True, "surveys": rows},
    )


@require_POST
def survey_start(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    survey = surveys.ask_how_it_goes(cohort, by=request.user)
    messages.success(request, _("The survey goes out by mail within a minute."))
    return redirect("desk-survey", survey.code)


@require_safe
def survey_detail(request: SignedIn, code: str) -> HttpResponse:
    """The answers to a survey: choices counted, texts listed."""
    mine = Survey.objects.coordinated_by(request.user).select_related("cohort__program")
    survey = get_object_or_404(mine, code=code)
    return render(
        request,
        "desk/survey.html",
        {
            "survey": survey,
            "cohort": survey.cohort,
            "may_coordinate": True,
            "results": results_of(survey),
            "answered": Response.objects.filter(invitation__survey=survey).count(),
        },
    )
