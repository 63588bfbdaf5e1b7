from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from mentorship.shared.base import clock
from programs import permissions
from programs.models import Application, Program
from programs.sources import last_source
from programs.told import as_told


@require_safe
def program_detail(request: HttpRequest, code: str) -> HttpResponse:
    """What a visitor reads before applying."""
    program = get_object_or_404(Program.objects.public(), code=code)
    mine: dict[int, list[Application]] = {}
    now = clock.now()
    own_here = Application.objects.of(request.user).filter(cohort__program=program)
    for application in as_told(own_here, now):
        mine.setdefault(application.cohort_id, []).append(application)
    source, may_suggest = last_source(request), permissions.knows(request.user, program)
    cohorts = []
    for cohort in program.cohorts.public():
        own = mine.get(cohort.pk, [])
        taken = {one.role for one in own if one.status != Application.Status.WITHDRAWN}
        accepts = cohort.accepts_applications(now)
        asked = source.invitation
        is_invited = accepts and not taken and asked is not None and asked.cohort_id == cohort.pk
        cohorts.append(
            {
                "cohort": cohort,
                "accepts": accepts,
                "stage": cohort.stage(now),
                "mine": own,
                "roles_taken": taken,
                "invitation": asked if is_invited else None,
                "can_suggest": accepts and may_suggest,
            }
        )
    return render(request, "programs/program_detail.html", {"program": program, "cohorts": cohorts})
