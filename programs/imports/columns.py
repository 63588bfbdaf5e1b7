"""What the columns of a list seem to mean, and what a person chose them to mean."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from difflib import get_close_matches

from django.utils.translation import gettext as _

from programs.imports.mapping import Column, Side, Template
from programs.imports.problems import Problems
from programs.imports.reading import Source, read_rows
from programs.imports.rows import ANSWER, CODE, MOST_COLUMNS, ROLE, only_tells
from programs.questions import QuestionSpec

# What a column may feed besides a question. A question is written "q:" and its key.
EMAIL, NAME, FIRST_NAME, LAST_NAME = "email", "name", "first_name", "last_name"
REFERENCE_OF_ROW, ROLE_OF_ROW, CODE_OF_ROW = "reference", "role", "code"
QUESTION = "q:"
LEFT_OUT = ""
PEOPLE = (EMAIL, NAME, FIRST_NAME, LAST_NAME, REFERENCE_OF_ROW, ROLE_OF_ROW, CODE_OF_ROW)

# How lists call these columns, in small letters and without marks.
_CALLED = {
    EMAIL: ("email", "e mail", "email address", "e mail address", "mail", "your email"),
    NAME: ("name", "full name", "your name", "who"),
    FIRST_NAME: ("first name", "given name", "forename", "firstname"),
    LAST_NAME: ("last name", "family name", "surname", "lastname"),
    REFERENCE_OF_ROW: ("applicant id", "id", "reference", "response id"),
    ROLE_OF_ROW: ("role", ROLE),
    CODE_OF_ROW: (CODE,),
}
_LIKE = 0.85


def header_of(source: Source, problems: Problems) -> tuple[str, ...]:
    """The names of the columns; none, and a problem, when there are none to be read."""
    before = problems.count
    row = next(read_rows(source, problems), None)
    if row is None:
        if problems.count == before:
            problems.add(source, _("This file is empty. Its first line must name the columns."))
        return ()
    names = tuple(cell.strip() for cell in row.cells)
    if any("\0" in name for name in names):
        told = _("The names of the columns cannot be read. Save the file as CSV UTF-8, please.")
        problems.add(source, told)
        return ()
    if len(names) > MOST_COLUMNS:
        told = _("A file may have at most %(most)d columns.") % {"most": MOST_COLUMNS}
        problems.add(source, told)
        return ()
    return names


def guessed(
    header: Iterable[str], questions: Mapping[str, QuestionSpec], *, asked: Container[str] = ()
) -> dict[str, str]:
    """What each column seems to feed, by its name; empty where nothing is near enough.

    Nothing is fed twice: the first column that fits has it. Where two questions go by one name,
    it is the one `asked`, which holds the keys of the questions on the form.
    """
    known = dict(_names_of(questions, asked))
    found: dict[str, str] = {}
    for column in header:
        target = _guess(column, known)
        if target and target not in found.values():
            found[column] = target
        elif column:
            found.setdefault(column, LEFT_OUT)
    return found


def _names_of(
    questions: Mapping[str, QuestionSpec], asked: Container[str]
) -> Iterator[tuple[str, str]]:
    """Every name something is known by, the surest last."""
    on_form = [key for key in questions if key in asked]
    for keys in ([key for key in questions if key not in asked], on_form):
        for key in keys:
            yield _plain(str(questions[key].label)), QUESTION + key
        for key in keys:
            yield _plain(key), QUESTION + key
    for target, names in _CALLED.items():
        yield from ((name, target) for name in names)
    for key in questions:
        yield _plain(ANSWER + key), QUESTION + key


def _guess(column: str, known: Mapping[str, str]) -> str:
    if only_tells(column):
        return LEFT_OUT
    name = _plain(column)
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1, cutoff=_LIKE)
    return known[near[0]] if near and len(name) > 4 else LEFT_OUT


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold().replace("_", " ")))


def side_of(columns: Mapping[str, str]) -> Side:
    """How a file is read whose columns feed what was chosen, by the name of the column."""
    by_target = {target: column for column, target in columns.items() if target}
    named = [by_target[t] for t in (NAME, FIRST_NAME, LAST_NAME) if t in by_target]
    if NAME in by_target:
        named = named[:1]
    reference = by_target.get(REFERENCE_OF_ROW)
    return Side(
        email=_template([by_target[EMAIL]] if EMAIL in by_target else []) or Template("{email}"),
        name=_template(named) or Template("{name}"),
        reference=_template([reference]) if reference else None,
        columns={
            column: Column(key=target.removeprefix(QUESTION))
            for column, target in columns.items()
            if target.startswith(QUESTION)
        },
        ignored=frozenset(column for column, target in columns.items() if not target),
        role=by_target.get(ROLE_OF_ROW, ""),
        code=by_target.get(CODE_OF_ROW, ""),
    )


def _template(columns: list[str]) -> Template | None:
    return Template(" ".join(f"{{{column}}}" for column in columns)) if columns else None
