"""The assignment on candidate pairs, by a solver that somebody else keeps.

Mentees are to be given mentors with seats, each mentee at most one. Among all such matchings of
the given pairs the one with the highest sum of gains is wanted, and gains are whole and positive.
The solver's word is not trusted: `prices` turn it into a proof.
"""

from importlib.util import find_spec
from typing import Final

import numpy as np
import scipy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from matching.engine.columns import Ints
from matching.engine.types import EngineError

SCIPY: Final = "scipy"
ORTOOLS: Final = "ortools"
SOLVERS: Final = (ORTOOLS, SCIPY)

SMALL: Final = 1_000_000
"""Pairs of mentees and mentors up to which SciPy is as fast or faster, four times where most
scores tie."""

UNMATCHED: Final = -1


def installed() -> tuple[str, ...]:
    """The solvers of this machine, the one for large problems first."""
    return tuple(name for name in SOLVERS if find_spec(name) is not None)


def named(solver: str | None, pairs: int = SMALL + 1) -> str:
    """The solver of that name, or the one for so many pairs. EngineError if it is not installed."""
    here = installed()
    if solver is None:
        return SCIPY if pairs <= SMALL else here[0]
    if solver not in here:
        raise EngineError(f"The solver {solver!r} is not installed; there is {' and '.join(here)}.")
    return solver


def version(solver: str) -> str:
    """What stands with a run: the solver, its algorithm, its version."""
    if solver == SCIPY:
        return f"scipy min_weight_full_bipartite_matching {scipy.__version__}"
    import ortools  # noqa: PLC0415 - an extra that need not be installed

    return f"ortools SimpleMinCostFlow {ortools.__version__}"


def assign(rows: Ints, columns: Ints, gains: Ints, capacity: Ints, size: int, solver: str) -> Ints:
    """The best partner (column) of each of `size` rows, UNMATCHED for none.

    `rows`, `columns`, `gains` are the candidate pairs, sorted by row and column, each once, gains
    above 0; `capacity` the seats of every column. Exact while the sum of gains is below 2**52.
    """
    if not len(rows):
        return np.full(size, UNMATCHED, dtype=np.int64)
    if solver == SCIPY:
        return by_scipy(rows, columns, gains, capacity, size)
    return by_ortools(rows, columns, gains, capacity, size)


def by_scipy(rows: Ints, columns: Ints, gains: Ints, capacity: Ints, size: int) -> Ints:
    """Seats as columns, and a column of one's own for each row that may stay unmatched."""
    copies = np.minimum(capacity, np.bincount(columns, minlength=len(capacity)))
    first = np.cumsum(copies) - copies
    each = copies[columns]
    of = np.repeat(np.arange(len(rows)), each)
    number = np.arange(len(of)) - np.repeat(np.cumsum(each) - each, each)
    seats = int(copies.sum())
    # SciPy takes no weight of 0, so all are one higher and an unmatched row costs the dearest.
    dear = int(gains.max(initial=0)) + 1
    data = np.concatenate([dear - gains[of], np.full(size, dear)]).astype(np.float64)
    at = np.concatenate([rows[of], np.arange(size)])
    to = np.concatenate([first[columns[of]] + number, seats + np.arange(size)])
    graph = csr_array((data, (at, to)), shape=(size, seats + size))
    matched, seat = min_weight_full_bipartite_matching(graph)
    partner = np.full(size, UNMATCHED, dtype=np.int64)
    real = seat < seats
    partner[matched[real]] = np.repeat(np.arange(len(capacity)), copies)[seat[real]]
    return partner


def by_ortools(rows: Ints, columns: Ints, gains: Ints, capacity: Ints, size: int) -> Ints:
    """A flow from mentees over mentors into one sink; staying unmatched is an arc of one's own."""
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415 - an extra, 30 MB

    flow = min_cost_flow.SimpleMinCostFlow()
    wide = len(capacity)
    sink = size + wide
    people, mentors = np.arange(size), size + np.arange(wide)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([rows, people, mentors]).astype(np.int32),
        np.concatenate([size + columns, np.full(size + wide, sink)]).astype(np.int32),
        np.concatenate([np.ones(len(rows) + size, dtype=np.int64), capacity]),
        np.concatenate([-gains, np.zeros(size + wide, dtype=np.int64)]),
    )
    supplies = np.concatenate([np.ones(size), np.zeros(wide), [-size]]).astype(np.int64)
    flow.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supplies)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise EngineError(f"The solver stopped without an answer ({status}).")
    used = np.flatnonzero(flow.flows(arcs[: len(rows)]))
    partner = np.full(size, UNMATCHED, dtype=np.int64)
    partner[rows[used]] = columns[used]
    return partner
