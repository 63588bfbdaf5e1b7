"""Pictures drawn on the server as SVG, each with the same numbers as text beside it.

Positions are per cent of the width, so that a picture fits a phone and its letters keep their
size. They are formatted here, because a template would write a decimal comma in some languages.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mentorship.shared.base import clock
from mentorship.shared.base.zones import local

register = template.Library()

# Where the lines of a chart begin and end, with room for the scale and for the last dot.
_LEFT, _RIGHT = 13.0, 100.0
_TOP, _BOTTOM = 14, 150
_MOST_LABELS = 6


@register.inclusion_tag("components/_bar_chart.html")
def bar_chart(rows: Iterable[tuple[Any, float]], caption: str, unit: str = "") -> dict[str, Any]:
    """Bars with their numbers, as a table. `rows` are (label, count); `unit` heads the numbers."""
    told = list(rows)
    most = max((count for _label, count in told), default=0)
    return {
        "caption": caption,
        "unit": unit or _("Number"),
        "bars": [
            {"label": label, "count": count, "width": percent(count / most if most else 0)}
            for label, count in told
        ],
    }


@register.inclusion_tag("components/_bars_together.html")
def bars_together(
    rows: Iterable[tuple[Any, Sequence[float]]], names: Sequence[str], caption: str, heading: str
) -> dict[str, Any]:
    """Bars of several series over the same steps, as a table.

    `rows` are (label, a number for each of `names`); `heading` names what the steps are.
    """
    told = list(rows)
    most = max((max(counts, default=0) for _label, counts in told), default=0)
    return {
        "caption": caption,
        "heading": heading,
        "names": names,
        "rows": [
            {
                "label": label,
                "bars": [
                    {"count": count, "width": percent(count / most if most else 0)}
                    for count in counts
                ],
            }
            for label, counts in told
        ],
    }


@register.inclusion_tag("components/_line_chart.html")
def line_chart(points: Iterable[tuple[Any, float]], caption: str, heading: str) -> dict[str, Any]:
    """A line of shares between 0 and 1, and its table. `heading` names what is counted along it."""
    told = list(points)
    return {"caption": caption, "heading": heading, "dots": _dots(told), "area": _area(told)}


@register.inclusion_tag("components/_span.html")
def cohort_span(cohort: Any) -> dict[str, Any]:
    """How a cohort's time is divided, its days as marks, and where today is.

    Takes whatever has `phases` (name, start, end), `milestones` (label, on) and a `time_zone`.
    """
    phases = cohort.phases
    first, last = phases[0].start, phases[-1].end
    today = local(clock.now(), cohort.time_zone).date()
    return {
        "parts": [
            {
                "name": phase.name,
                "start": percent(_along(phase.start, first, last)),
                "width": percent(_along(phase.end, first, last) - _along(phase.start, first, last)),
            }
            for phase in phases
        ],
        "names": [phase.name for phase in phases],
        "marks": [
            percent(_along(milestone.on, first, last))
            for milestone in cohort.milestones
            if first < milestone.on < last
        ],
        "today": percent(_along(today, first, last)) if first <= today <= last else "",
    }


@register.inclusion_tag("components/_meter.html")
def meter(share: float) -> dict[str, str]:
    """A share between 0 and 1 as a bar; its number stands beside it, so it is decoration."""
    return {"width": percent(min(max(share, 0), 1))}


@register.filter
def percent(share: float) -> SafeString:
    """A share between 0 and 1 as SVG understands it, in every language with a point."""
    return SafeString(f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%")


@register.filter
def as_percent(share: float) -> str:
    """A share between 0 and 1 for people."""
    return _("%(number)d%%") % {"number": round(share * 100)}


def _along(day: date, first: date, last: date) -> float:
    return (day - first).days / max((last - first).days, 1)


def _dots(points: Sequence[tuple[Any, float]]) -> list[dict[str, Any]]:
    """Each point with its place; of many only some carry a label, always the last."""
    step = -(-len(points) // _MOST_LABELS) if points else 1
    return [
        {
            "label": label,
            "value": value,
            "x": percent(_x(index, len(points)) / 100),
            "y": f"{_y(value):.1f}",
            "label_y": f"{_y(value) - 9:.1f}",
            "is_labelled": (len(points) - 1 - index) % step == 0,
        }
        for index, (label, value) in enumerate(points)
    ]


def _area(points: Sequence[tuple[Any, float]]) -> dict[str, str]:
    """The line and the ground below it, in a box of 100 by 100 that stretches."""
    if not points:
        return {"line": "", "ground": ""}
    places = [(_x(index, len(points)), 100 - 100 * v) for index, (_l, v) in enumerate(points)]
    line = " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
    return {"line": line, "ground": f"{places[0][0]:.2f},100 {line} {places[-1][0]:.2f},100"}


def _x(index: int, count: int) -> float:
    inner = _RIGHT - _LEFT - 9
    return _LEFT + 4.5 + (inner * index / (count - 1) if count > 1 else inner / 2)


def _y(value: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * min(max(value, 0), 1)
