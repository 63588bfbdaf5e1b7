"""Virtual environments for what is only measured against, made on demand and kept for next time."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

LOCKS = Path(__file__).resolve().parent
BUILT = "built"


def python_of(name: str) -> Path:
    """The Python of an environment that holds exactly what `<name>.lock` beside this file names.

    The first call for a lock needs the network; everything is installed by hash and without
    looking for dependencies. RuntimeError, with the output of pip, when that does not work.
    """
    lock = LOCKS / f"{name}.lock"
    version = "py{}.{}".format(*sys.version_info)
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    folder = cache() / f"{name}-{version}-{digest}"
    python = folder / "bin" / "python"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two benchmarks at once make it once
        if not (folder / BUILT).exists():
            print(f"Installing what {lock.name} names into {folder} ...", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            told([sys.executable, "-m", "venv", str(folder)])
            told([str(python), "-m", "pip", "install", "--quiet", "--no-input", "--no-deps",
                  "--require-hashes", "-r", str(lock)])  # fmt: skip
            (folder / BUILT).touch()
    return python


def packages_of(name: str) -> Path:
    """The folder of that environment's packages, for `sys.path` of a process of the same Python."""
    version = "python{}.{}".format(*sys.version_info)
    return python_of(name).parent.parent / "lib" / version / "site-packages"


def cache() -> Path:
    """Where the environments are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mentorship-benchmarks"


def told(command: list[str]) -> None:
    environment = os.environ | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(  # noqa: S603  the commands above
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}".rstrip())
