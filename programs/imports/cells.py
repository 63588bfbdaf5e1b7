"""Answers as they stand in a cell of a list, and back. What goes out comes in as it was.

    text, number      as they are            yes or no    yes, no
    lists             a; b; c                dates        2026-03-01
    skills            Python (1>3); Go (0>2), the level now and the level wanted, 0 to 4
    weekly hours      Mon 09:00-12:30; Tue 18:00-24:00, in the person's own zone

An item that holds a semicolon or a backslash has a backslash in front of it.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from mentorship.shared.questions import week
from mentorship.shared.questions.hours import HoursField
from mentorship.shared.questions.skills import SkillsField
from programs.imports.problems import shown

SEPARATOR = ";"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SKILL = re.compile(
    r"^(?P<name>.+?)\s*\((?P<now>[0-4])\s*>\s*(?P<wanted>[0-4])(?P<teaches>, teaches)?\)$"
)
_SPAN = re.compile(
    r"^(?P<day>mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?\s+"
    r"(?P<from>[0-2]?\d:[03]0)\s*[-–]\s*(?P<to>[0-2]?\d:[03]0)$",  # noqa: RUF001  people's dash
    re.IGNORECASE,
)
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?$", re.ASCII)
_DOTTED = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$", re.ASCII)
_ESCAPED = re.compile(r"\\([\\;])")


class Unanswerable(Exception):
    """A cell is no answer to its question. The message is a sentence."""


def to_cell(answer: Any) -> str | int:
    """An answer, as it is stored, for a cell; empty for none."""
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, int):
        return answer
    if not isinstance(answer, list):
        return str(answer)
    if answer and all(isinstance(one, dict) for one in answer):
        return joined(map(_skill, answer))
    if answer and all(isinstance(one, int) and not isinstance(one, bool) for one in answer):
        return joined(map(_span, week.spans(answer)))
    return joined(map(str, answer))


def joined(items: Iterable[str]) -> str:
    """The items of a list in one cell."""
    return f"{SEPARATOR} ".join(
        item.replace("\\", "\\\\").replace(SEPARATOR, f"\\{SEPARATOR}") for item in items
    )


def split(text: str, separator: str) -> list[str]:
    """The items in a cell, blanks made single; a backslash takes a separator into an item."""
    if separator != SEPARATOR or "\\" not in text:
        parts = text.split(separator)
    else:
        parts = [
            _ESCAPED.sub(r"\1", part)
            for part in re.findall(r"(?:[^\\;]|\\.|\\$)+", text, re.DOTALL)
        ]
    return [item for item in (" ".join(part.split()) for part in parts) if item]


def is_same(cell: str, answer: Any) -> bool:
    """Whether the cell says what is answered already, whatever program wrote its line ends."""
    return _plain(cell) == _plain(str(to_cell(answer)))


def day(text: str) -> str:
    """The day in a cell, as 2026-03-01. Raises Unanswerable.

    A day first and then a month, with slashes, might be meant the other way round: it is not taken.
    """
    if (iso := _ISO.match(text)) is not None:
        year, month, number = map(int, iso.groups())
    elif (dotted := _DOTTED.match(text)) is not None:
        number, month, year = map(int, dotted.groups())
    else:
        raise Unanswerable(_no_day(text))
    try:
        return date(year, month, number).isoformat()
    except ValueError as error:
        raise Unanswerable(_no_day(text)) from error


def skills(text: str) -> Any:
    """The skills in a cell as they are stored. Raises Unanswerable."""
    rows = []
    for item in split(text, SEPARATOR):
        found = _SKILL.match(item)
        if found is None:
            raise Unanswerable(
                _(
                    "“%(text)s” is no skill with levels. Write the level now and the level wanted, "
                    "0 to 4, such as: Python (1>3)."
                )
                % {"text": shown(item)}
            )
        row: dict[str, Any] = {
            "name": found["name"],
            "now": found["now"],
            "wanted": found["wanted"],
        }
        rows.append(row | ({"teaches": True} if found["teaches"] else {}))
    return _cleaned(
        SkillsField(required=False, asks_teaching=any("teaches" in r for r in rows)), rows
    )


def hours(text: str) -> Any:
    """The half-hours of the week in a cell as they are stored. Raises Unanswerable."""
    free: set[int] = set()
    for item in split(text, SEPARATOR):
        found = _SPAN.match(item)
        first, last = (_half_hour(found["from"]), _half_hour(found["to"])) if found else (0, 0)
        if found is None or not first < last <= week.HALF_HOURS_A_DAY:
            raise Unanswerable(
                _("“%(text)s” is no time of the week. Write it such as: Mon 09:00-12:30.")
                % {"text": shown(item)}
            )
        begin = _DAYS.index(found["day"][:3].title()) * week.HALF_HOURS_A_DAY
        free.update(range(begin + first, begin + last))
    return _cleaned(HoursField(required=False), sorted(free))


def _cleaned(field: Any, value: Any) -> Any:
    try:
        return field.clean(value) or None
    except ValidationError as error:
        raise Unanswerable(" ".join(error.messages)) from error


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _skill(skill: dict[str, Any]) -> str:
    teaches = ", teaches" if skill.get("teaches") else ""
    return f"{skill.get('name')} ({skill.get('now')}>{skill.get('wanted')}{teaches})"


def _span(span: tuple[int, int, int]) -> str:
    number, first, last = span
    return f"{_DAYS[number]} {week.wall_time(first)}-{week.wall_time(last)}"


def _half_hour(text: str) -> int:
    hour, _colon, minute = text.partition(":")
    return int(hour) * 2 + (minute == "30")


def _no_day(text: str) -> str:
    return _("“%(text)s” is no day. Write it such as: 2026-03-31.") % {"text": shown(text)}
