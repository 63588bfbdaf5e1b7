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
from mentorship.shared.base.links import absolute
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.models import OutboxMessage
from programs.models import Application, Cohort, Objective, Participant, Role, Stage
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
            "takes_applications": cohort.accepts_applications(now),
            "public_address": absolute("program-detail", cohort.program.code),
        },
    )


def _todo(cohort: Cohort) -> list[dict[str, str]]:
    """What waits for the coordinator, as sentences with the page to go to."""
    waiting = Application.objects.filter(cohort=cohort).waiting().count()
    mentees = Participant.objects.filter(cohort=cohort).mentees().present()
    alone = mentees.exclude(places__in=Place.objects.open())
    unmatched = alone.count() if _should_be_matched(cohort) else 0
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
    todo += _free_places(cohort)
    if mails:
        words = ngettext("%(count)d mail did not arrive.", "%(count)d mails did not arrive.", mails)
        url = reverse("desk-outbox", args=[cohort.code])
        todo.append({"text": words % {"count": mails}, "url": url})
    return todo


def _should_be_matched(cohort: Cohort) -> bool:
    """Whether the day has come from which everybody should have a match."""
    today = local(clock.now(), cohort.time_zone).date()
    return today >= (cohort.match_on or cohort.starts_on)


def _free_places(cohort: Cohort) -> list[dict[str, str]]:
    """Places that can be offered to people who wait for one, in a cohort that goes on."""
    if cohort.stage(clock.now()) in (Stage.ENDED, Stage.ARCHIVED):
        return []
    waiting = Application.objects.filter(cohort=cohort, status=Application.Status.WAITLISTED)
    roles = set(waiting.order_by().values_list("role", flat=True))
    free = {role: cohort.free_places(role) or 0 for role in Role if role in roles}
    return [
        {
            "text": _free_words(role, places) % {"count": places},
            "url": reverse("desk-waiting", args=[cohort.code, role]),
        }
        for role, places in free.items()
        if places > 0
    ]


def _free_words(role: Role, places: int) -> str:
    if role == Role.MENTOR:
        return ngettext(
            "%(count)d place for a mentor is free, and somebody waits for one.",
            "%(count)d places for mentors are free, and somebody waits for one.",
            places,
        )
    return ngettext(
        "%(count)d place for a mentee is free, and somebody waits for one.",
        "%(count)d places for mentees are free, and somebody waits for one.",
        places,
    )
