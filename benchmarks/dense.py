"""Dense assignment solvers on a ready matrix of scores: what the engine is measured against.

    .venv/bin/python -m benchmarks.dense           do they agree, and how fast are they
    .venv/bin/python -m benchmarks.dense --full    larger

They get the scores for free and prove nothing; a contender's time holds what it must do with them:
one column a seat in an array of costs, and solving. Both aim for the same as the engine's objective
"most-mentees-then-total": as many mentees as possible, among those the highest total.

Which of them is faster depends on the market more than on its size: lapx where many want the same
mentors, SciPy where scores are pure chance and seats plenty. Measure against the faster one on the
data in question, not on the markets here.

lapx (MIT) is no dependency of the project. `peers/lapx.lock` pins it; the first call installs it
into the benchmarks' own cache, from where this process loads it, so that it takes turns with the
others.
"""

import argparse
import importlib
import random
import sys
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.harness import alternate, finish, introduce, one_thread, ratio, table
from benchmarks.peers.environments import packages_of

SEED = 2025
SHORT = ((500, 300, 500), (2_000, 1_000, 2_004), (2_000, 1_000, 3_000))
FULL = (*SHORT, (5_000, 3_000, 6_000), (5_000, 2_500, 5_010))
SMALL = 300
"""How many small random markets both must agree on before anything is timed."""

NOBODY = -1
BLOCK = 256

Ints = NDArray[np.integer[Any]]
Costs = NDArray[np.float64]


class Matching(NamedTuple):
    """A matching and its value: `mentor_of[i]` is mentee i's mentor, NOBODY for none."""

    matched: int
    total: int
    mentor_of: Ints

    @property
    def value(self) -> tuple[int, int]:
        """(matched, total), by which matchings are compared."""
        return self.matched, self.total


def scipy_dense(scores: Ints, capacity: Ints) -> Matching:
    """The best matching by SciPy's `linear_sum_assignment`.

    `scores[i, j]` in points for mentee i and mentor j, below 0 for a pair that is forbidden;
    `capacity[j]` seats of mentor j.
    """
    cost, mentor_of_seat, turned = costs(scores, capacity)
    rows, columns = linear_sum_assignment(cost)
    return told(scores, mentor_of_seat, *((columns, rows) if turned else (rows, columns)))


def lapx_dense(scores: Ints, capacity: Ints, *, single: bool = False) -> Matching:
    """The same by lapx's `lapjvs`, its fastest for such matrices.

    With `single` it computes in float32, its default: quicker, and no longer sure to be the best
    once costs pass 2**24.
    """
    solve = lapx().lapjvs
    cost, mentor_of_seat, turned = costs(scores, capacity)
    if not cost.size:
        return told(scores, mentor_of_seat, *np.empty((2, 0), dtype=np.int64))
    rows, columns = solve(cost, return_cost=False, prefer_float32=single)
    return told(scores, mentor_of_seat, *((columns, rows) if turned else (rows, columns)))


def lapx() -> Any:
    """The package, from this environment or from the benchmarks' cache."""
    try:
        return importlib.import_module("lap")
    except ModuleNotFoundError:
        sys.path.append(str(packages_of("lapx")))  # last: numpy stays this environment's own
        return importlib.import_module("lap")


def costs(scores: Ints, capacity: Ints) -> tuple[Costs, Ints, bool]:
    """(cost to be minimised, mentor of each seat, whether its rows are the seats).

    A pair costs its score, negative, and a forbidden one more than all scores of a matching
    together, so that as few as can be are chosen; whoever is chosen so stays without a mentor. The
    smaller side is the rows: so no solver has to turn a copy round.
    """
    seat = np.repeat(np.arange(len(capacity)), capacity)
    mentees, seats = len(scores), len(seat)
    forbidden = np.float64(min(mentees, seats) * (int(scores.max(initial=0)) + 1))
    turned = mentees > seats
    cost = np.empty((mentees, seats), order="F" if turned else "C")
    for begin in range(0, mentees, BLOCK):
        block = scores[begin : begin + BLOCK]
        cost[begin : begin + BLOCK] = np.where(block < 0, forbidden, -block)[:, seat]
    return (cost.T if turned else cost), seat, turned


def told(scores: Ints, mentor_of_seat: Ints, mentees: Ints, seats: Ints) -> Matching:
    mentor_of = np.full(len(scores), NOBODY, dtype=np.int64)
    mentors = mentor_of_seat[seats]
    given = scores[mentees, mentors]
    allowed = given >= 0
    mentor_of[mentees[allowed]] = mentors[allowed]
    return Matching(int(allowed.sum()), int(given[allowed].sum()), mentor_of)


# --- do they agree ---------------------------------------------------------------------------


def market(
    mentees: int, mentors: int, seats: int, seed: int, *, forbidden: float = 0.3, top: int = 1000
) -> tuple[Ints, Ints]:
    """A made-up (scores, capacity): people who are sought after more or less, and chance.

    Scores are 0 to below `top`, `forbidden` of all pairs are not allowed, and `seats` are spread
    over the mentors, one each before anybody has two where there are enough.
    """
    chance = np.random.default_rng(seed)
    liking, fame = (chance.integers(0, top, (rows, mentors)) for rows in (mentees, 1))
    scores = ((liking + fame) // 2).astype(np.int32)
    scores[chance.random((mentees, mentors)) < forbidden] = NOBODY
    one_each = np.arange(mentors) < seats
    more = chance.multinomial(max(seats - mentors, 0), np.full(mentors, 1 / mentors))
    return scores, one_each + more


def differences(count: int, seed: int) -> list[str]:
    """Small random markets, many of them tight, tied or half forbidden, where the two disagree."""
    chance = random.Random(seed)
    found = []
    for number in range(seed, seed + count):
        mentees, mentors, seats = (chance.randint(1, 12) for _ in range(3))
        scores, capacity = market(
            mentees,
            mentors,
            seats,
            number,
            forbidden=chance.choice([0.0, 0.3, 0.8, 1.0]),
            top=chance.choice([1, 2, 5, 1000]),
        )
        values = [solve(scores, capacity).value for solve in (scipy_dense, lapx_dense)]
        if values[0] != values[1]:
            found.append(f"the same value in small market {number}: {values}")
    return found


def main() -> int:
    one_thread()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="larger markets")
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    lapx()
    introduce(SEED)
    missed = differences(SMALL, SEED)
    print(f"{SMALL} small markets, {len(missed)} differences\n")
    results: list[dict[str, Any]] = []
    for mentees, mentors, seats in FULL if chosen.full else SHORT:
        scores, capacity = market(mentees, mentors, seats, SEED)
        timings = alternate(
            {
                "scipy": partial(scipy_dense, scores, capacity),
                "lapx": partial(lapx_dense, scores, capacity),
                "lapx float32": partial(lapx_dense, scores, capacity, single=True),
            },
            chosen.repeats,
        )
        for name, timing in timings.items():
            results.append(
                {
                    "mentees": mentees,
                    "mentors": mentors,
                    "seats": seats,
                    "solver": name,
                    "cpu": timing.median,
                    "x scipy": ratio(timing, timings["scipy"]),
                    "matched": timing.result.matched,
                    "total": timing.result.total,
                }
            )
        if len({timing.result.value for timing in timings.values()}) > 1:
            missed.append(f"the same value at {mentees} x {mentors}, {seats} seats")
    print(table(results))
    return finish("dense", SEED, results, missed)


if __name__ == "__main__":
    sys.exit(main())
