"""Measuring so that a ratio means something; the parts that benchmarks share.

- **CPU seconds, not wall seconds.** `alternate` takes `time.process_time`, which counts all threads
  of this process and nothing of the others on the machine.
- **In turns.** Contenders run A, B, A, B, ... in one process, so that a slow minute of the machine
  hits them alike; `ratio` compares them turn by turn.
- **One BLAS thread.** A library reads how many threads it may use when it is loaded, which is
  before any line of a benchmark's `main` runs. So `main` begins with `one_thread()`: it starts the
  same command again with the variables in `ONE_THREAD` set, and does nothing when they are.
  `machine` then asks the loaded library itself how many it uses.
- **Memory in a process of its own.** `peak_of` runs a contender in a fresh Python. Its peak is the
  kernel's VmHWM: `ru_maxrss` would not do, as Linux lets a child start with its parent's peak.

A benchmark:

    def main() -> int:
        one_thread()
        introduce(seed=SEED)
        timings = alternate({"ours": ours, "theirs": theirs}, repeats=5)
        ...
        return finish("name", SEED, rows, missed)

is started from the root of the repository with `.venv/bin/python -m benchmarks.<name>`.
"""

import contextlib
import ctypes
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
PACKAGES = ("numpy", "scipy", "ortools", "lapx")

T = TypeVar("T")

# --- CPU -------------------------------------------------------------------------------------


class Timing(NamedTuple, Generic[T]):
    """What `alternate` saw of one contender: seconds of CPU, and what its last run returned."""

    median: float
    values: tuple[float, ...]
    result: T


def one_thread() -> None:
    """Start this command anew with one BLAS thread, unless it was started so. First in `main`."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        sys.stdout.flush()
        command = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, command, os.environ | ONE_THREAD)  # noqa: S606  this very command


def alternate(contenders: Mapping[str, Callable[[], T]], repeats: int) -> dict[str, Timing[T]]:
    """Run every contender `repeats` times, one after the other and round again; by name.

    What one of them leaves to the garbage collector is collected before the next one's clock
    starts. Nothing is left out: the first values hold what only a first run pays.
    """
    if repeats < 1:
        raise ValueError("A contender must run at least once.")
    values: dict[str, list[float]] = {name: [] for name in contenders}
    results: dict[str, T] = {}
    for _ in range(repeats):
        for name, contender in contenders.items():
            results.pop(name, None)
            gc.collect()
            began = time.process_time()
            results[name] = contender()
            values[name].append(time.process_time() - began)
    return {
        name: Timing(statistics.median(taken), tuple(taken), results[name])
        for name, taken in values.items()
    }


def ratio(ours: Timing[Any], theirs: Timing[Any]) -> float:
    """How many times the CPU of `theirs` ours takes: the median over the turns they shared."""
    return statistics.median(a / b for a, b in zip(ours.values, theirs.values, strict=True))


# --- memory ----------------------------------------------------------------------------------


class Peak(NamedTuple):
    """What `peak_of` saw: the result, MiB at the peak and before the work, seconds of CPU."""

    result: Any
    peak_mib: float
    cpu: float
    baseline_mib: float


class Start(NamedTuple):
    """Where a measurement begins: seconds of CPU so far, and MiB held."""

    cpu: float
    mib: float


_start = Start(0.0, 0.0)


def peak_of(function: Callable[..., Any], *arguments: Any) -> Peak:
    """Run a function of a module in a fresh Python with one BLAS thread, and measure that process.

    Arguments and result go through JSON. The measurement begins when the function's module and all
    it imports are loaded, or later, where the function calls `measure_from_here`: memory held then
    is `baseline_mib` and part of `peak_mib`. RuntimeError, with what it said, when it fails.
    """
    where = function.__module__
    if where == "__main__":  # the benchmark itself, which the child imports by its name
        spec = sys.modules["__main__"].__spec__
        if spec is None:
            raise RuntimeError("Start the benchmark with -m benchmarks.<name>.")
        where = spec.name
    command = [sys.executable, "-m", "benchmarks.child", f"{where}:{function.__qualname__}"]
    done = subprocess.run(  # noqa: S603  a function of ours
        [*command, json.dumps(arguments)],
        cwd=ROOT,
        env=os.environ | ONE_THREAD,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[-1]} ended with {done.returncode}:\n{done.stderr}")
    return Peak(**json.loads(done.stdout.splitlines()[-1]))


def measure_from_here() -> None:
    """Begin the measurement anew: the data is made, now comes the work. Does nothing elsewhere."""
    global _start
    gc.collect()
    with contextlib.suppress(OSError):  # then the peak so far stays in, as it would without
        Path("/proc/self/clear_refs").write_text("5")
    _start = Start(time.process_time(), memory_mib("VmRSS"))


def measured() -> dict[str, float]:
    """Since `measure_from_here`: `peak_mib`, `baseline_mib`, `cpu`."""
    cpu = time.process_time() - _start.cpu
    return {"peak_mib": memory_mib("VmHWM"), "baseline_mib": _start.mib, "cpu": cpu}


def memory_mib(what: str) -> float:
    """VmRSS (held now) or VmHWM (the most ever held) of this process in MiB, from the kernel."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"This system does not tell {what}.")


# --- what is told ----------------------------------------------------------------------------


def machine() -> dict[str, Any]:
    """What the figures depend on; a package that is not installed is None."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": processor(),
        "python": platform.python_version(),
        **{name: installed(name) for name in PACKAGES},
        "blas": f"{blas['name']} {blas['version']}",
        "blas_kernel": ask_blas("get_corename", ctypes.c_char_p),
        "blas_threads": ask_blas("get_num_threads", ctypes.c_int),
    }


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def ask_blas(question: str, answer: type) -> Any:
    """What numpy's own OpenBLAS says of itself; None for another library."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        path = line.split()[-1]
        if "openblas" in path and "numpy" in path:
            library = ctypes.CDLL(path)
            for name in (f"scipy_openblas_{question}64_", f"openblas_{question}"):
                if hasattr(library, name):
                    ask = getattr(library, name)
                    ask.restype = answer
                    told = ask()
                    return told.decode() if isinstance(told, bytes) else told
    return None


def introduce(seed: int, **more: object) -> None:
    """Print the machine and the seed, before anything is measured."""
    facts = machine() | {"seed": seed} | more
    print(", ".join(f"{name} {value}" for name, value in facts.items() if value is not None))
    if facts["blas_threads"] not in (None, 1):
        raise RuntimeError("BLAS would use more than one thread; begin main with one_thread().")


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows under the keys of the first one, in columns; numbers to the right."""
    head = list(rows[0])
    cells = [head, *([shown(row.get(name)) for name in head] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(head))]
    number = [any(isinstance(row.get(name), int | float) for row in rows) for name in head]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, number, strict=True)
        ).rstrip()
        for line in cells
    )


def shown(value: object) -> str:
    """A number to three digits that count, whole ones in full; "-" for None."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def finish(name: str, seed: int, results: object, missed: Sequence[str] = ()) -> int:
    """Print the missed bounds and, last, everything as one line of JSON; the exit code."""
    for bound in missed:
        print(f"MISSED: {bound}")
    print(
        json.dumps(
            {
                "benchmark": name,
                "seed": seed,
                "machine": machine(),
                "missed": list(missed),
                "results": results,
            }
        )
    )
    return 1 if missed else 0
