"""No cell of ours calculates, and each text comes back as it was."""

import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from mentorship.shared.files.cells import escaped, unescaped
from mentorship.shared.files.sheets import Workbook
from mentorship.shared.files.tables import Format, as_cell, writable, write_table, written

STARTS = "=+-@\t\r\n|%" + "\uff1d\uff0b\uff0d\uff20"
HIDDEN = ["", " ", "\u00a0", "\u3000", "\ufeff", "\u200b", " \u200b "]
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
RISKY = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "'", "''"]), st.sampled_from(HIDDEN), st.sampled_from(STARTS), TEXTS
    ),
)


@given(RISKY | TEXTS)
@settings(max_examples=2_000)
def test_a_text_comes_back_as_it_was_and_never_calculates(text: str) -> None:
    cell = escaped(text)

    assert unescaped(cell) == text
    assert cell.replace("'", "") == text.replace("'", "")
    visible = cell.lstrip().lstrip("\u200b\ufeff").lstrip()
    assert not visible or visible[0] not in STARTS
    assert cell[:1] not in ("\t", "\r", "\n")


@pytest.mark.parametrize(
    "text", ["plain", "'quoted'", "a = b", "O'Brien", "", "'", "#hash", "1-2", "😀"]
)
def test_a_harmless_text_is_left_alone(text: str) -> None:
    assert escaped(text) == text == unescaped(text)


@given(TEXTS | st.sampled_from(["_x0041_", "_x005F_", "_x005F_x0041_", "a\x07b", "\ufffe", "_x"]))
@settings(max_examples=500)
def test_what_xml_cannot_say_comes_back_too(text: str) -> None:
    assert written(writable(text)) == text


@pytest.mark.parametrize("text", ["Ann;=cmd|' /C calc'!A0", "a\t+1", "a; '=x", "b;  -2;c"])
def test_what_a_semicolon_would_begin_does_not_calculate_either(text: str) -> None:
    """A spreadsheet that takes semicolons for ends of cells reads several cells here."""
    cell = escaped(text)
    assert not any(part.strip()[:1] in set("=+-@") for part in re.split("[;\t]", cell))
    assert unescaped(cell) == text


def test_half_of_a_pair_stays_as_it_is_written() -> None:
    assert written("_xD800_") == "_xD800_"


ROWS = [["=1+1", 3, None, True], ["'=2", -3, "two\nlines", False], ["@SUM(A1)", 0, "é", None]]


@pytest.mark.parametrize("format", Format)
def test_a_table_holds_no_formula(tmp_path, format: Format) -> None:
    out, count = write_table(format, "A/B", ["=name", "number", "text", "yes"], iter(ROWS))
    path = tmp_path / f"a.{format.value}"
    with out:
        path.write_bytes(out.read())

    assert count == 3
    if format is Format.CSV:
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    else:
        kinds = {cell.data_type for line in load_workbook(path).active for cell in line}
        assert kinds <= {"s", "n"}
        with Workbook(path) as book:
            rows = [one.cells for one in book.rows(book.sheets[0])]
            rows = [line + [""] * (4 - len(line)) for line in rows]
    assert rows == [
        ["'=name", "number", "text", "yes"],
        ["'=1+1", "3", "", "yes"],
        ["''=2", "-3", "two\nlines", "no"],
        ["'@SUM(A1)", "0", "é", ""],
    ]


def test_a_number_stays_a_number() -> None:
    assert as_cell(-3) == -3
    assert as_cell("-3") == "'-3"
