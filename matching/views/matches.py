"""What happens to a match along the way: people leave it, coordinators change or end it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from matching.actions import matches, mentors, pairs, parts
from matching.forms.matches import (
    EndForm,
    ExtendForm,
    HandOverForm,
    LeaveForm,
    MentorForm,
    PairForm,
)
from matching.models import Match
from mentorship.shared.base.rules import RuleBroken
from programs.models import Participant, Role
from programs.views.desk import cohort_of
from programs.views.signed_in import SignedIn

SHOW_OR_POST = ["GET", "HEAD", "POST"]


# --- The portal -----------------------------------------------------------------------------------


@login_required
@require_http_methods(SHOW_OR_POST)
def match_leave(request: SignedIn, code: str) -> HttpResponse:
    """What happens when one leaves a match; the button does it."""
    mine = Match.objects.of(request.user).with_people()
    match = get_object_or_404(mine, code=code)
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        matches.leave(match, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(
            request, _("You have left the match. There is nothing more for you to do.")
        )
        return redirect("home")
    me = match.place_of(request.user)
    assert me is not None  # noqa: S101  the match was found by that place
    return render(
        request,
        "matching/leave_match.html",
        {
            "match": match,
            "cohort": match.cohort,
            "others": match.others_than(request.user),
            "goes_on": len(match.those(me.role)) > 1,
            "is_mentor": me.role == Role.MENTOR,
            "part": me.participant,
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )


@login_required
@require_http_methods(SHOW_OR_POST)
def participation_leave(request: SignedIn, code: str) -> HttpResponse:
    """What happens when one leaves a cohort; the button does it."""
    mine = Participant.objects.of(request.user).present().select_related("cohort__program")
    participant = get_object_or_404(mine, code=code)
    if request.method == "POST":
        parts.leave(participant, by=request.user)
        messages.success(
            request,
            _("You have left %(cohort)s. There is nothing more for you to do.")
            % {"cohort": participant.cohort},
        )
        return redirect("home")
    return render(
        request,
        "matching/leave_cohort.html",
        {
            "participant": participant,
            "cohort": participant.cohort,
            "is_matched": Match.objects.of(request.user).filter(cohort=participant.cohort).exists(),
        },
    )


# --- The desk -------------------------------------------------------------------------------------


@require_http_methods(SHOW_OR_POST)
def match_end(request: SignedIn, code: str) -> HttpResponse:
    match = _match(request, code)
    form = EndForm(_data(request))
    if form.is_valid():
        matches.end(match, by=request.user, **form.cleaned_data)
        return _done(request, match, _("The match has ended. Its people hear so, kindly, by mail."))
    lead = _(
        "Everybody in it gets a mail that thanks them and says what comes next, never why. What is "
        "still planned is called off."
    )
    return _page(request, match, form, _("End the match"), lead)


@require_http_methods(SHOW_OR_POST)
def match_extend(request: SignedIn, code: str) -> HttpResponse:
    match = _match(request, code)
    form = ExtendForm(_data(request))
    if form.is_valid():
        matches.extend(match, by=request.user, **form.cleaned_data)
        return _done(request, match, _("The match is extended. Its people hear so by mail."))
    lead = _("Everybody in it is told, and check-ins are planned on to the new last day.")
    return _page(request, match, form, _("Extend the match"), lead)


@require_http_methods(SHOW_OR_POST)
def match_mentor(request: SignedIn, code: str) -> HttpResponse:
    match = _match(request, code)
    form = MentorForm(_data(request), match=match)
    if form.is_valid():
        mentors.add(match, by=request.user, **form.cleaned_data)
        return _done(request, match, _("The mentor is in the match. Everybody in it is told."))
    lead = _(
        "A stand-in helps out while a mentor is away, a co-mentor stays to the end. Both read the "
        "notes that are shared from now on, and none from before."
    )
    return _page(request, match, form, _("Add a mentor"), lead)


@require_http_methods(SHOW_OR_POST)
def match_hand_over(request: SignedIn, code: str) -> HttpResponse:
    match = _match(request, code)
    form = HandOverForm(_data(request), match=match)
    if form.is_valid():
        mentors.replace(match, by=request.user, **form.cleaned_data)
        return _done(request, match, _("The match is handed over. Everybody in it is told."))
    lead = _(
        "Who takes over may read the notes that were shared so far, and nothing else. Who hands "
        "over is thanked and reads nothing of the match any more."
    )
    return _page(request, match, form, _("Hand over"), lead)


@require_POST
def match_step_down(request: SignedIn, code: str) -> HttpResponse:
    """End the place of one of several mentors."""
    match = _match(request, code)
    place = next((one for one in match.open_places if _is(one, request.POST.get("mentor"))), None)
    if place is None or place.role != Role.MENTOR:
        raise RuleBroken(_("Please choose a mentor of this match."))
    mentors.step_down(place, by=request.user)
    return _done(request, match, _("The mentor is out of the match. Everybody in it is told."))


@require_POST
def match_again(request: SignedIn, code: str) -> HttpResponse:
    """Look for a match for those mentees of an ended one who wait."""
    match = get_object_or_404(_mine(request).filter(status=Match.Status.ENDED), code=code)
    run = pairs.look_again(match, by=request.user)
    messages.success(request, _("The matching has started. You get a mail when it is done."))
    return redirect("desk-run", run.code)


@require_http_methods(SHOW_OR_POST)
def pair_new(request: SignedIn, code: str) -> HttpResponse:
    """Put two together outside a run."""
    cohort = cohort_of(request, code)
    form = PairForm(_data(request), cohort=cohort)
    if form.is_valid():
        pairs.make(by=request.user, **form.cleaned_data)
        messages.success(request, _("They are introduced to each other by mail."))
        return redirect("desk-matches", cohort.code)
    return render(
        request,
        "desk/match_pair.html",
        {"cohort": cohort, "may_coordinate": True, "form": form},
        status=422 if form.is_bound else 200,
    )


def _is(place: Any, code: str | None) -> bool:
    return bool(place.participant.code == code)


def _data(request: SignedIn) -> Any:
    return request.POST if request.method == "POST" else None


def _mine(request: SignedIn) -> Any:
    return Match.objects.coordinated_by(request.user).with_people()


def _match(request: SignedIn, code: str) -> Match:
    """A running match this person coordinates, or 404."""
    match: Match = get_object_or_404(_mine(request).running(), code=code)
    return match


def _done(request: SignedIn, match: Match, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("desk-match", match.code)


def _page(request: SignedIn, match: Match, form: forms.Form, title: str, lead: str) -> HttpResponse:
    return render(
        request,
        "desk/match_change.html",
        {
            "match": match,
            "cohort": match.cohort,
            "may_coordinate": True,
            "form": form,
            "title": title,
            "lead": lead,
        },
        status=422 if form.is_bound else 200,
    )
