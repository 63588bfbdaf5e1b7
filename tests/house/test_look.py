"""Style and script stand in files; style knows no left and right."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHEETS = sorted((ROOT / "static/css").glob("*.css"))
PAGES = [
    path
    for path in sorted((ROOT / "templates").rglob("*.html"))
    if "emails" not in path.relative_to(ROOT).parts
]

PHYSICAL = re.compile(
    r"""(?<![\w-])(
        (margin|padding|border|scroll-margin|scroll-padding)-(left|right)[\w-]*\s*:
      | border-(top|bottom)-(left|right)-radius\s*:
      | (left|right)\s*:
      | (text-align|float|clear|caption-side)\s*:\s*(left|right)\b
    )""",
    re.VERBOSE,
)
# Four values that differ left and right: top right bottom left.
FOUR = re.compile(
    r"(?<![\w-])(margin|padding|inset)\s*:\s*([^\s;}]+) +([^\s;}]+) +([^\s;}]+) +([^\s;}]+)\s*[;}]"
)
BRACKETS = re.compile(r"\([^()]*\)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
INLINE = re.compile(
    r"""<style\b|<script\b(?![^>]*\bsrc=|[^>]*type="application/json")|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:"""
)


def physical(css: str) -> list[str]:
    """Declarations that name a side of the screen instead of a side of the text."""
    css = COMMENT.sub("", css)
    while (less := BRACKETS.sub("_", css)) != css:
        css = less
    sided = [found[0] for found in PHYSICAL.finditer(css)]
    return sided + [found[0] for found in FOUR.finditer(css) if found[3] != found[5]]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_style_is_logical(sheet: Path) -> None:
    assert physical(sheet.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    [
        "a { margin-left: 1px }",
        "a { border-right-width: 1px }",
        "a { text-align:right; }",
        "a { float: left }",
        "a { position: absolute; left: 0 }",
        "a { padding: 1px 2px 1px 3px; }",
        "a { margin: 0 calc(1px + var(--x)) 0 0 }",
        "a { border-top-left-radius: 2px }",
    ],
)
def test_a_side_of_the_screen_is_found(planted: str) -> None:
    assert physical(planted)


def test_no_template_carries_style_or_script() -> None:
    found = {p.name: [m[0] for m in INLINE.finditer(p.read_text())] for p in PAGES}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "<style>a {}</style>",
        "<script>x()</script>",
        '<p style="color: red">',
        '<a onclick="x()">',
        '<a href="javascript:x()">',
    ],
)
def test_what_stands_inline_is_found(planted: str) -> None:
    assert INLINE.search(planted)


def test_a_script_in_a_file_may_stand() -> None:
    assert not INLINE.search('<script src="/static/js/x.js" defer></script>')
    # data for a script, which no browser carries out
    assert not INLINE.search('<script type="application/json">{}</script>')
