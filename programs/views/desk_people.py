"""The desk's pages about one person: what they told, and mending it for them."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from mentorship.shared.questions.forms import form_for
from programs import permissions
from programs.actions import corrections
from programs.forms.profiles import AccountCorrectionForm, ProfileCorrectionForm
from programs.models import (
    Application,
    ApplicationQuerySet,
    Cohort,
    Correction,
    Participant,
    Profile,
    User,
)
from programs.views.signed_in import SignedIn
from programs.visibility import Viewer


class Person(NamedTuple):
    """Somebody who takes part in a cohort, or has applied for it."""

    code: str
    user: User
    role: str
    cohort: Cohort


def _person(request: SignedIn, code: str) -> Person:
    """Whose code of a participant or of an application this is, in one's own programs, or 404."""
    participant = (
        Participant.objects.coordinated_by(request.user)
        .select_related("user", "cohort__program")
        .filter(code=code)
        .first()
    )
    if participant is not None:
        role = participant.get_role_display()
        return Person(code, participant.user, role, participant.cohort)
    application = _coordinated(request).filter(code=code).first()
    if application is None:
        raise Http404
    return Person(code, application.applicant, application.get_role_display(), application.cohort)


def _to_correct(request: SignedIn, code: str) -> Person:
    """The same, as far as this coordinator may mend profile and account."""
    person = _person(request, code)
    if not permissions.may_correct_person(request.user, person.user, person.cohort.program):
        raise Http404
    return person


@require_safe
def person_detail(request: SignedIn, code: str) -> HttpResponse:
    """What the person told, as far as coordinators may see it, and their answers here."""
    person = _person(request, code)
    has_come = permissions.has_come(person.user, person.cohort.program)
    profile = _profile(person.user)
    today = local(clock.now(), person.cohort.time_zone).date()
    theirs = (
        _coordinated(request)
        .filter(applicant=person.user, cohort__program=person.cohort.program)
        .prefetch_related("questionnaire__questions")
    )
    return _page(
        request,
        person,
        "desk/person.html",
        {
            # a list may name anybody: what it brought shows no more than it said
            "seen": profile.seen_by(Viewer.COORDINATOR) if has_come else None,
            "back_on": profile.paused_until(today) if has_come else None,
            "may_correct_person": permissions.may_correct_person(
                request.user, person.user, person.cohort.program
            ),
            "applications": [
                {
                    "application": one,
                    "answers": one.in_words(),
                    "may_correct": permissions.can_be_corrected(one),
                }
                for one in theirs
            ],
            "corrections": Correction.objects.filter(
                user=person.user, program=person.cohort.program
            ).select_related("by")[:5],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request: SignedIn, code: str) -> HttpResponse:
    """Mend the profile."""
    person = _to_correct(request, code)
    data = request.POST if request.method == "POST" else None
    form = ProfileCorrectionForm(data, instance=_profile(person.user))
    if request.method == "POST" and form.is_valid():
        return _corrected(request, person, form.cleaned_data)
    status = 422 if form.is_bound else 200
    return _page(request, person, "desk/person_edit.html", {"form": form}, status)


@require_http_methods(["GET", "HEAD", "POST"])
def person_account(request: SignedIn, code: str) -> HttpResponse:
    """Mend name and zone."""
    person = _to_correct(request, code)
    data = request.POST if request.method == "POST" else None
    initial = {"name": person.user.name, "time_zone": person.user.time_zone}
    form = AccountCorrectionForm(data, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _corrected(request, person, form.cleaned_data)
    status = 422 if form.is_bound else 200
    return _page(request, person, "desk/person_account.html", {"form": form}, status)


@require_http_methods(["GET", "HEAD", "POST"])
def answers_edit(request: SignedIn, code: str) -> HttpResponse:
    """Mend answers that the applicant cannot change any more."""
    application = get_object_or_404(_coordinated(request), code=code)
    applicant, role = application.applicant, application.get_role_display()
    if applicant.is_erased:
        raise Http404
    person = Person(code, applicant, role, application.cohort)
    if not permissions.may_correct(request.user, application):
        messages.info(request, _("The applicant can still change this application themself."))
        return redirect("desk-person", code)
    form = form_for(
        application.questionnaire,
        request.POST if request.method == "POST" else None,
        initial=application.answers,
        draft=True,  # what the applicant left open may stay open
    )
    if request.method == "POST" and form.is_valid():
        correction = corrections.correct_answers(
            application, by=request.user, answers=form.answers()
        )
        return _done(request, person, correction)
    about = {"form": form, "application": application}
    status = 422 if form.is_bound else 200
    return _page(request, person, "desk/person_answers.html", about, status)


def _corrected(request: SignedIn, person: Person, fields: dict[str, Any]) -> HttpResponse:
    correction = corrections.correct_profile(
        person.user, by=request.user, program=person.cohort.program, **fields
    )
    return _done(request, person, correction)


def _done(request: SignedIn, person: Person, correction: Correction | None) -> HttpResponse:
    if correction is None:
        messages.info(request, _("Nothing was different, so nothing was changed."))
    else:
        messages.success(
            request,
            _("Corrected. %(name)s is told by mail what you changed.") % {"name": person.user.name},
        )
    return redirect("desk-person", person.code)


def _coordinated(request: SignedIn) -> ApplicationQuerySet:
    """Applications that were sent in to the programs this person coordinates."""
    return Application.objects.coordinated_by(request.user).select_related(
        "cohort__program", "applicant", "questionnaire"
    )


def _profile(user: User) -> Profile:
    found = Profile.objects.select_related("user").filter(user=user).first()
    return found or Profile(user=user)


def _page(
    request: SignedIn, person: Person, template: str, about: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {"person": person, "cohort": person.cohort, "may_coordinate": True} | about
    return render(request, template, context, status=status)
