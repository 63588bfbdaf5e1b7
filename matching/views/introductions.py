from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from matching.actions import introductions
from matching.cards import cards_of, hidden_in
from matching.forms.introductions import AnswerForm
from matching.models import Introduction
from matching.outcomes import outcome_of
from matching.reasons import sentences
from matching.views.access import Reader, reader_of_introduction
from programs.models import Role

Status = Introduction.Status


@require_safe
def introduction_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Who the other is, why the two were brought together, and until when to answer.

    Works from a mail's link. Closed, it says what it came to.
    """
    introduction, reader = reader_of_introduction(request, code)
    if _is_own_ask(introduction, reader):
        return redirect("asks", reader.me.code)
    return _page(request, introduction, reader, AnswerForm())


@require_POST
def introduction_answer(request: HttpRequest, code: str) -> HttpResponse:
    introduction, reader = reader_of_introduction(request, code)
    if _is_own_ask(introduction, reader):
        return redirect("asks", reader.me.code)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, introduction, reader, form, status=422)
    answered = introductions.answer(
        introduction,
        by=reader.user,
        says_yes=form.says_yes,
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _told(answered))
    return redirect("introduction-detail", introduction.code)


def _is_own_ask(introduction: Introduction, reader: Reader) -> bool:
    """Whether a mentee looks at an ask of theirs that waits: it has a page of its own.

    A mentor who is asked shows the mentee no more than they show everybody, until their yes; and
    whoever asked has nothing to answer.
    """
    return introduction.is_ask and introduction.is_open and reader.me.role == Role.MENTEE


def _told(introduction: Introduction) -> str:
    if introduction.status == Status.OPEN:
        return _("Thank you. We write to you as soon as there is news.")
    if introduction.status == Status.AGREED:
        return _("You both said yes. From now on you work together.")
    return _("Thank you for saying so. This introduction is closed.")


def _page(
    request: HttpRequest,
    introduction: Introduction,
    reader: Reader,
    form: AnswerForm,
    status: int = 200,
) -> HttpResponse:
    about: dict[str, Any] = {
        "introduction": introduction,
        "cohort": introduction.cohort,
        "me": reader.me,
        "person": reader.user,
        "by_link": reader.by_link,
        "my_answer": introduction.answer_of(reader.me.role),
        "form": form,
    }
    if introduction.is_open:
        about |= _of_the_other(introduction, reader)
    else:
        about["outcome"] = outcome_of(introduction, reader.me)
        about["match"] = introduction.match
    return render(request, "matching/introduction_detail.html", about, status=status)


def _of_the_other(introduction: Introduction, reader: Reader) -> dict[str, Any]:
    """Who the other is and why the two fit: while it is open, and not afterwards."""
    cards = cards_of([introduction.other_than(reader.me)], introduction.cohort)
    policy = introduction.run.policy if introduction.run else {}
    return {
        "other": cards[0],
        "reasons": sentences(introduction.reasons, policy, hidden=hidden_in(cards)),
    }
