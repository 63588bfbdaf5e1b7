"""The measuring itself: turns, ratios, fresh processes, and the line that machines read."""

import json
import os
import subprocess
import sys
import time

import pytest

from benchmarks import harness

MIB = 2**20


def burn(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def hold(mib: int) -> int:
    """Runs in a process of its own: some memory that is data, and some that is the work."""
    data = b"x" * (32 * MIB)
    harness.measure_from_here()
    burn(0.05)
    return len(data) // MIB + len(b"y" * (mib * MIB)) // MIB


def fail() -> None:
    raise ValueError("no such luck")


# --- CPU -------------------------------------------------------------------------------------


def test_contenders_take_turns_and_each_keeps_its_last_result() -> None:
    turns: list[str] = []

    def contender(name: str) -> int:
        turns.append(name)
        return len(turns)

    timings = harness.alternate({"a": lambda: contender("a"), "b": lambda: contender("b")}, 3)
    assert turns == ["a", "b", "a", "b", "a", "b"]
    assert [len(timing.values) for timing in timings.values()] == [3, 3]
    assert {name: timing.result for name, timing in timings.items()} == {"a": 5, "b": 6}


def test_what_counts_is_cpu_and_not_waiting() -> None:
    timings = harness.alternate({"busy": lambda: burn(0.03), "idle": lambda: time.sleep(0.03)}, 3)
    assert timings["busy"].median >= 0.03 > 0.02 > timings["idle"].median
    assert timings["busy"].median in timings["busy"].values


def test_nothing_is_measured_from_no_run() -> None:
    with pytest.raises(ValueError, match="at least once"):
        harness.alternate({"a": int}, 0)


def test_a_ratio_compares_turn_by_turn() -> None:
    ours = harness.Timing(2.0, (1.0, 2.0, 30.0), None)
    theirs = harness.Timing(4.0, (2.0, 4.0, 40.0), None)
    assert harness.ratio(ours, theirs) == 0.5


def test_one_thread_starts_the_same_command_again_with_the_variables() -> None:
    code = "from benchmarks.harness import *; one_thread(); print(machine()['blas_threads'])"
    environment = {k: v for k, v in os.environ.items() if k not in harness.ONE_THREAD}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=harness.ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout in ("1\n", "None\n")  # None: a BLAS that does not tell


# --- memory ----------------------------------------------------------------------------------


def test_a_peak_is_the_childs_own_and_tells_the_work_from_the_data() -> None:
    ours = b"z" * (400 * MIB)  # Linux would hand this on as the child's `ru_maxrss`
    peak = harness.peak_of(hold, 64)
    assert peak.result == 96
    assert len(ours) // MIB - 100 > peak.peak_mib > peak.baseline_mib > 32
    assert 60 < peak.peak_mib - peak.baseline_mib < 80
    assert 0.05 <= peak.cpu < 0.5


def test_a_contender_that_fails_says_so() -> None:
    with pytest.raises(RuntimeError, match="no such luck"):
        harness.peak_of(fail)


# --- what is told ----------------------------------------------------------------------------


def test_a_table_has_the_first_rows_columns_and_numbers_to_the_right() -> None:
    rows = [{"solver": "scipy", "cpu": 0.12345, "pairs": 1_234_567}, {"solver": "x", "cpu": 250.4}]
    assert harness.table(rows).splitlines() == [
        "solver    cpu      pairs",
        "scipy   0.123  1,234,567",
        "x         250          -",
    ]


@pytest.mark.parametrize("missed", [[], ["<= 0.5x of SciPy, was 0.6x"]])
def test_the_last_line_is_json_and_a_missed_bound_is_the_exit_code(
    capsys: pytest.CaptureFixture[str], missed: list[str]
) -> None:
    assert harness.finish("dense", 7, [{"cpu": 1.5}], missed) == len(missed)
    *before, last = capsys.readouterr().out.splitlines()
    assert before == [f"MISSED: {bound}" for bound in missed]
    told = json.loads(last)
    assert (told["benchmark"], told["seed"], told["missed"]) == ("dense", 7, missed)
    assert told["results"] == [{"cpu": 1.5}]
    machine = {"cores", "python", "numpy", "scipy", "ortools", "lapx", "blas", "blas_threads"}
    assert machine <= set(told["machine"])
