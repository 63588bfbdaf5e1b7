"""Why two people fit, in sentences that both may read."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# As the engine writes a day of the week.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = re.compile("|".join(_DAYS))
_FEW = 3


def sentences(
    reasons: Iterable[Mapping[str, Any]],
    policy: Mapping[str, Any],
    *,
    with_private: bool = False,
    hidden: Collection[str] = (),
) -> list[str]:
    """One sentence per criterion that speaks for the pair, the weightiest first.

    What was not answered or gave nothing is left out; private reasons too, unless the reader
    is a coordinator. So is what tells a fact that is `hidden` from the reader.
    """
    criteria = policy.get("criterion", ())
    labels = {c["name"]: c.get("label") or c["name"] for c in criteria}
    untold = {c["name"] for c in criteria if {c.get("mentee"), c.get("mentor")} & {*hidden}}
    return [
        _sentence(reason, labels.get(reason["criterion"], reason["criterion"]))
        for reason in reasons
        if reason["points"] > 0
        and reason["answered"]
        and (with_private or not reason["private"])
        and reason["criterion"] not in untold
    ]


def _sentence(reason: Mapping[str, Any], label: str) -> str:
    if reason["kind"] == "zone":
        return _clocks(label, reason["mentee"], reason["mentor"])
    if reason["kind"] == "hours":
        return _hours(label, reason["shared"])
    if reason["shared"]:
        return f"{label}: {', '.join(reason['shared'])}."
    if reason["kind"] == "ladder":
        return _("%(label)s: %(mentee)s and %(mentor)s.") % {
            "label": label,
            "mentee": reason["mentee"],
            "mentor": reason["mentor"],
        }
    # Some kinds have no more to say, such as whom somebody chose.
    told = reason["mentee"] or reason["mentor"]
    return f"{label}: {told}." if told else f"{label}."


def _hours(label: str, spans: Sequence[str]) -> str:
    """Common free hours, in the reader's names of days; the first few where there are many."""
    told = [_DAY.sub(lambda day: str(WEEKDAYS_ABBR[_DAYS.index(day[0])]), span) for span in spans]
    few = ", ".join(told[:_FEW])
    if len(told) > _FEW:
        few = _("%(some)s and %(number)d more") % {"some": few, "number": len(told) - _FEW}
    return _("%(label)s: %(times)s on the mentor's clock.") % {"label": label, "times": few}


def _clocks(label: str, one: str, other: str) -> str:
    """How far two offsets such as UTC+05:30 lie apart, in words."""
    hours = abs(_minutes_east(one) - _minutes_east(other)) / 60
    if not hours:
        return _("%(label)s: your clocks show the same time.") % {"label": label}
    words = ngettext(
        "%(label)s: your clocks are %(hours)s hour apart.",
        "%(label)s: your clocks are %(hours)s hours apart.",
        1 if hours == 1 else 2,
    )
    return words % {"label": label, "hours": f"{hours:g}"}


def _minutes_east(offset: str) -> int:
    """Minutes east of UTC of an offset as the engine words it; UTC itself is 0."""
    told = re.fullmatch(r"UTC([+-])(\d+):(\d+)", offset)
    if told is None:
        return 0
    sign, hours, minutes = told.groups()
    return (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)
