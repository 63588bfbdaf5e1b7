"""In which encoding and with which separators a list may come; nothing is ever half decoded."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from programs.imports.problems import Problems
from programs.imports.reading import Source, read_rows

Write = Callable[..., Path]
LIST = "email,name\nzoe@example.org,Zoé\n"
ROWS = [["email", "name"], ["zoe@example.org", "Zoé"]]


def read(path: Path, *, is_guessing: bool = True) -> tuple[list[list[str]], list[str], list[str]]:
    """The rows, what is wrong, and what was remarked."""
    problems = Problems()
    rows = [
        row.cells for row in read_rows(Source(path, "a list", is_guessing=is_guessing), problems)
    ]
    return rows, [found.reason for found in problems], [told for _file, told in problems.remarks]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("is_guessing", [True, False])
def test_unicode_is_read_without_a_word(write: Write, encoding: str, is_guessing: bool) -> None:
    assert read(write(LIST.encode(encoding)), is_guessing=is_guessing) == (ROWS, [], [])


def test_windows_1252_is_guessed_and_told(write: Write) -> None:
    rows, wrong, told = read(write(LIST.encode("cp1252")))

    assert (rows, wrong) == (ROWS, [])
    assert told == [
        "The file is not written in UTF-8, so it was read as Windows-1252. Please look whether "
        "this is right: “zoe@example.org,Zoé”."
    ]


def test_nothing_is_guessed_unasked(write: Write) -> None:
    rows, wrong, _told = read(write(LIST.encode("cp1252")), is_guessing=False)

    assert rows == [["email", "name"]]
    assert wrong == ["This file is not written in UTF-8. Save it as “CSV UTF-8” and try again."]


def test_a_file_that_mixes_encodings_is_refused_with_both_lines(write: Write) -> None:
    mixed = LIST.encode() + "jo@example.org,José\n".encode("cp1252")

    assert read(write(mixed)) == (
        [],
        [
            "The file mixes encodings: line 2 is written in UTF-8 and line 3 is not. Save it as "
            "“CSV UTF-8” and look at both lines."
        ],
        [],
    )


def test_an_unknown_encoding_is_refused(write: Write) -> None:
    rows, wrong, _told = read(write(LIST.encode().replace("é".encode(), b"\x81")))

    assert rows == []
    assert wrong == [
        "The encoding of this file is not known. Save it as “CSV UTF-8” and try again."
    ]


@pytest.mark.parametrize("mark, word", [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_are_told(write: Write, mark: str, word: str) -> None:
    assert read(write(LIST.replace(",", mark))) == (
        ROWS,
        [],
        [f"The columns are separated by {word}."],
    )


def test_a_workbook_tells_what_it_leaves_out(tmp_path: Path) -> None:
    book = Workbook()
    for row in [[], *ROWS]:
        book.active.append(row)
    book.active["A3"] = "=1+1"
    book.create_sheet("Notes")
    book.create_sheet("Old").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")

    problems = Problems()
    rows = list(read_rows(Source(tmp_path / "a.xlsx", "a list"), problems))

    assert [(row.number, row.cells) for row in rows] == [
        (2, ["email", "name"]),
        (3, ["", "Zoé"]),
    ]
    assert "never saved" in rows[1].faults[0]
    assert [told for _file, told in problems.remarks] == [
        "Hidden sheets are left out: Old.",
        "Only the sheet “Sheet” is read.",
    ]


def test_merged_cells_are_a_fault(tmp_path: Path) -> None:
    book = Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.merge_cells("A1:A2")
    book.save(tmp_path / "a.xlsx")

    assert read(tmp_path / "a.xlsx")[1] == [
        "Cells are merged: A1:A2. Undo that, so that every row holds its own answers."
    ]
