from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from mentorship.shared.base import clock
from programs.models import Application, Program


@require_safe
def program_detail(request: HttpRequest, code: str) -> HttpResponse:
    """What a visitor reads before applying."""
    program = get_object_or_404(Program.objects.public(), code=code)
    now = clock.now()
    mine: dict[int, list[dict[str, Any]]] = {}
    for application in Application.objects.of(request.user).filter(cohort__program=program):
        mine.setdefault(application.cohort_id, []).append(
            {"role": application.role, "application": application}
        )
    cohorts = [
        {
            "cohort": cohort,
            "accepts": cohort.accepts_applications(now),
            "stage": cohort.stage(now),
            "mine": mine.get(cohort.pk, []),
            "roles_taken": [
                entry["role"]
                for entry in mine.get(cohort.pk, [])
                if entry["application"].status != Application.Status.WITHDRAWN
            ],
        }
        for cohort in program.cohorts.public()
    ]
    return render(request, "programs/program_detail.html", {"program": program, "cohorts": cohorts})
