"""What every pair of a run is made of, and who comes next for every mentee: for whole runs.

Arrays, a few microseconds a pair; `explain.reasons` tells one pair in words.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from matching.engine.columns import Flags, Floats, Ints
from matching.engine.explain import is_private
from matching.engine.input import Input
from matching.engine.lists import NOTHING
from matching.engine.passes import Work, is_allowed, over
from matching.engine.policy import Policy
from matching.engine.result import Result
from matching.engine.scoring import UNMATCHED, Problem, running
from matching.engine.solved import Solved, laid_out
from matching.engine.solving import ALONE

FOLLOWING: Final = 3
"""Runner-ups that are told unless another number is asked for."""

FAR: Final = 2**44
"""What pairs that must not be miss by; leaves room for a column in 64 bits."""


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A mentor who comes next for a mentee, and the points of that pair.

    No matching with this pair is less than `misses` points worse than the best one, a place
    counting `unmatched_price` points; 0 when by the prices it is as good. `why_not` says what it
    would really cost. In a stable run, which has no prices, `misses` are the points it has less
    than the mentee's own pair, below 0 where that mentor preferred others.
    """

    mentor: str
    score: int
    misses: int


@dataclass(frozen=True, slots=True, eq=False)
class Breakdown:
    """Points by criterion of listed pairs, in the order of mentees and places.

    Pair p is `rows[p]`, `columns[p]` of `mentees`, `mentors`. `places[p]` is 0 for a pair of the
    result, 1 for its first runner-up; `misses[p]` as in `RunnerUp`. `points[p]` stand in the order
    of `criteria`, the heaviest first, with `weights` the most each gives. `sure[row]`: nobody who
    was not listed comes before the runner-ups that are told. Coordinators read this; a pair
    reads what `public` leaves.
    """

    criteria: tuple[str, ...]
    weights: Ints
    private: Flags
    mentees: tuple[str, ...]
    mentors: tuple[str, ...]
    rows: Ints
    columns: Ints
    places: Ints
    misses: Ints
    points: Ints
    sure: Flags

    def public(self) -> Self:
        """What the two may read: their own pair, without private criteria.

        Nothing can be subtracted from anything here: there is no score and no runner-up.
        """
        own, open_to_all = self.places == 0, ~self.private
        return replace(
            self,
            criteria=tuple(
                name for name, may in zip(self.criteria, open_to_all, strict=True) if may
            ),
            weights=self.weights[open_to_all],
            private=self.private[open_to_all],
            rows=self.rows[own],
            columns=self.columns[own],
            places=self.places[own],
            misses=self.misses[own],
            points=self.points[own][:, open_to_all],
        )


def breakdown(
    problem: Problem,
    result: Result,
    policy: Policy | None = None,
    *,
    count: int = FOLLOWING,
    exact: bool = False,
    work: Work = ALONE,
) -> Breakdown:
    """Every pair of a result with its `count` runner-ups; mentees without a mentor have these only.

    Runner-ups are the best of the listed pairs, `sure` tells of whom that is proven; `exact`
    scores all pairs of the others once more. A locked mentee has none: that pair is settled.
    Without a `policy` (a problem made from arrays) criteria stand as in the problem, weigh the
    most they give here, and none is private.
    """
    solved = Solved.of(problem, result)
    follow, misses, sure = following(solved, count, work, exact=exact)
    table = np.concatenate([solved.partner[:, None], follow], axis=1)
    missed = np.concatenate([np.zeros((len(table), 1), dtype=np.int64), misses], axis=1)
    rows, places = np.nonzero(table != UNMATCHED)
    columns = table[rows, places]
    points = problem.breakdown(rows, columns)
    names = list(problem.columns)
    order = list(range(len(names)))
    if policy is None:
        weights = points.max(axis=0, initial=0)
        private = np.zeros(len(names), dtype=np.bool_)
    else:
        weights = np.array([c.points for c in policy.criteria], dtype=np.int64)
        private = np.array([is_private(c) for c in policy.criteria], dtype=np.bool_)
        order.sort(key=lambda at: -int(weights[at]))
        points = points[:, order]
    return Breakdown(
        tuple(names[at] for at in order),
        weights[order],
        private[order],
        problem.mentee_ids,
        problem.mentor_ids,
        rows,
        columns,
        places,
        missed[rows, places],
        points,
        sure,
    )


def runners_up(
    asked: Input,
    result: Result,
    mentee: str,
    *,
    count: int = FOLLOWING,
    problem: Problem | None = None,
) -> tuple[RunnerUp, ...]:
    """The mentors who come next for a mentee, the nearest first, from all who are possible.

    Nobody for a locked mentee. ProblemError for somebody who is not of this run.
    """
    solved = laid_out(asked, result, problem)
    row = solved.row_of(mentee)
    if solved.problem.locked[row] != UNMATCHED:
        return ()
    scores, allowed = solved.with_everybody(row)
    misses = solved.misses(row, scores)
    allowed &= solved.problem.capacity > 0
    if solved.partner[row] != UNMATCHED:
        allowed[solved.partner[row]] = False
    order = np.lexsort((np.arange(len(misses)), misses))
    return tuple(
        RunnerUp(solved.problem.mentor_ids[at], int(scores[at]), int(misses[at]))
        for at in order[allowed[order]][:count].tolist()
    )


def following(
    solved: Solved, count: int, work: Work, *, exact: bool = False
) -> tuple[Ints, Ints, Flags]:
    """The columns of the runner-ups of every row (UNMATCHED: no more) and what they miss.

    The flags say of which rows it is proven that no pair that is not listed comes before.
    """
    size, free = len(solved.row), solved.problem.free
    follow = np.full((size, count), UNMATCHED, dtype=np.int64)
    misses = np.zeros((size, count), dtype=np.int64)
    sure = np.ones(size, dtype=np.bool_)
    if solved.lists is None:
        sure[free] = False
    else:
        sure[free] = by_lists(solved, follow, misses)[free]
    if solved.lists is None or exact:
        by_rows(solved, np.flatnonzero(~sure), follow, misses, work)
        sure[:] = True
    return follow, misses, sure


def by_lists(solved: Solved, follow: Ints, misses: Ints) -> Flags:
    """Fill in what the listed pairs say; which rows that is the whole truth of."""
    if solved.lists is None or not len(solved.lists.rows):
        return np.zeros(len(follow), dtype=np.bool_)
    lists, price = solved.lists, solved.result.unmatched_price
    rows, columns = lists.rows, lists.columns
    less = (solved.prices - price)[columns]
    less -= lists.scores
    less[columns == solved.partner[rows]] = FAR
    less[(solved.problem.capacity == 0)[columns]] = FAR
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    here, counts = rows[first], np.diff(first, append=len(rows))
    # Of equal ones the first; the place in the row is the last digit.
    span = int(counts.max())
    less *= span
    less += running(counts)
    for place in range(follow.shape[1]):
        least, within = np.divmod(np.minimum.reduceat(less, first), span)
        at, real = first + within, least < FAR
        follow[here[real], place] = columns[at[real]]
        misses[here[real], place] = solved.values[here[real]] + least[real]
        less[at] = FAR * span
    # Nobody who is not listed can miss by less than this.
    rise = int((solved.prices - lists.reference).min(initial=0))
    bar = solved.values + rise - lists.limit - price
    found = follow[:, -1] != UNMATCHED if follow.shape[1] else np.ones(len(follow), dtype=np.bool_)
    last = misses[:, -1] if follow.shape[1] else np.zeros(len(follow), dtype=np.int64)
    sure: Flags = (lists.limit == NOTHING) | (found & (last < bar))
    return sure


def by_rows(solved: Solved, rows: Ints, follow: Ints, misses: Ints, work: Work) -> None:
    """Fill in the same from all pairs of some rows."""
    level = solved.prices - solved.result.unmatched_price
    closed = np.flatnonzero(solved.problem.capacity == 0)
    wide = len(level)
    count = min(follow.shape[1], wide)
    columns = np.arange(wide)

    def look(part: Ints, scores: Floats) -> tuple[Ints, Ints, Ints]:
        less = level - scores.astype(np.int64)
        less[~is_allowed(scores)] = FAR
        less[:, closed] = FAR
        placed = np.flatnonzero(solved.partner[part] != UNMATCHED)
        less[placed, solved.partner[part][placed]] = FAR
        # The column is the last digit, so that it breaks ties as the order of listed pairs does.
        less *= wide
        less += columns
        least, chosen = np.divmod(np.sort(np.partition(less, count - 1, axis=1)[:, :count]), wide)
        real = least < FAR
        missed = np.where(real, least + solved.values[part][:, None], 0)
        return part, np.where(real, chosen, UNMATCHED), missed

    if not count:
        return
    for part, chosen, missed in over(solved.problem, rows, "runner-ups", work, look):
        follow[part, :count], misses[part, :count] = chosen, missed
