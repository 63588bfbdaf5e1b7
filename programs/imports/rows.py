"""A row becomes an entry: who applies, and what they answered."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from mentorship.shared.base.zones import zone_names
from mentorship.shared.questions.kinds import LONG, LONGEST_ITEM, SHORT, Kind
from programs.imports import cells
from programs.imports.cells import Unanswerable
from programs.imports.mapping import Column, Side
from programs.imports.names import invented_name
from programs.imports.problems import Problems, shown
from programs.imports.reading import Row, Source, read_rows, source_of
from programs.models import Application
from programs.models.roles import Role
from programs.permissions import may_edit
from programs.questions import READY_MADE, QuestionSpec

MOST_ROWS, MOST_COLUMNS = 200_000, 500
MOST_ITEMS = 100
LONGEST_EMAIL, LONGEST_NAME, LONGEST_REFERENCE = 254, 120, 80
# A list without a mapping may carry its rows' own ids under this name.
REFERENCE = "applicant_id"
# Of a list of ours: whose row it is, by role and by application. No key of a question looks so.
ROLE, CODE = "role of the row", "application code"
# What a list of ours tells besides, and nobody changes by a list.
TOLD_ONLY = frozenset({"application status", "sent in at", "decided at", "decided by"})
# A question whose key is the name of one of our columns stands under this and its key.
ANSWER = "answer "
# What was answered to a question that the form asks no more.
EARLIER = "earlier answer "
# Applications that no list changes, nor sends in.
LEFT_ALONE = (Application.Status.DRAFT, Application.Status.WITHDRAWN)
# Rows looked up together.
BATCH = 400

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
    # The application that stands there already, as it was when the row was read.
    standing: Application | None = None

    @property
    def is_draft(self) -> bool:
        """Whether the person has begun an application and not sent it in."""
        return self.standing is not None and self.standing.status == Application.Status.DRAFT


@dataclass(slots=True)
class Outcome:
    """One row: the entry, or what is wrong with it as [column, sentence] with "" for the row."""

    row: int
    who: str
    entry: Entry | None = None
    faults: list[tuple[str, str]] = field(default_factory=list)


# The applications of one role that belong to these addresses or have these codes.
Finder = Callable[[Iterable[str], Iterable[str]], Iterable[Application]]


def nobody(_emails: Iterable[str], _codes: Iterable[str]) -> Iterable[Application]:
    """A finder for lists that are read by themselves."""
    return ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of one file are read, once its header is known."""

    source: Source
    role: Role
    side: Side
    header: tuple[str, ...]
    targets: tuple[tuple[int, Column, QuestionSpec], ...]
    reference: str | None
    # The index of the column that says for which role a row is, and of those only the other side
    # answers; of the column with the code of an application.
    role_at: int | None = None
    others: tuple[int, ...] = ()
    code_at: int | None = None

    @property
    def read(self) -> frozenset[int]:
        """The indexes of the columns that count."""
        people = {*_person_columns(self.side), self.reference}
        told = {index for index, name in enumerate(self.header) if name in people}
        return frozenset(told | {index for index, _column, _spec in self.targets})

    @property
    def questions(self) -> list[QuestionSpec]:
        """The questions that this file answers, in the order of its columns."""
        return [spec for _index, _column, spec in self.targets]


def plan_for(
    file: Path | Source,
    role: Role,
    side: Side,
    specs: Mapping[str, QuestionSpec],
    problems: Problems,
    *,
    asked: Container[str] = (),
    others: Container[str] = (),
) -> Plan | None:
    """Read the header and decide what each column feeds; what is wrong is added to `problems`.

    None when nobody could be told apart by this header; otherwise the rows can be read for
    their own problems too.

    `specs` are all questions this role may answer; those in `asked` stand on the form already
    and are read as the form asks them. With a column for the role a file may hold both roles;
    `others` are then the keys that only the other one answers.
    """
    before = problems.count
    source = source_of(file)
    header_row = next(read_rows(source, problems), None)
    if header_row is None:
        if problems.count == before:
            problems.add(source, _("This file is empty. Its first line must name the columns."))
        return None
    header = tuple(cell.strip() for cell in header_row.cells)

    def note(reason: str, column: str | None = None) -> None:
        problems.add(source, reason, row=header_row.number, column=column and shown(column))

    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        note(_("The columns must be separated by commas."))
        return None
    if len(header) > MOST_COLUMNS:
        note(_("A file may have at most %(most)d columns.") % {"most": MOST_COLUMNS})
        return None
    role_name, code_name = side.role or ROLE, side.code or CODE
    has_code = code_name in header
    _check_header(header, side, note, is_named_by_code=has_code)
    targets: list[tuple[int, Column, QuestionSpec]] = []
    fed: dict[str, str] = {}
    ours = {*_person_columns(side), *([] if side.reference else [REFERENCE])}
    ours |= {role_name, code_name}
    role_at = header.index(role_name) if role_name in header else None
    theirs: list[int] = []
    for index, name in enumerate(header):
        column = side.columns.get(name)
        if column is None:
            if name in side.ignored or name in ours or only_tells(name) or not name:
                continue
            column = Column(key=name.removeprefix(ANSWER))
        spec = specs.get(column.key)
        if spec is None and role_at is not None and column.key in others:
            theirs.append(index)
            continue
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
    if not has_code and not set(_person_columns(side)) <= set(header):
        return None
    reference = REFERENCE if side.reference is None and REFERENCE in header else None
    return Plan(
        source,
        role,
        side,
        header,
        tuple(targets),
        reference,
        role_at=role_at,
        others=tuple(theirs),
        code_at=header.index(code_name) if has_code else None,
    )


def read_entries(plan: Plan, problems: Problems, *, standing: Finder = nobody) -> Iterator[Entry]:
    """Every row that is right, in order; what is wrong with the others is added to `problems`."""
    for outcome in read_outcomes(plan, problems, standing=standing):
        if outcome.entry is not None:
            yield outcome.entry


def read_outcomes(
    plan: Plan, problems: Problems, *, standing: Finder = nobody
) -> Iterator[Outcome]:
    """Every row for this role, in order, right or wrong; what is wrong is added to `problems` too.

    One person may stand in a file once. A cell that says what the `standing` application answers
    already is not looked at further, and no answer of the entry: it changes nothing. Keeps only the
    addresses seen, never the rows.
    """
    seen: dict[str, int] = {}
    people = _people(plan, problems)
    while batch := list(islice(people, BATCH)):
        emails = [person.email for person in batch if person.email]
        codes = [person.code for person in batch if person.code]
        found = list(standing(emails, codes)) if emails or codes else []
        by_email = {application.applicant.email: application for application in found}
        by_code = {application.code: application for application in found}
        for person in batch:
            person.meet(by_email, by_code)
            outcome = person.outcome()
            first = seen.setdefault(person.email, person.row.number) if outcome.entry else 0
            if outcome.entry is not None and first != person.row.number:
                outcome.entry = None
                person.note(
                    _("This person is in row %(row)d already.") % {"row": first},
                    _columns_of_email(plan),
                )
            yield outcome


def _people(plan: Plan, problems: Problems) -> "Iterator[_Person]":
    """The rows of this role with who they are about."""
    before = problems.count
    rows = read_rows(plan.source, problems)
    next(rows, None)  # the header
    number_of_rows = 0
    for row in rows:
        number_of_rows += 1
        if number_of_rows > MOST_ROWS:
            problems.add(
                plan.source,
                _("A file may have at most %(most)d rows. Split this one.") % {"most": MOST_ROWS},
                row=row.number,
            )
            return
        if _is_for(plan, row):
            person = _Person(plan, row, problems)
            person.read()
            yield person
    if number_of_rows == 0 and problems.count == before:
        problems.add(plan.source, _("This file has a header and no rows."))


def _is_for(plan: Plan, row: Row) -> bool:
    """Whether the row is read for this role; one for no role at all, the mentors' plan refuses."""
    if plan.role_at is None:
        return True
    told = role_in(row.cells[plan.role_at]) if plan.role_at < len(row.cells) else None
    return told == plan.role or (told is None and plan.role == Role.MENTOR)


def only_tells(column: str) -> bool:
    """Whether a column of ours tells something that nobody changes by a list."""
    return column in TOLD_ONLY or column.startswith(EARLIER)


def role_in(cell: str) -> Role | None:
    """The role that a cell names, in our word or in the reader's."""
    word = cell.strip().casefold()
    return next((r for r in Role if word in (r.value, str(r.label).casefold())), None)


def _person_columns(side: Side) -> tuple[str, ...]:
    named = side.invented_name or side.name
    reference = side.reference.columns if side.reference else ()
    return (*side.email.columns, *named.columns, *reference)


def _columns_of_email(plan: Plan) -> str:
    return ", ".join(plan.side.email.columns)


def _check_header(
    header: tuple[str, ...],
    side: Side,
    note: Callable[[str, str | None], None],
    *,
    is_named_by_code: bool,
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
    needed = () if is_named_by_code else _person_columns(side)
    for name in dict.fromkeys((*needed, *side.columns)):
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


class _Person:
    """One row while it is read: who it is about, what they answer, and what is wrong."""

    def __init__(self, plan: Plan, row: Row, problems: Problems) -> None:
        self.plan, self.row, self.problems = plan, row, problems
        self.email = self.name = self.reference = self.code = ""
        self.standing: Application | None = None
        self.faults: list[tuple[str, str]] = []
        self.is_readable = True

    def note(self, reason: str, column: str | None = None) -> None:
        """Add a fault of this row to what is wrong with the file."""
        told = column and shown(column)
        self.problems.add(self.plan.source, reason, row=self.row.number, column=told)
        self.faults.append((told or "", reason))

    def read(self) -> None:
        """Find out who the row is about, as far as the row itself tells."""
        plan, row = self.plan, self.row
        if len(row.cells) != len(plan.header):
            self.note(
                _("This row has %(cells)d cells, the header has %(columns)d.")
                % {"cells": len(row.cells), "columns": len(plan.header)}
            )
        else:
            for index, (name, cell) in enumerate(zip(plan.header, row.cells, strict=True)):
                if "\x00" in cell:
                    self.note(_("This cell holds a NUL byte."), name)
                elif index in row.faults and index in plan.read:
                    self.note(row.faults[index], name)
        if self.faults:
            self.is_readable = False
            return
        cells_by_name = dict(zip(plan.header, (cell.strip() for cell in row.cells), strict=True))
        self.email = plan.side.email.fill(cells_by_name).lower()
        self.name = (plan.side.invented_name or plan.side.name).fill(cells_by_name)
        if plan.code_at is not None:
            self.code = row.cells[plan.code_at].strip()
        self._read_reference(cells_by_name)
        self._check_role()

    def meet(self, by_email: Mapping[str, Application], by_code: Mapping[str, Application]) -> None:
        """Find the application that the row is about, and look at address and name."""
        if not self.is_readable:
            return
        if self.code:
            self.standing = by_code.get(self.code)
            if self.standing is None:
                self.note(_("There is no application with this code here."), self._code_column)
            elif not self.email:
                self.email = self.standing.applicant.email
            elif self.email != self.standing.applicant.email:
                self.note(
                    _("This is not the address of this application. An import changes no address."),
                    _columns_of_email(self.plan),
                )
        else:
            self.standing = by_email.get(self.email)
        self._check_email()
        self._check_name()

    def outcome(self) -> Outcome:
        """What came of the row."""
        answers: dict[str, Any] = {}
        if self.is_readable:
            answers = self._answers()
            self._check_whose(answers)
            for index in self.plan.others:
                if self.row.cells[index].strip():
                    self.note(
                        _("Only a %(role)s is asked this.")
                        % {"role": self.plan.role.other.label.lower()},
                        self.plan.header[index],
                    )
        who = self.name if not self.email else f"{self.name} · {self.email}".strip(" ·")
        outcome = Outcome(self.row.number, shown(who, 200), faults=self.faults)
        if not self.faults:
            outcome.entry = Entry(
                self.row.number, self.email, self.name, self.reference, answers, self.standing
            )
        return outcome

    def _answers(self) -> dict[str, Any]:
        """What the row answers otherwise than the application that stands there."""
        told = self.standing.answers if self.standing else {}
        answers: dict[str, Any] = {}
        for index, column, spec in self.plan.targets:
            cell = self.row.cells[index]
            is_known = self.standing is not None and not column.values
            if is_known and cells.is_same(cell, told.get(spec.key)):
                continue
            self._look_for_commas(cell, column, spec, self.plan.header[index])
            try:
                answers[spec.key] = answer(cell, column, spec, self.plan.side.separator)
            except Unanswerable as error:
                self.note(str(error), self.plan.header[index])
        return answers

    def _look_for_commas(self, cell: str, column: Column, spec: QuestionSpec, header: str) -> None:
        """An item may hold a comma, so a list that was separated by them can only be pointed at."""
        separator = column.separator or self.plan.side.separator
        if spec.kind == Kind.ITEMS and "," in cell and separator not in cell:
            self.problems.remark(
                self.plan.source,
                _(
                    "Some cells of “%(column)s” hold commas and are taken as one item each. "
                    "The items of a list are separated by “%(separator)s”."
                )
                % {"column": shown(header), "separator": separator},
            )

    def _check_whose(self, answers: Mapping[str, Any]) -> None:
        """While an applicant can change what they sent in themself, nobody else does."""
        standing = self.standing
        if standing is None or standing.status in LEFT_ALONE or standing.brought_at is not None:
            return
        is_changed = any(standing.answers.get(key) != told for key, told in answers.items())
        if is_changed and may_edit(standing.applicant, standing):
            self.note(_("The applicant can still change these answers themself; please ask them."))

    @property
    def _code_column(self) -> str:
        return self.plan.side.code or CODE

    def _read_reference(self, cells_by_name: Mapping[str, str]) -> None:
        side, column = self.plan.side, self.plan.reference
        self.reference = (
            side.reference.fill(cells_by_name)
            if side.reference
            else cells_by_name.get(column or "", "")
        )
        if len(self.reference) > LONGEST_REFERENCE:
            self.note(
                _("A row's own id has at most %(most)d characters.") % {"most": LONGEST_REFERENCE},
                ", ".join(side.reference.columns) if side.reference else column,
            )

    def _check_role(self) -> None:
        at = self.plan.role_at
        if at is not None and role_in(self.row.cells[at]) is None:
            self.note(_("Write mentor or mentee."), self.plan.header[at])

    def _check_email(self) -> None:
        if self.standing is not None:
            return  # the address of an account
        columns = _columns_of_email(self.plan)
        missing = any(
            not self.row.cells[self.plan.header.index(column)].strip()
            for column in self.plan.side.email.columns
            if column in self.plan.header
        )
        if missing or not self.email:
            if not self.code:
                self.note(_("Without this there is no address to write to."), columns)
            return
        try:
            if len(self.email) > LONGEST_EMAIL:
                raise ValidationError("")
            validate_email(self.email)
        except ValidationError:
            self.note(
                _("“%(email)s” is not an e-mail address.") % {"email": shown(self.email)}, columns
            )

    def _check_name(self) -> None:
        """Nobody known is called otherwise by a list, so only a new person needs a name."""
        named = self.plan.side.invented_name or self.plan.side.name
        columns = ", ".join(named.columns)
        if not self.name:
            if self.standing is None:
                self.note(_("The name is missing."), columns)
        elif self.plan.side.invented_name is not None:
            self.name = invented_name(self.name)
        elif len(self.name) > LONGEST_NAME:
            self.note(
                _("A name has at most %(most)d characters.") % {"most": LONGEST_NAME}, columns
            )


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
        case Kind.DATE:
            return cells.day(text)
        case Kind.SKILLS:
            return cells.skills(text)
        case Kind.HOURS:
            return cells.hours(text)


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
    parts = cells.split(text, column.separator or separator)
    items = list(dict.fromkeys(filter(None, (column.values.get(part, part) for part in parts))))
    if len(items) > MOST_ITEMS:
        raise Unanswerable(
            _("This list has %(length)d items, at most %(most)d are kept.")
            % {"length": len(items), "most": MOST_ITEMS}
        )
    return items
