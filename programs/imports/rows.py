"""A row becomes an entry: who applies, and what they answered."""

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from mentorship.shared.base.zones import zone_names
from mentorship.shared.questions.kinds import LONG, LONGEST_ITEM, SHORT, Kind
from programs.imports.mapping import Column, Side
from programs.imports.names import invented_name
from programs.imports.problems import Problems, shown
from programs.imports.reading import Row, read_rows
from programs.models.roles import Role
from programs.questions import READY_MADE, QuestionSpec

MOST_ROWS, MOST_COLUMNS = 200_000, 500
MOST_ITEMS = 100
LONGEST_EMAIL, LONGEST_NAME, LONGEST_REFERENCE = 254, 120, 80
# A list without a mapping may carry its rows' own ids under this name.
REFERENCE = "applicant_id"

_NUMBER = re.compile(r"^[+-]?\d{1,9}$", re.ASCII)
_DECIMAL = re.compile(r"^(\d{1,9})[.,]\d{1,9}$", re.ASCII)
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0"})
_CHOOSING = (Kind.ONE_OF, Kind.SEVERAL_OF)


@dataclass(frozen=True, slots=True)
class Entry:
    """One person's application in a file.

    `answers` holds every question that the file asks; None where the cell is empty.
    """

    row: int
    email: str
    name: str
    reference: str
    answers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of one file are read, once its header is known."""

    path: Path
    role: Role
    side: Side
    header: tuple[str, ...]
    targets: tuple[tuple[int, Column, QuestionSpec], ...]
    reference: str | None

    @property
    def questions(self) -> list[QuestionSpec]:
        """The questions that this file answers, in the order of its columns."""
        return [spec for _index, _column, spec in self.targets]


class Unanswerable(Exception):
    """A cell is no answer to its question. The message is a sentence."""


def plan_for(
    path: Path,
    role: Role,
    side: Side,
    specs: Mapping[str, QuestionSpec],
    problems: Problems,
    *,
    asked: Container[str] = (),
) -> Plan | None:
    """Read the header and decide what each column feeds; what is wrong is added to `problems`.

    None when nobody could be told apart by this header; otherwise the rows can be read for
    their own problems too.

    `specs` are all questions this role may answer; those in `asked` stand on the form already
    and are read as the form asks them.
    """
    before = problems.count
    header_row = next(read_rows(path, problems), None)
    if header_row is None:
        if problems.count == before:
            problems.add(path, _("This file is empty. Its first line must name the columns."))
        return None
    header = tuple(cell.strip() for cell in header_row.cells)

    def note(reason: str, column: str | None = None) -> None:
        problems.add(path, reason, row=header_row.number, column=column and shown(column))

    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        note(_("The columns must be separated by commas."))
        return None
    if len(header) > MOST_COLUMNS:
        note(_("A file may have at most %(most)d columns.") % {"most": MOST_COLUMNS})
        return None
    _check_header(header, side, note)
    targets: list[tuple[int, Column, QuestionSpec]] = []
    fed: dict[str, str] = {}
    ours = {*_person_columns(side), *([] if side.reference else [REFERENCE])}
    for index, name in enumerate(header):
        column = side.columns.get(name)
        if column is None:
            if name in side.ignored or name in ours or not name:
                continue
            column = Column(key=name)
        spec = specs.get(column.key)
        if spec is None:
            note(_unknown(name, column, side, specs, role), name)
            continue
        if column.kind is not None and spec.key not in asked:
            spec = replace(spec, kind=column.kind)
        if spec.kind in _CHOOSING and not spec.choices:
            note(_("“%(key)s” has no choices to choose from.") % {"key": spec.key}, name)
            continue
        if spec.key in fed:
            note(
                _("“%(key)s” is fed by the column “%(other)s” already.")
                % {"key": spec.key, "other": shown(fed[spec.key])},
                name,
            )
            continue
        fed[spec.key] = name
        targets.append((index, column, spec))
    if not set(_person_columns(side)) <= set(header):
        return None
    reference = REFERENCE if side.reference is None and REFERENCE in header else None
    return Plan(path, role, side, header, tuple(targets), reference)


def read_entries(plan: Plan, problems: Problems) -> Iterator[Entry]:
    """Every row that is right, in order; what is wrong with the others is added to `problems`.

    One person may stand in a file once. Keeps only the addresses seen, never the rows.
    """
    seen: dict[str, int] = {}
    before = problems.count
    rows = read_rows(plan.path, problems)
    next(rows, None)  # the header
    number_of_rows = 0
    for row in rows:
        number_of_rows += 1
        if number_of_rows > MOST_ROWS:
            problems.add(
                plan.path,
                _("A file may have at most %(most)d rows. Split this one.") % {"most": MOST_ROWS},
                row=row.number,
            )
            return
        entry = _entry(plan, row, problems)
        if entry is None:
            continue
        first = seen.setdefault(entry.email, row.number)
        if first != row.number:
            problems.add(
                plan.path,
                _("This person is in row %(row)d already.") % {"row": first},
                row=row.number,
                column=_columns_of_email(plan),
            )
            continue
        yield entry
    if number_of_rows == 0 and problems.count == before:
        problems.add(plan.path, _("This file has a header and no rows."))


def _person_columns(side: Side) -> tuple[str, ...]:
    named = side.invented_name or side.name
    reference = side.reference.columns if side.reference else ()
    return (*side.email.columns, *named.columns, *reference)


def _columns_of_email(plan: Plan) -> str:
    return ", ".join(plan.side.email.columns)


def _check_header(
    header: tuple[str, ...], side: Side, note: Callable[[str, str | None], None]
) -> None:
    """Note columns without a name, twice there, unprintable or missing."""
    places: dict[str, int] = {}
    for place, name in enumerate(header, start=1):
        if not name:
            note(_("Column %(place)d has no name.") % {"place": place}, None)
        elif "\x00" in name:
            note(_("The name of a column must not hold a NUL byte."), name)
        elif name in places:
            note(_("There are two columns of this name."), name)
        places.setdefault(name, place)
    for name in dict.fromkeys((*_person_columns(side), *side.columns)):
        if name not in places:
            note(_missing(name, header), name)


def _missing(name: str, header: tuple[str, ...]) -> str:
    near = get_close_matches(name, header, n=1)
    if near:
        return _("This column is missing. Is it the one called “%(near)s”?") % {"near": near[0]}
    return _("This column is missing.")


def _unknown(
    name: str, column: Column, side: Side, specs: Mapping[str, QuestionSpec], role: Role
) -> str:
    if name in side.columns:
        return _("The mapping feeds “%(field)s”, which no form for a %(role)s asks.") % {
            "field": column.key,
            "role": role.label.lower(),
        }
    if any(name == spec.key for spec in READY_MADE):
        return _("Only a %(role)s is asked this. Ignore the column in a mapping file.") % {
            "role": role.other.label.lower()
        }
    near = get_close_matches(name, specs, n=1)
    if near:
        return _(
            "No question for a %(role)s has this name. Did you mean “%(near)s”? Otherwise map or "
            "ignore the column in a mapping file."
        ) % {"role": role.label.lower(), "near": near[0]}
    return _(
        "No question for a %(role)s has this name. Map or ignore the column in a mapping file."
    ) % {"role": role.label.lower()}


def _entry(plan: Plan, row: Row, problems: Problems) -> Entry | None:
    """The entry of one row; None when anything in it is wrong, and each fault is noted."""
    before = problems.count

    def note(reason: str, column: str | None) -> None:
        problems.add(plan.path, reason, row=row.number, column=column and shown(column))

    if len(row.cells) != len(plan.header):
        note(
            _("This row has %(cells)d cells, the header has %(columns)d.")
            % {"cells": len(row.cells), "columns": len(plan.header)},
            None,
        )
        return None
    for name, cell in zip(plan.header, row.cells, strict=True):
        if "\x00" in cell:
            note(_("This cell holds a NUL byte."), name)
    if problems.count > before:
        return None
    email, name, reference = _person(plan, row, note)
    answers: dict[str, Any] = {}
    for index, column, spec in plan.targets:
        try:
            answers[spec.key] = answer(row.cells[index], column, spec, plan.side.separator)
        except Unanswerable as error:
            note(str(error), plan.header[index])
    if problems.count > before:
        return None
    return Entry(row.number, email, name, reference, answers)


def _person(plan: Plan, row: Row, note: Callable[[str, str | None], None]) -> tuple[str, str, str]:
    """Address, name and the row's own id."""
    side = plan.side
    cells = dict(zip(plan.header, (cell.strip() for cell in row.cells), strict=True))
    email = side.email.fill(cells).lower()
    if any(not cells[column] for column in side.email.columns):
        note(_("Without this there is no address to write to."), _columns_of_email(plan))
    else:
        try:
            if len(email) > LONGEST_EMAIL:
                raise ValidationError("")
            validate_email(email)
        except ValidationError:
            note(
                _("“%(email)s” is not an e-mail address.") % {"email": shown(email)},
                _columns_of_email(plan),
            )
    named = side.invented_name or side.name
    name = named.fill(cells)
    if not name:
        note(_("The name is missing."), ", ".join(named.columns))
    elif side.invented_name is not None:
        name = invented_name(name)
    elif len(name) > LONGEST_NAME:
        note(
            _("A name has at most %(most)d characters.") % {"most": LONGEST_NAME},
            ", ".join(named.columns),
        )
    reference = side.reference.fill(cells) if side.reference else cells.get(plan.reference or "")
    if reference and len(reference) > LONGEST_REFERENCE:
        note(
            _("A row's own id has at most %(most)d characters.") % {"most": LONGEST_REFERENCE},
            ", ".join(side.reference.columns) if side.reference else plan.reference,
        )
    return email, name, reference or ""


def answer(cell: str, column: Column, spec: QuestionSpec, separator: str) -> Any:
    """What a cell answers, as plain JSON; None when it is empty.

    Raises Unanswerable with a sentence for a cell that is no answer to the question.
    """
    text = cell.strip()
    text = column.values.get(text, text)
    if not text:
        return None
    match spec.kind:
        case Kind.SHORT_TEXT:
            return _of_length(" ".join(text.split()), SHORT)
        case Kind.LONG_TEXT:
            return _of_length(text, LONG)
        case Kind.NUMBER | Kind.SCALE:
            return _number(text, column, spec)
        case Kind.YES_NO:
            if text.lower() in _YES | _NO:
                return text.lower() in _YES
            raise Unanswerable(_("“%(text)s” is neither yes nor no.") % {"text": shown(text)})
        case Kind.ZONE:
            if text in _zones():
                return text
            raise Unanswerable(
                _("“%(text)s” is not a time zone. Use a name such as Europe/Berlin.")
                % {"text": shown(text)}
            )
        case Kind.ONE_OF:
            return _chosen(text, spec)
        case Kind.SEVERAL_OF:
            items = _items(text, column, separator)
            return [_chosen(item, spec) for item in items] or None
        case Kind.ITEMS:
            items = _items(text, column, separator)
            for item in items:
                _of_length(item, LONGEST_ITEM)
            return items or None


@cache
def _zones() -> frozenset[str]:
    return frozenset(zone_names())


def _of_length(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    raise Unanswerable(
        _("“%(text)s” is too long: %(length)d characters, at most %(most)d are kept.")
        % {"text": shown(text, 30), "length": len(text), "most": most}
    )


def _number(text: str, column: Column, spec: QuestionSpec) -> int:
    if column.rounds_down and (decimal := _DECIMAL.match(text)):
        text = decimal[1]
    lowest, highest = spec.minimum, spec.maximum
    if spec.kind == Kind.SCALE:
        lowest = 1 if lowest is None else lowest
        highest = 5 if highest is None else highest
    if _NUMBER.match(text):
        number = int(text)
        if (lowest is None or number >= lowest) and (highest is None or number <= highest):
            return number
    if lowest is not None and highest is not None:
        wanted = _("“%(text)s” is not a whole number from %(lowest)d to %(highest)d.")
    elif lowest is not None:
        wanted = _("“%(text)s” is not a whole number of %(lowest)d or more.")
    elif highest is not None:
        wanted = _("“%(text)s” is not a whole number of %(highest)d or less.")
    else:
        wanted = _("“%(text)s” is not a whole number.")
    raise Unanswerable(wanted % {"text": shown(text), "lowest": lowest, "highest": highest})


def _chosen(text: str, spec: QuestionSpec) -> str:
    if text in spec.choices:
        return text
    raise Unanswerable(
        _("“%(text)s” is not among the choices: %(choices)s.")
        % {"text": shown(text), "choices": "; ".join(spec.choices)}
    )


def _items(text: str, column: Column, separator: str) -> list[str]:
    """The distinct items of a list, in the order written, each translated."""
    parts = (" ".join(part.split()) for part in text.split(column.separator or separator))
    items = list(dict.fromkeys(filter(None, (column.values.get(part, part) for part in parts))))
    if len(items) > MOST_ITEMS:
        raise Unanswerable(
            _("This list has %(length)d items, at most %(most)d are kept.")
            % {"length": len(items), "most": MOST_ITEMS}
        )
    return items
