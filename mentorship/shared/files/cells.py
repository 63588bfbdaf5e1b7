"""Texts as they stand in a cell: none of them calculates, and each comes back as it was.

A spreadsheet takes a cell for a formula when its first visible character is one of a few. Such a
text gets an apostrophe in front, which every spreadsheet knows as "this is text". Only an
apostrophe in front of such a text is ours, so that a real one survives the way out and in.

The same goes for what follows a semicolon or a tab inside a text: a spreadsheet that takes these
for the end of a cell would begin the next one there, whatever quotes stand around it.
"""

import re

_STARTS = frozenset("=+-@\t\r\n|%" + "＝＋－＠")  # noqa: RUF001  the full-width ones are meant
# Spaces of every kind, and what takes no room, hide a start from the eye and not from a program.
_HIDES = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


_BEGINS = f"(?=[{re.escape(''.join(sorted(_STARTS)))}])"
_INSIDE = re.compile(rf"([;\t]\s*)('*){_BEGINS}")
_INSIDE_ESCAPED = re.compile(rf"([;\t]\s*)'('*){_BEGINS}")


def escaped(text: str) -> str:
    """The text as it may stand in a cell."""
    text = _INSIDE.sub(r"\1'\2", text)
    return "'" + text if _must_be_escaped(text) else text


def unescaped(cell: str) -> str:
    """The text that `escaped` made this cell of; any other cell is its own text."""
    if cell.startswith("'") and _must_be_escaped(cell[1:]):
        cell = cell[1:]
    return _INSIDE_ESCAPED.sub(r"\1\2", cell)


def _must_be_escaped(text: str) -> bool:
    """Whether a program might calculate it, or might take its apostrophes for ours."""
    inner = text.lstrip("'")
    if inner[:1] in ("\t", "\r", "\n"):
        return True
    visible = inner.lstrip().lstrip(_HIDES).lstrip()
    return visible[:1] in _STARTS if visible else False
