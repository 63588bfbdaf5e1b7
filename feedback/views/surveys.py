from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from feedback.actions import surveys
from feedback.views.access import reader_of_invitation
from mentorship.shared.base import clock
from mentorship.shared.questions.forms import form_for


@require_http_methods(["GET", "HEAD", "POST"])
def survey_answer(request: HttpRequest, code: str) -> HttpResponse:
    """Answer a survey, from a mail's link or logged in. GET shows, POST answers."""
    invitation, reader = reader_of_invitation(request, code)
    survey = invitation.survey
    form = form_for(survey.questionnaire, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        surveys.answer(invitation, answers=form.answers())
        return redirect("survey-answer", invitation.code)
    answered, is_open = invitation.answered_at is not None, survey.is_open(clock.now())
    return render(
        request,
        "feedback/survey_answer.html",
        {
            "invitation": invitation,
            "survey": survey,
            "form": form if is_open and not answered else None,
            "answered": answered,
            "is_open": is_open,
            "person": reader.user,
            "by_link": reader.by_link,
        },
        status=422 if form.is_bound else 200,
    )
