"""A mentor is asked for one more place, and answers from the mail."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from matching.actions import places
from matching.models import Answer, PlaceAsk
from matching.views.access import Reader, reader_of_place_ask


@require_safe
def place_ask(request: HttpRequest, code: str) -> HttpResponse:
    """What is asked, and yes or no. Works from a mail's link."""
    return _page(request, *reader_of_place_ask(request, code))


@require_POST
def place_answer(request: HttpRequest, code: str) -> HttpResponse:
    asked, reader = reader_of_place_ask(request, code)
    said = request.POST.get("answer")
    if said not in Answer:
        return _page(request, asked, reader, status=422)
    answered = places.answer(asked, by=reader.user, says_yes=said == Answer.YES)
    if answered.answer == Answer.YES:
        messages.success(request, _("Thank you. You have one place more now."))
    else:
        messages.success(request, _("Thank you. Nothing changes for you."))
    return redirect("place-ask", asked.code)


def _page(
    request: HttpRequest, asked: PlaceAsk, reader: Reader, *, status: int = 200
) -> HttpResponse:
    return render(
        request,
        "matching/place_ask.html",
        {
            "asked": asked,
            "cohort": asked.mentor.cohort,
            "person": reader.user,
            "by_link": reader.by_link,
        },
        status=status,
    )
