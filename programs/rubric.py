"""What applications are judged by: a cohort's own criteria, or the usual ones, and the score."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from programs.models import Cohort, Criterion


def criteria_for(cohort: Cohort, role: str) -> list[Criterion]:
    """The criteria for applications in this role, in order."""
    return [one for one in criteria_of(cohort) if one.role in ("", role)]


def criteria_of(cohort: Cohort) -> list[Criterion]:
    """Every criterion of the cohort; the usual ones, not kept yet, while it has none of its own."""
    return list(cohort.criteria.all()) or usual_criteria(cohort)


def usual_criteria(cohort: Cohort) -> list[Criterion]:
    """What nearly every program asks of an application, in the reader's language. Not kept."""
    told = (
        (
            "motivation",
            _("Motivation"),
            _("No reason of their own"),
            _("Knows why, and why now"),
            2,
        ),
        (
            "time",
            _("Time"),
            _("Hardly any, or it is not clear"),
            _("Has planned for it"),
            1,
        ),
        (
            "goals",
            _("Goals that fit the program"),
            _("Looks for something else"),
            _("Just what the program is for"),
            2,
        ),
        (
            "brings",
            _("What they bring"),
            _("Little to build on"),
            _("Much to give or to build on"),
            1,
        ),
    )
    return [
        Criterion(
            cohort=cohort, key=key, position=place, title=title, low=low, high=high, weight=weight
        )
        for place, (key, title, low, high, weight) in enumerate(told)
    ]


def weighted(scores: Mapping[str, int], criteria: Iterable[Criterion]) -> float | None:
    """The weighted mean of the scores, between 1 and 5; None when no criterion was scored."""
    counted = [(scores[one.key], one.weight) for one in criteria if one.key in scores]
    weights = sum(weight for _score, weight in counted)
    if not weights:
        return None
    return sum(score * weight for score, weight in counted) / weights
