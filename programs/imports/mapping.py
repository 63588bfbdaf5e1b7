"""What the columns of another program's files mean: a TOML file, read and checked.

The format is told in docs/imports.md.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from mentorship.shared.questions.kinds import Kind
from programs.imports.problems import Problems, shown
from programs.imports.reading import open_file
from programs.models.roles import Role
from programs.questions import QuestionSpec, declared

SEPARATOR = ";"
LARGEST_FILE = 200_000
_KEY = re.compile(r"^[a-z][a-z0-9_]{0,59}$")
_PLACE = re.compile(r"\{([^{}]+)\}")
_SIDES = {"mentors": Role.MENTOR, "mentees": Role.MENTEE}
_CHOOSING = (Kind.ONE_OF, Kind.SEVERAL_OF)


@dataclass(frozen=True, slots=True)
class Template:
    """Text with columns in braces, such as `{first name} {last name}`."""

    text: str

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(_PLACE.findall(self.text))

    def fill(self, cells: Mapping[str, str]) -> str:
        """The text with this row's cells, blanks made single."""
        filled = _PLACE.sub(lambda place: cells.get(place[1], ""), self.text)
        return " ".join(filled.split())


_EMAIL, _NAME = Template("{email}"), Template("{name}")


@dataclass(frozen=True, slots=True)
class Column:
    """What one column feeds. An empty `separator` is the file's, an empty `kind` the question's."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    separator: str = ""
    kind: Kind | None = None
    rounds_down: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """How the file of one role is read.

    Either `name` tells how a person is called or `invented_name` from what a name is invented.
    """

    email: Template = _EMAIL
    name: Template = _NAME
    invented_name: Template | None = None
    reference: Template | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    separator: str = SEPARATOR
    # The columns with the role of a row and the code of its application; empty: as in our exports.
    role: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """Both sides, and the questions that the mapping itself declares, by key."""

    sides: Mapping[Role, Side] = field(default_factory=lambda: dict.fromkeys(Role, Side()))
    questions: Mapping[str, QuestionSpec] = field(default_factory=dict)


def read_mapping(path: Path | None, problems: Problems) -> ImportMapping:
    """The mapping in this file; every column for the question of its name without one.

    What is wrong is added to `problems`; the mapping returned is then not to be used.
    """
    if path is None:
        return ImportMapping()
    stream = open_file(path, problems)
    if stream is None:
        return ImportMapping()
    with stream:
        content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        problems.add(
            path,
            _("A mapping of more than %(most)d bytes is not read.") % {"most": LARGEST_FILE},
        )
        return ImportMapping()
    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
        if any("\x00" in text for text in _texts_in(tables)):
            problems.add(path, _("This file holds a NUL byte."))
            return ImportMapping()
    except UnicodeDecodeError:
        problems.add(path, _("This file is not written in UTF-8."))
        return ImportMapping()
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problems.add(path, _("This is not valid TOML: %(error)s.") % {"error": error})
        return ImportMapping()
    return _Reader(path, problems).mapping(tables)


def _texts_in(value: object) -> Iterator[str]:
    """Every name and every text in a TOML value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_in(inner)


class _Reader:
    """Walks the tables of a file and notes every problem with the place where it stands."""

    def __init__(self, path: Path, problems: Problems) -> None:
        self.path = path
        self.problems = problems

    def note(self, where: str, reason: str) -> None:
        self.problems.add(self.path, f"[{where}] {reason}" if where else reason)

    def mapping(self, tables: dict[str, Any]) -> ImportMapping:
        self.only(tables, "", "separator", "both", "mentors", "mentees", "questions")
        separator = self.separator(tables, "") or SEPARATOR
        both = self.table(tables, "both", "")
        return ImportMapping(
            sides={
                role: self.side(both, self.table(tables, name, ""), name, separator)
                for name, role in _SIDES.items()
            },
            questions=self.questions(self.table(tables, "questions", "")),
        )

    def side(self, both: dict[str, Any], own: dict[str, Any], where: str, separator: str) -> Side:
        """One side; what both share comes first and the side's own word wins."""
        texts: dict[str, Template] = {}
        columns: dict[str, Column] = {}
        ignored: set[str] = set()
        for tables, name in ((both, "both"), (own, where)):
            self.only(tables, name, "separator", "person", "columns", "ignore")
            separator = self.separator(tables, name) or separator
            texts |= self.person(self.table(tables, "person", name), f"{name}.person")
            columns |= self.columns(self.table(tables, "columns", name), f"{name}.columns")
            ignored |= set(self.texts(tables, "ignore", name))
        for column in sorted(ignored & columns.keys()):
            self.note(where, _("“%(column)s” is both mapped and ignored.") % {"column": column})
        if "name" in texts and "invented_name" in texts:
            self.note(where, _("Give either “name” or “invented_name”, not both."))
        return Side(
            email=texts.get("email", _EMAIL),
            name=texts.get("name", _NAME),
            invented_name=texts.get("invented_name"),
            reference=texts.get("reference"),
            columns=columns,
            ignored=frozenset(ignored),
            separator=separator,
        )

    def person(self, table: dict[str, Any], where: str) -> dict[str, Template]:
        self.only(table, where, "email", "name", "invented_name", "reference")
        found = {}
        for name, value in table.items():
            if not isinstance(value, str) or not _PLACE.search(value):
                self.note(
                    where,
                    _("“%(name)s” must be text with a column in braces.") % {"name": shown(name)},
                )
            else:
                found[name] = Template(value)
        return {name: found[name] for name in _PERSON if name in found}

    def columns(self, tables: dict[str, Any], where: str) -> dict[str, Column]:
        columns = {}
        for name, value in tables.items():
            table = {"field": value} if isinstance(value, str) else value
            here = f"{where}.{shown(name)}"
            if not isinstance(table, dict):
                self.note(here, _("Name a field, or write a table."))
                continue
            self.only(table, here, "field", "values", "separator", "kind", "round")
            target = table.get("field", name)
            if not isinstance(target, str) or not _KEY.match(target):
                self.note(here, _("“field” must be the key of a question, such as job_title."))
                continue
            if table.get("round", "down") != "down":
                self.note(here, _("“round” can only be “down”."))
            columns[name.strip()] = Column(
                key=target,
                values=self.values(table, here),
                separator=self.separator(table, here),
                kind=self.kind(table, here),
                rounds_down="round" in table,
            )
        return columns

    def values(self, table: dict[str, Any], where: str) -> dict[str, str]:
        translated = {}
        for value, meaning in self.table(table, "values", where).items():
            if isinstance(meaning, bool):
                translated[value.strip()] = "yes" if meaning else "no"
            elif isinstance(meaning, str | int):
                translated[value.strip()] = str(meaning).strip()
            else:
                self.note(
                    where,
                    _("The value “%(value)s” must mean text, a number, true or false.")
                    % {"value": shown(value)},
                )
        return translated

    def questions(self, tables: dict[str, Any]) -> dict[str, QuestionSpec]:
        specs = {}
        for key in tables:
            where = f"questions.{shown(key)}"
            table = self.table(tables, key, "questions")
            before = self.problems.count
            self.question(key, table, where)
            if self.problems.count > before:
                continue
            try:
                specs[key] = declared({**table, "key": key})
            except KeyError:
                self.note(where, _("A new question needs “label” and “kind”."))
                continue
            if specs[key].kind in _CHOOSING and not specs[key].choices:
                self.note(where, _("This kind of question needs “choices”."))
        return specs

    def question(self, key: str, table: dict[str, Any], where: str) -> None:
        """Note what is wrong in the table of a question."""
        self.only(table, where, *_TEXTS, *_NUMBERS, *_FLAGS, "kind", "choices")
        if not _KEY.match(key):
            self.note(where, _("A key has small letters, digits and _, at most 60."))
        self.kind(table, where)
        for name, most in _TEXTS.items():
            value = table.get(name, "")
            if not isinstance(value, str) or len(value) > most:
                self.note(
                    where,
                    _("“%(name)s” must be text of at most %(most)d characters.")
                    % {"name": name, "most": most},
                )
        for name in _NUMBERS:
            value = table.get(name, 0)
            if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
                self.note(where, _("“%(name)s” must be a whole number.") % {"name": name})
        for name in _FLAGS:
            if not isinstance(table.get(name, False), bool):
                self.note(where, _("“%(name)s” must be true or false.") % {"name": name})
        choices = self.texts(table, "choices", where)
        if len(set(choices)) < len(choices) or any(len(c) > 200 or not c for c in choices):
            self.note(where, _("“choices” must differ and have 1 to 200 characters each."))

    def only(self, table: dict[str, Any], where: str, *known: str) -> None:
        for name in table.keys() - set(known):
            self.note(
                where,
                _("“%(name)s” is not known here; known are %(known)s.")
                % {"name": shown(name), "known": ", ".join(known)},
            )

    def table(self, tables: dict[str, Any], name: str, where: str) -> dict[str, Any]:
        value = tables.get(name, {})
        if isinstance(value, dict):
            return value
        self.note(where, _("“%(name)s” must be a table.") % {"name": shown(name)})
        return {}

    def texts(self, table: dict[str, Any], name: str, where: str) -> list[str]:
        value = table.get(name, [])
        if isinstance(value, list) and all(isinstance(text, str) for text in value):
            return [text.strip() for text in value]
        self.note(where, _("“%(name)s” must be a list of texts.") % {"name": name})
        return []

    def separator(self, table: dict[str, Any], where: str) -> str:
        value = table.get("separator", "")
        if isinstance(value, str) and ("separator" not in table or 1 <= len(value) <= 5):
            return value
        self.note(where, _("“separator” must be one to five characters."))
        return ""

    def kind(self, table: dict[str, Any], where: str) -> Kind | None:
        if "kind" not in table:
            return None
        if table["kind"] in Kind.values:
            return Kind(table["kind"])
        self.note(where, _("“kind” must be one of %(kinds)s.") % {"kinds": ", ".join(Kind.values)})
        return None


_PERSON = ("email", "name", "invented_name", "reference")
_TEXTS = {"label": 300, "help": 500, "fact": 60}
_NUMBERS = ("minimum", "maximum")
_FLAGS = ("is_sensitive",)
