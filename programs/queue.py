"""The queue of a cohort's applications: what one may filter and order by, and how it is asked."""

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import (
    Avg,
    Count,
    Exists,
    F,
    FloatField,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from mentorship.shared.questions.models import Question
from programs.models import (
    Application,
    ApplicationQuerySet,
    Assignment,
    Cohort,
    Interview,
    Review,
    User,
)

# What may stand in the address of the queue; the page is not part of a saved view.
KEYS = (
    "status",
    "role",
    "reviewed",
    "mine",
    "low",
    "high",
    "flagged",
    "skill",
    "source",
    "interview",
    "q",
    "order",
)

REVIEWED = {"no": _("Without a review"), "part": _("Reviews missing"), "all": _("All reviews in")}
INTERVIEWS = {"none": _("No interview"), "planned": _("Planned"), "held": _("Held")}
ORDERS = {
    "": _("Sent in, the first first"),
    "-date": _("Sent in, the last first"),
    "-score": _("Score, the best first"),
    "score": _("Score, the lowest first"),
    "waiting": _("Place on the waiting list"),
    "name": _("Name"),
}
_SKILL_FACTS = ("skills_offered", "skills_wanted", "skills")


def with_reviews(rows: ApplicationQuerySet) -> ApplicationQuerySet:
    """Each application with its mean `score`, its `reviews_in`, its `apart` and `is_flagged`.

    Asked row by row of what the page shows, over an index, instead of grouping all of them.
    """
    handed_in = Review.objects.handed_in().filter(application=OuterRef("pk")).order_by()
    told = handed_in.values("application")
    return rows.annotate(
        score=Subquery(told.annotate(x=Avg("score")).values("x"), output_field=FloatField()),
        apart=Subquery(
            told.annotate(x=Max("score") - Min("score")).values("x"), output_field=FloatField()
        ),
        reviews_in=Coalesce(
            Subquery(told.annotate(x=Count("pk")).values("x"), output_field=IntegerField()), 0
        ),
        is_flagged=Exists(handed_in.filter(is_flagged=True)),
    )


def asked_for(
    rows: ApplicationQuerySet, told: Mapping[str, Any], *, cohort: Cohort, user: User
) -> ApplicationQuerySet:
    """The applications of the queue that a filter asks for, in its order.

    `told` holds valid values by the names in `KEYS`; what is missing or empty asks nothing.
    """
    rows = with_reviews(rows)
    for name, asks in _FILTERS.items():
        if value := told.get(name):
            rows = asks(rows, value)
    if told.get("mine"):
        standing = Assignment.objects.standing().filter(application=OuterRef("pk"), reviewer=user)
        rows = rows.filter(Exists(standing))
    if told.get("reviewed") == "part":
        rows = rows.filter(Q(reviews_in__gt=0, reviews_in__lt=cohort.reviews_each))
    if told.get("reviewed") == "all":
        rows = rows.filter(Q(reviews_in__gte=cohort.reviews_each))
    if skill := told.get("skill"):
        rows = rows.filter(_names_skill(cohort, skill))
    return rows.order_by(*_ORDER_BY[told.get("order") or ""])


_ORDER_BY: Mapping[str, tuple[Any, ...]] = {
    "": ("submitted_at", "pk"),
    "-date": ("-submitted_at", "-pk"),
    "-score": (F("score").desc(nulls_last=True), "submitted_at", "pk"),
    "score": (F("score").asc(nulls_last=True), "submitted_at", "pk"),
    "waiting": (F("waiting_position").asc(nulls_last=True), "submitted_at", "pk"),
    "name": ("applicant__name", "pk"),
}


def _of_interview(rows: ApplicationQuerySet, state: str) -> ApplicationQuerySet:
    talks: QuerySet[Interview] = Interview.objects.filter(
        application=OuterRef("pk"), cancelled_at__isnull=True
    )
    if state == "none":
        return rows.filter(~Exists(talks))
    return rows.filter(Exists(talks.filter(held_at__isnull=state == "planned")))


_FILTERS: Mapping[str, Any] = {
    "status": lambda rows, value: rows.filter(status=value),
    "role": lambda rows, value: rows.filter(role=value),
    "reviewed": lambda rows, value: rows.filter(reviews_in=0) if value == "no" else rows,
    "low": lambda rows, value: rows.filter(score__gte=value),
    "high": lambda rows, value: rows.filter(score__lte=value),
    "flagged": lambda rows, value: rows.filter(is_flagged=True),
    "source": lambda rows, value: rows.filter(heard_from=value),
    "interview": _of_interview,
    "q": lambda rows, value: rows.filter(
        Q(applicant__name__icontains=value) | Q(applicant__email__icontains=value)
    ),
}


def _names_skill(cohort: Cohort, skill: str) -> Q:
    """Whether an answer that tells the matching a skill holds these letters."""
    forms = Application.objects.filter(cohort=cohort).values("questionnaire")
    keys = Question.objects.filter(questionnaire__in=forms, fact__in=_SKILL_FACTS)
    found = Q(pk__in=[])
    # as people write it, and as JSON keeps letters that are not ASCII
    written = {skill, json.dumps(skill)[1:-1]}
    for key in keys.order_by("key").values_list("key", flat=True).distinct():
        answer = Cast(KeyTransform(key, "answers"), TextField())
        for text in sorted(written):
            holding = Application.objects.filter(cohort=cohort).annotate(told=answer)
            found |= Q(pk__in=holding.filter(told__icontains=text).values("pk"))
    return found
