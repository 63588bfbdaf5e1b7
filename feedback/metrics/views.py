"""The cohort at a glance, mounted under /admin/."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from feedback.metrics import figures
from feedback.metrics.progress import progress_of
from matching.models import MatchingRun, Place
from mentorship.shared.base import clock
from mentorship.shared.notifications.models import OutboxMessage
from programs.models import Application, Cohort, Objective, Participant
from programs.permissions import may_coordinate, may_open
from programs.views.signed_in import SignedIn

# So many objectives stand on the page; all of them are on the page of the program.
_AT_A_GLANCE = 6


@require_safe
def cohort_detail(request: SignedIn, code: str) -> HttpResponse:
    """The cohort at a glance: where it stands, its figures, what needs a hand."""
    cohort = get_object_or_404(
        Cohort.objects.watched_by(request.user).select_related("program"), code=code
    )
    now = clock.now()
    coordinates = may_coordinate(request.user, cohort.program)
    objectives = Objective.objects.of_cohort(cohort)
    return render(
        request,
        "desk/cohort.html",
        {
            "cohort": cohort,
            "stage": cohort.stage(now),
            "week": cohort.week(now),
            "figures": figures.shown(cohort),
            "trend": figures.held_by_week(cohort, now),
            "timeline": figures.timeline(cohort, now),
            "objectives": progress_of(objectives.select_related("cohort")[:_AT_A_GLANCE]),
            "todo": _todo(cohort) if coordinates else [],
            "may_coordinate": coordinates,
            "may_open": may_open(request.user, cohort),
        },
    )


def _todo(cohort: Cohort) -> list[dict[str, str]]:
    """What waits for the coordinator, as sentences with the page to go to."""
    waiting = Application.objects.filter(cohort=cohort).waiting().count()
    mentees = Participant.objects.filter(cohort=cohort).mentees().present()
    unmatched = mentees.exclude(places__in=Place.objects.open()).count()
    newest = MatchingRun.objects.filter(cohort=cohort).without_proof().first()
    mails = OutboxMessage.objects.filter(program_code=cohort.program.code).unsettled().count()
    todo = []
    if waiting:
        words = ngettext(
            "%(count)d application waits for a decision.",
            "%(count)d applications wait for a decision.",
            waiting,
        )
        url = reverse("desk-applications", args=[cohort.code]) + "?status=submitted"
        todo.append({"text": words % {"count": waiting}, "url": url})
    if newest and newest.matched and newest.can_move_to(MatchingRun.Status.PUBLISHED):
        text = _("A matching is ready: look at it and publish it.")
        todo.append({"text": text, "url": reverse("desk-run", args=[newest.code])})
    elif unmatched:
        words = ngettext(
            "%(count)d mentee has no mentor.", "%(count)d mentees have no mentor.", unmatched
        )
        url = reverse("desk-runs", args=[cohort.code])
        todo.append({"text": words % {"count": unmatched}, "url": url})
    if mails:
        words = ngettext("%(count)d mail did not arrive.", "%(count)d mails did not arrive.", mails)
        url = reverse("desk-outbox", args=[cohort.code])
        todo.append({"text": words % {"count": mails}, "url": url})
    return todo
