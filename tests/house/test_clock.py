"""Only mentorship/shared/base/clock.py asks the real clock."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THE_CLOCK = ROOT / "mentorship/shared/base/clock.py"
CODE = [
    path
    for package in ("mentorship", "programs", "matching", "feedback")
    for path in sorted((ROOT / package).rglob("*.py"))
    if path != THE_CLOCK
]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())

# What asks a clock when it is called on anything but `clock`, or merely named on one of CLOCKS.
CLOCKS = frozenset({"timezone", "datetime", "date"})
ATTRIBUTES = frozenset({"now", "utcnow", "today", "localdate", "time_ns"})
NAMES = frozenset({"TimestampSigner", "Now", "CurrentTimestamp"})
# Functions of a module that stamp or measure by the real time.
OF_MODULES = frozenset({("signing", "dumps"), ("signing", "loads"), ("time", "time")})
KEYWORDS = frozenset({"auto_now", "auto_now_add", "eta", "countdown"})
SQL = re.compile(r"\bCURRENT_(TIMESTAMP|DATE|TIME)\b|\bNOW\s*\(|datetime\('now'", re.IGNORECASE)
TAGS = re.compile(r"{%\s*now\b|\|\s*(timesince|timeuntil|naturaltime|naturalday)\b")


def asks_the_clock(source: str) -> list[str]:
    """What in this module asks a clock that is not ours, with its line."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        f"line {node.lineno}: {what}"
        for node in ast.walk(tree)
        if id(node) not in prose
        for what in _asks(node)
    ]


def _asks(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in ATTRIBUTES:
            if _last(owner) != "clock":
                yield f"{name}()"
        case ast.Attribute(value=owner, attr=name):
            if name in NAMES:
                yield name
            if (name in ATTRIBUTES and _last(owner) in CLOCKS) or (
                _last(owner),
                name,
            ) in OF_MODULES:
                yield f"{_last(owner)}.{name}"
        case ast.Name(id=name) if name in NAMES:
            yield name
        case ast.ImportFrom(module=module, names=names):
            for alias in names:
                last = (module or "").rsplit(".", 1)[-1]
                stamped = (last, alias.name) in OF_MODULES
                if stamped or alias.name in NAMES or (alias.name in ATTRIBUTES and last != "clock"):
                    yield f"from {module} import {alias.name}"
        case ast.keyword(arg=str(name)) if name in KEYWORDS:
            yield f"{name}="
        case ast.Constant(value=str(text)) if SQL.search(text):
            yield f"SQL {text!r}"


def _last(owner: ast.expr) -> str:
    """The last part of a dotted name."""
    match owner:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def test_nothing_else_asks_the_time() -> None:
    found = {str(path.relative_to(ROOT)): asks_the_clock(path.read_text()) for path in CODE}
    assert {path: what for path, what in found.items() if what} == {}


def test_no_template_asks_the_time() -> None:
    assert [path.name for path in TEMPLATES if TAGS.search(path.read_text())] == []


@pytest.mark.parametrize(
    "planted",
    [
        "from django.utils import timezone\nx = timezone.now()",
        "made_at = models.DateTimeField(default=timezone.now)",
        "from django.utils.timezone import now",
        "x = django.utils.timezone.now()",
        "x = datetime.now(UTC)",
        "x = datetime.datetime.utcnow()",
        "x = date.today()",
        "from datetime import datetime as moment\nx = moment.now(UTC)",
        "x = datetime.date.today()",
        "x = timezone.localdate()",
        "import time\nx = time.time()",
        "from time import time",
        "made_at = models.DateTimeField(auto_now_add=True)",
        "made_at = models.DateTimeField(auto_now=True)",
        "x = signing.TimestampSigner()",
        "from django.core.signing import TimestampSigner",
        "x = signing.dumps({})",
        "from django.core.signing import loads",
        "rows.filter(at__lt=Now())",
        "rows.filter(at__lt=functions.Now())",
        "cursor.execute('SELECT now ()')",
        "cursor.execute('UPDATE t SET at = CURRENT_TIMESTAMP')",
        "task.apply_async(args=(1,), countdown=5)",
        "task.apply_async(args=(1,), eta=later)",
    ],
)
def test_a_question_to_another_clock_is_found(planted: str) -> None:
    assert asks_the_clock(planted) != []


@pytest.mark.parametrize(
    "allowed",
    [
        "x = clock.now()",
        "made_at = models.DateTimeField(default=clock.now)",
        "x = time.monotonic()",
        "x = director.now - day",
        "made_at = models.DateTimeField(default=mentorship.shared.base.clock.now)",
        "from mentorship.shared.base.clock import now",
        '"""Nothing asks NOW() here."""',
    ],
)
def test_our_own_clock_may_be_asked(allowed: str) -> None:
    assert asks_the_clock(allowed) == []


@pytest.mark.parametrize("planted", ["{% now 'Y' %}", "{{ at|timesince }}"])
def test_a_template_that_asks_is_found(planted: str) -> None:
    assert TAGS.search(planted)
