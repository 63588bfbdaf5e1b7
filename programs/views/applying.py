"""The application page by page: begun, saved, looked over and sent in."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from mentorship.shared.base import clock
from mentorship.shared.questions.forms import AnswersForm, form_for
from programs import permissions
from programs.actions import applications, drafts
from programs.forms.applying import HeardFromForm
from programs.models import Application, Cohort, Profile, Role
from programs.progress import Page, carried_over, fingerprint, next_open, pages_of
from programs.sources import came_by
from programs.views.signed_in import SignedIn
from programs.visibility import FIELD_OF

Status = Application.Status

# How many earlier applications are offered to copy from.
_MOST_EARLIER = 3


# whoever is not known here yet begins with an account
@login_required(login_url="account_signup")
@require_http_methods(["GET", "HEAD", "POST"])
def application_new(request: SignedIn, code: str, role: Role) -> HttpResponse:
    """The first page for somebody who has not applied yet; nothing is kept before they save."""
    cohort = get_object_or_404(Cohort.objects.public().select_related("program"), code=code)
    mine = Application.objects.of(request.user).filter(cohort=cohort, role=role).first()
    if mine is not None and mine.status != Status.WITHDRAWN:
        return redirect("application-edit", mine.code)
    is_open = cohort.accepts_applications(clock.now())
    if request.method != "POST":
        applications.require_open(cohort)
    questionnaire = cohort.questions_for(role)
    before = carried_over(questionnaire, mine.questionnaire, mine.answers) if mine else {}
    pages = pages_of(questionnaire, before)
    page = pages[0]
    initial = {"time_zone": request.user.told_zone} | before
    form = form_for(
        questionnaire, _data(request), initial=initial, draft=True, questions=page.questions
    )
    if is_open and form.is_valid():
        others = {key: value for key, value in before.items() if key not in page.keys}
        application = applications.start(
            cohort,
            applicant=request.user,
            role=role,
            answers=others | form.answers(),
            **came_by(request, cohort)._asdict(),
        )
        return _onwards(request, application, page)
    return _form_page(
        request,
        form,
        page,
        pages,
        {"cohort": cohort, "role": role, "earlier": _earlier(request, cohort, role)},
        refused="" if is_open else drafts.too_late(),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_edit(request: SignedIn, code: str) -> HttpResponse:
    """One page of one's answers, `?step=` says which; without it the one where it goes on.

    A draft with nothing left to fill in goes on where it is looked over and sent in.
    """
    application = _mine(request, code)
    if request.method != "POST" and not permissions.may_edit(request.user, application):
        return redirect("application-detail", application.code)
    pages = pages_of(application.questionnaire, application.answers)
    is_filled_in = application.status == Status.DRAFT and next_open(pages) is None
    if request.method != "POST" and is_filled_in and "step" not in request.GET:
        return redirect("application-review", application.code)
    page = _asked_for(request, pages)
    form = form_for(
        application.questionnaire,
        _data(request),
        initial=application.answers,
        draft=application.status != Status.SUBMITTED,
        questions=page.questions,
    )
    refused, elsewhere = drafts.closed(application) if form.is_bound else "", None
    if form.is_valid() and not refused:
        kept = drafts.save_page(
            application,
            by=request.user,
            page=page,
            answers=form.answers(),
            seen=request.POST.get("seen", ""),
        )
        application, refused, elsewhere = kept
        if not refused:
            return _onwards(request, application, page)
    return _form_page(
        request,
        form,
        page,
        pages,
        {
            "cohort": application.cohort,
            "role": Role(application.role),
            "application": application,
            "seen": fingerprint(drafts.answers_on(page, application.answers)),
            "elsewhere": None if elsewhere is None else _words(page, elsewhere),
        },
        refused=refused,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_review(request: SignedIn, code: str) -> HttpResponse:
    """Everything on one page before it is sent in, and what is still missing."""
    application = _mine(request, code)
    may_send = permissions.may_edit(request.user, application)
    if request.method != "POST" and not (may_send and application.status == Status.DRAFT):
        return redirect("application-detail", application.code)
    pages = pages_of(application.questionnaire, application.answers)
    is_complete = not any(page.missing for page in pages)
    form = HeardFromForm(_data(request), application=application)
    if form.is_valid() and is_complete:
        applications.submit(application, by=request.user, heard_from=form.told())
        messages.success(request, _("Your application is sent in. A mail confirms it."))
        return redirect("application-detail", application.code)
    return render(
        request,
        "programs/application_review.html",
        {
            "application": application,
            "cohort": application.cohort,
            "pages": [
                {"page": page, "answers": _words(page, application.answers)}
                for page in pages
                if page.place
            ],
            "is_complete": is_complete,
            "form": form,
            "taken": _for_profile(request, application),
        },
        status=422 if form.is_bound else 200,
    )


@login_required
@require_POST
def application_copy(request: SignedIn, code: str, role: Role) -> HttpResponse:
    """Begin with the answers of an earlier application of one's own."""
    cohort = get_object_or_404(Cohort.objects.public(), code=code)
    mine = Application.objects.of(request.user).select_related("questionnaire")
    earlier = get_object_or_404(mine, code=request.POST.get("application", ""))
    application = drafts.copy(
        earlier, by=request.user, cohort=cohort, role=role, **came_by(request, cohort)._asdict()
    )
    messages.success(request, _("Your answers are copied. Read them before you send them in."))
    return redirect("application-edit", application.code)


def _mine(request: SignedIn, code: str) -> Application:
    mine = Application.objects.of(request.user).select_related("cohort__program", "questionnaire")
    return get_object_or_404(mine, code=code)


def _for_profile(request: SignedIn, application: Application) -> list[Any]:
    """The parts of the person's profile that sending in fills, in words."""
    profile = Profile.objects.by_user([request.user])[request.user.pk]
    parts = profile.takes(application.for_profile(), application.code)
    return [FIELD_OF[name].label for name in parts]


def _data(request: SignedIn) -> Any:
    return request.POST if request.method == "POST" else None


def _asked_for(request: SignedIn, pages: Sequence[Page]) -> Page:
    asked = request.GET.get("step", "")
    found = (page for page in pages if asked.isdecimal() and str(page.number) == asked)
    return next(found, None) or next_open(pages) or pages[0]


def _onwards(request: SignedIn, application: Application, page: Page) -> HttpResponse:
    """Where somebody goes who saved a page."""
    pages = pages_of(application.questionnaire, application.answers)
    if application.status == Status.SUBMITTED:
        return _after_a_change(request, application, pages)
    if request.POST.get("action") == "save":
        messages.success(request, _("Your answers are saved. Go on whenever you like."))
        return redirect("application-detail", application.code)
    later = next((one for one in pages if one.number > page.number and one.place), None)
    if later is None:
        return redirect("application-review", application.code)
    return redirect(step_url(application, later))


def _after_a_change(
    request: SignedIn, application: Application, pages: Sequence[Page]
) -> HttpResponse:
    """A changed answer can ask for another one on a later page."""
    lacking = next((page for page in pages if page.missing), None)
    if lacking is not None:
        messages.warning(request, _("Your answers are saved. With them, this page is asked too."))
        return redirect(step_url(application, lacking))
    messages.success(request, _("Your answers are saved."))
    return redirect("application-detail", application.code)


def step_url(application: Application, page: Page) -> str:
    """The address of one page of the form."""
    return f"{reverse('application-edit', args=[application.code])}?step={page.number}"


def _mark_needed(form: AnswersForm, page: Page) -> None:
    """A draft may leave everything open; say what it must not when it is sent in."""
    for question in page.questions:
        field = form.fields.get(question.key)
        if field is not None and question.required and not field.required:
            needed = _("Needed before you can send it in.")
            field.help_text = " ".join(filter(None, (str(field.help_text), needed)))


def _words(page: Page, answers: Any) -> list[tuple[Any, str]]:
    return [
        (question, question.in_words(answers.get(question.key)))
        for question in page.questions
        if question.is_shown(answers)
    ]


def _earlier(request: SignedIn, cohort: Cohort, role: Role) -> list[dict[str, Any]]:
    """Applications to copy from, the newest first, with what would be taken over."""
    mine = (
        Application.objects.of(request.user)
        .exclude(cohort=cohort, role=role)
        .select_related("cohort__program", "questionnaire")
        .order_by("-updated_at")[:_MOST_EARLIER]
    )
    found = []
    for application in mine:
        count = len(
            carried_over(cohort.questions_for(role), application.questionnaire, application.answers)
        )
        if count:
            words = ngettext("Copy %(count)d answer", "Copy %(count)d answers", count)
            found.append({"application": application, "button": words % {"count": count}})
    return found


def _form_page(
    request: SignedIn,
    form: AnswersForm,
    page: Page,
    pages: Sequence[Page],
    about: dict[str, Any],
    *,
    refused: str,
) -> HttpResponse:
    _mark_needed(form, page)
    asked = [one for one in pages if one.place]
    nothing: dict[str, Any] = {"application": None, "seen": "", "elsewhere": None, "earlier": []}
    return render(
        request,
        "programs/application_form.html",
        nothing
        | about
        | {
            "form": form,
            "page": page,
            "pages": asked,
            "total": len(asked),
            "before": next((one for one in reversed(asked) if one.number < page.number), None),
            "is_last": page.number == asked[-1].number,
            "refused": refused,
        },
        status=409 if refused else 422 if form.is_bound else 200,
    )
