"""A mentor is asked for one more place, and answers from the mail."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from matching.actions import places
from matching.models import Answer
from matching.views.access import reader_of_place_ask


@require_safe
def place_ask(request: HttpRequest, code: str) -> HttpResponse:
    """What is asked, and yes or no. Works from a mail's link."""
    asked, reader = reader_of_place_ask(request, code)
    return render(
        request,
        "matching/place_ask.html",
        {
            "asked": asked,
            "cohort": asked.mentor.cohort,
            "person": reader.user,
            "by_link": reader.by_link,
        },
    )


@require_POST
def place_answer(request: HttpRequest, code: str) -> HttpResponse:
    asked, reader = reader_of_place_ask(request, code)
    says_yes = request.POST.get("answer") == Answer.YES
    answered = places.answer(asked, by=reader.user, says_yes=says_yes)
    if answered.answer == Answer.YES:
        messages.success(request, _("Thank you. You have one place more now."))
    else:
        messages.success(request, _("Thank you. Nothing changes for you."))
    return redirect("place-ask", asked.code)
