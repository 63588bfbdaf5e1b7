"""Who reads which application: spread evenly, conflicts kept out. Pure, over opaque numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Pair = tuple[int, int]

# Mail hosts that say nothing about who somebody works for; the last three belong to nobody.
PUBLIC_HOSTS = frozenset(
    {
        "aol.com",
        "bluewin.ch",
        "comcast.net",
        "duck.com",
        "fastmail.com",
        "free.fr",
        "freenet.de",
        "gmail.com",
        "gmx.at",
        "gmx.ch",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hey.com",
        "hotmail.co.uk",
        "hotmail.com",
        "hotmail.de",
        "hotmail.fr",
        "icloud.com",
        "laposte.net",
        "libero.it",
        "live.com",
        "mac.com",
        "mail.com",
        "mail.ru",
        "mailbox.org",
        "me.com",
        "msn.com",
        "naver.com",
        "orange.fr",
        "outlook.com",
        "outlook.de",
        "pm.me",
        "posteo.de",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "t-online.de",
        "tutanota.com",
        "ukr.net",
        "web.de",
        "wp.pl",
        "yahoo.co.in",
        "yahoo.co.uk",
        "yahoo.com",
        "yahoo.de",
        "yahoo.fr",
        "yandex.com",
        "yandex.ru",
        "ymail.com",
        "zoho.com",
        "126.com",
        "163.com",
        "example.com",
        "example.net",
        "example.org",
    }
)


def organisation(address: str) -> str:
    """The host of an address when it tells an organisation; empty for a public mail host."""
    host = address.rsplit("@", 1)[-1].strip().lower()
    return "" if host in PUBLIC_HOSTS else host


@dataclass(frozen=True, slots=True)
class Desk:
    """What is known before anything is given out."""

    applications: Sequence[int]
    reviewers: Sequence[int]
    each: int
    # Who may not read what; and who rather should not.
    barred: frozenset[Pair] = frozenset()
    unwanted: frozenset[Pair] = frozenset()
    # What was given out already: (application, reviewer).
    given: frozenset[Pair] = frozenset()
    loads: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Share:
    """Who gets what, and which applications lack readers because nobody is left."""

    pairs: list[Pair]
    short: list[int]


def share_out(desk: Desk) -> Share:
    """Give each application its readers: those who may, rather those who should, least laden first.

    Applications that few may read come first, so that the others can make up for it.
    """
    loads = Counter({one: desk.loads.get(one, 0) for one in desk.reviewers})
    barred = desk.barred | desk.given
    order = {one: place for place, one in enumerate(desk.reviewers)}
    choices = {
        one: [r for r in desk.reviewers if (one, r) not in barred] for one in desk.applications
    }
    needed = {one: desk.each - held for one, held in _held(desk).items()}
    pairs: list[Pair] = []
    short: list[int] = []
    for one in sorted(desk.applications, key=lambda one: len(choices[one])):
        taken = sorted(choices[one], key=lambda r: ((one, r) in desk.unwanted, loads[r], order[r]))[
            : max(needed[one], 0)
        ]
        loads.update(taken)
        pairs += [(one, reviewer) for reviewer in taken]
        if len(taken) < needed[one]:
            short.append(one)
    return Share(pairs, short)


def _held(desk: Desk) -> Counter[int]:
    held = Counter(dict.fromkeys(desk.applications, 0))
    held.update(_known(desk.given, desk.applications))
    return held


def _known(pairs: Iterable[Pair], applications: Iterable[int]) -> list[int]:
    known = set(applications)
    return [application for application, _reviewer in pairs if application in known]
