"""What of a workbook is read, and what is refused before it is opened."""

import resource
import struct
import time
import zipfile
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook as Writer

from mentorship.shared.files.packages import Refused
from mentorship.shared.files.sheets import Workbook
from tests.mentorship.shared.files.books import DOCUMENT, PACKAGE, book, row, sheet

PEOPLE = row(1, "email", "name") + row(2, "ada@example.org", "Ada")


def read(path: Path) -> list[list[str]]:
    with Workbook(path) as found:
        return [one.cells for one in found.rows(found.sheets[0])]


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        read(path)
    return str(refused.value)


def test_entities_are_guarded_where_openpyxl_reads() -> None:
    assert openpyxl.DEFUSEDXML


def test_the_rows_of_a_sheet_are_read_with_their_numbers(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", row(3, "email", "name") + row(7, "ada@example.org", "Ada"))

    with Workbook(path) as found:
        rows = [(one.number, one.cells) for one in found.rows(found.sheets[0])]

    assert rows == [(3, ["email", "name"]), (7, ["ada@example.org", "Ada"])]


def test_figures_and_days_come_out_as_people_see_them(tmp_path: Path) -> None:
    writer = Writer()
    shown = {
        "3": (3, "General"),
        "3.5": (3.5, "General"),
        "0.3": (0.1 + 0.2, "0.0"),
        "50%": (0.5, "0%"),
        "12.5%": (0.125, "0.0%"),
        "01234": (1234, "00000"),
        "2026-03-01": (date(2026, 3, 1), "dd.mm.yyyy"),
        "2026-03-01 14:30": (datetime(2026, 3, 1, 14, 30), "yyyy-mm-dd hh:mm"),
        "09:15": (time_of_day(9, 15), "hh:mm"),
        "30:05": (timedelta(hours=30, minutes=5), "[h]:mm"),
        "yes": (True, "General"),
        "text": ("text", "@"),
        "": (None, "General"),
    }
    writer.active.append([value for value, _form in shown.values()])
    for cell, (_value, form) in zip(writer.active[1], shown.values(), strict=True):
        cell.number_format = form
    writer.save(tmp_path / "a.xlsx")

    [cells] = read(tmp_path / "a.xlsx")

    assert cells + [""] * (len(shown) - len(cells)) == list(shown)


def test_dates_that_count_from_1904_are_the_same_days(tmp_path: Path) -> None:
    writer = Writer()
    writer.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    writer.active["A1"] = date(2026, 3, 1)
    writer.save(tmp_path / "a.xlsx")

    assert read(tmp_path / "a.xlsx") == [["2026-03-01"]]


def test_texts_that_cells_share_are_found(tmp_path: Path) -> None:
    writer = Writer()
    writer.active.append(["Zoé", "  spaces  ", "two\nlines", "_x0041_"])
    writer.save(tmp_path / "a.xlsx")

    assert read(tmp_path / "a.xlsx") == [["Zoé", "  spaces  ", "two\nlines", "A"]]


def test_a_formula_gives_its_value_and_one_without_is_told(tmp_path: Path) -> None:
    cells = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c>'
        '<c r="C1" t="e"><v>#N/A</v></c><c r="D1" t="str"><f>A1</f><v>text</v></c></row>'
    )
    with Workbook(book(tmp_path / "a.xlsx", cells)) as found:
        [only] = found.rows(found.sheets[0])

    assert only.cells == ["2", "", "#N/A", "text"]
    assert sorted(only.faults) == [1, 2]
    assert "never saved" in only.faults[1]
    assert only.faults[2] == "This cell shows the error #N/A."


def test_hidden_sheets_merged_cells_and_hidden_rows_are_told(tmp_path: Path) -> None:
    writer = Writer()
    writer.active.append(["a", "b"])
    writer.active.append(["c", "d"])
    writer.active.merge_cells("A1:A2")
    writer.active.row_dimensions[2].hidden = True
    writer.create_sheet("Secret").sheet_state = "hidden"
    writer.save(tmp_path / "a.xlsx")

    with Workbook(tmp_path / "a.xlsx") as found:
        assert [(one.name, one.is_hidden) for one in found.sheets] == [
            ("Sheet", False),
            ("Secret", True),
        ]
        list(found.rows(found.sheets[0]))
        assert (found.merged, found.hidden_rows) == (["A1:A2"], 1)


def test_a_bomb_is_refused_at_once_and_with_no_memory(tmp_path: Path) -> None:
    """300 MB in 300 KB."""
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        with package.open("xl/worksheets/sheet1.xml", "w") as entry:
            for _part in range(300):
                entry.write(b" " * 1024 * 1024)
    assert path.stat().st_size < 400_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()

    assert "holds far more than it looks" in refusal(path)

    assert time.perf_counter() - begun < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10_000  # KB


def test_a_bomb_that_lies_about_its_size_unpacks_no_more_than_it_says(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", row(1, "x" * 900_000))
    content = bytearray(path.read_bytes())
    # The sizes in the directory at the end: the last four bytes of sizes of the sheet's entry.
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    path.write_bytes(content)

    assert "cannot be read as a workbook" in refusal(path)


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    parts = {f"xl/{n}.xml": "" for n in range(2_001)}

    assert "holds far more" in refusal(book(tmp_path / "a.xlsx", PEOPLE, parts=parts))


@pytest.mark.parametrize(
    "part, sentence",
    [
        ("xl/vbaProject.bin", "has macros"),
        ("xl/macrosheets/sheet1.xml", "has macros"),
        ("xl/externalLinks/externalLink1.xml", "takes values from other files"),
        ("xl/embeddings/oleObject1.bin", "has other files inside"),
        ("xl/inner.xlsx", "has other files inside"),
        ("xl/inner.zip", "has other files inside"),
        ("XL/WORKSHEETS/SHEET1.XML", "cannot be read as a workbook"),
    ],
)
def test_what_could_do_harm_is_refused(tmp_path: Path, part: str, sentence: str) -> None:
    assert sentence in refusal(book(tmp_path / "a.xlsx", PEOPLE, parts={part: "x"}))


def test_a_password_or_an_old_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000)

    assert "has a password or is in the old .xls format" in refusal(path)


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", PEOPLE)
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(content)

    assert "has a password" in refusal(path)


def test_an_unusual_way_of_packing_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", PEOPLE, how=zipfile.ZIP_LZMA)

    assert "cannot be read as a workbook" in refusal(path)


XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = "<!DOCTYPE a [" + "".join(
    f'<!ENTITY x{n} "{f"&x{n - 1};" * 10 if n else "ha"}">' for n in range(10)
) + "]>"  # fmt: skip


@pytest.mark.parametrize("before", [XXE, LAUGHS], ids=["a file", "a billion laughs"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels"])
def test_entities_are_not_expanded(tmp_path: Path, before: str, part: str) -> None:
    parts = {part: before + sheet(row(1, "&x;"))}

    assert "cannot be read as a workbook" in refusal(book(tmp_path / "a.xlsx", PEOPLE, parts=parts))


def test_a_sheet_that_lies_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    rels = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{DOCUMENT}/worksheet" '
        'Target="http://127.0.0.1/sheet1.xml" TargetMode="External"/></Relationships>'
    )
    path = book(tmp_path / "a.xlsx", PEOPLE, parts={"xl/_rels/workbook.xml.rels": rels})

    with Workbook(path) as found:
        assert found.sheets == []


@pytest.mark.parametrize(
    "rows",
    [
        row(2, "a") + row(1, "b"),
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c t="s"><v>7</v></c></row>',
        '<row r="1"><c t="s"><v>-1</v></c></row>',
        '<row r="1"><c><v>many</v></c></row>',
        '<row r="1"><c><v>1e999</v></c></row>',
        '<row r="1"><c s="x"><v>1</v></c></row>',
        "<row><c>",
        "<a>" * 200,
    ],
)
def test_nonsense_is_refused(tmp_path: Path, rows: str) -> None:
    assert "cannot be read as a workbook" in refusal(book(tmp_path / "a.xlsx", rows))


def test_far_away_columns_do_not_fill_the_memory(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'

    [found] = read(book(tmp_path / "a.xlsx", cells))

    assert len(found) == 501
