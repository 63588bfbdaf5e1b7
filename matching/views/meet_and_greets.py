"""Rounds in which people meet before anybody is matched: the desk's pages and a person's own."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching.actions import meet_and_greets
from matching.fitting import Look
from matching.forms.meet_and_greets import GoneSlotForm, LimitsForm, RoundForm, SlotForm
from matching.meeting_plans import meets_nobody, met_table, mine, proof_of
from matching.models import MeetAndGreet, Meeting
from mentorship.shared.base import clock
from programs.models import Choice
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn

SHOW_OR_POST = ["GET", "HEAD", "POST"]
# How often a page that follows the planning loads anew.
FOLLOW_SECONDS = 5


def round_of(request: SignedIn, code: str) -> MeetAndGreet:
    """A round this person coordinates, or 404."""
    its = MeetAndGreet.objects.coordinated_by(request.user).select_related("cohort__program")
    return get_object_or_404(its, code=code)


# --- The desk -------------------------------------------------------------------------------------


@require_safe
def meet_list(request: SignedIn, code: str) -> HttpResponse:
    """The rounds of a cohort, the newest first."""
    cohort = cohort_of(request, code)
    page = page_of(request, cohort.meet_and_greets.select_related("made_by"))
    about = {"cohort": cohort, "may_coordinate": True, "page_obj": page}
    return render(request, "desk/meets.html", about)


@require_http_methods(SHOW_OR_POST)
def meet_new(request: SignedIn, code: str) -> HttpResponse:
    """Prepare a round: its times are laid out from day to day."""
    cohort = cohort_of(request, code)
    form = RoundForm(cohort, request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = meet_and_greets.make(
            cohort, by=request.user, starts=form.cleaned_data["starts"], **form.limits
        )
        messages.success(request, _("The times are laid out. Nobody is told before you publish."))
        return redirect("desk-meet", made.code)
    about = {"cohort": cohort, "may_coordinate": True, "form": form}
    return render(request, "desk/meet_new.html", about, status=422 if form.is_bound else 200)


@require_safe
def meet_detail(request: SignedIn, code: str) -> HttpResponse:
    """A round in preparation, at work, or with its plan."""
    planned = round_of(request, code)
    answer = _detail(request, planned)
    if planned.is_unfinished and "follow" in request.GET:
        # The page works without a script, and nobody is followed who did not ask for it.
        answer["Refresh"] = str(FOLLOW_SECONDS)
    return answer


def _detail(
    request: SignedIn,
    planned: MeetAndGreet,
    *,
    limits: LimitsForm | None = None,
    slot: SlotForm | None = None,
    status: int = 200,
) -> HttpResponse:
    about: dict[str, Any] = {
        "round": planned,
        "cohort": planned.cohort,
        "may_coordinate": True,
        "is_followed": "follow" in request.GET,
        "follow_seconds": FOLLOW_SECONDS,
    }
    if planned.has_plan:
        about |= _plan(request, planned)
    if planned.can_change:
        about |= {
            "limits": limits or LimitsForm(instance=planned),
            "slot_form": slot or SlotForm(planned.cohort),
            "slots": list(planned.slots.all()),
            "is_wrong": status == 422,
        }
    return render(request, "desk/meet.html", about, status=status)


def _plan(request: SignedIn, planned: MeetAndGreet) -> dict[str, Any]:
    """Its figures and one page of who meets whom, or of who meets nobody."""
    show = "nobody" if request.GET.get("show") == "nobody" else "meetings"
    meetings = planned.meetings.with_people()
    figures = planned.figures
    return {
        "proof": proof_of(planned),
        "table": met_table(planned),
        "served": figures["mentees"] - len(figures["unmet"]),
        "nobody": len(figures["unmet"]) + len(figures["idle"]),
        "show": show,
        "page_obj": page_of(request, meets_nobody(planned) if show == "nobody" else meetings),
    }


@require_POST
def meet_change(request: SignedIn, code: str) -> HttpResponse:
    """Other limits, one time more or one less, as the button says."""
    planned = round_of(request, code)
    do = request.POST.get("do", "limits")
    limits = LimitsForm(request.POST, instance=round_of(request, code)) if do == "limits" else None
    slot = SlotForm(planned.cohort, request.POST) if do == "add" else None
    gone = GoneSlotForm(request.POST) if do == "remove" else None
    form = limits or slot or gone
    if form is None or (gone is not None and not gone.is_valid()):
        return redirect("desk-meet", planned.code)
    if not form.is_valid():
        return _detail(request, planned, limits=limits, slot=slot, status=422)
    if limits is not None:
        meet_and_greets.change(planned, by=request.user, **limits.cleaned_data)
    elif slot is not None:
        meet_and_greets.add_slot(planned, by=request.user, starts_at=slot.starts_at)
    else:
        starts_at = form.cleaned_data["starts_at"]
        meet_and_greets.remove_slot(planned, by=request.user, starts_at=starts_at)
    messages.success(request, _("It is kept. Plan the meetings when the times are right."))
    return redirect("desk-meet", planned.code)


@require_POST
def meet_plan(request: SignedIn, code: str) -> HttpResponse:
    planned = meet_and_greets.plan(round_of(request, code), by=request.user)
    if planned.is_unfinished:
        messages.success(request, _("The meetings are being planned. Look again in a minute."))
    return redirect("desk-meet", planned.code)


@require_POST
def meet_publish(request: SignedIn, code: str) -> HttpResponse:
    planned = meet_and_greets.publish(round_of(request, code), by=request.user)
    count = planned.figures["meetings"]
    told = ngettext(
        "%(count)d meeting is published. Everybody hears by mail when they meet whom.",
        "%(count)d meetings are published. Everybody hears by mail when they meet whom.",
        count,
    )
    messages.success(request, told % {"count": count})
    return redirect("desk-meet", planned.code)


@require_POST
def meet_drop(request: SignedIn, code: str) -> HttpResponse:
    planned = round_of(request, code)
    meet_and_greets.drop(planned, by=request.user)
    messages.success(request, _("The meet-and-greet is deleted. Nobody was told of it."))
    return redirect("desk-meets", planned.cohort.code)


# --- The portal -----------------------------------------------------------------------------------


@login_required
@require_safe
def meeting_detail(request: SignedIn, code: str) -> HttpResponse:
    """One meeting: when on one's own clock, where, and the other with what fits."""
    rows = Meeting.objects.of(request.user).filter(code=code)
    get_object_or_404(rows)
    [one] = mine(rows, request.user)
    meeting, cohort, now = one.meeting, one.meeting.round.cohort, clock.now()
    one.me.cohort = cohort
    Look.of(one.me, now).explain([one.other])
    about = {
        "meeting": meeting,
        "me": one.me,
        "card": one.other,
        "cohort": cohort,
        "is_over": meeting.ends_at <= now,
        "is_ranked": cohort.choice == Choice.RANKED,
    }
    return render(request, "matching/meeting_detail.html", about)
