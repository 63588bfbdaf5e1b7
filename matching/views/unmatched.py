"""Who has no match in a run, why, and what would help."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from matching import changing, figures, told
from matching.actions import changes, inquiries, places
from matching.models import Inquiry, MatchingRun
from matching.views.run import run_of
from programs.models import Participant, Role
from programs.views.desk import page_of
from programs.views.signed_in import SignedIn

Kind = Inquiry.Kind


@require_safe
def unmatched_list(request: SignedIn, code: str) -> HttpResponse:
    """The mentees without a match, each with why and what would place them; or the mentors."""
    run = run_of(request, code)
    if not run.is_answered:
        raise Http404
    side = request.GET.get("side", "")
    about = {
        "run": run,
        "cohort": run.cohort,
        "may_coordinate": True,
        "side": side,
        "may_change": run.status == MatchingRun.Status.DONE,
    }
    mentors = figures.mentors_without(run)
    if side == Role.MENTOR:
        return render(
            request, "desk/unmatched.html", about | {"page_obj": page_of(request, mentors)}
        )
    left = Participant.objects.filter(pk__in=run.left_over.values("mentee"))
    page = page_of(request, left.select_related("user").order_by("user__name", "pk"))
    _explain(run, list(page))
    return render(
        request, "desk/unmatched.html", about | {"page_obj": page, "mentors": mentors.count()}
    )


def _explain(run: MatchingRun, people: list[Any]) -> None:
    """Put on each why they have no match, and what would place them."""
    asked = inquiries.look_all(run, Kind.WHY_UNMATCHED, people)
    names = told.names_in(run, *(one.answer for one in asked if one is not None))
    liftable = told.liftable(run, [one.pk for one in people])
    for person, inquiry in zip(people, asked, strict=True):
        person.inquiry = inquiry
        person.sentences, person.remedies = [], []
        if inquiry is not None and inquiry.answer is not None:
            can_lift = liftable.get(person.code, [])
            person.sentences = told.why_unmatched(inquiry.answer, run.policy)
            person.remedies = told.remedies(inquiry.answer, run.policy, names, can_lift)


@require_POST
def remedy(request: SignedIn, code: str, mentee: str) -> HttpResponse:
    """Make the draft that would place a mentee."""
    run = run_of(request, code)
    people = Participant.objects.filter(cohort=run.cohort).select_related("user")
    one = get_object_or_404(people.filter(role=Role.MENTEE), code=mentee)
    wanted = _wanted(request, run, one)
    mentor = people.filter(role=Role.MENTOR, code=wanted["mentor"]).first()
    draft = changes.make(
        run,
        by=request.user,
        kind=wanted["kind"],
        mentee=one,
        mentor=mentor,
        criterion=wanted["criterion"],
        hours=wanted["hours"],
        also_later="also_later" in request.POST,
    )
    if mentor is not None and wanted["kind"] in changing.MORE_SEATS:
        mentor.cohort = run.cohort
        places.ask(mentor, by=request.user)
        text = _("This draft has one place more. The mentor is asked by mail and decides.")
    else:
        text = _("This is the new draft. The one before stays as it was.")
    messages.success(request, text)
    return redirect("desk-run", draft.code)


def _wanted(request: SignedIn, run: MatchingRun, mentee: Participant) -> dict[str, Any]:
    """The remedy that was chosen, of those that the engine offered; else 404."""
    key = Inquiry.key_of(run, Kind.WHY_UNMATCHED, mentee, None)
    inquiry = get_object_or_404(Inquiry, key=key, status=Inquiry.Status.ANSWERED)
    chosen = tuple(request.POST.get(name, "") for name in ("kind", "mentor", "criterion"))
    answer: Any = inquiry.answer
    liftable = told.liftable(run, [mentee.pk]).get(mentee.code, [])
    for one in told.remedies(answer, run.policy, {}, liftable):
        if (one["kind"], one["mentor"], one["criterion"]) == chosen:
            return dict(one)
    raise Http404
