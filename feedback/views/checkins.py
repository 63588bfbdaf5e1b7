from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from feedback.actions import checkins
from feedback.forms import AnswerForm, MoveForm
from feedback.models import CheckIn
from feedback.notifications import times_of
from feedback.views.access import Reader, reader_of_checkin
from mentorship.shared.base import clock


@require_safe
def checkin_detail(request: HttpRequest, code: str) -> HttpResponse:
    """When the check-in is in both zones; afterwards, how it went. Works from a mail's link."""
    checkin, reader = reader_of_checkin(request, code)
    return _page(request, checkin, reader)


@require_POST
def checkin_answer(request: HttpRequest, code: str) -> HttpResponse:
    checkin, reader = reader_of_checkin(request, code)
    if not _was_there(checkin, reader):
        raise Http404
    form = AnswerForm(request.POST, checkin=checkin)
    if not form.is_valid():
        return _page(request, checkin, reader, answer_form=form, status=422)
    checkins.answer(checkin, by=reader.user, **form.cleaned_data)
    messages.success(request, _("Thank you. Your answer is saved."))
    return redirect("checkin-detail", checkin.code)


@require_POST
def checkin_move(request: HttpRequest, code: str) -> HttpResponse:
    checkin, reader = reader_of_checkin(request, code)
    zone = _zone(checkin, reader)
    form = MoveForm(request.POST, checkin=checkin, zone=zone)
    if not form.is_valid():
        return _page(request, checkin, reader, move_form=form, status=422)
    checkins.move(checkin, by=reader.user, zone=zone, **form.cleaned_data)
    messages.success(request, _("The check-in is moved. The other side hears of it by mail."))
    return redirect("checkin-detail", checkin.code)


def _was_there(checkin: CheckIn, reader: Reader) -> bool:
    """Whether it fell in the reader's time; who came later may read notes handed over, no more."""
    place = checkin.match.place_of(reader.user)
    return place is not None and place.was_there(checkin.starts_at)


def _zone(checkin: CheckIn, reader: Reader) -> str:
    place = checkin.match.place_of(reader.user)
    return place.participant.time_zone if place else reader.user.time_zone


def _page(
    request: HttpRequest,
    checkin: CheckIn,
    reader: Reader,
    *,
    answer_form: AnswerForm | None = None,
    move_form: MoveForm | None = None,
    status: int = 200,
) -> HttpResponse:
    was_there = _was_there(checkin, reader)
    if not was_there:
        answer_form = move_form = None
    elif checkin.has_begun(clock.now()) and checkin.status != CheckIn.Status.CANCELLED:
        answer_form = answer_form or AnswerForm(checkin=checkin)
    elif checkin.status == CheckIn.Status.SCHEDULED:
        move_form = move_form or MoveForm(checkin=checkin, zone=_zone(checkin, reader))
    return render(
        request,
        "feedback/checkin_detail.html",
        {
            "checkin": checkin,
            "match": checkin.match,
            "others": checkin.match.others_than(reader.user),
            "times": times_of(checkin, reader.user),
            "form": answer_form,
            "move_form": move_form,
            "is_handed_over": not was_there,
            "person": reader.user,
            "by_link": reader.by_link,
        },
        status=status,
    )
