"""One change to a solved run against a full run of the changed question, part of `matching`.

The people are developers resampled (`markets.developers`). Every edit is made to the same solved
run, each time another one of its kind; its proof must hold, and it must be worth what a full run
of the changed question finds.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np

from benchmarks import stored
from benchmarks.figures import Report, most
from benchmarks.harness import Timing, alternate, ratio
from benchmarks.markets import SAMPLE, SEED, developers, write
from matching.engine import CertificateError, Input, Policy, Result, breakdown, check, solve
from matching.engine.edits import Edit, Forbid, Late, Lock, Seats, Withdrawal, resolve
from matching.engine.scoring import Problem

EDIT_OF_RUN: Final = most(0.05)
FULL: Final = "full run"

Answer = tuple[Input, Result]


def edits_of(
    asked: Input, problem: Problem, result: Result, late: Input, count: int
) -> dict[str, list[Edit]]:
    """`count` edits of each kind; `late` has the mentees who come late, last of all."""
    chance = Random(SEED)
    pairs = chance.sample(result.pairs, 3 * count)
    told = breakdown(problem, result, asked.policy)
    next_best = np.flatnonzero(told.places == 1)
    others = [
        Lock(problem.mentee_ids[told.rows[at]], problem.mentor_ids[told.columns[at]])
        for at in chance.sample(next_best.tolist(), count)
    ]
    seats = {mentor.id: mentor.seats for mentor in asked.mentors}
    wanted = sorted(mentor for mentor, price in result.prices.items() if price)
    more = chance.sample(wanted or sorted(seats), min(count, len(wanted) or len(seats)))
    return {
        "a late mentee": [Late(mentee) for mentee in late.mentees[-count:]],
        "a withdrawal": [Withdrawal(pair.mentee) for pair in pairs[:count]],
        "a lock": [*others],
        "a pair forbidden": [Forbid(p.mentee, p.mentor) for p in pairs[count : 2 * count]],
        "one seat more": [Seats(mentor, seats[mentor] + 1) for mentor in more],
    }


def compare_edits(report: Report, mentees: int, mentors: int, turns: int) -> None:
    """From memory: the question, its result with its state, and the arrays."""
    late = developers(mentees + turns, mentors)
    asked = replace(late, mentees=late.mentees[:-turns])
    where = f"{mentees:,} x {mentors:,} developers"
    problem, result = Problem.of(asked), solve(asked)
    edits = edits_of(asked, problem, result, late, turns)
    contenders: dict[str, Callable[[], Any]] = {FULL: partial(solve, asked)}
    made: dict[str, list[Answer]] = {}
    for name, those in edits.items():
        contenders[name] = partial(
            one_more, iter(those), made.setdefault(name, []),
            partial(after, asked, result, problem),
        )  # fmt: skip
    timings: dict[str, Timing[Any]] = alternate(contenders, turns)
    for name, answers in made.items():
        expect_best(report, f"{name} at {where}", answers)
    tell(report, f"One edit, from memory, {where}", "in memory", where, timings)


def after(asked: Input, result: Result, problem: Problem, edit: Edit) -> Answer:
    return resolve(asked, result, edit, problem=problem)


def one_more(edits: Iterator[Edit], made: list[Answer], do: Callable[[Edit], Answer]) -> None:
    """Make the next edit, and keep what came out for afterwards."""
    made.append(do(next(edits)))


def expect_best(report: Report, what: str, answers: list[Answer]) -> None:
    """The proof of each holds, and the first is worth what a full run finds."""
    for changed, answer in answers:
        report.expect(answer.gap == 0, f"{what}: the gap is 0")
        try:
            check(changed, answer)
        except CertificateError as error:
            report.expect(False, f"{what}: the check: {error}")
    changed, answer = answers[0]
    fresh = solve(changed)
    values = {"edit": (answer.matched, answer.score), FULL: (fresh.matched, fresh.score)}
    report.expect_equal(what, {**values})


def tell(report: Report, title: str, how: str, where: str, timings: dict[str, Timing[Any]]) -> None:
    report.show(
        title,
        [
            {
                "what": name,
                "cpu": timing.median,
                "x full run": ratio(timing, timings[FULL]),
                "worst": max(timing.values) / statistics.median(timings[FULL].values),
            }
            for name, timing in timings.items()
        ],
    )
    for name, timing in timings.items():
        if name != FULL:
            figure = ratio(timing, timings[FULL])
            report.add(f"{name}, {how}", where, figure, FULL, EDIT_OF_RUN)


# --- from the database -----------------------------------------------------------------------


def compare_stored_edits(report: Report, mentees: int, mentors: int, turns: int) -> None:
    """From a stored run to a stored run, against a run from the rows of the people."""
    database = stored.connect()
    where = f"{mentees:,} x {mentors:,} developers"
    policy = Policy.from_toml((SAMPLE / "policy.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), mentees, mentors)
        cohort = stored.cohort_of(Path(name), SAMPLE.name, "Edits")
    run = stored.run_of(cohort, policy)
    result = stored.answered(run)
    asked = stored.asked_of(run)
    edits = edits_of(asked, Problem.of(asked), result, asked, turns)
    del edits["a late mentee"]  # who comes late is in the rows, not in the stored question
    contenders: dict[str, Callable[[], Any]] = {
        FULL: lambda: stored.answered(stored.run_of(cohort, policy))
    }
    made: dict[str, list[Answer]] = {}
    for name, those in edits.items():
        contenders[name] = partial(
            one_more, iter(those), made.setdefault(name, []),
            partial(stored.continued, cohort, policy, run.pk),
        )  # fmt: skip
    timings: dict[str, Timing[Any]] = alternate(contenders, turns)
    for name, answers in made.items():
        expect_best(report, f"{name} from the database at {where}", answers)
    tell(
        report,
        f"One edit, from rows to rows in {database}, {where}",
        "in the database",
        where,
        timings,
    )
