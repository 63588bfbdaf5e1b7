"""CSV files and workbooks as rows, one at a time, in bounded memory."""

import codecs
import csv
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from django.utils.translation import gettext as _

from mentorship.shared.files.cells import unescaped
from mentorship.shared.files.packages import Refused, looks_like_workbook
from mentorship.shared.files.sheets import Sheet, SheetRow, Workbook
from programs.imports.encodings import UTF_8, Encoding, Mixed, separator_of, told_encoding
from programs.imports.problems import Problems, shown

# A row never holds more bytes than this, however its lines and quotation marks are written.
LONGEST_ROW = 1_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read: where it lies, what people call it, and which sheet of it counts.

    A guessing one may be in Windows-1252 and have other separators than commas; what was guessed
    is told among the remarks.
    """

    path: Path
    name: str
    sheet: str = ""
    is_guessing: bool = False

    def __str__(self) -> str:
        return self.name


def source_of(file: Path | Source) -> Source:
    """A path as it is; nothing is guessed."""
    return file if isinstance(file, Source) else Source(file, str(file))


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the line on which the row begins, 1 for the first of the file; in a workbook the
    number of the row. `faults` are sentences about single cells, by their index."""

    number: int
    cells: list[str]
    faults: dict[int, str] = field(default_factory=dict)


class _Unreadable(Exception):
    """Nothing behind this line can be read. The message is a sentence."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class _Lines:
    """Decoded lines; `row_begins` refills how much the next row may take."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self.stream = stream
        self.encoding = encoding
        self.number = 0
        self.left = LONGEST_ROW

    def row_begins(self) -> None:
        self.left = LONGEST_ROW

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.stream.readline(self.left + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.left -= len(line)
        if self.left < 0:
            raise _Unreadable(
                self.number,
                _("This row is longer than %(most)d bytes; nothing behind it was read.")
                % {"most": LONGEST_ROW},
            )
        if self.number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        try:
            return line.decode(self.encoding)
        except UnicodeDecodeError as error:
            raise _Unreadable(self.number, _not_utf_8()) from error


def open_file(path: Path, problems: Problems, *, name: object = None) -> BinaryIO | None:
    """The file opened for reading; None, and a problem, when it cannot be."""
    try:
        if path.is_file():
            return path.open("rb")
        problems.add(
            name or path, _("This is not a file.") if path.exists() else _("There is no such file.")
        )
    except OSError:
        problems.add(
            name or path, _("This file cannot be opened. Look at its name and permissions.")
        )
    return None


def read_rows(file: Path | Source, problems: Problems) -> Iterator[Row]:
    """The rows of a file in order, its header first; empty rows are passed over.

    What cannot be read is added to `problems`; a row with a fault is left out, and where
    nothing behind the fault can be trusted the reading ends.
    """
    source = source_of(file)
    stream = open_file(source.path, problems, name=source)
    if stream is None:
        return
    with stream:
        if looks_like_workbook(source.path):
            yield from _rows_of_workbook(source, problems)
        else:
            yield from _rows_of_csv(source, stream, problems)


def sheets_of(source: Source) -> list[str]:
    """The names of the visible sheets of a workbook; none for any other file.

    Raises Refused for a workbook that is not read.
    """
    if not looks_like_workbook(source.path):
        return []
    with Workbook(source.path) as book:
        return [sheet.name for sheet in book.sheets if not sheet.is_hidden]


def count_rows(source: Source) -> int:
    """About how many rows a text file has, its header too; 0 for a workbook, which does not say."""
    if looks_like_workbook(source.path):
        return 0
    with source.path.open("rb") as stream:
        return sum(part.count(b"\n") for part in iter(lambda: stream.read(1 << 20), b""))


# --- CSV ----------------------------------------------------------------------------------


def _rows_of_csv(source: Source, stream: BinaryIO, problems: Problems) -> Iterator[Row]:
    with ExitStack() as stack:
        try:
            encoding = told_encoding(stream, is_guessing=source.is_guessing)
        except Mixed as error:
            problems.add(source, str(error), row=error.line)
            return
        if encoding.is_wide:
            # As UTF-8 its lines can be told apart by bytes, like those of all other files.
            wide, encoding = encoding, UTF_8
            stream = stack.enter_context(tempfile.TemporaryFile(prefix="mentorship-"))
            if not _copied(source.path, stream, wide.name):
                problems.add(source, _not_utf_8())
                return
        if encoding.sample:
            problems.remark(source, _guessed(encoding))
        mark = separator_of(stream, encoding) if source.is_guessing else ","
        if mark != ",":
            problems.remark(source, _separated(mark))
        yield from _rows_of_lines(source, _Lines(stream, encoding.name), mark, problems)


def _rows_of_lines(
    source: Source, lines: _Lines, separator: str, problems: Problems
) -> Iterator[Row]:
    reader = csv.reader(lines, strict=True, delimiter=separator)
    while True:
        lines.row_begins()
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _Unreadable as error:
            problems.add(source, str(error), row=error.line)
            return
        except csv.Error:
            problems.add(
                source,
                _(
                    "This row cannot be read as CSV: a quotation mark is not closed, or a "
                    "cell is longer than %(most)d characters."
                )
                % {"most": csv.field_size_limit()},
                row=first,
            )
            continue
        if any(cell.strip() for cell in cells):
            yield Row(first, [unescaped(cell) for cell in cells])


def _copied(path: Path, copy: IO[bytes], encoding: str) -> bool:
    """Write the file into `copy` as UTF-8; False when it is not in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as wide:
            for part in iter(lambda: wide.read(1 << 16), b""):
                copy.write(decoder.decode(part).encode())
        copy.write(decoder.decode(b"", final=True).encode())
    except UnicodeError:
        return False
    copy.seek(0)
    return True


def _not_utf_8() -> str:
    return _("This file is not written in UTF-8. Save it as “CSV UTF-8” and try again.")


def _guessed(encoding: Encoding) -> str:
    return _(
        "The file is not written in UTF-8, so it was read as %(encoding)s. Please look whether "
        "this is right: “%(sample)s”."
    ) % {"encoding": encoding.label, "sample": shown(encoding.sample)}


def _separated(mark: str) -> str:
    if mark == ";":
        return _("The columns are separated by semicolons.")
    return _("The columns are separated by tabs.")


# --- Workbooks ----------------------------------------------------------------------------


def _rows_of_workbook(source: Source, problems: Problems) -> Iterator[Row]:
    try:
        with Workbook(source.path) as book:
            sheet = _chosen_sheet(source, book, problems)
            if sheet is None:
                return
            width = 0
            for row in book.rows(sheet):
                cells = _trimmed(row, width)
                if not any(cell.strip() for cell in cells) and not row.faults:
                    continue
                width = width or len(cells)
                yield Row(row.number, [unescaped(cell) for cell in cells], row.faults)
            _tell_of_the_sheet(source, book, problems)
    except Refused as error:
        problems.add(source, str(error))


def _chosen_sheet(source: Source, book: Workbook, problems: Problems) -> Sheet | None:
    """The sheet that is named, or the first one people see."""
    visible = [sheet for sheet in book.sheets if not sheet.is_hidden]
    if not source.sheet:
        hidden = [sheet.name for sheet in book.sheets if sheet.is_hidden]
        if hidden:
            problems.remark(
                source,
                _("Hidden sheets are left out: %(names)s.") % {"names": shown(", ".join(hidden))},
            )
        if not visible:
            problems.add(source, _("This workbook has no sheet with cells."))
            return None
        if len(visible) > 1:
            problems.remark(
                source,
                _("Only the sheet “%(name)s” is read.") % {"name": shown(visible[0].name)},
            )
        return visible[0]
    found = next((sheet for sheet in visible if sheet.name == source.sheet), None)
    if found is None:
        problems.add(source, _("There is no sheet “%(name)s”.") % {"name": shown(source.sheet)})
    return found


def _trimmed(row: SheetRow, width: int) -> list[str]:
    """The cells, as many as the header has: empty ones behind it do not count."""
    cells = list(row.cells)
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    cells.extend([""] * (width - len(cells)))
    return cells


def _tell_of_the_sheet(source: Source, book: Workbook, problems: Problems) -> None:
    if book.merged:
        problems.add(
            source,
            _("Cells are merged: %(cells)s. Undo that, so that every row holds its own answers.")
            % {"cells": shown(", ".join(book.merged[:10]))},
        )
    if book.hidden_rows:
        problems.remark(
            source, _("Hidden rows are read too: %(count)d.") % {"count": book.hidden_rows}
        )
