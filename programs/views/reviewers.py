"""How a cohort's applications are reviewed: the rubric, who reads what, whether they agree."""

from collections import Counter, defaultdict
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from programs import agreement, rubric
from programs.actions import reviews, rubrics
from programs.forms.reviews import (
    CriteriaForms,
    ReviewChoicesForm,
    ReviewersForm,
    lines_of,
)
from programs.models import Application, Assignment, Cohort, Membership, Review, User
from programs.views.desk import cohort_of
from programs.views.signed_in import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
def rubric_edit(request: SignedIn, code: str) -> HttpResponse:
    """What applications are judged by, and the cohort's choices for its review."""
    cohort = cohort_of(request, code)
    data = request.POST if request.method == "POST" else None
    choices = ReviewChoicesForm(data, instance=cohort)
    lines = CriteriaForms(data, initial=_lines(cohort), prefix="line")
    if data is not None and choices.is_valid() and lines.is_valid():
        rubrics.keep(cohort, lines=lines_of(lines), by=request.user, changed=choices.changed_data)
        messages.success(request, _("Saved. Reviewers see it from now on."))
        return redirect("desk-rubric", cohort.code)
    return render(
        request,
        "desk/rubric.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "form": choices,
            "lines": lines,
            "is_used": Review.objects.handed_in().filter(application__cohort=cohort).exists(),
        },
        status=422 if data is not None else 200,
    )


def _lines(cohort: Cohort) -> list[dict[str, Any]]:
    names = ("key", "title", "low", "high", "weight", "role")
    return [{name: getattr(one, name) for name in names} for one in rubric.criteria_of(cohort)]


@require_http_methods(["GET", "HEAD", "POST"])
def reviewers(request: SignedIn, code: str) -> HttpResponse:
    """Give applications to readers, and see how far they are."""
    cohort = cohort_of(request, code)
    people = reviews.possible_reviewers(cohort)
    data = request.POST if request.method == "POST" else None
    form = ReviewersForm(data, people=people, initial={"reviewers": _usual(cohort, people)})
    if data is not None and form.is_valid():
        share = reviews.assign(cohort, reviewers=form.chosen(), by=request.user)
        _tell(request, len(share.pairs), len(share.short))
        return redirect("desk-reviewers", cohort.code)
    return render(
        request,
        "desk/reviewers.html",
        {
            "cohort": cohort,
            "may_coordinate": True,
            "form": form,
            "people": _progress(cohort, people),
            "missing": _missing(cohort),
            **_agreement(cohort),
        },
        status=422 if data is not None else 200,
    )


def _usual(cohort: Cohort, people: list[User]) -> list[str]:
    """Who reads when nobody says otherwise: the reviewers, or the coordinators without any."""
    held = Membership.objects.filter(program=cohort.program, role=Membership.Role.REVIEWER)
    readers = set(held.values_list("user", flat=True))
    return [one.code for one in people if not readers or one.pk in readers]


def _tell(request: SignedIn, given: int, short: int) -> None:
    if given:
        told = ngettext("%(count)d application was given out.", "%(count)d were given out.", given)
        messages.success(request, told % {"count": given})
    elif not short:
        messages.info(request, _("Every application has its readers already."))
    if short:
        told = ngettext(
            "%(count)d application lacks readers: choose more people, or ask for fewer reviews.",
            "%(count)d applications lack readers: choose more people, or ask for fewer reviews.",
            short,
        )
        messages.warning(request, told % {"count": short})


def _progress(cohort: Cohort, people: list[User]) -> list[dict[str, Any]]:
    """Each reader with what was given to them, what is done and what they handed back."""
    held = Assignment.objects.filter(application__cohort=cohort).order_by()
    given = _counted(held.standing().not_withdrawn())
    back = _counted(held.exclude(handed_back_at=None))
    read = Review.objects.handed_in().filter(application__cohort=cohort).order_by()
    done = _counted(read.exclude(application__status=Application.Status.WITHDRAWN))
    rows = [
        {
            "person": one,
            "given": given[one.pk],
            "done": done[one.pk],
            "share": done[one.pk] / given[one.pk] if given[one.pk] else 0,
            "back": back[one.pk],
        }
        for one in people
    ]
    return [row for row in rows if row["given"] or row["back"] or row["done"]]


def _counted(rows: Any) -> Counter[int]:
    return Counter(dict(rows.values_list("reviewer").annotate(count=Count("pk"))))


def _missing(cohort: Cohort) -> int:
    """How many applications that wait have fewer readers than the cohort asks for."""
    waiting = Application.objects.filter(cohort=cohort).waiting()
    held = Assignment.objects.standing().filter(application__in=waiting).order_by()
    full = held.values("application").annotate(count=Count("pk"))
    return waiting.count() - full.filter(count__gte=cohort.reviews_each).count()


def _agreement(cohort: Cohort) -> dict[str, Any]:
    """Krippendorff's alpha over the scores of the cohort, and over how many applications."""
    units: dict[int, list[float]] = defaultdict(list)
    handed_in = Review.objects.handed_in().filter(application__cohort=cohort).order_by()
    for application, score in handed_in.values_list("application", "score"):
        if score is not None:
            units[application].append(score)
    alpha = agreement.alpha(units.values())
    return {
        "alpha": alpha,
        "compared": sum(len(unit) > 1 for unit in units.values()),
        "is_good": alpha is not None and alpha >= agreement.GOOD,
        "is_poor": alpha is not None and alpha < agreement.POOR,
    }
