from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback.actions import silences
from feedback.forms import InTouchForm
from feedback.models import Silence
from feedback.views.access import reader_of_silence


@require_http_methods(["GET", "HEAD", "POST"])
def silence_answer(request: HttpRequest, code: str) -> HttpResponse:
    """Say how a match stands, from a mail's link or logged in. GET shows, POST answers."""
    silence, reader = reader_of_silence(request, code)
    form = InTouchForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        silences.answer(silence, by=reader.user, answer=form.cleaned_data["answer"])
        messages.success(request, _("Thank you. Your answer is saved."))
        return redirect("silence-answer", silence.code)
    is_mine = silence.answered_by_id == reader.user.pk
    return render(
        request,
        "feedback/silence_answer.html",
        {
            "silence": silence,
            "cohort": silence.match.cohort,
            # a settled question names nobody: its reader may be out of the match by now
            "others": silence.match.others_than(reader.user) if silence.is_open else [],
            "answers": Silence.Answer if silence.is_open else None,
            "my_answer": silence.answer if is_mine else "",
            "form": form,
            "person": reader.user,
            "by_link": reader.by_link,
        },
        status=422 if form.is_bound else 200,
    )
