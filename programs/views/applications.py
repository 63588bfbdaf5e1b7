"""An applicant's own application: how it stands, and what they may do with it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mentorship.shared.base import clock
from programs import gate, permissions
from programs.actions import offers
from programs.models import Application, Participant
from programs.progress import next_open, pages_of
from programs.told import as_told
from programs.views.applying import step_url
from programs.views.signed_in import SignedIn
from programs.what_next import what_next

Status = Application.Status


@login_required
@require_safe
def application_detail(request: SignedIn, code: str) -> HttpResponse:
    (application,) = as_told([_mine(request, code)], clock.now())
    missing = _missing(application)
    return render(
        request,
        "programs/application_detail.html",
        {
            "application": application,
            "cohort": application.cohort,
            "answers": application.in_words(),
            "what_next": what_next(
                application,
                clock.now(),
                request.user.told_zone,
                missing=[one.sentence for one in missing],
                interview=application.interviews.planned().first(),
            ),
            "missing": missing,
            "can_take": permissions.may_take_offer(request.user, application),
            "can_edit": permissions.may_edit(request.user, application),
            "can_apply_again": permissions.may_apply_again(request.user, application),
            "can_withdraw": permissions.may_withdraw(request.user, application),
            "can_suggest": permissions.may_suggest_a_peer(request.user, application.cohort),
            **_draft(application),
        },
    )


@login_required
@require_POST
def application_withdraw(request: SignedIn, code: str) -> HttpResponse:
    application = offers.leave(_mine(request, code), by=request.user)
    messages.success(request, _("Your application is withdrawn."))
    return redirect("application-detail", application.code)


@login_required
@require_POST
def offer_take(request: SignedIn, code: str) -> HttpResponse:
    application = _mine(request, code)
    offers.take(application, by=request.user)
    messages.success(request, _("The place is yours."))
    return redirect("application-detail", application.code)


@login_required
@require_POST
def offer_turn_down(request: SignedIn, code: str) -> HttpResponse:
    application = _mine(request, code)
    goes_on = offers.turn_down(application, by=request.user).cohort.offers_go_on
    messages.success(
        request,
        _("You turned the place down. It goes to the next person.")
        if goes_on
        else _("You turned the place down. The coordinators can offer it to somebody else."),
    )
    return redirect("application-detail", application.code)


def _draft(application: Application) -> dict[str, Any]:
    """Where a draft goes on, and how far it is."""
    if application.status != Status.DRAFT:
        return {"next_page": None, "next_url": "", "total": 0}
    pages = pages_of(application.questionnaire, application.answers)
    page = next_open(pages)
    return {
        "next_page": page,
        "next_url": step_url(application, page) if page else "",
        "total": sum(one.place > 0 for one in pages),
    }


def _missing(application: Application) -> list[gate.Missing]:
    """What an accepted person has to do before the matching."""
    if application.status != Status.ACCEPTED:
        return []
    mine = Participant.objects.present().select_related("cohort")
    participant = mine.filter(
        cohort=application.cohort, user=application.applicant, role=application.role
    ).first()
    return gate.missing(participant) if participant else []


def _mine(request: SignedIn, code: str) -> Application:
    mine = Application.objects.of(request.user).select_related("cohort__program", "questionnaire")
    return get_object_or_404(mine, code=code)
