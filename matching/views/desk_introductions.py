"""The coordinators' page of introductions: who waits for whose answer, and what was said."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from matching.actions import introductions
from matching.forms.introductions import WithdrawForm
from matching.models import Introduction
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn


@require_safe
def introduction_list(request: SignedIn, code: str) -> HttpResponse:
    """The introductions of a cohort, the newest first; `status` narrows them."""
    cohort = cohort_of(request, code)
    status = request.GET.get("status", "")
    rows = Introduction.objects.filter(cohort=cohort).with_status(status)
    return render(
        request,
        "desk/introductions.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "page_obj": page_of(request, rows.with_people().select_related("withdrawn_by")),
            "status": status,
            "statuses": Introduction.Status.choices,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def introduction_withdraw(request: SignedIn, code: str) -> HttpResponse:
    """Take an introduction back, with a reason for the log of decisions."""
    mine = Introduction.objects.coordinated_by(request.user).with_people()
    introduction = get_object_or_404(mine, code=code)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        introductions.withdraw(introduction, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("It is taken back. Both hear so by mail."))
        return redirect("desk-introductions", introduction.cohort.code)
    return render(
        request,
        "desk/introduction_withdraw.html",
        {
            "introduction": introduction,
            "cohort": introduction.cohort,
            "may_coordinate": True,
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )
