"""Why two people fit, in sentences that both may read."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _


def sentences(
    reasons: Iterable[Mapping[str, Any]], policy: Mapping[str, Any], *, with_private: bool = False
) -> list[str]:
    """One sentence per criterion that speaks for the pair, the weightiest first.

    What was not answered or gave nothing is left out; private reasons too, unless the reader
    is a coordinator.
    """
    labels = {c["name"]: c.get("label") or c["name"] for c in policy.get("criterion", ())}
    return [
        _sentence(reason, labels.get(reason["criterion"], reason["criterion"]))
        for reason in reasons
        if reason["points"] > 0 and reason["answered"] and (with_private or not reason["private"])
    ]


def _sentence(reason: Mapping[str, Any], label: str) -> str:
    if reason["kind"] == "zone":
        return _("%(label)s: your clocks are %(hours)s apart.") % {
            "label": label,
            "hours": _hours(reason["mentee"], reason["mentor"]),
        }
    if reason["shared"]:
        return f"{label}: {', '.join(reason['shared'])}."
    if reason["mentee"] and reason["mentor"] and reason["mentee"] != reason["mentor"]:
        return _("%(label)s: the mentee says %(mentee)s, the mentor %(mentor)s.") % {
            "label": label,
            "mentee": reason["mentee"],
            "mentor": reason["mentor"],
        }
    return f"{label}: {reason['mentor'] or reason['mentee']}."


def _hours(one: str, other: str) -> str:
    """How far two offsets such as UTC+05:30 lie apart, in words."""
    minutes = abs(_minutes_east(one) - _minutes_east(other))
    if not minutes:
        return _("no time")
    hours = f"{minutes / 60:g}"
    return _("one hour") if hours == "1" else _("%(hours)s hours") % {"hours": hours}


def _minutes_east(offset: str) -> int:
    """Minutes east of UTC of an offset as the engine words it; UTC itself is 0."""
    told = re.fullmatch(r"UTC([+-])(\d+):(\d+)", offset)
    if told is None:
        return 0
    sign, hours, minutes = told.groups()
    return (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)
