"""The coordinators' pages of what people read, and of what a cohort asks before matching."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentorship.shared.base import clock
from mentorship.shared.base.markdown import to_html
from programs import gate
from programs.actions import gates, texts
from programs.forms.texts import GateForm, TextForm, VersionForm
from programs.models import Cohort, Consent, GateItem, Participant, RequiredText, Role
from programs.starter_texts import STARTERS, Starter
from programs.views.desk import cohort_of, page_of
from programs.views.signed_in import SignedIn


@require_safe
def text_list(request: SignedIn, code: str) -> HttpResponse:
    """The cohort's texts, and what its gate asks."""
    cohort = cohort_of(request, code)
    return _texts_page(request, cohort, GateForm(cohort=cohort))


@require_POST
def gate_save(request: SignedIn, code: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    form = GateForm(request.POST, cohort=cohort)
    if not form.is_valid():
        return _texts_page(request, cohort, form, status=422)
    gates.set_up(cohort, by=request.user, **form.cleaned_data)
    messages.success(request, _("Kept. This is asked before anybody is matched."))
    return redirect("desk-texts", cohort.code)


def _texts_page(
    request: SignedIn, cohort: Cohort, form: GateForm, status: int = 200
) -> HttpResponse:
    rows = RequiredText.objects.in_cohort(cohort).order_by(
        F("retired_at").asc(nulls_first=True), "created_at", "pk"
    )
    page = page_of(request, rows)
    _count_readers(page.object_list, cohort)
    asked = set(cohort.gate_items.filter(key=GateItem.TEXT).values_list("text", flat=True))
    return render(
        request,
        "desk/texts.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "page_obj": page,
            "asked": asked,
            "form": form,
            "standing": gate.standing(cohort, clock.now()),
            "starters": _starters(rows),
        },
        status=status,
    )


def _starters(rows: QuerySet[RequiredText]) -> list[Starter]:
    """What there is to start from: kinds of text that are not in use here yet."""
    kinds = set(rows.filter(retired_at__isnull=True).order_by().values_list("kind", flat=True))
    return [starter for kind, starter in STARTERS.items() if kind not in kinds]


def _count_readers(texts: Iterable[Any], cohort: Cohort) -> None:
    """Note on each text for how many people of the cohort it is, and how many have read it."""
    people = Participant.objects.filter(cohort=cohort).present()
    told = people.aggregate(
        both=Count("user", distinct=True),
        mentor=Count("user", distinct=True, filter=Q(role=Role.MENTOR)),
        mentee=Count("user", distinct=True, filter=Q(role=Role.MENTEE)),
    )
    meant = Q(version__text__role="", user__in=people.values("user"))
    for role in Role:
        meant |= Q(version__text__role=role, user__in=people.filter(role=role).values("user"))
    rows = Consent.objects.still_counting().filter(meant, version__text__in=list(texts))
    counted = rows.order_by().values_list("version__text").annotate(n=Count("user", distinct=True))
    readers = dict(counted.values_list("version__text", "n"))
    for text in texts:
        text.people = told[text.role or "both"]
        text.readers = readers.get(text.pk, 0)


@require_http_methods(["GET", "HEAD", "POST"])
def text_new(request: SignedIn, code: str) -> HttpResponse:
    """Write a text, from a starter or from nothing; a look at it before it is kept."""
    cohort = cohort_of(request, code)
    form = TextForm(request.POST if request.method == "POST" else None, initial=_begun(request))
    if form.is_bound and form.is_valid() and "preview" not in request.POST:
        told = form.cleaned_data
        is_for_program = told.pop("scope") == "program"
        text = texts.write(cohort, by=request.user, is_for_program=is_for_program, **told)
        messages.success(request, _("The text is kept. People can read it from now on."))
        return redirect("desk-text", text.code)
    about = {"cohort": cohort, "may_coordinate": True, "form": form}
    return _form_page(request, "desk/text_new.html", about, form)


def _begun(request: SignedIn) -> dict[str, Any]:
    """What a new text begins with: a starter's words, if one is chosen."""
    begun: dict[str, Any] = {"scope": "program", "is_asked": True}
    starter = STARTERS.get(request.GET.get("start", ""))
    if starter is not None:
        begun |= {"kind": starter.kind, "title": starter.title, "body": starter.body}
    return begun


def _form_page(
    request: SignedIn, template: str, about: dict[str, Any], form: TextForm | VersionForm
) -> HttpResponse:
    """The form again: refused, or valid and looked at first."""
    is_refused = form.is_bound and not form.is_valid()
    preview = to_html(form.cleaned_data["body"]) if form.is_bound and not is_refused else ""
    return render(
        request, template, about | {"preview": preview}, status=422 if is_refused else 200
    )


@require_safe
def text_detail(request: SignedIn, code: str) -> HttpResponse:
    """A text as people read it, and all its versions."""
    text = _text(request, code)
    versions = text.versions.annotate(readers=Count("consents")).select_related("written_by")
    page = page_of(request, versions.order_by("-number"))
    shown = get_object_or_404(text.versions, number=_number(request, text))
    return render(
        request,
        "desk/text.html",
        {
            "text": text,
            "shown": shown,
            "body": to_html(shown.body),
            "page_obj": page,
            **_around(request, text),
        },
    )


def _number(request: SignedIn, text: RequiredText) -> int:
    """Which version the address asks for; the newest unless it says."""
    told = request.GET.get("version", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 5 else text.newest


@require_http_methods(["GET", "HEAD", "POST"])
def text_edit(request: SignedIn, code: str) -> HttpResponse:
    """Write a new version of a text; a look at it before it is kept."""
    text = _text(request, code)
    latest = text.versions.get(number=text.newest)
    begun = {"title": latest.title, "body": latest.body, "asks_again": "no"}
    form = VersionForm(request.POST if request.method == "POST" else None, initial=begun)
    if form.is_bound and form.is_valid() and "preview" not in request.POST:
        texts.rewrite(text, by=request.user, **form.cleaned_data)
        messages.success(request, _("The new version is kept. The earlier ones stay readable."))
        return redirect("desk-text", text.code)
    about = {"text": text, "form": form, **_around(request, text)}
    return _form_page(request, "desk/text_edit.html", about, form)


@require_POST
def text_retire(request: SignedIn, code: str) -> HttpResponse:
    text = texts.retire(_text(request, code), by=request.user)
    messages.success(request, _("The text is retired. Nobody is asked to read it any more."))
    return redirect("desk-text", text.code)


def _text(request: SignedIn, code: str) -> RequiredText:
    mine = RequiredText.objects.coordinated_by(request.user).select_related(
        "program", "cohort__program"
    )
    return get_object_or_404(mine, code=code)


def _around(request: SignedIn, text: RequiredText) -> dict[str, Any]:
    """The cohort whose tabs stand above the page: the text's own, or one of its program."""
    cohort = (
        text.cohort
        or Cohort.objects.filter(program=text.program)
        .select_related("program")
        .order_by(F("archived_at").asc(nulls_first=True), "-starts_on")
        .first()
    )
    return {"cohort": cohort, "program": text.of_program, "may_coordinate": True}


# --- Who is not ready -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: SignedIn, code: str) -> HttpResponse:
    """How many people a reminder would go to, and the button that sends it."""
    cohort = cohort_of(request, code)
    if request.method == "POST":
        count = gates.remind(cohort, by=request.user)
        messages.success(request, _reminded(count))
        return redirect("desk-participants", cohort.code)
    now = clock.now()
    return render(
        request,
        "desk/remind.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "count": gates.to_remind(cohort, now).count(),
            "standing": gate.standing(cohort, now),
        },
    )


def _reminded(count: int) -> str:
    if not count:
        return _("Everybody who is not ready was reminded today already.")
    return ngettext(
        "%(count)d person gets a mail that says what is missing.",
        "%(count)d people get a mail that says what is missing.",
        count,
    ) % {"count": count}
