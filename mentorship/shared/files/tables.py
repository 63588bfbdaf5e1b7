"""Lists as files: CSV and XLSX, written row by row, whatever their length."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from mentorship.shared.files.cells import escaped

# XML has no way to write these; a spreadsheet's own way of writing them is `_x0007_`.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LOOKS_WRITTEN = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_WRITTEN = re.compile(r"_x([0-9A-Fa-f]{4})_")
# No spreadsheet program opens a cell with more.
LONGEST_CELL = 32_767


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def content_type(self) -> str:
        if self is Format.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write_table(
    format: Format, title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> tuple[IO[bytes], int]:
    """A temporary file with the table, open at its beginning, and how many rows it has.

    Holds one row in memory. Whoever asked closes the file, and it is gone then.
    """
    out = tempfile.TemporaryFile(prefix="mentorship-")  # noqa: SIM115  closed by the caller
    try:
        write = _write_csv if format is Format.CSV else _write_xlsx
        count = write(out, title, header, rows)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return out, count


def as_cell(value: Any) -> str | int:
    """A value as it stands in a cell: whole numbers stay numbers, everything else is text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return escaped(str(value))


def _write_csv(
    out: IO[bytes], title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    # With the mark in front, spreadsheet programs read it as UTF-8 without being asked.
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", errors="replace")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([as_cell(name) for name in header])
    count = 0
    for row in rows:
        writer.writerow([as_cell(value) for value in row])
        count += 1
    text.flush()
    text.detach()
    return count


def _write_xlsx(
    out: IO[bytes], title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "1")
    sheet.freeze_panes = "A2"
    sheet.append([_text_cell(sheet, as_cell(name)) for name in header])
    count = 0
    for row in rows:
        sheet.append([_text_cell(sheet, as_cell(value)) for value in row])
        count += 1
    book.save(out)
    return count


def _text_cell(sheet: Any, value: str | int) -> Any:
    """A cell of openpyxl whose text is text, whatever it looks like."""
    if isinstance(value, int):
        return value
    if value == "":
        return None
    cell = WriteOnlyCell(sheet, value=writable(value))
    cell.data_type = "s"
    return cell


def writable(text: str) -> str:
    """The text as a workbook holds it: what XML cannot say is written as `_x0007_`."""
    marked = _LOOKS_WRITTEN.sub("_x005F_", text)
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", marked)[:LONGEST_CELL]


def written(text: str) -> str:
    """The text that a workbook holds; undoes `writable`."""
    return _WRITTEN.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    """Half of a pair is no character: it stays as it is written."""
    number = int(found[1], 16)
    return found[0] if 0xD800 <= number <= 0xDFFF else chr(number)
