"""What a stranger's first minute depends on: locks, the compose file, and bootstrap's sentences."""

import ast
import importlib.util
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.lock", "requirements-solver.lock", "requirements-dev.lock"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRA = PROJECT["project"]["optional-dependencies"]["solver"]
EXTRA_LOCK = "requirements-solver.lock"
# What benchmarks only measure against, installed outside the repository.
PEERS = ["benchmarks/peers/lapx.lock", "benchmarks/peers/mentor-match.lock"]
TOOLS = Path(sys.executable).parent


def pins(lock):
    """Name → version of everything a lock names."""
    named = r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;]+)"
    return dict(re.findall(named, (ROOT / lock).read_text(), re.MULTILINE))


def normal(requirement):
    return re.split(r"[\[<>=~! ;]", requirement)[0].lower().replace("_", "-").replace(".", "-")


# --- locks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", LOCKS + PEERS)
def test_a_lock_names_no_host(lock):
    lines = (ROOT / lock).read_text().splitlines()
    named = [
        line
        for line in lines
        if "://" in line or re.match(r"\s*(-i|--index|--extra-index|--find-links|-f) ?", line)
    ]
    assert named == []


@pytest.mark.parametrize("lock", LOCKS + PEERS)
def test_everything_in_a_lock_has_a_hash(lock):
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text(), flags=re.MULTILINE)
    assert [e.split()[0] for e in entries if "==" in e and "--hash=sha256:" not in e] == []
    assert pins(lock)


def test_the_locks_agree_and_each_holds_the_one_before_it():
    for smaller, larger in itertools.pairwise(LOCKS):
        assert pins(smaller).items() <= pins(larger).items()


def test_every_dependency_stands_in_the_lock():
    wanted = {normal(r) for r in PROJECT["project"]["dependencies"]}
    assert wanted - set(pins("requirements.lock")) == set()
    wanted |= {normal(r) for r in EXTRA}
    assert wanted - set(pins("requirements-solver.lock")) == set()
    wanted = {normal(r) for r in PROJECT["dependency-groups"]["dev"]}
    assert wanted - set(pins("requirements-dev.lock")) == set()


def test_the_second_solver_is_a_choice_in_production_and_none_in_the_tests():
    assert set(map(normal, EXTRA)) & set(pins("requirements.lock")) == set()
    assert set(EXTRA) <= set(PROJECT["dependency-groups"]["dev"])


def test_every_dependency_says_what_it_earns():
    lines = ["", *(line.strip() for line in (ROOT / "pyproject.toml").read_text().splitlines())]
    for wanted in (PROJECT["project"]["dependencies"], EXTRA, PROJECT["dependency-groups"]["dev"]):
        for requirement in wanted:
            places = [n for n, line in enumerate(lines) if line == f'"{requirement}",']
            assert places, requirement
            assert [lines[n] for n in places if not lines[n - 1].startswith("# ")] == []


# --- containers ------------------------------------------------------------------------------


def test_the_compose_file_is_valid():
    command = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, ROOT / "docker-compose.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_holds_every_package_of_ours():
    lines = (ROOT / "Dockerfile").read_text()
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
    packages.remove("tests")
    assert packages
    assert [name for name in packages if f"COPY {name} ./{name}\n" not in lines] == []
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert [name for name in packages if f"!{name}" not in ignored] == []


def test_the_image_is_built_from_hashes_with_the_second_solver_or_without():
    lines = (ROOT / "Dockerfile").read_text()
    assert "ARG PACKAGES=requirements.lock\n" in lines
    assert "pip install --no-cache-dir --require-hashes -r /packages.lock " in lines
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert [n for n in LOCKS if f"!{n}" in ignored] == ["requirements.lock", EXTRA_LOCK]
    assert 'PACKAGES: "${PACKAGES:-requirements.lock}"' in (ROOT / "docker-compose.yml").read_text()


# --- bootstrap -------------------------------------------------------------------------------


@pytest.fixture
def bootstrap():
    path = ROOT / "scripts" / "bootstrap.py"
    spec = importlib.util.spec_from_file_location("bootstrap", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path):
    """A clone whose locks name nothing and whose demo only says how it was called."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "bootstrap.py", tmp_path / "scripts")
    for lock in LOCKS:
        (tmp_path / lock).write_text("# nothing\n")
    (tmp_path / "manage.py").write_text(
        "import json, os, sys\n"
        "print(json.dumps([sys.prefix, sys.argv[1:], os.environ.get('DATABASE_URL')]))\n"
        "sys.exit(7)\n"
    )
    return tmp_path


def run(clone, *arguments, **environment):
    return subprocess.run(
        [sys.executable, clone / "scripts" / "bootstrap.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
        timeout=120,
    )


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13)])
def test_an_old_python_is_told_in_one_sentence(bootstrap, monkeypatch, capsys, version):
    monkeypatch.setattr(bootstrap.sys, "version_info", version)
    assert bootstrap.main(["demo"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"Python 3.11 or newer is needed, and this is Python {version[0]}.{version[1]}. "
        "Where a newer one is installed, name it: make demo PYTHON=python3.11"
    ]


def test_an_old_python_can_read_bootstrap_at_all():
    tree = ast.parse((ROOT / "scripts" / "bootstrap.py").read_bytes().decode("ascii"))
    too_new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match, ast.AsyncFunctionDef)
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, too_new)] == []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.args, *node.args.kwonlyargs]
            assert node.returns is None
            assert [a.arg for a in arguments if a.annotation] == []
            assert node.args.kwonlyargs == []


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_which_package_to_install(bootstrap, monkeypatch, module):
    assert bootstrap.venv_problem() is None
    monkeypatch.setitem(sys.modules, module, None)  # as Debian's Python is without python3-venv
    assert "apt install python3-venv" in bootstrap.venv_problem()


def test_a_taken_port_is_told_before_the_long_work(clone):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        port = listener.getsockname()[1]
        done = run(clone, "demo", "--port", str(port))
    assert done.returncode == 1
    assert re.fullmatch(
        rf"Port {port} is taken; choose another one: make demo PORT=\d+\n", done.stderr
    )
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_port_that_does_not_exist_is_told(clone, port):
    done = run(clone, "demo", "--port", port)
    assert done.returncode == 1
    assert f"Port {port} does not exist" in done.stderr


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_folder_one_may_not_write_to_is_told(clone):
    clone.chmod(0o555)
    done = run(clone, "install")
    clone.chmod(0o755)
    assert done.returncode == 1
    assert "Put the clone where you may write" in done.stderr.splitlines()[-1]


def test_the_demo_sets_up_once_and_hands_over(clone):
    """First start makes .venv, the second finds it, a broken one is made anew."""
    port = free_port()
    first = run(clone, "demo", "--port", str(port), "--again", DATABASE_URL="sqlite:///other.db")
    assert first.returncode == 7, first.stderr  # manage.py's own code
    prefix, arguments, database = json.loads(first.stdout.splitlines()[-1])
    assert Path(prefix) == clone / ".venv"
    assert arguments == ["demo", "--port", str(port), "--again"]
    assert database is None  # an address of another project does not reach the demo
    assert "Installed in" in first.stdout

    second = run(clone, "demo", "--port", str(port))
    assert (second.returncode, len(second.stdout.splitlines())) == (7, 1)

    (clone / "requirements.lock").write_text("# nothing, but another nothing\n")
    third = run(clone, "install")
    assert "Installed in" in third.stdout
    assert "anew" not in third.stdout

    for python in (clone / ".venv").glob("bin/python*"):
        python.unlink()
    fourth = run(clone, "demo", "--port", str(port))
    assert fourth.returncode == 7, fourth.stderr
    assert "Making .venv anew" in fourth.stdout


def test_an_interrupted_install_starts_from_nothing(clone):
    assert run(clone, "install").returncode == 0
    (clone / ".venv" / "bootstrap.json").write_text('{"working": true}')
    (clone / ".venv" / "half-installed").touch()
    assert "Making .venv anew" in run(clone, "install").stdout
    assert not (clone / ".venv" / "half-installed").exists()


def test_what_cannot_be_installed_ends_in_one_sentence(clone):
    (clone / "requirements.lock").write_text("a-package-without-a-hash==1.0\n")
    done = run(clone, "install", PIP_NO_INDEX="1", UV_NO_INDEX="1", UV_OFFLINE="1")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("The packages could not be installed")
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_an_error(clone):
    assert run(clone).returncode == 2
    assert run(clone, "install", "--everything").returncode == 2
