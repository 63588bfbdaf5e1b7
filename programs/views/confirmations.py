"""Whom a list brought says that they take part, and is asked to."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from mentorship.shared.base import clock
from programs.actions import confirmations
from programs.models import Participant
from programs.views.desk import cohort_of
from programs.views.signed_in import SignedIn


@login_required
@require_POST
def participation_confirm(request: SignedIn, code: str) -> HttpResponse:
    mine = Participant.objects.of(request.user).select_related("cohort__program")
    participant = get_object_or_404(mine, code=code)
    confirmations.confirm(participant, by=request.user)
    messages.success(request, _("Thank you. The coordinators know now that you take part."))
    return redirect("participation-detail", participant.code)


@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: SignedIn, code: str) -> HttpResponse:
    """How many people would be asked whether they take part, and the button that does it."""
    cohort = cohort_of(request, code)
    if request.method == "POST":
        messages.success(request, _asked(confirmations.remind(cohort, by=request.user)))
        return redirect("desk-participants", cohort.code)
    unconfirmed = Participant.objects.filter(cohort=cohort).present().unconfirmed()
    return render(
        request,
        "desk/remind_unconfirmed.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "count": confirmations.to_remind(cohort, clock.now()).count(),
            "unconfirmed": unconfirmed.count(),
        },
    )


def _asked(count: int) -> str:
    if not count:
        return _("Everybody who has not confirmed was asked today already.")
    return ngettext(
        "%(count)d person gets a mail that asks whether they take part.",
        "%(count)d people get a mail that asks whether they take part.",
        count,
    ) % {"count": count}
