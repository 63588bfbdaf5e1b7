"""The meetings of a round, planned for everybody at once.

Goals in order: as many mentees as possible with a meeting, then with two, and so on (so whoever
has least comes first); then the highest total of points. Each goal is one linear program over the
promising pairs. Its prices bound what any plan could reach over all pairs; pairs that they show to
be missing are listed and it is solved again. Where it ends in half meetings, a search for whole
ones (branch and bound) follows among all meetings that could be part of a better plan.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from matching.engine.columns import Ints
from matching.engine.input import Input
from matching.engine.meeting_bounds import (
    Duals,
    Offers,
    Possible,
    Table,
    Values,
    fixed_part,
    less_reached,
)
from matching.engine.meeting_bounds import over_offers as over
from matching.engine.meeting_check import left_out
from matching.engine.meeting_filling import filled
from matching.engine.meeting_lp import Model, solver_version
from matching.engine.meeting_survey import at_sight, highest, survey
from matching.engine.passes import Work
from matching.engine.rounds import PRICE_UNIT, Meeting, MeetingGoal, MeetingPlan, MeetingRound
from matching.engine.scoring import Sparse
from matching.engine.types import MOST_PEOPLE_POINTS

ADDED: Final = 8
"""Missing pairs of a mentee that are listed in one go."""

MOST_SEARCHED: Final = 250_000
"""Possible meetings with which no search is begun; the gap then stays."""

ROUNDS: Final = 40
"""Programs solved for one goal at most, and searches; a few are usual."""

FIRST_NODES: Final = 100
MORE_NODES: Final = 10

CLEARLY: Final = PRICE_UNIT // 2**12
"""What a pair must have above the prices to be missing: more than their rounding."""

ALONE = Work()


def plan_meetings(asked: Input, asked_round: MeetingRound, work: Work = ALONE) -> MeetingPlan:
    """The best meetings of a round, each goal with a bound over all pairs there are.

    Pairs meet that the policy's musts, exclusions and private wishes allow; a locked mentee and a
    mentor without an open seat take no part. The same question gives the same plan, in whatever
    order people stand: the engine's order of people, a hash of seed and ids, decides between
    equals. When `work` is late, or one call of the solver took a minute, the best plan so far comes
    back with the gaps that are left. Raises ProblemError for a question that cannot be planned and
    lets through `Stopped`. Nobody, or no slot, is no error: no meetings, no gap.
    """
    digest = asked_round.digest(asked)
    search = Search(Table.of(asked, asked_round), work)
    for goal in search.table.goals:
        search.pursue(goal)
    return search.plan(digest)


@dataclass(frozen=True, slots=True)
class Proof:
    """Of one goal: its prices, what they prove before earlier goals count, and the solver's word.

    `whole` in parts; `searched` in what the goal counts, all mentees' meetings up to it.
    """

    duals: Duals
    whole: int
    searched: int | None = None

    def less(self, reached: list[int]) -> int:
        """The bound in parts."""
        return self.whole - less_reached(self.duals, reached)

    def by_prices(self, reached: list[int]) -> int:
        return self.less(reached) // PRICE_UNIT

    def bound(self, reached: list[int]) -> int:
        proven = self.by_prices(reached)
        return proven if self.searched is None else min(proven, self.searched)


class Search:
    """The pairs listed so far, the best plan of them, and what is proven of each goal."""

    def __init__(self, table: Table, work: Work) -> None:
        self.table = table
        self._done = 0.0
        # Passes tell how far the whole is, not how far they are.
        self._work = Work(
            work.threads, lambda step, share: work.watch("meetings", self._done), work.is_late
        )
        self._seen = survey(table, self._work)
        self._rows, self._columns, self._points = np.zeros((3, 0), dtype=np.int64)
        self._list(self._seen.rows, self._seen.columns, self._seen.points)
        self._proofs: dict[int, Proof] = {}
        possible = self._possible()
        self._best = possible.take(filled(table, possible, np.zeros(len(possible))))

    # ------------------------------------------------------------------------------ pairs

    def _list(self, rows: Ints, columns: Ints, points: Ints) -> None:
        """More pairs, none of them listed yet."""
        rows = np.concatenate([self._rows, rows])
        columns = np.concatenate([self._columns, columns])
        points = np.concatenate([self._points, points])
        order = np.lexsort((columns, rows))
        self._rows, self._columns, self._points = rows[order], columns[order], points[order]

    def _possible(self) -> Possible:
        """All meetings of listed pairs."""
        return Possible.of(self.table, self._rows, self._columns, self._points)

    def _missing(self, goal: int, duals: Duals) -> tuple[int, Ints, Ints]:
        """A pass over all pairs: the bound in parts, before earlier goals count, and the best of
        the pairs not listed that have something above the prices."""
        mentees, mentors, _ = self.table.shape
        listed = Sparse(mentees, self._rows, self._columns, None)

        def look(rows: Ints, offers: Offers) -> tuple[int, Ints, Ints]:
            above = int(np.maximum(offers, 0).astype(np.int64).sum())
            at, to, _ = listed.inside(rows, slice(None), mentors)
            offers[at, to] = -np.inf
            offers -= CLEARLY
            at, columns = np.nonzero(highest(offers, ADDED))
            return above, rows[at], columns

        passed = over(self.table, duals, goal, self._work, look)
        none = np.zeros(0, dtype=np.int64)
        return (
            fixed_part(self.table, duals, goal) + sum(f[0] for f in passed),
            np.concatenate([none, *(f[1] for f in passed)]),
            np.concatenate([none, *(f[2] for f in passed)]),
        )

    def _that_matter(self, goal: int, target: int) -> tuple[Possible, Possible]:
        """The meetings that a plan with `target` of a goal may hold: of listed pairs, and of all.

        A plan has no more than the prices' bound less what its meetings lack. (One that is not
        its pair's best lacks the difference, too.)
        """
        proof = self._proofs[goal]
        needed = target * PRICE_UNIT - proof.less(self._reached(goal))

        def look(rows: Ints, offers: Offers) -> tuple[Ints, Ints, Offers]:
            at, columns = np.nonzero(np.minimum(offers, 0) >= needed)
            return rows[at], columns, np.maximum(offers[at, columns], 0)

        passed = over(self.table, proof.duals, goal, self._work, look)
        none = np.zeros(0, dtype=np.int64)
        rows = np.concatenate([none, *(f[0] for f in passed)])
        columns = np.concatenate([none, *(f[1] for f in passed)])
        above = np.concatenate([none, *(f[2] for f in passed)]).astype(np.int64)
        points = self.table.problem.pairs(rows, columns)[0]
        meetings = Possible.of(self.table, rows, columns, points)
        lack = proof.duals.offers(self.table, goal, meetings) - above[meetings.pairs]
        meetings = meetings.take(lack >= needed)
        listed = Sparse(self.table.shape[0], self._rows, self._columns, None)
        return meetings.take(listed.has(meetings.rows, meetings.columns)), meetings

    # ------------------------------------------------------------------------------ goals

    def _reached(self, goal: int) -> list[int]:
        """What the plan has of all goals before this one, summed up to each."""
        served: list[int] = self.table.served(self._best.rows).tolist()
        return served[: goal - 1] if goal else served

    def _value(self, goal: int) -> int:
        """What it has of this one."""
        if goal:
            return int(self.table.served(self._best.rows)[goal - 1])
        return int(self._best.points.sum())

    def _is_short(self, goal: int) -> bool:
        """Whether the plan may still be bettered at this goal, and there is time to."""
        bound = self._proofs[goal].bound(self._reached(goal))
        return self._value(goal) < bound and not self._work.is_late()

    def pursue(self, goal: int) -> None:
        """As much of a goal as can be without loss at those before, and a bound."""
        self._tell()
        self._proofs[goal] = Proof(*at_sight(self.table, self._seen, goal))
        if self._is_short(goal):
            self._relax(goal)
        if self._is_short(goal):
            self._search(goal)
        self._done += 1 / len(self.table.goals)

    def _tell(self) -> None:
        self._work.watch("", 0.0)

    def _relax(self, goal: int) -> None:
        """Prices by the linear program, with all pairs listed that they show to be missing."""
        reached = self._reached(goal)
        for _ in range(ROUNDS):
            self._tell()
            possible = self._possible()
            relaxed = Model(self.table, possible).relax(goal, reached)
            if relaxed is None:
                return
            self._consider(possible, relaxed.shares)
            whole, rows, columns = self._missing(goal, relaxed.duals)
            proof = Proof(relaxed.duals, whole)
            if proof.by_prices(reached) <= self._proofs[goal].by_prices(reached):
                self._proofs[goal] = proof
            # More pairs cannot lower a bound that these reach, in parts of meetings at least.
            is_reached = whole_of(relaxed.value) >= self._proofs[goal].bound(reached)
            if not len(rows) or is_reached or not self._is_short(goal):
                return
            self._list(rows, columns, self.table.problem.pairs(rows, columns)[0])

    def _search(self, goal: int) -> None:
        """Whole meetings by branch and bound: first those of a plan that has all that prices allow,
        then, step by step, of plans that have less, until nothing better is left."""
        nodes, less, is_wide = FIRST_NODES, 0, False
        for _ in range(ROUNDS):
            if not self._is_short(goal):
                return
            self._tell()
            bound = self._proofs[goal].bound(self._reached(goal))
            target = max(bound - less, self._value(goal) + 1)
            few, every = self._that_matter(goal, target)
            meetings = every if is_wide else few
            if len(meetings) > MOST_SEARCHED:
                return
            found = Model(self.table, meetings).search(goal, self._reached(goal), nodes)
            if found.shares is not None:
                self._consider(meetings, found.shares)
            if len(meetings) == len(every):
                self._narrow(goal, max(target - 1, whole_of(found.bound, bound)))
            if found.is_out_of_time:
                return
            if not found.is_done:
                nodes *= MORE_NODES
            elif len(meetings) < len(every):
                is_wide = True
            else:
                is_wide, less = False, 4 * less + 1

    def _narrow(self, goal: int, bound: int) -> None:
        """What the search left possible: the plan's own value at least."""
        proof = self._proofs[goal]
        known = bound if proof.searched is None else min(bound, proof.searched)
        self._proofs[goal] = replace(proof, searched=max(known, self._value(goal)))

    # ------------------------------------------------------------------------------ plans

    def _consider(self, meetings: Possible, shares: Values) -> None:
        """Take the plan that shares of meetings lead to, if it is better than the best so far."""
        plan = meetings.take(filled(self.table, meetings, shares))
        if self._rank(plan) > self._rank(self._best):
            self._best = plan

    def _rank(self, plan: Possible) -> tuple[int, ...]:
        return (*self.table.served(plan.rows).tolist(), int(plan.points.sum()))

    def plan(self, digest: str) -> MeetingPlan:
        """The best plan by ids, with every goal as it stands."""
        problem, best = self.table.problem, self._best
        told = zip(
            best.rows.tolist(),
            best.columns.tolist(),
            best.slots.tolist(),
            best.points.tolist(),
            strict=True,
        )
        meetings = (
            Meeting(problem.mentee_ids[row], problem.mentor_ids[column], slot, score)
            for row, column, slot, score in told
        )
        return MeetingPlan(
            tuple(sorted(meetings, key=lambda meeting: (meeting.slot, meeting.mentee))),
            *left_out(self.table, best.rows, best.columns),
            tuple(self._goal(goal) for goal in self.table.goals),
            solver_version(),
            digest,
        )

    def _goal(self, goal: int) -> MeetingGoal:
        proof, reached = self._proofs[goal], self._reached(goal)
        before = reached[-1] if goal and reached else 0
        return MeetingGoal(
            goal,
            self._value(goal) - before,
            proof.bound(reached) - before,
            proof.by_prices(reached) - before,
            proof.duals.told(self.table),
        )


def whole_of(bound: float, most: int = MOST_PEOPLE_POINTS) -> int:
    """The solver's figure in whole numbers, with room for its rounding, `most` at most."""
    if bound >= most:
        return most
    return int(np.floor(bound + 1e-4 + 1e-9 * abs(bound))) if np.isfinite(bound) else 0
