"""Programs to start from, each a file beside this one: texts, forms, rhythm, dates, objectives.

Days are counted from the start of the cohort, so that a blueprint never grows old.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_MONDAY = 0
# So much time is left to set everything up before applications open.
_WEEKS_TO_PREPARE = 2


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective before it has a date: `due` is in days from the start."""

    statement: str
    baseline: float
    target: float
    due: int
    metric: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A program to start from. `days` are days from the start, by the name of the field."""

    key: str
    title: str
    about: str
    texts: Mapping[str, str]
    cohort: Mapping[str, Any]
    days: Mapping[str, int]
    mentor_questions: tuple[str, ...]
    mentee_questions: tuple[str, ...]
    policy: Mapping[str, Any]
    goals: tuple[Goal, ...]

    def dates(self, starts_on: date) -> dict[str, date]:
        """The dates of a cohort that starts on this day."""
        told = {name: starts_on + timedelta(days=days) for name, days in self.days.items()}
        return {"starts_on": starts_on, **told}

    def first_start(self, today: date) -> date:
        """The first Monday that leaves time to prepare and to apply."""
        lead = timedelta(days=-self.days["apply_from"], weeks=_WEEKS_TO_PREPARE)
        return first_monday(today + lead)


def first_monday(day: date) -> date:
    """The first Monday on or after a day."""
    return day + timedelta(days=(_MONDAY - day.weekday()) % 7)


@cache
def all_blueprints() -> tuple[Blueprint, ...]:
    """Every blueprint, in the order in which they are offered."""
    tables = [(path.stem, tomllib.loads(path.read_text())) for path in _FOLDER.glob("*.toml")]
    ordered = sorted(tables, key=lambda pair: pair[1]["order"])
    return tuple(_blueprint(key, table) for key, table in ordered)


def blueprint(key: str) -> Blueprint:
    """The blueprint of this name. Raises KeyError when there is none."""
    return {one.key: one for one in all_blueprints()}[key]


def _blueprint(key: str, table: dict[str, Any]) -> Blueprint:
    return Blueprint(
        key=key,
        title=table["title"],
        about=table["about"],
        texts=table["program"],
        cohort=table["cohort"],
        days=table["days"],
        mentor_questions=tuple(table["questions"]["mentor"]),
        mentee_questions=tuple(table["questions"]["mentee"]),
        policy=table["policy"],
        goals=tuple(Goal(**goal) for goal in table["objectives"]),
    )
