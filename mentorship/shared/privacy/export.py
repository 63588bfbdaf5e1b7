"""Everything the site holds about a person, as plain data."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Field

from mentorship.shared.base import clock
from mentorship.shared.privacy.registry import Held, Told, everything_held

# A page is read by a person; the file holds every row.
MOST_SHOWN = 5
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a part, with what a person wants to know of it."""

    name: str
    label: str
    purpose: str
    read_by: str


@dataclass(frozen=True, slots=True)
class Part:
    """One table as far as it tells of one person; `rows` hold plain values by field name."""

    title: str
    kept: str
    after_erasure: str
    hidden: str
    columns: list[Column]
    rows: list[dict[str, Any]]

    @property
    def entries(self) -> list[list[tuple[Column, Any]]]:
        """The first rows as their told fields that hold something, for a page."""
        return [
            [(one, row[one.name]) for one in self.columns if row[one.name] not in EMPTY]
            for row in self.rows[:MOST_SHOWN]
        ]

    @property
    def more(self) -> int:
        """How many rows stand in the file only."""
        return max(len(self.rows) - MOST_SHOWN, 0)


def everything_about(person: Any) -> list[Part]:
    """What is held about this person, table by table; tables without a row are left out.

    Reads; writes nothing. Values are such as `DjangoJSONEncoder` writes.
    """
    parts = (_part(held, person) for held in everything_held())
    return [part for part in parts if part is not None]


def as_data(person: Any) -> dict[str, Any]:
    """The same as one nested dict of plain values, for a file."""
    return {
        "made_at": clock.now(),
        "parts": [
            {
                "title": part.title,
                "kept": part.kept,
                "after_erasure": part.after_erasure,
                "not_shown_because": part.hidden,
                "fields": {
                    column.name: {
                        "label": column.label,
                        "purpose": column.purpose,
                        "read_by": column.read_by,
                    }
                    for column in part.columns
                },
                "rows": part.rows,
            }
            for part in everything_about(person)
        ],
    }


def _part(held: Held, person: Any) -> Part | None:
    found = list(held.rows_of(person).filter(held.shown))
    if not found:
        return None
    columns = [_column(held, name, told, found[0]) for name, told in held.fields.items()]
    return Part(
        title=str(held.title),
        kept=str(held.kept.words),
        after_erasure=str(held.erase.kept),
        hidden=str(held.hidden),
        columns=[] if held.hidden else columns,
        rows=[] if held.hidden else [_row(held, row, person) for row in found],
    )


def _row(held: Held, row: Any, person: Any) -> dict[str, Any]:
    told = {
        name: _plain(row, name) if told.value is None else told.value(row, person)
        for name, told in held.fields.items()
    }
    bookkeeping = {name: _plain(row, name) for name in held.machinery}
    return told | bookkeeping


def _plain(row: Any, name: str) -> Any:
    """The value as it stands in the table; the thing a key points at, in words."""
    column: Field[Any, Any] = row._meta.get_field(name)
    if column.is_relation:
        other = getattr(row, name)
        return None if other is None else str(other)
    if column.choices:
        return str(getattr(row, f"get_{name}_display")())
    value = getattr(row, name)
    return "(bytes)" if isinstance(value, (bytes, memoryview)) else value


def _column(held: Held, name: str, told: Told, row: Any) -> Column:
    read_by = told.read_by(row) if callable(told.read_by) else told.read_by
    label = held.labels.get(name) or row._meta.get_field(name).verbose_name
    return Column(name, str(label), str(told.purpose), str(read_by))
