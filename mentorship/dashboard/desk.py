from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from matching.models import Match
from mentorship.shared.base import clock
from programs.models import Application, Cohort, Program


def home(request: HttpRequest) -> HttpResponse:
    """A coordinator's start: every cohort they run or watch, and what waits in it."""
    now = clock.now()
    cohorts = (
        Cohort.objects.watched_by(request.user)
        .filter(archived_at__isnull=True)
        .select_related("program")
        .annotate(
            waiting=Count(
                "applications",
                filter=Q(applications__status=Application.Status.SUBMITTED),
                distinct=True,
            ),
            matched=Count("matches", filter=Q(matches__status=Match.Status.RUNNING), distinct=True),
        )
    )
    rows: list[dict[str, Any]] = [
        {
            "cohort": cohort,
            "stage": cohort.stage(now),
            "waiting": cohort.waiting,
            "matched": cohort.matched,
            "week": cohort.week(now),
            "weeks": cohort.weeks,
        }
        for cohort in cohorts
    ]
    return render(
        request,
        "desk/home.html",
        {
            "cohorts": rows,
            "programs": Program.objects.coordinated_by(request.user),
            "may_create": request.user.is_superuser,
        },
    )
