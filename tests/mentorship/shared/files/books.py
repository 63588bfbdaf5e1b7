"""Workbooks as no spreadsheet program writes them."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

PARTS: Mapping[str, str] = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
    f'Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>'
    '<sheet name="People" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
    f'Type="{DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": "",
}


def sheet(rows: str, *, behind: str = "", before: str = "") -> str:
    """A worksheet with these rows as XML."""
    return f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{behind}</worksheet>'


def row(number: int, *cells: str, extra: str = "") -> str:
    """A row of texts."""
    inner = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{number}"{extra}>{inner}</row>'


def book(
    path: Path,
    rows: str = "",
    *,
    parts: Mapping[str, str | bytes] | None = None,
    how: int = zipfile.ZIP_DEFLATED,
    **about: str,
) -> Path:
    """Write a workbook with one sheet; `parts` are added or take the place of others."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as package:
        whole = {**PARTS, "xl/worksheets/sheet1.xml": sheet(rows, **about), **(parts or {})}
        for name, content in whole.items():
            package.writestr(name, content)
    path.write_bytes(out.getvalue())
    return path
