"""Count the metrics of a cohort and show them, small groups hidden."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from feedback.metrics.definitions import METRICS, SMALLEST_GROUP, Metric
from feedback.metrics.models import Figure
from feedback.models import CheckIn
from mentorship.shared.base.zones import local
from programs.models import Cohort


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as a page shows it. `share` is None when there is no picture to draw."""

    name: str
    label: str
    help: str
    value_text: str
    share: float | None
    numerator: float | None
    denominator: float | None


def compute(cohort: Cohort, at: datetime) -> list[Figure]:
    """Count every metric as it is at the instant `at` and keep it as that day's value."""
    on = local(at, cohort.time_zone).date()
    figures = []
    for metric in METRICS:
        numerator, denominator, people = metric.count(cohort, at)
        figures.append(
            Figure(
                cohort=cohort,
                metric=metric.name,
                on=on,
                numerator=numerator,
                denominator=denominator,
                people=people,
                computed_at=at,
            )
        )
    return Figure.objects.bulk_create(
        figures,
        update_conflicts=True,
        unique_fields=["cohort", "metric", "on"],
        update_fields=["numerator", "denominator", "people", "computed_at"],
    )


def shown(cohort: Cohort) -> list[Shown]:
    """The newest figures of a cohort, every metric in its order, counted or not."""
    latest = {figure.metric: figure for figure in Figure.objects.latest_of(cohort)}
    return [_show(metric, latest.get(metric.name)) for metric in METRICS]


def held_by_week(cohort: Cohort, at: datetime) -> list[tuple[str, float]]:
    """For each week so far, the share of its answered check-ins that were held.

    Weeks that tell of fewer than the smallest group of people are left out.
    """
    told: dict[int, list[tuple[str, int]]] = {}
    rows = CheckIn.objects.filter(
        match__cohort=cohort,
        starts_at__lte=at,
        status__in=(CheckIn.Status.HELD, CheckIn.Status.MISSED),
    ).values_list("starts_at", "status", "match")
    for starts_at, status, match in rows:
        told.setdefault(cohort.week(starts_at), []).append((status, match))
    return [
        (
            _("Week %(number)d") % {"number": week},
            sum(status == CheckIn.Status.HELD for status, _match in answers) / len(answers),
        )
        for week, answers in sorted(told.items())
        # two people at least in each match
        if 2 * len({match for _status, match in answers}) >= SMALLEST_GROUP
    ]


def timeline(cohort: Cohort, at: datetime) -> list[dict[str, Any]]:
    """The dates of a cohort in order, for a picture and a table."""
    today = local(at, cohort.time_zone).date()
    return [
        {"label": day.label, "on": day.on, "is_past": day.on < today} for day in cohort.milestones
    ]


def _show(metric: Metric, figure: Figure | None) -> Shown:
    words = (metric.name, str(metric.label), str(metric.help))
    if figure is None or figure.value is None:
        return Shown(*words, _("nothing yet"), None, None, None)
    if figure.people < SMALLEST_GROUP:
        hidden = _("hidden: fewer than %(least)d people") % {"least": SMALLEST_GROUP}
        return Shown(*words, hidden, None, None, None)
    value = figure.value
    return Shown(
        *words,
        f"{value:.0%}" if metric.is_share else f"{value:.1f}",
        value if metric.is_share else value / 5,
        figure.numerator,
        figure.denominator,
    )
