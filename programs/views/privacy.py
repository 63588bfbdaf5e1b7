"""What the site holds about a person, shown to that person, and the end of an account."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mentorship.shared.privacy.export import as_data, everything_about
from programs.actions import erasure
from programs.forms.privacy import EraseForm
from programs.views.signed_in import SignedIn


def _is_sent(request: HttpRequest) -> bool:
    """Looking asks for nothing; the button asks once more who it is."""
    return request.method == "POST"


@login_required
@require_safe
def my_data(request: SignedIn) -> HttpResponse:
    return render(request, "programs/my_data.html", {"parts": everything_about(request.user)})


@login_required
@require_safe
def my_data_file(request: SignedIn) -> HttpResponse:
    """The same as a file that a program can read."""
    response = JsonResponse(as_data(request.user), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(enabled=_is_sent)
def account_erase(request: SignedIn) -> HttpResponse:
    """Say what goes and what stays, and then end the account."""
    form = EraseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        erasure.erase(request.user, by=request.user)
        logout(request)
        messages.success(request, _("Your account is erased. Thank you for having been here."))
        return redirect("home")
    parts = everything_about(request.user)
    return render(
        request,
        "programs/account_erase.html",
        {
            "parts": parts,
            "alone_in": erasure.alone_in(request.user),
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )
