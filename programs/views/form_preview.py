"""A form as an applicant meets it, for coordinators to try. Nothing is kept."""

import json
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from mentorship.shared.questions.forms import AnswersForm, form_for
from mentorship.shared.questions.models import Questionnaire
from programs.models import Cohort, Role
from programs.progress import Page, pages_of
from programs.views.desk import cohort_of
from programs.views.questionnaires import desk_page
from programs.views.signed_in import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
def form_preview(request: SignedIn, code: str, role: Role) -> HttpResponse:
    """Walk through the form as an applicant does. Nothing is kept: the answers travel along."""
    cohort = cohort_of(request, code)
    questionnaire = cohort.questions_for(role)
    told = _told(questionnaire, request.POST.get("told", ""))
    pages = pages_of(questionnaire, told)
    page = _page_named(pages, request.POST.get("page", ""))
    if request.method == "POST":
        form = form_for(
            questionnaire, request.POST, initial=told, draft=True, questions=page.questions
        )
        if not form.is_valid():
            return _preview(request, cohort, role, told, pages, page, form, status=422)
        told = {key: value for key, value in told.items() if key not in page.keys}
        told = questionnaire.applicable(told | form.answers())
        pages = pages_of(questionnaire, told)
        is_back = request.POST.get("action") == "back"
        following = _beside(pages, page, back=is_back)
        if following is None:
            return desk_page(
                request,
                "desk/form_previewed.html",
                cohort,
                role=role,
                answers=questionnaire.in_words(told),
            )
        page = following
    form = form_for(questionnaire, initial=told, draft=True, questions=page.questions)
    return _preview(request, cohort, role, told, pages, page, form)


def _told(questionnaire: Questionnaire, text: str) -> dict[str, Any]:
    """The answers that a preview carries along; whatever is not such is none."""
    try:
        told = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {
        question.key: told[question.key]
        for question in questionnaire.questions.all()
        if question.key in told and question.takes(told[question.key])
    }


def _page_named(pages: list[Page], number: str) -> Page:
    asked = [page for page in pages if page.place] or pages
    return next((page for page in asked if str(page.number) == number), asked[0])


def _beside(pages: list[Page], page: Page, *, back: bool) -> Page | None:
    """The next page that is asked, or the one before; the first stays, after the last is none."""
    asked = [one for one in pages if one.place]
    if back:
        return next((one for one in reversed(asked) if one.number < page.number), page)
    return next((one for one in asked if one.number > page.number), None)


def _preview(
    request: SignedIn,
    cohort: Cohort,
    role: Role,
    told: dict[str, Any],
    pages: list[Page],
    page: Page,
    form: AnswersForm,
    status: int = 200,
) -> HttpResponse:
    return desk_page(
        request,
        "desk/form_preview.html",
        cohort,
        status,
        role=role,
        told=json.dumps(told),
        page=page,
        pages=[one for one in pages if one.place],
        form=form,
    )
