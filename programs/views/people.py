from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from programs.actions import people
from programs.forms.people import PreferencesForm
from programs.views.signed_in import SignedIn


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: SignedIn) -> HttpResponse:
    # all boxes off is an answer too, and an empty one
    data = request.POST if request.method == "POST" else None
    form = PreferencesForm(data, user=request.user)
    if request.method == "POST" and form.is_valid():
        people.choose_mail(request.user, by=request.user, wanted=form.cleaned_data)
        messages.success(request, _("Your choice is saved."))
        return redirect("preferences")
    return render(request, "programs/preferences_form.html", {"form": form})
