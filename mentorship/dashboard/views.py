from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mentorship.dashboard.sections import SECTIONS
from mentorship.dashboard.steps import next_step
from mentorship.shared.base import clock
from programs.models import Cohort


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A person's home: the one next step, then everything of theirs. Visitors are welcomed."""
    now = clock.now()
    if not request.user.is_authenticated:
        cohorts = Cohort.objects.accepting_applications(now).select_related("program")
        return render(request, "dashboard/welcome.html", {"cohorts": cohorts})
    sections = {section.__name__: section(request.user, now) for section in SECTIONS}
    found = {name: section.data for name, section in sections.items()}
    return render(
        request,
        "dashboard/home.html",
        {
            "next_step": next_step(found, request.user, now),
            "sections": [section for section in sections.values() if section.data],
        },
    )
