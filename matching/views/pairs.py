"""The pairs of a run: listed, side by side, and what if one were another."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching import figures, told
from matching.actions import changes, inquiries
from matching.forms.pairs_of_run import ORDERS, PairFilter, ReasonForm
from matching.matrix import matrix_of
from matching.models import Inquiry, MatchingRun, Suggestion
from matching.views.run import run_of
from mentorship.shared.base.codes import code_in
from programs import permissions
from programs.models import Participant, Profile, Role
from programs.views.desk import PAGE_SIZE, page_of
from programs.views.signed_in import SignedIn
from programs.visibility import Viewer

Kind = Inquiry.Kind

# Mentors who are offered for "why not"; more are found by typing.
_OFFERED = 10


@require_safe
def pair_list(request: SignedIn, code: str) -> HttpResponse:
    """Every pair of a run, narrowed and ordered as the address asks."""
    run = _answered(request, code)
    form = PairFilter(request.GET or None)
    sure = figures.sureness(inquiries.look(run, Kind.HOW_SURE))
    page = _pairs(request, run, PairFilter(request.GET), sure)
    locked = {mentee for mentee, _mentor in run.locked}
    for one in page:
        one.sure = sure.get(one.mentee.code)
        one.is_locked = one.mentee.code in locked
    return render(
        request,
        "desk/pairs.html",
        {
            "run": run,
            "cohort": run.cohort,
            "may_coordinate": True,
            "page_obj": page,
            "filter": form,
            "is_narrow": PairFilter(request.GET).is_narrow,
            "knows_sure": bool(sure),
        },
    )


def _pairs(
    request: SignedIn, run: MatchingRun, form: PairFilter, sure: Mapping[str, figures.Sure]
) -> Page[Any]:
    rows = run.suggestions.filter(form.condition())
    asked = form.asked()
    if asked.get("only") == "locked":
        rows = rows.filter(mentee__code__in=[mentee for mentee, _mentor in run.locked])
    if asked.get("only") == "unsure":
        shaky = [mentee for mentee, one in sure.items() if one.share < figures.UNSURE]
        rows = rows.filter(mentee__code__in=shaky)
    if asked.get("order") == "sure" and sure:
        return _least_sure_first(request, rows, sure)
    rows = rows.order_by(*ORDERS.get(asked.get("order", ""), ORDERS["points"]))
    return page_of(request, _with_people(rows))


def _with_people(rows: "QuerySet[Suggestion]") -> "QuerySet[Suggestion]":
    return rows.select_related("mentee__user", "mentor__user").defer("reasons")


def _least_sure_first(
    request: SignedIn, rows: "QuerySet[Suggestion]", sure: Mapping[str, figures.Sure]
) -> Page[Any]:
    """The database does not know how sure pairs are, so it is asked for a page by number."""
    told = [
        (sure[code].share if code in sure else 1.0, pk)
        for pk, code in rows.order_by().values_list("pk", "mentee__code")
    ]
    numbers = [pk for _share, pk in sorted(told)]
    page: Page[Any] = Paginator(numbers, PAGE_SIZE).get_page(request.GET.get("page"))
    found = {one.pk: one for one in _with_people(rows.filter(pk__in=page.object_list))}
    page.object_list = [found[pk] for pk in page.object_list if pk in found]
    return page


@require_safe
def pair_detail(request: SignedIn, code: str, mentee: str) -> HttpResponse:
    """A mentee and their mentor side by side, who comes next, and every other by name."""
    run = _answered(request, code)
    one = _person(run, mentee, Role.MENTEE)
    pair = run.suggestions.filter(mentee=one).select_related("mentor__user").first()
    instead = inquiries.look(run, Kind.INSTEAD, mentee=one) if pair else None
    find = request.GET.get("find", "").strip()
    return render(
        request,
        "desk/pair.html",
        {
            **_about(run, one, pair.mentor if pair else None),
            "pair": pair,
            "matrix": matrix_of(pair.reasons, run.policy) if pair else [],
            "is_locked": pair is not None and [one.code, pair.mentor.code] in run.locked,
            "instead": instead,
            "following": _following(run, instead),
            "find": find,
            "others": _others(run, pair, find),
        },
    )


def _following(run: MatchingRun, inquiry: Inquiry | None) -> list[dict[str, Any]]:
    """The next mentors with what choosing each would cost."""
    if inquiry is None or inquiry.answer is None:
        return []
    names = told.names_in(run, inquiry.answer)
    return [
        {
            "code": one["mentor"],
            "name": names.get(one["mentor"], ""),
            "score": one["score"],
            "sentences": told.why_not(one["why"], run.policy, names),
        }
        for one in inquiry.answer["next"]
    ]


def _others(run: MatchingRun, pair: Suggestion | None, find: str) -> list[Participant]:
    """Mentors to ask about, by the part of a name that was typed."""
    rows = Participant.objects.filter(cohort=run.cohort, role=Role.MENTOR).present()
    if pair is not None:
        rows = rows.exclude(pk=pair.mentor_id)
    if find:
        rows = rows.filter(user__name__icontains=find[:100])
    return list(rows.select_related("user").order_by("user__name", "pk")[:_OFFERED])


@require_POST
def pair_ask(request: SignedIn, code: str, mentee: str) -> HttpResponse:
    """Ask what it would be like if a mentee had another mentor, or not this one."""
    run = _answered(request, code)
    one = _person(run, mentee, Role.MENTEE)
    other = _person(run, code_in(request.POST, "mentor"), Role.MENTOR)
    inquiries.ask(run, _kind(run, one, other), mentee=one, mentor=other, by=request.user)
    return redirect("desk-what-if", run.code, one.code, other.code)


@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request: SignedIn, code: str, mentee: str, mentor: str) -> HttpResponse:
    """What a change of one pair would do to all, before it is made; a POST makes it."""
    run = _answered(request, code)
    one, other = _person(run, mentee, Role.MENTEE), _person(run, mentor, Role.MENTOR)
    kind = _kind(run, one, other)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        asked = request.POST.get("kind", "")
        wanted = asked if asked in ("lock", "pair", "forbid") else "lock"
        draft = changes.make(
            run,
            by=request.user,
            kind=wanted,
            mentee=one,
            mentor=other,
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, _("This is the new draft. The one before stays as it was."))
        return redirect("desk-run", draft.code)
    key = Inquiry.key_of(run, kind, one, other)
    inquiry = Inquiry.objects.filter(key=key).first()
    return render(
        request,
        "desk/what_if.html",
        {
            **_about(run, one, other),
            "form": form,
            "inquiry": inquiry,
            "are_together": kind == Kind.IF_FORBIDDEN,
            "is_locked": [one.code, other.code] in run.locked,
            "may_change": run.status == MatchingRun.Status.DONE,
            **_answer(run, inquiry),
        },
        status=422 if form.is_bound else 200,
    )


def _answer(run: MatchingRun, inquiry: Inquiry | None) -> dict[str, Any]:
    """The answer in sentences, and whether the two can be put together."""
    if inquiry is None or inquiry.answer is None:
        failure = told.failure(run, inquiry.failure) if inquiry is not None else ""
        return {"sentences": [], "can_pair": False, "failure": failure, "matrix": []}
    answer = inquiry.answer
    names = told.names_in(run, answer)
    if inquiry.kind == Kind.IF_FORBIDDEN:
        sentences = told.if_forbidden(answer, names)
    else:
        sentences = told.why_not(answer, run.policy, names)
    return {
        "sentences": sentences,
        "can_pair": answer["kind"] == "possible",
        "failure": "",
        "matrix": matrix_of(answer.get("reasons", []), run.policy),
    }


def _kind(run: MatchingRun, mentee: Participant, mentor: Participant) -> str:
    """Which question a pair raises: those who are together could be kept apart."""
    together = run.suggestions.filter(mentee=mentee, mentor=mentor).exists()
    return Kind.IF_FORBIDDEN if together else Kind.WHY_NOT


def _answered(request: SignedIn, code: str) -> MatchingRun:
    """A run with pairs; nothing of others can be shown."""
    run = run_of(request, code)
    if not run.is_answered:
        raise Http404
    return run


def _person(run: MatchingRun, code: str, role: str) -> Participant:
    people = Participant.objects.filter(cohort=run.cohort, role=role).select_related("user")
    person = get_object_or_404(people, code=code)
    person.cohort = run.cohort
    return person


def _about(run: MatchingRun, mentee: Participant, mentor: Participant | None) -> dict[str, Any]:
    """Both, as far as coordinators see them."""
    people = [one for one in (mentee, mentor) if one is not None]
    return {
        "run": run,
        "cohort": run.cohort,
        "may_coordinate": True,
        "mentee": mentee,
        "mentor": mentor,
        "profiles": _profiles(run, people),
    }


def _profiles(run: MatchingRun, people: Sequence[Participant]) -> list[dict[str, Any]]:
    profiles = {
        one.user_id: one
        for one in Profile.objects.filter(user__in=[p.user_id for p in people]).select_related(
            "user"
        )
    }
    told = []
    for person in people:
        profile = profiles.get(person.user_id) or Profile(user=person.user)
        # a list may name anybody: what it brought shows no more than it said
        has_come = permissions.has_come(person.user, run.cohort.program)
        seen = profile.seen_by(Viewer.COORDINATOR) if has_come else None
        told.append({"person": person, "seen": seen})
    return told
