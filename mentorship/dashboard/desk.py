from collections import Counter
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from matching.models import Match, MatchingRun
from mentorship.shared.base import clock
from programs.models import Application, Assignment, Cohort, Program


def home(request: HttpRequest) -> HttpResponse:
    """A coordinator's start: every cohort they run or watch, and what waits in it."""
    now = clock.now()
    cohorts = Cohort.objects.watched_by(request.user).current().select_related("program")
    waiting = _by_cohort(Application.objects.filter(cohort__in=cohorts).waiting())
    matched = _by_cohort(Match.objects.filter(cohort__in=cohorts).running())
    rows: list[dict[str, Any]] = [
        {
            "cohort": cohort,
            "stage": cohort.stage(now),
            "waiting": waiting[cohort.pk],
            "matched": matched[cohort.pk],
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
            "programs": Program.objects.coordinated_by(request.user).current(),
            "may_create": request.user.is_superuser,
            "to_review": Assignment.objects.of(request.user).to_do().count(),
            "has_reviewed": Assignment.objects.of(request.user).not_withdrawn().exists(),
            "drafts": _drafts(request.user),
            "is_reviewer": Program.objects.reviewed_by(request.user).exists(),
        },
    )


def _drafts(user: Any) -> QuerySet[MatchingRun]:
    """Drafts of matchings that coordinators ask this reviewer to comment on."""
    own = Program.objects.coordinated_by(user)
    shown = MatchingRun.objects.shown_to(user).exclude(cohort__program__in=own)
    return shown.select_related("cohort__program")


def _by_cohort(rows: QuerySet[Any]) -> Counter[int]:
    """How many rows each cohort has: two small questions instead of one that multiplies."""
    counted = rows.order_by().values("cohort").annotate(count=Count("pk"))
    return Counter(dict(counted.values_list("cohort", "count")))
