"""The coordinators' matching pages, mounted under /admin/."""

from collections.abc import Callable, Mapping

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from matching import priority
from matching.models import Place
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs import gate
from programs.models import Participant, ParticipantQuerySet, Profile, Role
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn

# What the list of people can be narrowed to.
READY: Mapping[str, Callable[[ParticipantQuerySet], ParticipantQuerySet]] = {
    "yes": ParticipantQuerySet.ready,
    "no": ParticipantQuerySet.not_ready,
    "unconfirmed": ParticipantQuerySet.unconfirmed,
}


@require_safe
def participant_list(request: SignedIn, code: str) -> HttpResponse:
    """Who takes part, who has a match, and what is missing before one."""
    cohort = cohort_of(request, code)
    today = local(clock.now(), cohort.time_zone).date()
    people = Participant.objects.filter(cohort=cohort).present()
    ready = request.GET.get("ready", "")
    if ready in READY:
        people = READY[ready](people)
    rows = (
        people.select_related("user")
        .with_confirmation()
        .annotate(
            is_matched=Exists(Place.objects.open().filter(participant=OuterRef("pk"))),
            is_paused=Exists(Profile.objects.paused(today).filter(user=OuterRef("user"))),
        )
    )
    page = page_of(request, rows)
    missing = gate.missing_of(list(page))
    goes_first = priority.of_program(cohort.program_id, [one.user_id for one in page])
    for participant in page:
        is_waiting = participant.role == Role.MENTEE and not participant.is_matched
        participant.priority = goes_first.get(participant.user_id) if is_waiting else None
        participant.missing = missing[participant.pk]
        participant.missing_words = ", ".join(item.label for item in participant.missing)
    return render(
        request,
        "desk/participants.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "page_obj": page,
            "ready": ready,
            "standing": gate.standing(cohort, clock.now()),
            "unconfirmed": Participant.objects.filter(cohort=cohort)
            .present()
            .unconfirmed()
            .count(),
        },
    )
