"""From a fresh clone to a running copy: `bootstrap.py install`, `demo` and `test`.

Standard library only, as nothing is installed yet. No annotations and no f-strings: an old Python
must be able to read this file far enough to say that it is too old.
"""

from __future__ import print_function

import argparse
import errno
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
STAMP = os.path.join(VENV, "bootstrap.json")
BASE_LOCK = "requirements.lock"
DEV_LOCK = "requirements-dev.lock"
OLDEST = (3, 11)

# The demo stands alone: an address left in the shell by another project must not become the place
# where it writes.
NOT_FOR_THE_DEMO = (
    "SECRET_KEY",
    "BASE_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
)


class Stop(Exception):
    """Something only the person at the terminal can change, told in one sentence."""


# --- what may stand in the way ---------------------------------------------------------------


def python_problem(version):
    """The sentence for a Python that is too old, or None."""
    if tuple(version[:2]) >= OLDEST:
        return None
    return (
        "Python {0}.{1} or newer is needed, and this is Python {2}.{3}. "
        "Where a newer one is installed, name it: make demo PYTHON=python{0}.{1}"
    ).format(OLDEST[0], OLDEST[1], version[0], version[1])


def venv_problem():
    """The sentence for a Python that cannot make virtual environments, or None."""
    import importlib.util

    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return None
    return (
        "This Python cannot make a virtual environment: its venv module is not complete. "
        "On Debian: apt install python3-venv"
    )


def port_problem(port):
    """The sentence for a port on which nothing can be served, or None."""
    if not 0 < port < 65536:
        return "Port {0} does not exist; choose one from 1024 to 65535: make demo PORT=8001".format(
            port
        )
    error = _cannot_listen(port)
    if error is None:
        return None
    free = next((p for p in range(port + 1, 65536) if p > 1023 and not _cannot_listen(p)), 8001)
    reason = "is taken" if error == errno.EADDRINUSE else "is not ours to use"
    return "Port {0} {1}; choose another one: make demo PORT={2}".format(port, reason, free)


def _cannot_listen(port):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":
            # As the server does: a port that is only cooling down after Ctrl-C is free.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(1)
    except OSError as error:
        return error.errno
    finally:
        listener.close()
    return None


# --- the virtual environment -----------------------------------------------------------------


def install(dev=False):
    """Make `.venv` what the lock says; quick when it already is."""
    turn = _wait_for_turn()
    try:
        lock = DEV_LOCK if dev else BASE_LOCK
        done = _read_stamp()
        digests = {name: _digest(name) for name in (BASE_LOCK, DEV_LOCK)}
        if _venv_works() and done.get(lock) == digests[lock]:
            return
        started = time.time()
        # What is half done must not look done, so the stamp goes first and comes back last.
        half_done = "working" in done
        tools = ["uv", "pip"] if shutil.which("uv") else ["pip"]
        for tool in tools:
            if half_done or not _venv_works() or (tool == "pip" and not _venv_has_pip()):
                _make_venv(tool)
            _write_stamp({"working": True})
            print("Installing what {0} names with {1} ...".format(lock, tool))
            sys.stdout.flush()
            if subprocess.call(_install_command(tool, lock), cwd=ROOT, env=_environment()) == 0:
                break
            half_done = True
        else:
            raise Stop(
                "The packages could not be installed; the lines above say why. "
                "The first set-up needs the network, later starts do not."
            )
        # The development lock contains the other one.
        _write_stamp(digests if dev else {BASE_LOCK: digests[BASE_LOCK]})
        print("Installed in {0:.0f} s.".format(time.time() - started))
    finally:
        if turn is not None:
            os.close(turn)


def _wait_for_turn():
    """Two terminals may set up at once; the second one waits and then finds the work done."""
    try:
        import fcntl
    except ImportError:  # Windows has none; there it is the person's own care
        return None
    folder = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    return folder


def _venv_works():
    question = "import sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    try:
        return subprocess.call([PYTHON, "-c", question], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def _venv_has_pip():
    command = [PYTHON, "-m", "pip", "--version"]
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def _make_venv(tool):
    if tool == "pip":
        problem = venv_problem()
        if problem:
            raise Stop(problem)
    if os.path.lexists(VENV):
        print("Making .venv anew: the one here is not complete ...")
        if os.path.islink(VENV) or not os.path.isdir(VENV):
            os.remove(VENV)
        else:
            shutil.rmtree(VENV)
    else:
        print("Making .venv ...")
    sys.stdout.flush()
    # Not sys.executable: that may be the .venv just removed.
    python = getattr(sys, "_base_executable", None) or sys.executable
    if tool == "uv":
        command = ["uv", "venv", "--quiet", "--python", python, VENV]
    else:
        command = [python, "-m", "venv", VENV]
    if subprocess.call(command, cwd=ROOT, env=_environment()) != 0 and tool == "pip":
        raise Stop("The virtual environment could not be made; the lines above say why.")


def _install_command(tool, lock):
    if tool == "uv":
        start = ["uv", "pip", "install", "--quiet", "--python", PYTHON]
    else:
        # Compiling every file at once is most of pip's time; Python compiles what it imports.
        start = [PYTHON, "-m", "pip", "install", "-qq", "--no-input", "--no-compile"]
        start.append("--disable-pip-version-check")
    return start + ["--require-hashes", "-r", os.path.join(ROOT, lock)]


def _environment():
    environment = dict(os.environ)
    environment["UV_PYTHON_DOWNLOADS"] = "never"  # the person's own Python or none
    environment["PIP_USER"] = "0"  # a personal pip setting that no .venv survives
    environment.pop("PYTHONHOME", None)
    return environment


def _digest(name):
    with open(os.path.join(ROOT, name), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _read_stamp():
    try:
        with open(STAMP) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def _write_stamp(content):
    if not os.path.isdir(VENV):
        return  # uv could not make it; pip is next
    with open(STAMP, "w") as file:
        json.dump(content, file)


def _where(error):
    # While a folder is removed the name is one inside it, which tells nobody anything.
    name = error.filename
    return name if isinstance(name, str) and os.path.isabs(name) else VENV


# --- the commands ----------------------------------------------------------------------------


def become(command, environment):
    """Hand this terminal over, so that Ctrl-C and the exit code are the command's own."""
    sys.stdout.flush()
    os.chdir(ROOT)
    if os.name == "nt":
        sys.exit(subprocess.call(command, env=environment))
    os.execve(command[0], command, environment)


def demo(port, extra):
    if "--no-serve" not in extra:
        problem = port_problem(port)  # before the long work, not after it
        if problem:
            raise Stop(problem)
    install()
    environment = {k: v for k, v in _environment().items() if k not in NOT_FOR_THE_DEMO}
    environment["DJANGO_SETTINGS_MODULE"] = "mentorship.settings.embedded"
    environment["PORT"] = str(port)
    become([PYTHON, "manage.py", "demo", "--port", str(port)] + extra, environment)


def test(extra):
    install(dev=True)
    become([PYTHON, "-m", "pytest"] + extra, _environment())


def main(arguments):
    parser = argparse.ArgumentParser(prog="bootstrap.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    installing = commands.add_parser("install", help="make .venv what the lock says")
    installing.add_argument("--dev", action="store_true", help="with the developers' tools")
    showing = commands.add_parser("demo", help="set up and run the demo (install comes first)")
    showing.add_argument("--port", type=int, default=8000)
    commands.add_parser("test", help="run the tests; what follows goes to pytest", add_help=False)

    known, extra = parser.parse_known_args(arguments)
    try:
        problem = python_problem(sys.version_info)
        if problem:
            raise Stop(problem)
        if known.command == "demo":
            demo(known.port, extra)
        elif known.command == "test":
            test(extra)
        elif known.command == "install" and not extra:
            install(dev=known.dev)
        else:
            parser.error("say install, demo or test" if not extra else "unknown: " + extra[0])
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC):
            raise
        print(
            "Cannot write {0}: {1}. Put the clone where you may write and there is room.".format(
                _where(error), error.strerror
            ),
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
