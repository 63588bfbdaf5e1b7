"""The engine stands alone, and its checker stands without a solver."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import matching.engine

FOLDER = Path(matching.engine.__file__).parent
ROOT = FOLDER.parents[1]


def loaded(code: str) -> set[str]:
    """The top-level modules that a fresh Python has loaded after `code`."""
    names = "print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; {names}"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_engine_loads_neither_django_nor_celery_nor_another_app() -> None:
    modules = loaded("import matching.engine")
    assert {"matching", "numpy", "scipy"} <= modules
    assert not modules & {"django", "celery", "programs", "feedback", "mentorship"}
    # An extra that need not be installed is loaded only when it solves.
    assert "ortools" not in modules


def test_the_checker_loads_no_solver() -> None:
    # A bare package in place of matching.engine, whose __init__ offers the solver as well.
    bare = (
        "import types; bare = types.ModuleType('matching.engine'); "
        f"bare.__path__ = [{str(FOLDER)!r}]; import matching; "
        "sys.modules['matching.engine'] = bare; import matching.engine.certificate"
    )
    modules = loaded(bare)
    assert "numpy" in modules
    assert "scipy" not in modules


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_the_engine_asks_no_clock_and_no_global_chance(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(node.module)
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
    assert not names & {"time", "datetime", "random", "secrets", "uuid", "os", "threading"}


def test_others_use_only_the_names_of_the_package() -> None:
    assert {
        *("Mentor", "Mentee", "Input", "Policy", "Result", "Pair", "Reason", "Fact", "FACTS"),
        *("PolicyError", "ProblemError", "CertificateError", "Stopped", "Work"),
        *("solve", "check", "reasons", "public", "installed", "State"),
    } <= set(matching.engine.__all__)
    for name in matching.engine.__all__:
        assert getattr(matching.engine, name)
