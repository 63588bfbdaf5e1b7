"""The coordinators' pages of this stage, mounted under /admin/."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from feedback.actions import surveys
from feedback.models import CheckIn, Response, Survey
from feedback.results import results_of
from matching import priority
from matching.models import Match, Place
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs.history import told
from programs.models import Participant, Profile, Role
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
def match_page(request: SignedIn, code: str) -> HttpResponse:
    """One match: who, since when, how often they met, what was done; never what they wrote."""
    mine = Match.objects.coordinated_by(request.user).with_people()
    match = get_object_or_404(mine.select_related("ended_by", "cohort__program"), code=code)
    now = clock.now()
    today = local(now, match.cohort.time_zone).date()
    places: list[Any] = list(match.places.all())
    back = Profile.objects.filter(user__in=[place.participant.user_id for place in places])
    away = dict(back.paused(today).values_list("user", "back_on"))
    for place in places:
        place.back_on = away.get(place.participant.user_id) if place.until_at is None else None
    events = AuditEvent.objects.filter(subject_type=Match._meta.label, subject_code=match.code)
    silences = list(match.silences.select_related("answered_by")[:3])
    running = match.status == Match.Status.RUNNING
    mentors = [one for one in places if one.until_at is None and one.role == Role.MENTOR]
    return render(
        request,
        "desk/match.html",
        {
            "match": match,
            "cohort": match.cohort,
            "may_coordinate": True,
            "mentees": match.those(Role.MENTEE) or _who_were(places, Role.MENTEE),
            "mentors": match.those(Role.MENTOR) or _who_were(places, Role.MENTOR),
            "places": places,
            "is_running": running,
            "can_step_down": len(mentors) > 1,
            "needs_stand_in": running and any(place.back_on for place in mentors),
            "counts": _counts(match, now),
            "silences": silences,
            "events": told(events[:20]),
            "goes_first": _goes_first(match, places),
        },
    )


def _who_were(places: list[Place], role: str) -> list[Participant]:
    """Those of a match that ended, each once."""
    return list(
        {one.participant_id: one.participant for one in places if one.role == role}.values()
    )


def _counts(match: Match, at: datetime) -> dict[str, Any]:
    """How often they met, by status, and when they meet next."""
    of = CheckIn.Status
    return match.checkins.aggregate(
        held=Count("pk", filter=Q(status=of.HELD)),
        missed=Count("pk", filter=Q(status=of.MISSED)),
        unanswered=Count("pk", filter=Q(status=of.SCHEDULED, starts_at__lte=at)),
        ahead=Count("pk", filter=Q(status=of.SCHEDULED, starts_at__gt=at)),
        last=Max("starts_at", filter=Q(status=of.HELD)),
    )


def _goes_first(match: Match, places: list[Place]) -> list[dict[str, Any]]:
    """The priority of each mentee of the match, with what led to it."""
    users = {one.participant.user_id: one.participant for one in places if one.role == Role.MENTEE}
    found = priority.of_program(match.cohort.program_id, users)
    return [
        {"participant": person, "priority": found[user]}
        for user, person in users.items()
        if user in found
    ]


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
