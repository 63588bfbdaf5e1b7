"""`manage.py demo` as a person runs it: a process of its own, in a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Enough that a loaded machine does not fail the test; a quiet one needs a tenth.
PATIENCE = 90


@pytest.fixture
def environment(tmp_path):
    """The demo's own environment, whatever this shell has set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "mentorship.settings.embedded",
        "DATA_DIR": str(tmp_path),
    }


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _manage(environment, *arguments, check=True):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=check, capture_output=True, text=True
    )


def _until(ask, what):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if (answer := ask()) is not None:
                return answer
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"waited in vain: {what}")


def _get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def test_a_taken_port_is_told_before_anything_is_made(environment, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _manage(environment, "demo", "--port", str(port), check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (f"CommandError: Port {port} is taken; choose another one with --port.\n")
    assert not (tmp_path / "demo.sqlite3").exists()


def test_a_port_that_does_not_exist_is_told(environment):
    done = _manage(environment, "demo", "--port", "70000", check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "CommandError: Port 70000 cannot be used; choose another one with --port.\n"
    )


@pytest.mark.slow
def test_one_process_serves_works_and_keeps_time(environment, port, tmp_path):
    _manage(environment, "migrate", "--verbosity", "0")
    _manage(environment, "seed", "applications-open")
    with open(tmp_path / "output", "w") as output:
        demo = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        assert _until(lambda: _get(port, "/healthz"), "the first page") == "ok"
        assert f"http://localhost:{port}" in (tmp_path / "output").read_text()
        assert "coordinator" in _get(port, "/demo/").lower()

        # another process queues a mail; the beat inside the demo finds it, the worker sends it
        _manage(environment, "shell", "--command", WAITLIST_SOMEBODY)
        _until(lambda: _mail_in(tmp_path), "the mail")
        ready = json.loads(_get(port, "/readyz"))
        assert ready.pop("sweep_seconds") < 30
        assert ready == {"status": "ok", "database": "ok", "broker": "ok"}
        assert "waiting list" in _get(port, "/outbox/")

        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=PATIENCE) == 0
    finally:
        demo.kill()
    told = (tmp_path / "output").read_text()
    assert told.splitlines()[-1].startswith("Stopped.")
    assert not any(word in told for word in ("Traceback", "Warning", "WARNING", "GET /"))


WAITLIST_SOMEBODY = """
from programs.actions import applications
from programs.models import Application, Membership
by = Membership.objects.get(role="coordinator").user
applications.waitlist(Application.objects.waiting().first(), by=by)
"""


def _mail_in(folder):
    return next((folder / "mail").glob("*.eml"), None)


@pytest.mark.slow
def test_sigterm_stops_it_as_cleanly(environment, port, tmp_path):
    _manage(environment, "migrate", "--verbosity", "0")
    _manage(environment, "seed", "empty")
    command = [sys.executable, "manage.py", "demo", "--port", str(port)]
    demo = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        _until(lambda: _get(port, "/readyz"), "the first page")
        demo.send_signal(signal.SIGTERM)
        output, _errors = demo.communicate(timeout=PATIENCE)
        assert demo.returncode == 0
        assert output.splitlines()[-1].startswith("Stopped.")
    finally:
        demo.kill()


def test_without_serving_the_last_line_is_for_machines(environment):
    _manage(environment, "migrate", "--verbosity", "0")
    _manage(environment, "seed", "empty")
    done = _manage(environment, "demo", "--no-serve", "--port", "8999")
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["address"] == "http://localhost:8999"
    assert (told["matched"], told["gap"], told["checkins_planned"]) == (0, 0, 0)
    assert told["logins"][0] == {
        "email": "nora.lindqvist@example.org",
        "password": "mentorship-demo",
        "role": "coordinator",
    }


def test_a_stranger_stops_the_demo(environment):
    _manage(environment, "migrate", "--verbosity", "0")
    add = "from programs.models import User; User.objects.create_user('a@b.example', name='A')"
    _manage(environment, "shell", "--command", add)
    done = _manage(environment, "demo", "--no-serve", check=False)
    assert done.returncode == 1
    assert "people whom the demo did not make (1)" in done.stderr
