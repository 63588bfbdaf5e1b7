"""What is declared is used, and what is used is declared.

Notices, templates, settings, verbs of the audit log, tasks.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template
from django.utils.translation import override

from mentorship.celery import app
from mentorship.shared.audit import verbs
from mentorship.shared.notifications import registry
from mentorship.shared.notifications.registry import Category, Notice
from programs.models import Application
from tests.house.world import World

ROOT = Path(__file__).parents[2]
CODE = [
    path
    for package in ("mentorship", "programs", "matching", "feedback")
    for path in sorted((ROOT / package).rglob("*.py"))
]
NOTICES = registry.declared()


# --- Notices --------------------------------------------------------------------------------------


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.kind)
def test_a_notice_has_both_templates_a_label_and_a_category(notice: type[Notice]) -> None:
    for ending in ("txt", "html"):
        assert get_template(f"emails/{notice.kind}.{ending}")
    assert str(notice.label).strip()
    assert notice.category in Category


@pytest.mark.django_db
@pytest.mark.parametrize("category", sorted({notice.category for notice in NOTICES}))
def test_a_category_can_be_chosen_on_the_preferences_page(world: World, category: str) -> None:
    page = world.ask("mentee", "GET", "/profile/mail/").text
    assert f'name="{category}"' in page
    assert str(Category(category).label) in page


def test_every_notice_class_is_declared() -> None:
    def below(notice: type[Notice]) -> Iterator[type[Notice]]:
        for child in notice.__subclasses__():
            yield child
            yield from below(child)

    ours = {n for n in below(Notice) if n.__module__.split(".")[0] != "tests"}
    assert {notice for notice in ours if "kind" in vars(notice)} == set(NOTICES)


# --- Templates ------------------------------------------------------------------------------------

TEMPLATES = {
    path.relative_to(ROOT / "templates").as_posix(): path
    for path in (ROOT / "templates").rglob("*")
    if path.is_file()
}
# What Django itself looks for by name.
BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}


def unused(templates: dict[str, Path], code: list[str]) -> set[str]:
    """Templates that no code and no other template names, and that override no library's."""
    named: set[str] = set()
    for source in code:
        named |= {
            node.value
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    for name, path in templates.items():
        inside = set(re.findall(r"""["']([\w/.-]+\.(?:html|txt))["']""", path.read_text()))
        named |= inside - {name}
    named |= {f"emails/{n.kind}.{ending}" for n in NOTICES for ending in ("txt", "html")}
    return {name for name in templates if name not in named | BY_DJANGO and not _overrides(name)}


def _overrides(name: str) -> bool:
    folders = [Path(folder) for folder in engines["django"].template_dirs]
    return any((f / name).is_file() for f in folders if f != ROOT / "templates")


def test_every_template_is_used() -> None:
    assert unused(TEMPLATES, [path.read_text() for path in CODE]) == set()


def test_a_template_nobody_uses_is_found() -> None:
    planted = {"desk/forgotten.html": TEMPLATES["404.html"]}
    found = unused(TEMPLATES | planted, [path.read_text() for path in CODE])
    assert found == {"desk/forgotten.html"}


# --- Settings -------------------------------------------------------------------------------------


def read_from_environment(source: str) -> set[str]:
    """The variables that calls such as env.str("NAME") read."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_setting_stands_in_the_example_and_nothing_else() -> None:
    files = [ROOT / "mentorship/settings" / name for name in ("base.py", "providers.py")]
    read = set().union(*(read_from_environment(file.read_text()) for file in files))
    told = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))
    compose = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert read - told == set(), "read, and not in .env.example"
    assert told - read - compose == set(), "in .env.example, and read by nobody"
    assert len(read) > 10


def test_every_line_of_the_example_says_what_it_means() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    bare = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if re.match(r"#?[A-Z][A-Z0-9_]+=", line) and not re.match(r"# \w", before)
    ]
    assert bare == []


# --- The audit log --------------------------------------------------------------------------------

# A verb made of a status: what may stand in its place.
MADE = {
    "application.": Application.DECIDED,
    "introduction.": ("declined", "lapsed", "withdrawn"),
}


def verbs_used(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "verb":
            yield from _verbs(node.value, constants)


def _verbs(node: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(verb)):
            yield verb
        case ast.Name(id="verb"):
            return  # handed on; whoever calls names it
        case ast.Name(id=name) if name in constants:
            yield from _verbs(constants[name], constants)
        case ast.JoinedStr(values=[ast.Constant(value=str(stem)), ast.FormattedValue()]):
            yield from (f"{stem}{end}" for end in MADE[stem])
        case _:
            raise AssertionError(f"which verb is {ast.unparse(node)}?")


def test_the_verbs_in_use_are_the_verbs_declared() -> None:
    callers = [path for path in CODE if "audit" not in path.parts]
    used = {verb for path in callers for verb in verbs_used(path.read_text())}
    assert used == verbs.declared()


@pytest.mark.parametrize("verb", sorted(verbs.declared()))
def test_a_verb_is_a_noun_and_a_participle(verb: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+", verb)
    with override("en"):
        assert verbs.sentence_of(verb).strip()


# --- Tasks ----------------------------------------------------------------------------------------

app.loader.import_default_modules()
OURS = {
    name: task
    for name, task in app.tasks.items()
    if name.split(".")[0] in {"mentorship", "programs", "matching", "feedback"}
}


@pytest.mark.parametrize("entry", sorted(app.conf.beat_schedule))
def test_beat_starts_a_sweep_that_expires(entry: str) -> None:
    told = app.conf.beat_schedule[entry]
    assert told["task"] in OURS
    assert inspect.signature(OURS[told["task"]].run).parameters == {}
    assert 0 < told["options"]["expires"] <= max(60, 5 * told["schedule"])


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_task_sweeps_or_takes_one_id(name: str) -> None:
    parameters = list(inspect.signature(OURS[name].run).parameters)
    swept = {entry["task"] for entry in app.conf.beat_schedule.values()}
    if name in swept:
        assert parameters == []
    else:
        assert len(parameters) == 1
        assert parameters[0].endswith("_id")
