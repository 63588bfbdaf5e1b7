"""A solved run laid out for questions about it: `why`, `seats`, `breakdowns`, `sensitivity`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from matching.engine.columns import Flags, Ints
from matching.engine.flow import assign, named
from matching.engine.input import Input
from matching.engine.lists import Lists
from matching.engine.policy import STABLE
from matching.engine.result import Result, State
from matching.engine.scoring import UNMATCHED, Problem
from matching.engine.solving import alone, paired
from matching.engine.ties import MOST_PAIRS
from matching.engine.types import PairOfIds, ProblemError

NONE: Final = ""
"""In place of a mentor's id: no mentor."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A result by rows and columns of its problem.

    `values[i]` is what row i has beyond the price of its seat (u_i), 0 without a mentor; with a
    gap of 0 no pair offers a free mentee more. A stable result has no prices: all are 0 then, and
    the values are the scores. `lists` are the listed pairs, where the run's state is kept.
    """

    problem: Problem
    result: Result
    row: Mapping[str, int]
    column: Mapping[str, int]
    partner: Ints
    scores: Ints
    prices: Ints
    values: Ints
    lists: Lists | None

    @classmethod
    def of(cls, problem: Problem, result: Result) -> Self:
        """ProblemError when the result names people who are not in the problem."""
        if result.floor is not None:
            problem = problem.with_floor(result.floor.lowest)
        row = {mentee: at for at, mentee in enumerate(problem.mentee_ids)}
        column = {mentor: at for at, mentor in enumerate(problem.mentor_ids)}
        partner = np.full(len(row), UNMATCHED, dtype=np.int64)
        scores = np.zeros(len(row), dtype=np.int64)
        try:
            at = [row[pair.mentee] for pair in result.pairs]
            partner[at] = [column[pair.mentor] for pair in result.pairs]
        except KeyError as error:
            raise ProblemError("This result was made from other people.") from error
        scores[at] = [pair.score for pair in result.pairs]
        prices = np.array([result.prices.get(m, 0) for m in problem.mentor_ids], dtype=np.int64)
        placed = partner != UNMATCHED
        own = scores + result.unmatched_price - prices[partner] if len(column) else scores
        values = np.where(placed, own, 0)
        keeps = result.state is not None and problem.objective != STABLE
        lists = in_order(problem, result.state) if keeps and result.state is not None else None
        return cls(problem, result, row, column, partner, scores, prices, values, lists)

    @property
    def has_prices(self) -> bool:
        return self.problem.objective != STABLE

    @property
    def is_as_stored(self) -> bool:
        """Whether rows and columns are also those of the run's state."""
        state, problem = self.result.state, self.problem
        return state is not None and is_same_order(problem, state)

    def row_of(self, mentee: str) -> int:
        """ProblemError for somebody who is not here."""
        if mentee not in self.row:
            raise ProblemError(f"The mentee {mentee!r} is not of this run.")
        return self.row[mentee]

    def column_of(self, mentor: str) -> int:
        """ProblemError for somebody who is not here."""
        if mentor not in self.column:
            raise ProblemError(f"The mentor {mentor!r} is not of this run.")
        return self.column[mentor]

    def with_everybody(self, row: int) -> tuple[Ints, Flags]:
        """A mentee's scores with all mentors, and with whom they may be."""
        columns = np.arange(len(self.column))
        return self.problem.pairs(np.full(len(columns), row), columns)

    def misses(self, row: int, scores: Ints) -> Ints:
        """By how many points pairs of a mentee with all mentors miss a best matching, at least."""
        misses: Ints = self.values[row] + self.prices - scores - self.result.unmatched_price
        return misses

    def led_to(self, rows: Ints) -> Flags:
        """The mentors whose one more seat could place one of these mentees without a mentor.

        They take the seat themselves, or somebody does whose seat they can take, and so on, each
        step without loss at the prices. Seen on the listed pairs; without them nobody is led to.
        """
        reached = np.zeros(len(self.column), dtype=np.bool_)
        if self.lists is None:
            return reached
        lists = self.lists
        tight = without_loss(self, lists) & (self.prices[lists.columns] > 0)
        at, to = lists.rows[tight], lists.columns[tight]
        moving = np.zeros(len(self.row), dtype=np.bool_)
        moving[rows] = True
        placed = self.partner != UNMATCHED
        while True:
            before = int(reached.sum())
            reached[to[moving[at]]] = True
            moving[placed] = reached[self.partner[placed]]
            if int(reached.sum()) == before:
                return reached


def laid_out(asked: Input, result: Result, problem: Problem | None) -> Solved:
    """For the questions: `problem` saves laying the input out once more."""
    return Solved.of(Problem.of(asked) if problem is None else problem, result)


def without_loss(solved: Solved, lists: Lists) -> Flags:
    """The listed pairs that some best matching may hold."""
    gains = lists.scores + solved.result.unmatched_price
    tight: Flags = gains - solved.prices[lists.columns] == solved.values[lists.rows]
    return tight


def is_same_order(problem: Problem, state: State) -> bool:
    ids = problem.mentee_ids, problem.mentor_ids
    return (state.mentee_ids, state.mentor_ids) == ids


def in_order(problem: Problem, state: State) -> Lists:
    """The listed pairs by rows and columns of the problem; after edits a state has others."""
    lists = state.lists
    if is_same_order(problem, state):
        return lists
    row = places(state.mentee_ids, problem.mentee_ids)
    column = places(state.mentor_ids, problem.mentor_ids)
    rows, columns = row[lists.rows], column[lists.columns]
    kept = np.flatnonzero((rows != UNMATCHED) & (columns != UNMATCHED))
    order = kept[np.lexsort((columns[kept], rows[kept]))]
    from_row = places(problem.mentee_ids, state.mentee_ids)
    from_column = places(problem.mentor_ids, state.mentor_ids)
    return Lists(
        rows[order],
        columns[order],
        lists.scores[order],
        lists.reference[from_column],
        lists.limit[from_row],
        lists.reachable[from_row],
    )


def places(ids: Sequence[str], among: Sequence[str]) -> Ints:
    """Where each id stands among others, UNMATCHED for nowhere."""
    at = {name: number for number, name in enumerate(among)}
    return np.array([at.get(name, UNMATCHED) for name in ids], dtype=np.int64)


def near(solved: Solved, before: Collection[PairOfIds], solver: str | None) -> Result:
    """Of the matchings as good as a new one, that which keeps most pairs of the one before.

    Only in problems so large that hashes tell none apart (`ties.MOST_PAIRS`), where a solver's
    choice would look like change. Seen on the listed pairs.
    """
    problem, result, lists = solved.problem, solved.result, solved.lists
    is_told_apart = len(problem.free) * len(problem.mentor_ids) <= MOST_PAIRS
    if is_told_apart or lists is None or result.gap:
        return result
    tight = without_loss(solved, lists) & (problem.capacity > 0)[lists.columns]
    tight &= (problem.locked == UNMATCHED)[lists.rows]
    rows, columns = lists.rows[tight], lists.columns[tight]
    wide = len(problem.mentor_ids)
    kept = [solved.row[e] * wide + solved.column[m] for e, m in before]
    was = np.isin(rows * wide + columns, np.array(kept, dtype=np.int64))
    # What must be served first, then the number of pairs, then those that were there before.
    step = len(problem.free) + 1
    bonus = step + was.astype(np.int64)
    must = (solved.values[rows] > 0).astype(np.int64) + (solved.prices[columns] > 0)
    bonus += step * (step + 1) * must
    size = len(problem.mentee_ids)
    partner = assign(rows, columns, bonus, problem.capacity, size, named(solver))
    partner = np.where(problem.locked >= 0, problem.locked, partner)
    pairs = paired(problem, partner)
    if (len(pairs), sum(pair.score for pair in pairs)) != (result.matched, result.score):
        return result
    return replace(result, pairs=pairs, unmatched=alone(problem, partner))
