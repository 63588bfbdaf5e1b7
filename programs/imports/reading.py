"""CSV files as rows, one at a time, in bounded memory."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from programs.imports.problems import Problems

# A row never holds more bytes than this, however its lines and quotation marks are written.
LONGEST_ROW = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the line on which the row begins, 1 for the first of the file."""

    number: int
    cells: list[str]


class _Unreadable(Exception):
    """Nothing behind this line can be read. The message is a sentence."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class _Lines:
    """Decoded lines; `row_begins` refills how much the next row may take."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
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
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _Unreadable(
                self.number,
                _("This file is not written in UTF-8. Save it as “CSV UTF-8” and try again."),
            ) from error


def open_file(path: Path, problems: Problems) -> BinaryIO | None:
    """The file opened for reading; None, and a problem, when it cannot be."""
    try:
        if path.is_file():
            return path.open("rb")
        problems.add(
            path, _("This is not a file.") if path.exists() else _("There is no such file.")
        )
    except OSError:
        problems.add(path, _("This file cannot be opened. Look at its name and permissions."))
    return None


def read_rows(path: Path, problems: Problems) -> Iterator[Row]:
    """The rows of a file in order, its header first; empty rows are passed over.

    What cannot be read is added to `problems`; a row with a fault is left out, and where
    nothing behind the fault can be trusted the reading ends.
    """
    stream = open_file(path, problems)
    if stream is None:
        return
    with stream:
        lines = _Lines(stream)
        reader = csv.reader(lines, strict=True)
        while True:
            lines.row_begins()
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _Unreadable as error:
                problems.add(path, str(error), row=error.line)
                return
            except csv.Error:
                problems.add(
                    path,
                    _(
                        "This row cannot be read as CSV: a quotation mark is not closed, or a "
                        "cell is longer than %(most)d characters."
                    )
                    % {"most": csv.field_size_limit()},
                    row=first,
                )
                continue
            if any(cell.strip() for cell in cells):
                yield Row(first, cells)
