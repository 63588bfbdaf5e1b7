"""What tests/permissions.toml expects, and where the site does otherwise."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.house.routes import NOTHING, Route
from tests.house.world import ACTORS, ELSEWHERE, HERE, LINKS, Answer, World

FILE = Path(__file__).parent.parent / "permissions.toml"
ANSWERED = ("GET", "HEAD", "POST")
UNUSUAL = ("PUT", "PATCH", "DELETE", "OPTIONS")

VISITORS = frozenset({"anonymous", "disabled", *LINKS})
DUTY = frozenset({"coordinator", "reviewer", "observer", "coordinator elsewhere", "owner"})
# Groups that `others` may name.
_GROUPS = {
    "visitors": VISITORS,
    "duty": DUTY,
    "unless duty": frozenset(ACTORS) - DUTY,
}
_DOORS: Mapping[str, frozenset[str]] = {
    "open": frozenset(),
    "signed-in": VISITORS,
    "desk": frozenset(ACTORS) - DUTY,
    "nowhere": frozenset(),
}
# Methods that no page answers are tried by one actor behind each door, unless FULL=1.
_SOME = ("anonymous", "mentee", "coordinator", "owner")
_FULL = os.environ.get("FULL") == "1"
_LOGIN = re.compile(r"^/(accounts|admin)/(login|signup)/")


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the file for one route."""

    name: str
    door: str
    may: frozenset[str]
    object: str
    status: Mapping[str, int]
    refused: Mapping[str, int]
    barred: frozenset[str]
    others: Mapping[str, Mapping[str, int | str]]
    library: bool
    public: bool
    reveals: Mapping[str, Any]
    send: Mapping[str, Any]

    def expects(self, actor: str, method: str, relation: str) -> int | str:
        """The status, or "login", for an actor who stands in `relation` to the object."""
        asked = "GET" if method == "HEAD" else method
        if self.door == "nowhere":
            return 404
        if self.library and asked not in ANSWERED:
            return 405
        if actor in _DOORS[self.door]:
            return "login"
        for group, instead in self.others.items():
            if relation == group or actor in _GROUPS.get(group, ()):
                if asked in instead:
                    return instead[asked]
                if "other" in instead:
                    return instead["other"]
        if asked not in self.status:
            return 405
        if actor in self.barred:
            return 403
        if relation in self.may or (self.public and relation == "stranger"):
            return self.status[asked]
        return self.refused.get(asked, 404)


def pages() -> tuple[Page, ...]:
    """Every entry of the file, one for each route it names."""
    return tuple(_pages(tomllib.loads(FILE.read_text())))


@cache
def words() -> dict[str, frozenset[str]]:
    """Which canary text (without the canary) may be read by whom."""
    told = tomllib.loads(FILE.read_text())["words"]
    return {text: frozenset(ACTORS if who == "everybody" else who) for text, who in told.items()}


_KEYS = {
    *("names", "door", "object", "may", "GET", "POST", "refused", "barred", "others"),
    *("library", "public", "reveals", "send"),
}


def _pages(told: Mapping[str, Any]) -> Iterator[Page]:
    for entry in told["page"]:
        assert entry.keys() <= _KEYS, f"{entry['names']}: {entry.keys() - _KEYS}"
        may, refused = entry.get("may", []), entry.get("refused", 404)
        for name in entry["names"]:
            yield Page(
                name=name,
                door=entry["door"],
                may=frozenset(ACTORS if may == "everybody" else may),
                object=entry.get("object", ""),
                status={method: entry[method] for method in ("GET", "POST") if method in entry},
                refused=refused if isinstance(refused, dict) else dict.fromkeys(ANSWERED, refused),
                barred=frozenset(entry.get("barred", ())),
                others=entry.get("others", {}),
                library=entry.get("library", False),
                public=entry.get("public", False),
                reveals=entry.get("reveals", {}),
                send=entry.get("send", {}),
            )


def relation(actor: str, whose: str) -> str:
    """What an actor is to an object of the program `whose`."""
    if actor in ("owner", "anonymous"):
        return actor
    home = ELSEWHERE if actor.endswith(" elsewhere") else HERE
    return actor.removesuffix(" elsewhere") if home == whose else "stranger"


def verdict(answer: Answer) -> int | str:
    """The status, or "login" for the way to the log-in."""
    return "login" if answer.status == 302 and _LOGIN.match(answer.location) else answer.status


def walk(world: World, route: Route, page: Page) -> Iterator[str]:
    """Everything in which the site does otherwise than the file says, as sentences."""
    for actor in ACTORS:
        for method in (*ANSWERED, *(UNUSUAL if _FULL or actor in _SOME else ())):
            for whose in (HERE, ELSEWHERE) if page.object else ("",):
                if whose == ELSEWHERE and method not in page.status:
                    continue
                code = world.code(whose, page.object) if whose else NOTHING
                answer = world.ask(actor, method, route.address(code), dict(page.send))
                stands = relation(actor, whose) if whose else actor
                asked = f"{actor}, {method} {page.object or 'page'} {whose}".rstrip()
                if (expected := page.expects(actor, method, stands)) != verdict(answer):
                    yield f"{asked}: {verdict(answer)} instead of {expected}"
                if answer.status >= 500:
                    yield f"{asked}: {answer.status}"
                yield from (f"{asked}: {leak}" for leak in leaks(answer, actor, page))
                if stands == "stranger" and not page.public:
                    missing = world.ask(actor, method, route.address(NOTHING), dict(page.send))
                    if told_apart(answer, code, missing, NOTHING):
                        yield f"{asked}: can be told from one that does not exist"


def leaks(answer: Answer, actor: str, page: Page) -> Iterator[str]:
    """Texts of a program in an answer to somebody who may not read them."""
    allowed = words()
    text = f"{answer.headers}\n{answer.text}"
    for canary in (HERE, ELSEWHERE):
        stands = relation(actor, canary)
        for found in _canaries(canary, allowed).finditer(text):
            told = found[1] or found[2]
            if told is None:
                around = text[max(0, found.start() - 40) : found.end() + 40]
                yield f"a text that permissions.toml does not know: …{around}…"
            elif (page.public and told in _PUBLIC) or stands in page.reveals.get(told, ()):
                continue
            elif stands not in allowed[told]:
                yield f"“{canary} {told}” is not for the {actor}"


# What a visitor may read of every program that was opened, on the pages that tell of them.
_PUBLIC = frozenset({"program", "purpose", "next", "running", "round", "turn"})
_PATTERNS: dict[str, re.Pattern[str]] = {}


def _canaries(canary: str, known: Mapping[str, Any]) -> re.Pattern[str]:
    """Finds each canary with the longest known text after it, or an address before it."""
    if canary not in _PATTERNS:
        texts = "|".join(re.escape(text) for text in sorted(known, key=len, reverse=True))
        _PATTERNS[canary] = re.compile(rf"{canary}[ +]({texts})\b|\b({texts})\.{canary}@|{canary}")
    return _PATTERNS[canary]


_SPECIFIC = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|csrftoken=\w+|nonce="[^"]+"')


def told_apart(one: Answer, code: str, other: Answer, missing: str) -> bool:
    """Whether the two answers differ in more than the code and what each request has anew."""

    def plain(answer: Answer, own: str) -> tuple[str, ...]:
        whole = (str(answer.status), answer.location, answer.text)
        codes = re.compile("|".join(own.split()))
        return tuple(codes.sub("CODE", _SPECIFIC.sub("", part)) for part in whole)

    return plain(one, code) != plain(other, missing)
