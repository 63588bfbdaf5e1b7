"""The matching engine: how fast, in how much memory, against what is usual and what is promised.

    .venv/bin/python -m benchmarks.matching            all but the two below, about ten minutes
    .venv/bin/python -m benchmarks.matching --quick    the same rows on small markets, two minutes
    .venv/bin/python -m benchmarks.matching --peer     and mentor-match's own job
    .venv/bin/python -m benchmarks.matching --huge     and 100,000 x 40,000, ten minutes more

Prints the runs of each section, then every figure beside the bound that was promised for it. Its
exit code is other than 0 when two contenders find different values or a proof does not hold, never
for a bound of speed or memory that is missed. README.md says what the rows mean.
"""

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import stored
from benchmarks.dense import lapx, lapx_dense, scipy_dense
from benchmarks.edits import compare_edits, compare_stored_edits
from benchmarks.figures import Report, least, most
from benchmarks.harness import (
    Timing,
    alternate,
    finish,
    introduce,
    measure_from_here,
    measured,
    one_thread,
    peak_of,
    ratio,
)
from benchmarks.markets import FEATURES, LOOSE, SEED, TIGHT, Floats, Market, clustered, developers
from benchmarks.peers import mentor_match, same_job
from matching.engine import CertificateError, Input, Result, Work, breakdown, installed
from matching.engine.certificate import check_problem
from matching.engine.passes import over
from matching.engine.policy import FAIR_FLOOR, MOST_MENTEES, STABLE
from matching.engine.scoring import Problem
from matching.engine.solving import solve_problem

ROWS: Final = 512
"""Rows of a block of the sgemm; more would not make it faster by a tenth."""

EDITS: Final = 5
"""Edits of each kind."""

BLOCKS: Final = 20
"""Blocks from which the sgemm of a market larger than that is extrapolated."""


class Size(NamedTuple):
    """A clustered market to be measured on; `turns` of all contenders, without `too_slow` ones."""

    mentees: int
    mentors: int
    seats: float = TIGHT
    turns: int = 3
    too_slow: tuple[str, ...] = ()

    def __str__(self) -> str:
        kind = {TIGHT: "tight", LOOSE: "loose"}[self.seats]
        return f"{self.mentees:,} x {self.mentors:,} {kind}"

    def market(self) -> Market:
        return clustered(self.mentees, self.mentors, self.seats)


class Plan(NamedTuple):
    """The markets that each section is measured on."""

    whole: tuple[Size, ...]
    passes: Size
    growth: tuple[Size, ...]
    people: tuple[tuple[int, int], ...]
    parts: Size
    edits: tuple[int, int]
    stored_edits: tuple[int, int]
    jobs: tuple[int, ...]
    job_turns: int


LAPX: Final = "lapx lapjvs"
PROMISED: Final = Size(10_000, 5_000, turns=2)
# Where seats are plenty lapx takes 8 times as long as SciPy at 2,000 x 1,000, and here over 30.
PROMISED_LOOSE: Final = Size(10_000, 5_000, LOOSE, too_slow=(LAPX,))
GROWN_FROM, GROWN_TO = Size(5_000, 2_500), Size(50_000, 20_000, turns=1)
HUGE: Final = Size(100_000, 40_000, turns=1)
JOB_PROMISED: Final = 500

QUICK: Final = Plan(
    whole=(Size(500, 500, turns=7), Size(2_000, 1_000), Size(2_000, 1_000, LOOSE)),
    passes=Size(10_000, 5_000),
    growth=(
        Size(500, 500, turns=7),
        Size(1_000, 500, turns=5),
        Size(2_500, 1_250, turns=5),
        GROWN_FROM,
    ),
    people=((500, 300),),
    parts=Size(5_000, 2_500),
    edits=(1_000, 600),
    stored_edits=(300, 180),
    jobs=(50, 100, 200),
    job_turns=1,
)
FULL: Final = Plan(
    whole=(*QUICK.whole, PROMISED, PROMISED_LOOSE),
    passes=Size(10_000, 5_000, turns=7),
    growth=(*QUICK.growth, PROMISED, Size(20_000, 10_000, turns=1), GROWN_TO),
    people=((500, 300), (5_000, 3_000)),
    parts=PROMISED._replace(turns=3),
    edits=(5_000, 3_000),
    stored_edits=(1_000, 600),
    jobs=(*QUICK.jobs, JOB_PROMISED),
    job_turns=3,
)

# What was promised, by market where it was promised for one.
CPU_OF_DENSE: Final = {str(PROMISED): most(0.15), str(PROMISED_LOOSE): most(0.4)}
MEMORY_OF_DENSE: Final = {str(PROMISED): most(0.20)}
OF_SGEMM: Final = {str(PROMISED): most(6), str(PROMISED_LOOSE): most(6)}
PASS_OF_SGEMM: Final = most(1.6)
CHECK_OF_PASS: Final = most(1.2)
GROWTH_PER_PAIR: Final = most(1.2)
HUGE_MIB: Final = most(1536)
HUGE_OF_SGEMM: Final = (most(21), most(10))
EXPLAINED_OF_RUN: Final = most(0.03)
OBJECTIVE_OF_OPTIMAL: Final = most(1)
JOB_BARS: Final = {
    "in the engine": least(300),
    "from database rows": least(100),
    "one run, from database rows": least(100),
}

Value = tuple[int, int]
"""(matched, total)."""


# --- contenders ------------------------------------------------------------------------------


def whole(market: Market, solver: str) -> Result:
    """The whole engine: arrays laid out, everything scored, solved, proven and explained."""
    problem = market.problem()
    result = solve_problem(problem, solver=solver)
    breakdown(problem, result)
    return result


def sgemm(features: tuple[Floats, Floats], blocks: int | None = None) -> None:
    """The 344 features multiplied, block by block; of `blocks` blocks only, spread evenly."""
    left, right = features
    tile = np.empty((ROWS, right.shape[1]), dtype=np.float32)
    starts = np.arange(0, len(left), ROWS)
    if blocks is not None and len(starts) > blocks:
        # The last block may be a short one, so it is left out.
        starts = starts[np.linspace(0, len(starts) - 2, blocks).astype(np.int64)]
    for start in starts.tolist():
        rows = left[start : start + ROWS]
        np.matmul(rows, right, out=tile[: len(rows)])


def score_all(problem: Problem) -> None:
    """One scoring pass over all pairs, nothing kept."""
    over(problem, problem.free, "pass", Work(), lambda rows, scores: None)


def matrix_of(problem: Problem) -> NDArray[np.int16]:
    """All scores, for those who are given them; below 0 what must not be."""
    size = len(problem.mentee_ids)
    scores = np.empty((size, len(problem.mentor_ids)), dtype=np.int16)
    for start in range(0, size, ROWS):
        part = slice(start, min(start + ROWS, size))
        scores[part] = np.maximum(problem.tile(part), -1)
    return scores


DENSE: Final[dict[str, Callable[..., Any]]] = {
    "scipy dense": scipy_dense,
    LAPX: lapx_dense,
}


# --- in a process of their own ---------------------------------------------------------------


def engine_alone(mentees: int, mentors: int, seats: float, solver: str) -> list[int]:
    """What the whole engine needs, from the problem's arrays on."""
    market = clustered(mentees, mentors, seats)
    measure_from_here()
    result = whole(market, solver)
    return [result.matched, result.score]


def dense_alone(mentees: int, mentors: int, seats: float, name: str) -> list[int]:
    """What a dense solver needs, from the matrix of int16 on."""
    market = clustered(mentees, mentors, seats)
    capacity = market.seats
    scores = matrix_of(market.problem())
    del market
    measure_from_here()
    found = DENSE[name](scores, capacity)
    return [found.matched, found.total]


def grown(mentees: int, mentors: int, seats: float, solver: str, turns: int) -> dict[str, Any]:
    """The engine on one market, and the sgemm before and after it; then, unmeasured, the check.

    What only the sgemm needs is not in memory while the engine works.
    """
    market = clustered(mentees, mentors, seats)
    share = min(1.0, BLOCKS * ROWS / mentees)
    floors, cpus, peak, result = [], [], 0.0, None
    for _ in range(turns):
        floors.append(floor_of(market) / share)
        result = None
        measure_from_here()
        result = whole(market, solver)
        told = measured()
        cpus.append(told["cpu"])
        peak = max(peak, told["peak_mib"])
        floors.append(floor_of(market) / share)
    assert result is not None  # noqa: S101  at least one turn
    cpu, floor = statistics.median(cpus), statistics.median(floors)
    return {
        "cpu": cpu,
        "ns a pair": cpu / market.pairs * 1e9,
        "x sgemm": cpu / floor,
        "sgemm": floor,
        "MiB": peak,
        "matched": result.matched,
        "total": result.score,
        "gap": result.gap,
        "check": objection(market.problem(), result),
    }


def floor_of(market: Market) -> float:
    """Seconds of CPU of the sgemm, or of so many blocks of it."""
    features = market.features
    began = time.process_time()
    sgemm(features, BLOCKS)
    return time.process_time() - began


def objection(problem: Problem, result: Result) -> str:
    """What the checker has against a result; nothing is ""."""
    try:
        check_problem(problem, result)
    except CertificateError as error:
        return str(error)
    return ""


# --- sections --------------------------------------------------------------------------------


def compare_whole(report: Report, sizes: tuple[Size, ...]) -> None:
    """The whole engine against dense solvers on a ready matrix and against one sgemm."""
    runs = []
    for size in sizes:
        market = size.market()
        scores = matrix_of(market.problem())
        ours = {f"engine, {solver}": partial(whole, market, solver) for solver in installed()}
        theirs = {
            name: partial(solve, scores, market.seats)
            for name, solve in DENSE.items()
            if name not in size.too_slow
        }
        contenders: dict[str, Callable[[], Any]] = {
            **ours,
            **theirs,
            "sgemm": partial(sgemm, market.features),
        }
        timings = alternate(contenders, size.turns)
        best = min(theirs, key=lambda name: timings[name].median)
        peaks = peaks_of(size, [*ours], [*theirs])
        values: dict[str, Value] = {}
        for name, timing in timings.items():
            if name in ours:
                values[name] = timing.result.matched, timing.result.score
                against = objection(market.problem(), timing.result)
                report.expect(timing.result.gap == 0, f"{name} at {size}: the gap is 0")
                report.expect(not against, f"{name} at {size}: the check: {against}")
            elif name in theirs:
                values[name] = timing.result.value
            runs.append(
                {
                    "market": str(size),
                    "contender": name,
                    "cpu": timing.median,
                    "x dense": ratio(timing, timings[best]),
                    "x sgemm": ratio(timing, timings["sgemm"]),
                    "MiB": peaks[name][0] if name in peaks else None,
                    "matched": values[name][0] if name in values else None,
                    "total": values[name][1] if name in values else None,
                }
            )
        in_children = {f"{name} in a child": value for name, (_, value) in peaks.items()}
        report.expect_equal(str(size), {**values, **in_children})
        smallest = min(theirs, key=lambda name: peaks[name][0])
        for name in ours:
            whole_of = f"whole {name}"
            cpu, memory = ratio(timings[name], timings[best]), peaks[name][0] / peaks[smallest][0]
            report.add(whole_of, str(size), cpu, f"CPU of {best}", CPU_OF_DENSE.get(str(size)))
            report.add(
                whole_of, str(size), memory, f"MiB of {smallest}", MEMORY_OF_DENSE.get(str(size))
            )
            floor = ratio(timings[name], timings["sgemm"])
            report.add(whole_of, str(size), floor, "one sgemm", OF_SGEMM.get(str(size)))
    report.show("Whole engine (scores, proof, explanations) against dense solvers", runs)


def peaks_of(size: Size, ours: list[str], theirs: list[str]) -> dict[str, tuple[float, Value]]:
    """MiB at the peak, and the value found, of every contender in a fresh process."""
    found = {}
    for name in (*ours, *theirs):
        alone = engine_alone if name in ours else dense_alone
        who = name.removeprefix("engine, ")
        peak = peak_of(alone, size.mentees, size.mentors, size.seats, who)
        matched, total = peak.result
        found[name] = peak.peak_mib, (matched, total)
    return found


def compare_passes(report: Report, size: Size) -> None:
    """One scoring pass against the sgemm, the check of a result against one pass."""
    market = size.market()
    halved = clustered(size.mentees, size.mentors, size.seats, half_hours=True).problem()
    problem = market.problem()
    result = solve_problem(problem)
    _, _ = problem.scorer, halved.scorer
    contenders: dict[str, Callable[[], Any]] = {
        "sgemm": partial(sgemm, market.features),
        "pass": partial(score_all, problem),
        "pass, a zone half an hour off": partial(score_all, halved),
        "check": partial(objection, problem, result),
    }
    timings: dict[str, Timing[Any]] = alternate(contenders, size.turns)
    report.expect(not timings["check"].result, f"the check at {size}: {timings['check'].result}")
    report.show(
        f"One pass over all pairs, {size}",
        [
            {
                "what": name,
                "cpu": timing.median,
                "ns a pair": timing.median / market.pairs * 1e9,
                "x sgemm": ratio(timing, timings["sgemm"]),
                "x pass": ratio(timing, timings["pass"]),
            }
            for name, timing in timings.items()
        ],
    )
    passes, off = timings["pass"], timings["pass, a zone half an hour off"]
    report.add("pass", str(size), ratio(passes, timings["sgemm"]), "one sgemm", PASS_OF_SGEMM)
    report.add("pass, India's clock", str(size), ratio(off, timings["sgemm"]), "one sgemm")
    report.add("check", str(size), ratio(timings["check"], passes), "one pass", CHECK_OF_PASS)


def compare_sizes(report: Report, sizes: tuple[Size, ...]) -> None:
    """CPU a pair from small to large, each size in a fresh process."""
    runs = [measure_grown(report, size) for size in sizes]
    report.show("Growth", runs)
    by_size = {run["market"]: run["ns a pair"] for run in runs}
    if str(GROWN_TO) in by_size:
        figure = by_size[str(GROWN_TO)] / by_size[str(GROWN_FROM)]
        report.add("ns a pair", str(GROWN_TO), figure, f"{GROWN_FROM}", GROWTH_PER_PAIR)


def measure_grown(report: Report, size: Size) -> dict[str, Any]:
    solver = installed()[0]
    peak = peak_of(grown, size.mentees, size.mentors, size.seats, solver, size.turns)
    against = peak.result.pop("check")
    report.expect(peak.result["gap"] == 0, f"{solver} at {size}: the gap is 0")
    report.expect(not against, f"{solver} at {size}: the check: {against}")
    return {"market": str(size), "solver": solver, **peak.result}


def compare_huge(report: Report) -> None:
    run = measure_grown(report, HUGE)
    report.show("Huge, one thread; the sgemm is extrapolated from 20 blocks of rows", [run])
    report.add("whole engine", str(HUGE), run["MiB"], "MiB", HUGE_MIB)
    for bar in HUGE_OF_SGEMM:
        report.add("whole engine", str(HUGE), run["x sgemm"], "one sgemm", bar)


def compare_people(report: Report, sizes: tuple[tuple[int, int], ...]) -> None:
    """People of the developers' sample, from their answers on: laying out is part of the time."""
    runs = []
    for mentees, mentors in sizes:
        asked = developers(mentees, mentors)
        problem = Problem.of(asked)
        scores = matrix_of(problem)
        where = f"{mentees:,} x {mentors:,} developers"
        contenders: dict[str, Callable[[], Any]] = {
            "laying out alone": partial(Problem.of, asked),
            **{f"engine, {solver}": partial(from_people, asked, solver) for solver in installed()},
            **{name: partial(solve, scores, problem.seats) for name, solve in DENSE.items()},
        }
        timings = alternate(contenders, 3)
        best = min(DENSE, key=lambda name: timings[name].median)
        values: dict[str, object] = {}
        for name, timing in timings.items():
            found = timing.result
            if isinstance(found, Result):
                values[name] = found.matched, found.score
                report.expect(found.gap == 0, f"{name} at {where}: the gap is 0")
                figure = ratio(timing, timings[best])
                report.add(f"people to pairs, {name}", where, figure, f"CPU of {best}")
            elif name in DENSE:
                values[name] = found.value
            runs.append(
                {
                    "market": where,
                    "seats": int(problem.seats.sum()),
                    "contender": name,
                    "cpu": timing.median,
                    "x dense": ratio(timing, timings[best]),
                    "value": str(values.get(name, "")),
                }
            )
        report.expect_equal(where, values)
    report.show("People resampled from developers-2025, from answers to explained pairs", runs)


def from_people(asked: Input, solver: str) -> Result:
    problem = Problem.of(asked)
    result = solve_problem(problem, asked.digest(), solver=solver)
    breakdown(problem, result)
    return result


def compare_parts(report: Report, size: Size) -> None:
    """Explanations against the run they explain."""
    market = size.market()
    problem = market.problem()
    result = solve_problem(problem)
    contenders: dict[str, Callable[[], Any]] = {
        "run": lambda: solve_problem(market.problem()),
        "explanations": partial(breakdown, problem, result),
    }
    timings = alternate(contenders, size.turns)
    report.show(
        f"Explanations, {size}",
        [
            {"what": name, "cpu": timing.median, "x run": ratio(timing, timings["run"])}
            for name, timing in timings.items()
        ],
    )
    figure = ratio(timings["explanations"], timings["run"])
    report.add("explanations", str(size), figure, "the run", EXPLAINED_OF_RUN)


def compare_threads(report: Report, size: Size) -> None:
    """Wall time and CPU with two threads and with one; the answers must be the same."""
    market = size.market()
    walls: dict[int, list[float]] = {1: [], 2: []}
    cpus: dict[int, list[float]] = {1: [], 2: []}
    results: dict[str, object] = {}
    for _ in range(size.turns):
        for threads in walls:
            gc.collect()
            began = time.perf_counter(), time.process_time()
            result = solve_problem(market.problem(), work=Work(threads=threads))
            walls[threads].append(time.perf_counter() - began[0])
            cpus[threads].append(time.process_time() - began[1])
            results[f"{threads} threads"] = result
    report.expect_equal(f"{size} by threads", results)
    report.show(
        f"Threads, {size}; wall time, so only as good as the machine is quiet",
        [
            {
                "threads": threads,
                "wall": statistics.median(walls[threads]),
                "cpu": statistics.median(cpus[threads]),
                "x wall of one": quotient(walls[threads], walls[1]),
                "x cpu of one": quotient(cpus[threads], cpus[1]),
            }
            for threads in walls
        ],
    )
    report.add("two threads", str(size), quotient(walls[2], walls[1]), "wall time of one")


def compare_objectives(report: Report, size: Size) -> None:
    """The stable matching and the one with the fair floor against the optimal one, proofs held."""
    market = size.market()
    timings: dict[str, Timing[Any]] = alternate(
        {
            objective: partial(solve_under, market, objective)
            for objective in (MOST_MENTEES, STABLE, FAIR_FLOOR)
        },
        size.turns,
    )
    runs = []
    for objective, timing in timings.items():
        result = timing.result
        against = objection(market.problem(objective), result)
        report.expect(result.gap == 0, f"{objective} at {size}: the gap is 0")
        report.expect(not against, f"{objective} at {size}: the check: {against}")
        figure = ratio(timing, timings[MOST_MENTEES])
        if objective != MOST_MENTEES:
            report.add(objective, str(size), figure, "optimal", OBJECTIVE_OF_OPTIMAL)
        runs.append(
            {
                "objective": objective,
                "cpu": timing.median,
                "x optimal": figure,
                "matched": result.matched,
                "total": result.score,
                "lowest": min((pair.score for pair in result.pairs), default=None),
                "gap": result.gap,
            }
        )
    report.show(f"Objectives, {size}", runs)


def solve_under(market: Market, objective: str) -> Result:
    return solve_problem(market.problem(objective))


def quotient(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


# --- mentor-match's own job ------------------------------------------------------------------


def compare_job(report: Report, sizes: tuple[int, ...], turns: int) -> None:
    """mentor-match's job in its own environment, and ours from rows, CSV and the database.

    "One run" is what a coordinator waits for: round one alone, as a worker carries it out.
    """
    database = stored.connect()
    runs = []
    for pairs in sizes:
        mentors, mentees = mentor_match.people(pairs)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            mentor_match.write(folder, mentors, mentees)
            cohort = stored.cohort_of(folder, "civil-service-small", f"Job {pairs}")
            ours: dict[str, Callable[[], same_job.Job]] = {
                "in the engine": partial(same_job.from_rows, mentors, mentees),
                "from CSV": partial(same_job.from_csv, folder),
                "from database rows": partial(stored.job, cohort, same_job.policy()),
                "one run, from database rows": partial(stored.run, cohort, same_job.policy()),
            }
            for run in ours.values():  # what only a first run loads; the peer's imports are out too
                run()
            peers: list[dict[str, Any]] = []
            cpus: dict[str, list[float]] = {way: [] for way in ours}
            jobs: dict[str, same_job.Job] = {}
            for _ in range(turns if pairs < JOB_PROMISED else 1):
                peers.append(mentor_match.run_peer(pairs))
                timings = alternate(ours, 3)
                for way, timing in timings.items():
                    cpus[way].append(timing.median)
                    jobs[way] = timing.result
        theirs = statistics.median(peer["job_cpu"] for peer in peers)
        peer = peers[0]
        runs.append(
            {
                "pairs": pairs,
                "contender": " ".join(f"{name} {of}" for name, of in peer["versions"].items()),
                "cpu": theirs,
                "MiB": peer["peak_mib"],
                "round one": peer["matched_round_one"],
                "points": peer["score_round_one"],
                "matched": peer["matched"],
                "connections": peer["connections"],
                "times as fast": None,
            }
        )
        for way, job in jobs.items():
            first = mentor_match.tally(mentors, mentees, job.first)
            report.expect(not first.wrong, f"the rules of round one, {way}: {first.wrong}")
            report.expect(
                first.matched >= peer["matched_round_one"],
                f"no fewer matched in round one than mentor-match, {way}, {pairs} pairs",
            )
            fast = quotient([peer["job_cpu"] for peer in peers], cpus[way])
            runs.append(
                {
                    "pairs": pairs,
                    "contender": way,
                    "cpu": statistics.median(cpus[way]),
                    "MiB": None,
                    "round one": first.matched,
                    "points": first.score,
                    "matched": job.matched,
                    "connections": job.connections,
                    "times as fast": fast,
                }
            )
            bar = None
            if pairs == JOB_PROMISED:
                bar = JOB_BARS.get(way)
            report.add(f"mentor-match's job {way}", f"{pairs} pairs", fast, "times as fast", bar)
            more = first.matched / peer["matched_round_one"]
            report.add(f"matched in round one {way}", f"{pairs} pairs", more, "theirs", least(1))
    report.show(f"mentor-match's own job, three rounds; database rows in {database}", runs)


# --- the whole -------------------------------------------------------------------------------


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say on stderr what is being measured, and how long it took on the wall."""
    print(f"{what} ...", end=" ", flush=True, file=sys.stderr)
    began = time.perf_counter()
    yield
    print(f"{time.perf_counter() - began:.0f} s", flush=True, file=sys.stderr)


def measure(report: Report, plan: Plan) -> None:
    """Everything but the peer and the huge market."""
    with told("the whole engine"):
        compare_whole(report, plan.whole)
    with told("passes"):
        compare_passes(report, plan.passes)
    with told("growth"):
        compare_sizes(report, plan.growth)
    with told("developers"):
        compare_people(report, plan.people)
    with told("explanations"):
        compare_parts(report, plan.parts)
    with told("objectives"):
        compare_objectives(report, plan.parts)
    with told("edits"):
        compare_edits(report, *plan.edits, EDITS)
    with told("edits from the database"):
        compare_stored_edits(report, *plan.stored_edits, EDITS)
    with told("threads"):
        compare_threads(report, plan.parts)


def main() -> int:
    one_thread()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small markets, two minutes")
    parser.add_argument("--peer", action="store_true", help="mentor-match's own job too")
    parser.add_argument("--huge", action="store_true", help=f"{HUGE} too, in a child")
    chosen = parser.parse_args()
    lapx()
    introduce(SEED, features=FEATURES)
    report = Report()
    plan = QUICK if chosen.quick else FULL
    measure(report, plan)
    if chosen.peer:
        with told("mentor-match's job"):
            compare_job(report, plan.jobs, plan.job_turns)
    if chosen.huge:
        with told("huge"):
            compare_huge(report)
    report.end()
    return finish("matching", SEED, {"figures": report.figures, "runs": report.runs}, report.wrong)


if __name__ == "__main__":
    sys.exit(main())
