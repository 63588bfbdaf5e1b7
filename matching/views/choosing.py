"""Where participants say whom they would like, whom rather not, and where a mentee asks."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching import choosing, fitting
from matching.actions import asks, wishes
from matching.forms.choosing import AskForm, AvoidForm, FindForm, NameForm, WishForm
from matching.meeting_plans import met_by
from matching.models import Introduction
from matching.outcomes import outcome_of
from mentorship.shared.base import clock
from mentorship.shared.base.codes import code_in
from programs.models import Choice, Participant, Role
from programs.views.signed_in import SignedIn

# Cards on a page, and people that a search for a name shows.
PAGE = 12
FOUND = 20

_ORDER = (
    gettext_lazy("First choice"),
    gettext_lazy("Second choice"),
    gettext_lazy("Third choice"),
    gettext_lazy("Fourth choice"),
    gettext_lazy("Fifth choice"),
)


def part_of(request: SignedIn, code: str) -> Participant:
    """One's own part in a cohort, or 404."""
    mine = Participant.objects.of(request.user).select_related("cohort__program", "user")
    return get_object_or_404(mine, code=code)


# --- Ranking, and whom to ask ---------------------------------------------------------------------


@login_required
@require_safe
def choose(request: SignedIn, code: str) -> HttpResponse:
    """Those of the other role as cards, who fits best first; in a ranked cohort one's choices."""
    one, now = part_of(request, code), clock.now()
    if one.cohort.choice == Choice.ASSIGNED:
        raise Http404
    if one.cohort.choice == Choice.OPEN and one.role == Role.MENTOR:
        return redirect("asks", one.code)
    state = choosing.choosing(one, now)
    about = {
        "one": one,
        "cohort": one.cohort,
        "state": state,
        "until": choosing.deadline_in_words(one.cohort, state.until) if state.until else "",
        "is_ranked": one.cohort.choice == Choice.RANKED,
        **(_to_rank(one) if one.cohort.choice == Choice.RANKED else _to_ask(one)),
    }
    if state.is_open:
        about |= _cards(request, one)
        for card in about["page_obj"]:
            card.place = about["place_of"].get(card.code, "")
    return render(request, "matching/choose.html", about)


def _to_rank(one: Participant) -> dict[str, Any]:
    """What was chosen, and which choice comes next."""
    chosen = fitting.cards(choosing.ranked_by(one))
    return {
        "chosen": list(zip(_ORDER, chosen, strict=False)),
        "place_of": {card.code: label for label, card in zip(_ORDER, chosen, strict=False)},
        "next_place": _ORDER[len(chosen)] if len(chosen) < choosing.MOST_RANKS else "",
    }


def _to_ask(one: Participant) -> dict[str, Any]:
    """Whom a mentee has asked and hears from yet."""
    asked = Introduction.objects.asks().open().filter(mentee=one)
    waiting = list(asked.values_list("mentor__code", flat=True))
    return {"place_of": dict.fromkeys(waiting, _("You asked them")), "asked": len(waiting)}


def _cards(request: SignedIn, one: Participant) -> dict[str, Any]:
    """One page of those who fit what was looked for. Only its cards say what fits."""
    now = clock.now()
    is_ranked = one.cohort.choice == Choice.RANKED
    found = choosing.rankable(one, now) if is_ranked else choosing.askable(one, now)
    avoided = {other.pk for other in choosing.avoided_by(one)}
    people = [p for p in found.select_related("user__profile") if p.pk not in avoided]
    shown = fitting.cards(people)
    form = FindForm(request.GET or None, cards=shown)
    look = fitting.Look.of(one, now)
    ordered = look.in_order(form.narrow(shown))
    met = met_by(one, now)
    for card in ordered:
        card.is_met = card.participant.pk in met
    ordered.sort(key=lambda card: not card.is_met)  # stable: otherwise who fits best stays first
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    look.explain(page)
    return {
        "form": form,
        "page_obj": page,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "back": request.GET.urlencode()[:500],
    }


@login_required
@require_POST
def choose_rank(request: SignedIn, code: str) -> HttpResponse:
    """Choose somebody, move a choice, or take it back."""
    one, form = part_of(request, code), WishForm(request.POST)
    told = form.cleaned_data if form.is_valid() else {}
    there = choosing.others(one).filter(code=told.get("other", ""))
    other = there.select_related("user__profile").first()
    if other is None:
        return _nobody(request, "choose", one)
    do = told["do"]
    if do == "choose":
        chosen = wishes.rank(one, other, by=request.user)
        place = _ORDER[chosen.index(other.pk)]
        text = _("%(place)s: %(name)s.") % {"place": place, "name": _label(other)}
    elif do == "drop":
        wishes.drop(one, other, by=request.user)
        text = _("%(name)s is no longer among your choices.") % {"name": _label(other)}
    else:
        wishes.move(one, other, by=request.user, up=do == "up")
        text = _("Your choices have a new order.")
    messages.success(request, text)
    return _back_to("choose", one, told["back"])


def _nobody(request: SignedIn, page: str, one: Participant) -> HttpResponse:
    """Who is named does not take part, or never did: told alike, and nothing is done."""
    messages.error(request, _("This person does not take part here any more."))
    return _back_to(page, one, "")


def _label(other: Participant) -> str:
    """What somebody is called by those who may not see their name yet."""
    return fitting.Card(other, fitting.seen_in_cohort(other)).label


def _back_to(page: str, one: Participant, query: str) -> HttpResponse:
    told = QueryDict(query).urlencode()
    address = reverse(page, args=[one.code])
    return redirect(f"{address}?{told}" if told else address)


# --- Rather not -----------------------------------------------------------------------------------


@login_required
@require_safe
def avoids(request: SignedIn, code: str) -> HttpResponse:
    """Whom one would rather not be matched with, and a way to name somebody; for oneself alone."""
    one = part_of(request, code)
    named = fitting.cards(choosing.avoided_by(one))
    form = NameForm(request.GET if "q" in request.GET else None)
    found: list[fitting.Card] = []
    if form.is_valid():
        taken = {card.participant.pk for card in named}
        there = choosing.others(one).exclude(pk__in=taken).select_related("user__profile")
        asked = form.cleaned_data["q"]
        found = [card for card in fitting.cards(there) if card.holds(asked)]
    return render(
        request,
        "matching/choose_avoids.html",
        {
            "one": one,
            "cohort": one.cohort,
            "named": named,
            "form": form,
            "found": found[:FOUND],
            "are_more": len(found) > FOUND,
            "may_add": one.left_at is None and len(named) < choosing.MOST_AVOIDS,
        },
    )


@login_required
@require_POST
def avoid_change(request: SignedIn, code: str) -> HttpResponse:
    one, form = part_of(request, code), AvoidForm(request.POST)
    told = form.cleaned_data if form.is_valid() else {}
    # whoever has left can still be taken off the list
    there = Participant.objects.filter(cohort=one.cohort, role=Role(one.role).other)
    other = there.filter(code=told.get("other", "")).select_related("user__profile").first()
    if other is None:
        return _nobody(request, "avoids", one)
    if told["do"] == "avoid":
        wishes.avoid(one, other, by=request.user)
        text = _("No matching puts you and %(name)s together. Nobody is told.")
    else:
        wishes.stop_avoiding(one, other, by=request.user)
        text = _("%(name)s may be matched with you again.")
    messages.success(request, text % {"name": _label(other)})
    return _back_to("avoids", one, "")


# --- Asking ---------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_new(request: SignedIn, code: str) -> HttpResponse:
    """A mentee writes to a mentor. `whom` is the mentor's code, in the address."""
    one, now = part_of(request, code), clock.now()
    if one.role != Role.MENTEE or one.cohort.choice != Choice.OPEN:
        raise Http404
    if "whom" not in request.GET:
        return redirect("choose", one.code)
    there = choosing.askable(one, now).select_related("user__profile")
    mentor = get_object_or_404(there, code=code_in(request.GET, "whom"))
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        asks.ask(one, mentor, by=request.user, message=form.cleaned_data["message"])
        messages.success(request, _("Your ask is on its way."))
        return redirect("asks", one.code)
    card = fitting.Card(mentor, fitting.seen_in_cohort(mentor))
    fitting.Look.of(one, now).explain([card])
    about = {
        "one": one,
        "cohort": one.cohort,
        "card": card,
        "form": form,
        "state": choosing.choosing(one, now),
        "has_enough": choosing.has_enough(mentor),
    }
    status = 422 if form.is_bound else 200
    return render(request, "matching/ask_new.html", about, status=status)


@login_required
@require_safe
def ask_list(request: SignedIn, code: str) -> HttpResponse:
    """A mentee's asks and what came of them; the asks that wait for a mentor, oldest first."""
    one = part_of(request, code)
    rows = Introduction.objects.of(request.user).asks().with_people()
    rows = rows.select_related("mentee__user__profile", "mentor__user__profile")
    mine = rows.filter(**{one.role: one})
    waiting = list(mine.open().order_by("made_at", "pk")[: choosing.MOST_WAITING])
    over = list(mine.filter(closed_at__isnull=False).order_by("-closed_at", "-pk")[:FOUND])
    return render(
        request,
        "matching/asks.html",
        {
            "one": one,
            "cohort": one.cohort,
            "is_mentee": one.role == Role.MENTEE,
            "is_open": one.cohort.choice == Choice.OPEN,
            "waiting": [_told(introduction, one) for introduction in waiting],
            "over": [_told(i, one) for i in over] if one.role == Role.MENTEE else [],
        },
    )


def _told(introduction: Introduction, one: Participant) -> dict[str, Any]:
    """An ask with a card of the other and, once it is over, what came of it."""
    other = introduction.other_than(one)
    card = fitting.Card(other, fitting.seen_in_cohort(other))
    told = ""
    if introduction.withdrawn_by_id == one.user_id:
        told = _("You took it back.")
    elif not introduction.is_open:
        told = outcome_of(introduction, one).what
    return {"introduction": introduction, "card": card, "told": told}


@login_required
@require_POST
def ask_take_back(request: SignedIn, code: str) -> HttpResponse:
    mine = Introduction.objects.asks().filter(mentee__in=Participant.objects.of(request.user))
    introduction = get_object_or_404(mine.with_people(), code=code)
    asks.take_back(introduction, by=request.user)
    messages.success(request, _("You have taken your ask back. You can ask somebody else."))
    return redirect("asks", introduction.mentee.code)
