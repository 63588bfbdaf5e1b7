"""The owner's pages about second factors, mounted under /admin/."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from programs import second_factor
from programs.actions import second_factors
from programs.forms.accounts import ResetSecondFactorForm
from programs.models import User
from programs.views.desk import page_of
from programs.views.signed_in import SignedIn


@require_safe
def second_factor_list(request: SignedIn) -> HttpResponse:
    """Who has a second factor, and who needs one."""
    return render(
        request, "desk/second_factors.html", {"page_obj": page_of(request, _people(request))}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def second_factor_reset(request: SignedIn, code: str) -> HttpResponse:
    person = get_object_or_404(_people(request), code=code)
    form = ResetSecondFactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        second_factors.reset(person, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Reset. %(name)s hears of it by mail.") % {"name": person})
        return redirect("desk-second-factors")
    return render(
        request,
        "desk/second_factor_reset.html",
        {"person": person, "form": form},
        status=422 if form.is_bound else 200,
    )


def _people(request: SignedIn) -> QuerySet[User]:
    """Everybody with a duty or a factor, for the owner of the site; to others it is not there."""
    if not request.user.is_superuser:
        raise Http404
    return second_factor.who_has_or_needs_one()
