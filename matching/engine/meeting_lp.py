"""Meetings of listed pairs as a linear program, by HiGHS through SciPy.

One variable for each listed pair and each slot in which both are free (x), one for each mentee's
first, second, .. meeting (y, at most 1). A mentee's x and y add up to the same; nobody is in two
meetings in one slot; mentors keep their limit; a pair meets once; what earlier goals have reached
stays. Whole x make y whole. The solver's word is not trusted: its prices become a bound over all
pairs in `meeting_bounds`, and its meetings are held against every rule before they are taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, hstack, vstack

from matching.engine.columns import Ints
from matching.engine.meeting_bounds import MOST_PRICE, POINTS, Duals, Possible, Table, Values
from matching.engine.rounds import PRICE_UNIT

SECONDS: Final = 60.0
"""Of one call of the solver at most: it gives no sign while it works. Whatever takes less comes
out the same on every machine."""

OPTIMAL, INFEASIBLE = 0, 2


def solver_version() -> str:
    """What stands with a plan."""
    return f"scipy milp (HiGHS) {scipy.__version__}"


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The best with parts of meetings: how much of each, its value, the prices that prove it."""

    shares: Values
    value: float
    duals: Duals


@dataclass(frozen=True, slots=True)
class Searched:
    """The best whole meetings found, None for none; no others of these have more than `bound`.

    `bound` is infinite where nothing was proven, minus infinite where no meetings of these do what
    earlier goals need.
    """

    shares: Values | None
    bound: float
    is_done: bool
    is_out_of_time: bool


class Model:
    """The program of some possible meetings."""

    def __init__(self, table: Table, meetings: Possible) -> None:
        self.table, self.meetings = table, meetings
        mentees, mentors, slots = table.shape
        self._steps = np.tile(np.arange(1, table.mentee_most + 1), mentees)
        own = meetings.rows * slots + meetings.slots
        theirs = table.clock[meetings.columns] * slots + meetings.slots
        count = len(meetings)
        at = np.arange(count)
        self._times, time = np.unique(np.concatenate([own, theirs]), return_inverse=True)
        # A pair with one slot in common meets at most once as it is.
        often = np.flatnonzero(np.bincount(meetings.pairs)[meetings.pairs] > 1)
        several, pair = np.unique(meetings.pairs[often], return_inverse=True)
        limits = vstack(
            [
                ones(meetings.columns, at, mentors, count),
                ones(time, np.concatenate([at, at]), len(self._times), count),
                ones(pair, often, len(several), count),
            ]
        )
        steps = len(self._steps)
        self._limits = hstack([limits, csr_array((limits.shape[0], steps))])
        self._most = np.ones(limits.shape[0])
        self._most[:mentors] = table.mentor_most
        owner = np.repeat(np.arange(mentees), table.mentee_most)
        self._even = hstack(
            [
                ones(meetings.rows, at, mentees, count),
                -ones(owner, np.arange(steps), mentees, steps),
            ]
        ).tocsr()

    def _asked(
        self, goal: int, reached: Sequence[int]
    ) -> tuple[Values, csr_array[np.float64], Values]:
        """Costs, limits and their right sides with what earlier goals have reached."""
        count = len(self.meetings)
        costs = np.zeros(count + len(self._steps))
        if goal == POINTS:
            costs[:count] = -self.meetings.points
        else:
            costs[count:] = -1.0 * (self._steps <= goal)
        kept = np.zeros((len(reached), len(costs)))
        for at in range(len(reached)):
            kept[at, count:] = -1.0 * (self._steps <= at + 1)
        limits = vstack([self._limits, csr_array(kept)]).tocsr()
        return costs, limits, np.concatenate([self._most, -np.array(reached, dtype=np.float64)])

    def relax(self, goal: int, reached: Sequence[int]) -> Relaxed | None:
        """The program without wholeness; None when it took too long."""
        costs, limits, most = self._asked(goal, reached)
        count = len(self.meetings)
        above = np.concatenate([np.full(count, np.inf), np.ones(len(self._steps))])
        found = linprog(  # type: ignore[call-overload]  # its stubs know no sparse matrices
            costs,
            A_ub=limits,
            b_ub=most,
            A_eq=self._even,
            b_eq=np.zeros(self.table.shape[0]),
            bounds=np.stack([np.zeros(len(costs)), above], axis=1),
            method="highs",
            options={"time_limit": SECONDS},
        )
        if found.status != OPTIMAL:
            return None
        prices = -np.asarray(found.ineqlin.marginals, dtype=np.float64)
        costs_of = np.asarray(found.eqlin.marginals, dtype=np.float64)
        shares = np.asarray(found.x, dtype=np.float64)[:count]
        return Relaxed(shares, -float(found.fun), self._duals(prices, costs_of, len(reached)))

    def _duals(self, prices: Values, costs: Values, earlier: int) -> Duals:
        mentees, mentors, slots = self.table.shape
        whole = parts(prices)
        times = np.zeros((mentees + mentors) * slots, dtype=np.int64)
        times[self._times] = np.maximum(whole[mentors : mentors + len(self._times)], 0)
        return Duals(
            np.maximum(whole[len(whole) - earlier :], 0),
            parts(costs),
            np.maximum(whole[:mentors], 0),
            times.reshape(mentees + mentors, slots),
        )

    def search(self, goal: int, reached: Sequence[int], nodes: int) -> Searched:
        """The program with whole meetings, in a search of at most so many nodes."""
        costs, limits, most = self._asked(goal, reached)
        count = len(self.meetings)
        found = milp(
            costs,
            integrality=np.concatenate([np.ones(count), np.zeros(len(self._steps))]),
            bounds=Bounds(0, 1),
            constraints=[
                LinearConstraint(limits, -np.inf, most),
                LinearConstraint(self._even, 0, 0),
            ],
            options={"mip_rel_gap": 0.0, "node_limit": nodes, "time_limit": SECONDS},
        )
        shares = None if found.x is None else np.asarray(found.x, dtype=np.float64)[:count]
        is_done = found.status in (OPTIMAL, INFEASIBLE)
        # Without anything to decide there is no bound, only the value.
        told = found.mip_dual_bound if found.mip_dual_bound is not None else found.fun
        bound = np.inf
        if found.status == INFEASIBLE:
            bound = -np.inf
        elif told is not None and (is_done or found.mip_dual_bound is not None):
            bound = -float(told)
        return Searched(shares, bound, is_done, "time limit" in found.message.lower())


def ones(rows: Ints, columns: Ints, high: int, wide: int) -> csr_array[np.float64]:
    """A sparse matrix with 1 at the given places."""
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(high, wide))


def parts(prices: Values) -> Ints:
    """Prices in whole parts; any rounding of them proves a bound, if a slightly higher one."""
    whole = np.rint(np.clip(prices * PRICE_UNIT, -MOST_PRICE, MOST_PRICE))
    return whole.astype(np.int64)
