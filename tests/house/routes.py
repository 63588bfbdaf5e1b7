"""Every address the site answers, walked from the URL resolver."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat

from django.urls import URLPattern, URLResolver, get_resolver, reverse

# The code of nothing: as long as a real one, and none.
NOTHING = "2222222222222b"
# What a parameter is called when it names no object of ours.
_PLAIN = {
    "role": "mentee",
    "scene": "match",
    "content_type_id": "1",
    "url": "nothing-here/",
    "app_label": "programs",
    "uidb36": "1",
    "key": "set-password",
    "pk": "1",
    "provider_id": "oidc",
    "question": "motivation",
    "name": "20260101-000000-000000.eml",
}
_PARAMETER = re.compile(r"<(?:[^<>:]+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """One line of a urls.py. `name` is the namespaced name, or the pattern of a nameless one."""

    name: str
    pattern: str
    view: str

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(_PARAMETER.findall(self.pattern))

    def address(self, code: str = NOTHING) -> str:
        """The address for the object with this code; of one with several, each in its place."""
        if "(?P" in self.pattern:
            return self._by_reverse()
        several = iter(code.split() if " " in code else repeat(code))
        return "/" + _PARAMETER.sub(
            lambda found: _PLAIN.get(found[1]) or next(several), self.pattern
        )

    def _by_reverse(self) -> str:
        """A pattern written as a regular expression."""
        if self.name == self.pattern:
            return "/" + re.sub(r"\(\?P<(\w+)>.*?\)\$?", lambda m: _PLAIN[m[1]], self.pattern)
        return reverse(self.name, kwargs={name: _PLAIN[name] for name in self.parameters})


def every_route() -> tuple[Route, ...]:
    """All routes of the site, Django's and allauth's too."""
    return tuple(_walk(get_resolver().url_patterns))


def _walk(
    patterns: list[URLPattern | URLResolver], before: str = "", space: str = ""
) -> Iterator[Route]:
    for one in patterns:
        pattern = before + str(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _walk(one.url_patterns, pattern, inner)
        else:
            yield Route(f"{space}{one.name}" if one.name else pattern, pattern, one.lookup_str)
