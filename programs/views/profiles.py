"""A person's own pages about themself."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs.actions import about_me, pauses, people
from programs.forms.about_me import AboutMeForm
from programs.forms.profiles import AudiencesForm, PauseForm, ProfileForm
from programs.models import Application, Profile
from programs.views.signed_in import SignedIn
from programs.visibility import FIELD_OF, Viewer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request: SignedIn) -> HttpResponse:
    profile = _profile(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=profile)
    if request.method == "POST" and form.is_valid():
        people.update_profile(request.user, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    form.say_who_sees()
    kept = _profile(request)  # the form has written what was sent into its own
    missing = kept.missing()
    return render(
        request,
        "programs/profile_form.html",
        {
            "form": form,
            "told": len(FIELD_OF) - len(missing),
            "fields": len(FIELD_OF),
            "share": 1 - len(missing) / len(FIELD_OF),
            "missing": [(name, FIELD_OF[name].label) for name in missing],
            "taken": _taken(kept),
            "back_on": kept.paused_until(_today(request)),
        },
        status=422 if form.is_bound else 200,
    )


@login_required
@require_safe
def profile_preview(request: SignedIn) -> HttpResponse:
    """The own profile as others see it; `as` says as whom."""
    told = request.GET.get("as", "")
    viewer = Viewer(told) if told in set(Viewer) else Viewer.MATCH
    labels = {
        Viewer.MATCH: _("Your match"),
        Viewer.COHORT: _("People of your cohorts"),
        Viewer.COORDINATOR: _("Coordinators"),
    }
    return render(
        request,
        "programs/profile_preview.html",
        {
            "viewer": viewer.value,
            "viewers": [(one.value, label) for one, label in labels.items()],
            "seen": _profile(request).seen_by(viewer),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile_audiences(request: SignedIn) -> HttpResponse:
    """Who sees which field."""
    data = request.POST if request.method == "POST" else None
    form = AudiencesForm(data, profile=_profile(request))
    if request.method == "POST" and form.is_valid():
        people.choose_audiences(request.user, by=request.user, chosen=form.chosen())
        messages.success(request, _("Your choice is saved."))
        return redirect("profile-audiences")
    status = 422 if form.is_bound else 200
    return render(request, "programs/profile_audiences.html", {"form": form}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile_pause(request: SignedIn) -> HttpResponse:
    """Be away until a day."""
    back_on = _profile(request).paused_until(_today(request))
    data = request.POST if request.method == "POST" else None
    form = PauseForm(data, user=request.user, initial={"back_on": back_on})
    if request.method == "POST" and form.is_valid():
        pauses.begin(request.user, by=request.user, until=form.cleaned_data["back_on"])
        messages.success(request, _("Your pause has begun. It ends by itself."))
        return redirect("profile-pause")
    return render(
        request,
        "programs/profile_pause.html",
        {"form": form, "back_on": back_on},
        status=422 if form.is_bound else 200,
    )


@login_required
@require_POST
def profile_return(request: SignedIn) -> HttpResponse:
    """End the pause early."""
    pauses.end(request.user, by=request.user)
    messages.success(request, _("Welcome back. The next matching counts you in."))
    return redirect("profile-pause")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tell_about_me(request: SignedIn) -> HttpResponse:
    """What the person calls themself, for the fairness audit only."""
    told = about_me.told_by(request.user)
    if request.method == "POST" and request.POST.get("action") == "remove":
        about_me.tell(request.user, groups={})
        messages.success(request, _("Nothing of it is kept any more."))
        return redirect("about-me")
    form = AboutMeForm(request.POST if request.method == "POST" else None, told=told)
    if request.method == "POST" and form.is_valid():
        about_me.tell(request.user, groups=form.groups())
        messages.success(request, _("Saved. You can change it at any time."))
        return redirect("about-me")
    return render(
        request,
        "programs/about_me.html",
        {"form": form, "has_told": bool(told)},
        status=422 if form.is_bound else 200,
    )


def _profile(request: SignedIn) -> Profile:
    """The person's profile; one not kept yet until they save."""
    found = Profile.objects.select_related("user").filter(user=request.user).first()
    return found or Profile(user=request.user)


def _taken(profile: Profile) -> list[dict[str, Any]]:
    """What came from applications and was not looked at since; one past its term has no name."""
    found = profile.taken_from()
    mine = Application.objects.of(profile.user).select_related("cohort__program")
    known = mine.in_bulk(list(found), field_name="code") if found else {}
    return [
        {
            "application": known.get(code),
            "parts": [(name, FIELD_OF[name].label) for name in names],
        }
        for code, names in found.items()
    ]


def _today(request: SignedIn) -> date:
    return local(clock.now(), request.user.time_zone).date()
