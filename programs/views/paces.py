from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from programs.actions import paces
from programs.forms.paces import PaceForm
from programs.models import Participant
from programs.views.signed_in import SignedIn


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def participation_pace(request: SignedIn, code: str) -> HttpResponse:
    """Where a person chooses between the usual and the flexible pace of their cohort."""
    mine = Participant.objects.of(request.user).present().select_related("cohort__program")
    participant = get_object_or_404(mine, code=code, cohort__has_flexible_pace=True)
    form = PaceForm(
        request.POST if request.method == "POST" else None, initial={"pace": participant.pace}
    )
    if form.is_valid():
        paces.choose(participant, by=request.user, pace=form.cleaned_data["pace"])
        messages.success(
            request, _("Your pace is saved. What is planned already stays; you can move it.")
        )
        return redirect("participation-detail", participant.code)
    return render(
        request,
        "programs/participation_pace.html",
        {"participant": participant, "cohort": participant.cohort, "form": form},
        status=422 if form.is_bound else 200,
    )
