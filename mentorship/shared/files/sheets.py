"""The rows of an XLSX workbook, one at a time, as the texts a person sees.

Only values are read, never formulas. A file is looked at from outside first (`packages`), and its
XML is read by defusedxml, which expands no entity and follows no address.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO, Any
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse
from django.utils.translation import gettext as _
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from mentorship.shared.files.packages import Refused, check_package, damaged
from mentorship.shared.files.tables import written

# One more than a list may have, so that whoever reads can tell that there are too many.
MOST_COLUMNS = 501
MOST_SHARED_BYTES = 60 * 1024 * 1024
_LETTERS = re.compile(r"^([A-Z]{1,3})([1-9][0-9]{0,6})$")
_NAMESPACE = re.compile(r"^\{[^}]*\}")
_PADDED = re.compile(r"^0{2,20}$")
_PERCENT = re.compile(r"^0(\.0+)?%$")
_UNREADABLE = (
    zipfile.BadZipFile,
    ParseError,
    DefusedXmlException,
    KeyError,
    ValueError,
    OverflowError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """`number` as the program shows it; `faults` are sentences by the index of the cell."""

    number: int
    cells: list[str]
    faults: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    path: str
    is_hidden: bool


class Workbook:
    """A workbook opened for reading. Close it, or use it in a `with`.

    Every method raises Refused for a file that is damaged or could do harm.
    """

    def __init__(self, path: Path) -> None:
        check_package(path)
        try:
            self._package = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise Refused(damaged()) from error
        # What the last sheet that was read to its end holds besides cells.
        self.merged: list[str] = []
        self.hidden_rows = 0

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._package.close()

    @cached_property
    def sheets(self) -> list[Sheet]:
        """All sheets with cells, in the order of their tabs."""
        targets, found = self._targets, []
        for element in self._elements(self._main, "sheet"):
            ident = next((v for k, v in element.attrib.items() if _local(k) == "id"), "")
            kind, path = targets.get(ident, ("", ""))
            if kind == "worksheet":
                is_hidden = element.get("state", "visible") != "visible"
                found.append(Sheet(element.get("name", ""), path, is_hidden))
        return found

    def rows(self, sheet: Sheet) -> Iterator[SheetRow]:
        """The rows that have any cell, in order. Memory does not grow with their number."""
        self.merged, self.hidden_rows = [], 0
        last = 0
        for element in self._elements(sheet.path, "row", "mergeCell"):
            if _local(element.tag) == "mergeCell":
                self.merged.append(element.get("ref", ""))
                continue
            last = self._number(element, last)
            self.hidden_rows += element.get("hidden") in ("1", "true")
            try:
                row = self._row(element, last)
            except _UNREADABLE as error:
                raise Refused(damaged()) from error
            yield row

    def _number(self, element: Element, last: int) -> int:
        told = element.get("r", "")
        number = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else last + 1
        if number <= last:
            raise Refused(damaged())
        return number

    def _row(self, element: Element, number: int) -> SheetRow:
        cells: list[str] = []
        faults: dict[int, str] = {}
        for cell in element:
            place = _LETTERS.match(cell.get("r", ""))
            index = _index(place[1]) if place else len(cells)
            if index < len(cells):
                raise Refused(damaged())
            if index >= MOST_COLUMNS:
                index = MOST_COLUMNS - 1
                if len(cells) == MOST_COLUMNS:
                    break
            cells.extend([""] * (index - len(cells)))
            text, fault = self._read(cell)
            cells.append(text)
            if fault:
                faults[index] = fault
        return SheetRow(number, cells, faults)

    def _read(self, cell: Element) -> tuple[str, str]:
        """The text of a cell, and what is wrong with it."""
        kind = cell.get("t", "n")
        value = formula = None
        inline = ""
        for child in cell:
            match _local(child.tag):
                case "v":
                    value = child.text
                case "f":
                    formula = child
                case "is":
                    inline = _plain_text(child)
        if kind == "inlineStr":
            return written(inline), ""
        if value is None:
            return "", "" if formula is None else _formula_without_value()
        match kind:
            case "s":
                index = int(value)
                if index < 0:
                    raise Refused(damaged())
                try:
                    return self._shared[index], ""
                except IndexError as error:
                    raise Refused(damaged()) from error
            case "str":
                return written(value), ""
            case "e":
                return value, _("This cell shows the error %(error)s.") % {"error": value[:20]}
            case "b":
                return ("yes" if value.strip() in ("1", "true") else "no"), ""
            case "d":
                return value, ""
        return self._figure(value, int(cell.get("s", "0"))), ""

    def _figure(self, value: str, style: int) -> str:
        """A number as its format shows it: a date, a share, or digits."""
        number = float(value)
        if number != number or number in (float("inf"), float("-inf")):
            raise Refused(damaged())
        form = self._formats[style] if 0 <= style < len(self._formats) else "General"
        if form != "General" and is_date_format(form):
            return _day(from_excel(number, self._epoch, timedelta=is_timedelta_format(form)))
        if _PADDED.match(form) and number.is_integer() and number >= 0:
            return str(int(number)).zfill(len(form))
        if _PERCENT.match(form):
            return _digits(round(number * 100, 10)) + "%"
        return _digits(number)

    # --- What the parts of the package say ------------------------------------------------

    @cached_property
    def _main(self) -> str:
        for target, (kind, path) in self._relations("_rels/.rels", "").items():
            if kind == "officeDocument" and target:
                return path
        raise Refused(damaged())

    @cached_property
    def _targets(self) -> dict[str, tuple[str, str]]:
        main = PurePosixPath(self._main)
        rels = main.parent / "_rels" / f"{main.name}.rels"
        return self._relations(str(rels), str(main.parent))

    def _relations(self, path: str, folder: str) -> dict[str, tuple[str, str]]:
        """What a part points to: kind and path by id. Refuses what lies outside the file."""
        found = {}
        for element in self._elements(path, "Relationship"):
            kind = element.get("Type", "").rpartition("/")[2]
            if element.get("TargetMode") == "External":
                continue
            target = element.get("Target", "")
            whole = target[1:] if target.startswith("/") else str(PurePosixPath(folder) / target)
            found[element.get("Id", "")] = (kind, whole)
        return found

    def _path_of(self, kind: str) -> str:
        return next((path for found, path in self._targets.values() if found == kind), "")

    @cached_property
    def _shared(self) -> list[str]:
        """The texts that cells name by number."""
        path = self._path_of("sharedStrings")
        if not path:
            return []
        if self._entry(path).file_size > MOST_SHARED_BYTES:
            raise Refused(_("This workbook holds too much text. Split it, or save it as CSV."))
        return [written(_plain_text(element)) for element in self._elements(path, "si")]

    @cached_property
    def _formats(self) -> list[str]:
        """How each style shows a number."""
        path = self._path_of("styles")
        if not path:
            return []
        own: dict[str, str] = {}
        formats: list[str] = []
        for element in self._elements(path, "numFmts", "cellXfs"):
            if _local(element.tag) == "numFmts":
                own = {one.get("numFmtId", ""): one.get("formatCode", "") for one in element}
                continue
            for style in element:
                number = style.get("numFmtId", "0")
                builtin = BUILTIN_FORMATS.get(int(number), "General")
                formats.append(own.get(number) or builtin)
        return formats

    @cached_property
    def _epoch(self) -> datetime:
        for element in self._elements(self._main, "workbookPr"):
            if element.get("date1904") in ("1", "true"):
                return CALENDAR_MAC_1904
        return CALENDAR_WINDOWS_1900

    def _entry(self, path: str) -> zipfile.ZipInfo:
        try:
            return self._package.getinfo(path)
        except KeyError as error:
            raise Refused(damaged()) from error

    def _elements(self, path: str, *names: str) -> Iterator[Element]:
        """The elements of these names in a part, each whole and dropped when the next is asked."""
        entry = self._entry(path)
        try:
            with self._package.open(entry) as stream:
                yield from _walk(stream, frozenset(names))
        except Refused:
            raise
        except _UNREADABLE as error:
            raise Refused(damaged()) from error


def _walk(stream: IO[bytes], names: frozenset[str]) -> Iterator[Element]:
    above: list[Element] = []
    inside = 0
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        wanted = _local(element.tag) in names
        if event == "start":
            above.append(element)
            inside += wanted
            if len(above) > 100:
                raise Refused(damaged())
            continue
        above.pop()
        if wanted:
            inside -= 1
            if not inside:
                yield element
        if not inside:
            element.clear()
            if above:
                above[-1].remove(element)


def _local(name: str) -> str:
    return _NAMESPACE.sub("", name)


def _index(letters: str) -> int:
    """0 for A."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _plain_text(element: Element) -> str:
    """The text of a string, its runs put together; without the reading aid of Asian texts."""
    parts = []
    for child in element:
        name = _local(child.tag)
        if name == "t":
            parts.append(child.text or "")
        elif name == "r":
            parts.extend(t.text or "" for t in child if _local(t.tag) == "t")
    return "".join(parts)


def _formula_without_value() -> str:
    return _(
        "This cell holds a formula whose value was never saved. Open the file in a spreadsheet "
        "program and save it, or write the value itself."
    )


def _digits(number: float) -> str:
    """The number with the fifteen digits that a spreadsheet keeps, without an empty fraction."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return format(number, ".15g")


def _day(moment: Any) -> str:
    """A date, a time of day or both, in the order year, month, day."""
    match moment:
        case datetime():
            at_midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
            return moment.strftime("%Y-%m-%d" if at_midnight else "%Y-%m-%d %H:%M")
        case date():
            return moment.isoformat()
        case time():
            return moment.strftime("%H:%M")
        case timedelta():
            minutes = int(moment.total_seconds()) // 60
            return f"{minutes // 60}:{minutes % 60:02}"
    return str(moment)
