"""A person's own pages before matching: the texts they read, and what is still missing."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mentorship.shared.base import clock
from mentorship.shared.base.markdown import to_html
from programs import gate
from programs.actions import texts
from programs.forms.texts import ReadForm
from programs.models import Application, Consent, Participant, TextVersion
from programs.views.signed_in import SignedIn


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def text_detail(request: SignedIn, code: str) -> HttpResponse:
    """One version of a text, to read, and to say that one has."""
    mine = TextVersion.objects.readable_by(request.user).select_related(
        "text__program", "text__cohort__program"
    )
    version = get_object_or_404(mine, code=code)
    form = ReadForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        texts.agree(version, by=request.user)
        messages.success(request, _("Kept: you have read “%(title)s”.") % {"title": version.title})
        return _way_on(request, version)
    about = _about(request, version, form)
    status = 422 if form.is_bound else 200
    return render(request, "programs/text_detail.html", about, status=status)


def _about(request: SignedIn, version: TextVersion, form: ReadForm) -> dict[str, Any]:
    """The page of a version: its words, and what this person has said of which version."""
    mine = Consent.objects.of(request.user).filter(version__text=version.text)
    read = dict(mine.values_list("version", "at"))
    newest = version if version.is_current else version.text.versions.first()
    is_in_use = version.is_current and version.text.retired_at is None
    return {
        "version": version,
        "program": version.text.of_program,
        "body": to_html(version.body),
        "form": form,
        "read_at": read.get(version.pk),
        "newest": newest,
        "is_asked": is_in_use and not mine.still_counting().exists(),
    }


def _way_on(request: SignedIn, version: TextVersion) -> HttpResponse:
    """Back to the checklist of the cohort that asks for this text, else to the home page."""
    mine = Participant.objects.of(request.user).present().select_related("cohort")
    asking = mine.filter(cohort__gate_items__text=version.text).order_by("-joined_at").first()
    if asking is None:
        return redirect("text-detail", version.code)
    return redirect("participation-detail", asking.code)


@login_required
@require_safe
def participation_detail(request: SignedIn, code: str) -> HttpResponse:
    """A person's part in a cohort: what is done, what is missing, what happens next and when."""
    mine = Participant.objects.of(request.user).select_related("cohort__program")
    participant = get_object_or_404(mine, code=code)
    steps = gate.steps_of([participant])[participant.pk]
    missing = [step for step in steps if not step.is_done]
    return render(
        request,
        "programs/participation_detail.html",
        {
            "participant": participant,
            "cohort": participant.cohort,
            "steps": steps,
            "unconfirmed": Application.objects.of(request.user)
            .brought()
            .filter(cohort=participant.cohort, role=participant.role)
            .first(),
            "what_next": gate.what_next(participant, missing, clock.now()),
        },
    )
