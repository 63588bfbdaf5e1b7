"""A language in which every translated sentence stands in brackets, and a search for bare text."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.utils.translation import trans_real
from django.utils.translation.trans_real import CONTEXT_SEPARATOR

OPEN, CLOSE = "⟦", "⟧"


class Pseudo(trans_real.DjangoTranslation):
    """Every message is translated: to itself, in brackets."""

    def __init__(self) -> None:
        super().__init__("en")

    def gettext(self, message: str) -> str:
        return f"{OPEN}{message.rsplit(CONTEXT_SEPARATOR, 1)[-1]}{CLOSE}" if message else ""

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)


@contextmanager
def pseudo_locale() -> Iterator[None]:
    """English is the pseudo language inside, in this thread and for every request."""
    known = trans_real._translations.copy()
    default, active = trans_real._default, getattr(trans_real._active, "value", None)
    fake = Pseudo()
    trans_real._translations["en"] = trans_real._default = trans_real._active.value = fake
    try:
        yield
    finally:
        trans_real._translations.clear()
        trans_real._translations.update(known)
        trans_real._default = default
        if active is None:
            del trans_real._active.value
        else:
            trans_real._active.value = active


# What a reader or a screen reader reads of an element.
_READ = frozenset({"title", "alt", "aria-label", "aria-description", "placeholder", "data-label"})
_SILENT = frozenset({"script", "style"})


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        told = dict(attrs)
        self.found += [value for name, value in attrs if name in _READ and value]
        if tag == "input" and told.get("type") in ("submit", "button", "reset"):
            self.found.append(told.get("value") or "")
        if tag == "meta" and told.get("name") == "description":
            self.found.append(told.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def texts_of(html: str) -> list[str]:
    """Everything a person reads of a page."""
    parser = _Texts()
    parser.feed(html)
    return parser.found


_INNERMOST = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_LETTERS = re.compile(r"[^\W\d_]{2,}")


def bare(texts: list[str], data: re.Pattern[str]) -> list[str]:
    """What is left of the texts, besides translated sentences and `data`, and holds a word."""
    # A translated sentence may be spread over elements, so brackets are matched over all.
    whole = "\n".join(texts)
    while (less := _INNERMOST.sub("", whole)) != whole:
        whole = less
    return [line.strip() for line in whole.split("\n") if _LETTERS.search(data.sub(" ", line))]


def bare_in_page(html: str, data: re.Pattern[str]) -> list[str]:
    return bare(texts_of(html), data)


def bare_in_text(text: str, data: re.Pattern[str]) -> list[str]:
    return bare([text], data)


def words(*texts: Any) -> re.Pattern[str]:
    """A pattern of texts that a test wrote itself, the longest first."""
    return re.compile("|".join(sorted(map(str, texts), key=len, reverse=True)), re.MULTILINE)
