"""How far an objective is: its newest figure, counted by a metric or entered by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from feedback.metrics.definitions import METRICS, SMALLEST_GROUP, Metric
from feedback.metrics.models import Figure
from programs.models import Objective, ObjectiveFigure


@dataclass(frozen=True, slots=True)
class Progress:
    """An objective with where it stands. `value` is None while nothing is known.

    `reached` is how much of the way from baseline to target is done, between 0 and 1.
    """

    objective: Objective
    measured_by: str
    value: float | None
    on: date | None
    why_not: str

    @property
    def reached(self) -> float | None:
        return None if self.value is None else self.objective.share_reached(self.value)

    @property
    def is_reached(self) -> bool:
        return self.value is not None and self.objective.is_reached(self.value)


_BY_NAME: dict[str, Metric] = {metric.name: metric for metric in METRICS}


def progress_of(objectives: Iterable[Objective]) -> list[Progress]:
    """Where each objective stands, in two questions for however many."""
    told = list(objectives)
    programs = {objective.program_id for objective in told}
    figures = list(Figure.objects.newest_in_programs(programs))
    by_hand = _newest_by_hand([objective for objective in told if not objective.metric])
    return [
        _counted(one, figures) if one.metric in _BY_NAME else _entered(one, by_hand.get(one.pk))
        for one in told
    ]


def _newest_by_hand(objectives: list[Objective]) -> dict[int, ObjectiveFigure]:
    rows = ObjectiveFigure.objects.filter(objective__in=objectives).order_by("on")
    return {figure.objective_id: figure for figure in rows}


def _entered(objective: Objective, figure: ObjectiveFigure | None) -> Progress:
    by_hand = _("A figure entered by hand")
    if figure is None:
        return Progress(objective, by_hand, None, None, _("No figure yet. Enter the first one."))
    return Progress(objective, by_hand, figure.value, figure.on, "")


def _counted(objective: Objective, figures: list[Figure]) -> Progress:
    """From the newest figures of its cohort, or of all current cohorts of its program."""
    metric = _BY_NAME[objective.metric]
    mine = [
        figure
        for figure in figures
        if figure.metric == metric.name
        and figure.cohort.program_id == objective.program_id
        and figure.denominator
        and objective.cohort_id in (None, figure.cohort_id)
    ]
    label = str(metric.label)
    if not mine:
        return Progress(objective, label, None, None, _("Nothing to count yet."))
    # a small cohort is left out of the sum too: a difference would tell of its people
    told = [figure for figure in mine if figure.people >= SMALLEST_GROUP]
    if not told:
        hidden = _("hidden: fewer than %(least)d people") % {"least": SMALLEST_GROUP}
        return Progress(objective, label, None, None, hidden)
    value = sum(figure.numerator for figure in told) / sum(figure.denominator for figure in told)
    shown = 100 * value if metric.is_share else value
    return Progress(objective, label, shown, max(figure.on for figure in told), "")


def metric_choices() -> list[tuple[str, str]]:
    """What an objective can be measured by, with the unit of each in its words."""
    counted = [
        (metric.name, f"{metric.label} ({_('in %')})" if metric.is_share else str(metric.label))
        for metric in METRICS
    ]
    return [("", _("A figure that somebody enters by hand")), *counted]
