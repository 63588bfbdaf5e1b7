"""In which encoding a text file is written, and what separates its columns.

Nothing is ever half decoded: a file is read in one encoding from its first byte to its last, or not
at all. Only Windows-1252 is guessed, and only for files without a trace of UTF-8.
"""

import codecs
import csv
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

LONGEST_LINE = 1_000_000
_MARKS = (",", ";", "\t")
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True, slots=True)
class Encoding:
    """`sample` is a piece with an uncommon letter where the encoding was guessed."""

    name: str
    label: str
    is_wide: bool = False
    sample: str = ""


UTF_8 = Encoding("utf-8", "UTF-8")


class Mixed(Exception):
    """Lines are in different encodings, or in none that is known. The message is a sentence."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def told_encoding(stream: BinaryIO, *, is_guessing: bool) -> Encoding:
    """The encoding of a file, told by its first bytes or, when guessing, by all of them.

    Leaves the stream at its beginning. Raises Mixed for a guess that would garble something.
    """
    stream.seek(0)
    start = stream.read(4)
    stream.seek(0)
    for mark, name in _WIDE.items():
        if start.startswith(mark):
            return Encoding(name, name.upper(), is_wide=True)
    if not is_guessing or start.startswith(codecs.BOM_UTF8):
        return UTF_8
    return _guess(stream)


def _guess(stream: BinaryIO) -> Encoding:
    right = other = 0
    sample = b""
    number = 0
    for line in iter(lambda: stream.readline(LONGEST_LINE), b""):
        number += 1
        if line.isascii():
            continue
        if _is_utf_8(line):
            right = right or number
        elif not other:
            other, sample = number, line
    stream.seek(0)
    if not other:
        return UTF_8
    if right:
        raise Mixed(
            max(right, other),
            _(
                "The file mixes encodings: line %(right)d is written in UTF-8 and line %(other)d "
                "is not. Save it as “CSV UTF-8” and look at both lines."
            )
            % {"right": right, "other": other},
        )
    _check_windows_1252(stream)
    return Encoding("cp1252", "Windows-1252", sample=_around(sample.decode("cp1252", "replace")))


def _check_windows_1252(stream: BinaryIO) -> None:
    for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE), b""), start=1):
        try:
            line.decode("cp1252")
        except UnicodeDecodeError as error:
            raise Mixed(
                number,
                _("The encoding of this file is not known. Save it as “CSV UTF-8” and try again."),
            ) from error
    stream.seek(0)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _around(line: str) -> str:
    """The cell or word of a line that holds its first uncommon letter."""
    at = next((index for index, letter in enumerate(line) if not letter.isascii()), 0)
    return line[max(0, at - 20) : at + 20].strip()


def separator_of(stream: BinaryIO, encoding: Encoding) -> str:
    """What separates the columns of the first line: a comma unless another makes more of them."""
    stream.seek(0)
    line = ""
    while not line.strip():
        read = stream.readline(LONGEST_LINE)
        if not read:
            break
        line = read.removeprefix(codecs.BOM_UTF8).decode(encoding.name, "replace")
    stream.seek(0)
    return max(_MARKS, key=lambda mark: _columns(line, mark))


def _columns(line: str, mark: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=mark), []))
    except csv.Error:
        return 0
