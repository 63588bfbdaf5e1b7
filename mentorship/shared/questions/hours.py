"""The weekly hours of a person as a form field: a table of check boxes, no script needed."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentorship.shared.questions import week

_PART_WORDS: Mapping[str, str | Promise] = {
    "morning": gettext_lazy("Morning"),
    "afternoon": gettext_lazy("Afternoon"),
    "evening": gettext_lazy("Evening"),
}


class HoursWidget(forms.Widget):
    """Parts of days to tick, and folded below them every hour of the week.

    Beside what is ticked the page sends what was ticked when it was made (`<name>-was`), so that
    clearing a part of a day clears its hours, and half an hour that nobody touched is kept.
    """

    template_name = "questions/hours.html"
    use_fieldset = True

    def id_for_label(self, id_: str) -> str:
        return ""  # many boxes, none of which is the field

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False  # a table without a tick sends nothing

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Half-hours; what was sent but is no hour stands among them for the field to refuse.

        A list of numbers is taken as half-hours already.
        """
        sent, parts = _sent(data, name), _sent(data, f"{name}-part")
        if any(isinstance(value, int) for value in sent):
            return sent
        hours = {_HOUR_VALUES[value] for value in sent if value in _HOUR_VALUES}
        odd = [value for value in sent if value not in _HOUR_VALUES]
        odd += [value for value in parts if value not in week.ALL_PARTS]
        before = _numbers(_sent(data, f"{name}-was"))
        return [*week.changed(before, hours, parts), *odd]

    def format_value(self, value: Any) -> list[int]:
        return sorted(_half_hours(value))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        free = set(self.format_value(value))
        widget = context["widget"]
        widget["days"] = [(str(WEEKDAYS[d]), str(WEEKDAYS_ABBR[d])) for d in range(week.DAYS)]
        widget["was"] = ",".join(map(str, sorted(free)))
        widget["parts"] = [_part_row(part, free) for part in week.PARTS]
        widget["hours"] = [_hour_row(hour, free) for hour in range(week.HOURS_A_DAY)]
        # Open when the parts of days do not tell all of it.
        widget["is_fine"] = free != set(week.half_hours(week.parts(free)))
        widget["is_invalid"] = "is-invalid" in str(widget["attrs"].get("class", ""))
        return context


class HoursField(forms.Field):
    """When somebody is usually free. Cleans to half-hours in order, None for no answer.

    Takes half-hours as they are stored, too: a list of numbers from 0 to 335.
    """

    widget = HoursWidget
    default_error_messages = {
        "required": gettext_lazy("Please tick at least one hour."),
        "invalid": gettext_lazy("Please choose hours from the table."),
    }

    def clean(self, value: Any) -> list[int] | None:
        if value in self.empty_values:
            value = []
        hours = _half_hours(value)
        if not isinstance(value, list | tuple | set) or len(hours) < len(set(map(repr, value))):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        if self.required and not hours:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return sorted(hours) or None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _half_hours(initial) != _half_hours(data)


def in_words(value: Any) -> str:
    """Stored half-hours as a text for people: "Monday 08:00 to 12:00; Tuesday …"."""
    by_day: dict[int, list[str]] = {}
    for day, first, last in week.spans(_half_hours(value)):
        span = _("%(first)s to %(last)s") % {
            "first": week.wall_time(first),
            "last": week.wall_time(last),
        }
        by_day.setdefault(day, []).append(span)
    return "; ".join(f"{WEEKDAYS[day]} {', '.join(told)}" for day, told in by_day.items())


_HOUR_VALUES = {
    f"{day}-{hour}": day * week.HOURS_A_DAY + hour
    for day in range(week.DAYS)
    for hour in range(week.HOURS_A_DAY)
}


def _sent(data: Any, name: str) -> list[Any]:
    """All that was sent under a name, from a request or from a plain mapping."""
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    value = data.get(name)
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


def _numbers(sent: Collection[Any]) -> set[int]:
    """Half-hours written as "16,17"; whatever else is written is passed over."""
    written = [part for value in sent for part in str(value).split(",")]
    return _half_hours([int(p) for p in written if p.isascii() and p.isdecimal() and len(p) < 4])


def _half_hours(value: Any) -> set[int]:
    """What of a value is half-hours of a week."""
    if not isinstance(value, list | tuple | set):
        return set()
    return {
        at
        for at in value
        if isinstance(at, int) and not isinstance(at, bool) and 0 <= at < week.HALF_HOURS
    }


def _part_row(part: str, free: set[int]) -> dict[str, Any]:
    first, last = week.PARTS[part]
    between = _("%(first)s to %(last)s") % {"first": f"{first:02}", "last": f"{last:02}"}
    words = str(_PART_WORDS[part])
    return {
        "name": words,
        "between": between,
        "cells": [
            {
                "value": f"{day}-{part}",
                "words": f"{WEEKDAYS[day]}, {words}, {between}",
                "is_ticked": free.issuperset(week.of_part(f"{day}-{part}")),
            }
            for day in range(week.DAYS)
        ],
    }


def _hour_row(hour: int, free: set[int]) -> dict[str, Any]:
    between = _("%(first)s to %(last)s") % {"first": f"{hour:02}:00", "last": f"{hour + 1:02}:00"}
    return {
        "name": f"{hour:02}:00",
        "cells": [_cell(day, hour, between, free) for day in range(week.DAYS)],
    }


def _cell(day: int, hour: int, between: str, free: set[int]) -> dict[str, Any]:
    halves = free.intersection(week.of_hour(day * week.HOURS_A_DAY + hour))
    words = f"{WEEKDAYS[day]}, {between}"
    if len(halves) == 1:
        words += f" ({_('half of it')})"
    return {"value": f"{day}-{hour}", "words": words, "is_ticked": bool(halves)}
