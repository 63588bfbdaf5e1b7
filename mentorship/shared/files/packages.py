"""Looking at a workbook from outside: what is refused before anything in it is unpacked."""

import zipfile
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

MOST_ENTRIES = 2_000
MOST_UNPACKED = 200 * 1024 * 1024
# Lists of people shrink to a tenth, the emptiest sheets to a fiftieth; a bomb to a thousandth.
MOST_RATIO = 150
# Small entries may shrink as they like: they cannot hurt.
SMALL = 1024 * 1024
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_PLAIN_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Refused(Exception):
    """A file that is not read. The message is a sentence for the person who brought it."""


def looks_like_workbook(path: Path) -> bool:
    """Whether the first bytes are those of a spreadsheet program's own file, new or old."""
    with path.open("rb") as file:
        start = file.read(8)
    return start.startswith(_ZIP) or start == _OLD_OR_LOCKED


def check_package(path: Path) -> None:
    """Look at the list of what is in the file, without unpacking any of it.

    Raises Refused for what is no XLSX workbook, and for what could do harm: bombs, other files
    inside, macros, links to other files, passwords.
    """
    with path.open("rb") as file:
        if file.read(8) == _OLD_OR_LOCKED:
            raise Refused(
                _(
                    "This workbook has a password or is in the old .xls format. Save it as .xlsx "
                    "without a password and bring it again."
                )
            )
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused(damaged()) from error
    _check_sizes(entries)
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) < len(names):
        raise Refused(damaged())
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refused(_("This workbook has a password. Take it away and bring the file again."))
    if any(entry.compress_type not in _PLAIN_WAYS for entry in entries):
        raise Refused(damaged())
    _check_names(names)


def damaged() -> str:
    """The sentence for a workbook that cannot be read."""
    return _(
        "This file cannot be read as a workbook. Open it in a spreadsheet program, save it as "
        ".xlsx and bring it again."
    )


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    too_much = _(
        "This workbook holds far more than it looks, so it was not opened. Copy the rows alone "
        "into a new workbook, or save the sheet as CSV."
    )
    if len(entries) > MOST_ENTRIES:
        raise Refused(too_much)
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Refused(too_much)
    for entry in entries:
        if entry.file_size > SMALL and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise Refused(too_much)


def _check_names(names: list[str]) -> None:
    if "[content_types].xml" not in names:
        raise Refused(damaged())
    for name in names:
        path = PurePosixPath(name)
        if path.name == "vbaproject.bin" or "macrosheets" in path.parts:
            raise Refused(_("This workbook has macros. Save it as .xlsx, which has none."))
        if "externallinks" in path.parts:
            raise Refused(
                _(
                    "This workbook takes values from other files. Copy the rows as values into a "
                    "new workbook, and bring that."
                )
            )
        if "embeddings" in path.parts or path.suffix in (".zip", ".xlsx", ".xlsm", ".xls", ".ods"):
            raise Refused(
                _("This workbook has other files inside. Copy the rows alone into a new one.")
            )
