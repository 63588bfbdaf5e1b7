"""One change to a solved run, and the new best matching, proven, without starting anew.

A run's state holds the listed pairs, a limit for all that is not listed, and prices. A change
touches one mentee or one seat: a shortest path mends the matching (`mending`), and the limits
prove for nearly everybody that pairs that are not listed are still no better. Only where they do
not, rows are scored again; only then is the whole problem laid out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from matching.engine.assignment import (
    MENDED,
    NEAR,
    NONE_BEYOND,
    Beyond,
    beyond,
    not_proven,
    with_flags,
)
from matching.engine.columns import Flags, Ints
from matching.engine.input import Input
from matching.engine.lists import NOTHING, Lists
from matching.engine.mending import Market
from matching.engine.passes import Work
from matching.engine.policy import MOST_MENTEES
from matching.engine.result import Result, State, sealed
from matching.engine.scoring import UNMATCHED, Problem
from matching.engine.solving import ALONE, solve
from matching.engine.types import Mentee, Pair, ProblemError


@dataclass(frozen=True, slots=True)
class Late:
    """A mentee who comes late."""

    mentee: Mentee


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A mentee who leaves, by id."""

    mentee: str


@dataclass(frozen=True, slots=True)
class Lock:
    """A pair that is settled from now on."""

    mentee: str
    mentor: str


@dataclass(frozen=True, slots=True)
class Forbid:
    """A pair that must not be from now on."""

    mentee: str
    mentor: str


@dataclass(frozen=True, slots=True)
class Seats:
    """A mentor's new number of seats, 0 when the mentor leaves."""

    mentor: str
    seats: int


Edit = Late | Withdrawal | Lock | Forbid | Seats

MENDABLE: Final = (MOST_MENTEES,)
"""Objectives whose matching is mended; others are solved anew. (A path keeps the best total, but
not the most pairs of that total.)"""


def edited(asked: Input, edit: Edit) -> Input:
    """The question after an edit.

    ProblemError for somebody who is not there or, when late, is there already; and for what the
    input itself refuses, such as a lock without a free seat.
    """
    if isinstance(edit, Late):
        return asked.changed(
            mentees=(*asked.mentees, edit.mentee), touched={("mentee", edit.mentee.id)}
        )
    if isinstance(edit, Withdrawal):
        known(edit.mentee, [p.id for p in asked.mentees], "mentee")
        left = [p for p in asked.mentees if p.id != edit.mentee]
        return asked.changed(mentees=left, touched={("mentee", edit.mentee)})
    known(edit.mentor, [p.id for p in asked.mentors], "mentor")
    if isinstance(edit, Seats):
        mentors = [
            replace(p, seats=edit.seats) if p.id == edit.mentor else p for p in asked.mentors
        ]
        return asked.changed(mentors=mentors, touched={("mentor", edit.mentor)})
    known(edit.mentee, [p.id for p in asked.mentees], "mentee")
    pair = (edit.mentee, edit.mentor)
    if isinstance(edit, Lock):
        return asked.changed(locked=asked.locked | {pair})
    return asked.changed(excluded=asked.excluded | {pair})


def known(person: str, ids: Sequence[str], side: str) -> None:
    if person not in ids:
        raise ProblemError(f"There is no {side} {person!r} in this run.")


def resolve(
    asked: Input,
    result: Result,
    edit: Edit,
    *,
    solver: str | None = None,
    work: Work = ALONE,
    problem: Problem | None = None,
) -> tuple[Input, Result]:
    """The question after an edit and its best matching, proven as by `solve`.

    `result` must be that of `asked`, with its state; `problem`, if it is at hand, its arrays as
    they were when the state was made. Only those move whom the new best needs to; `solve` may find
    another of the same worth. Where nothing can be mended (another objective, no state, a gap, more
    than can be proven) the question is solved anew.
    """
    after = edited(asked, edit)
    state = result.state
    if state is None or result.gap or asked.policy.objective not in MENDABLE:
        return after, solve(after, solver=solver, work=work)
    standing = Standing(asked, result, state, problem, work)
    standing.apply(edit, after)
    answer = standing.result(after, result)
    return after, solve(after, solver=solver, work=work) if answer is None else answer


class Standing:
    """A solved run as arrays that an edit changes."""

    def __init__(
        self, asked: Input, result: Result, state: State, problem: Problem | None, work: Work
    ) -> None:
        self.asked, self.policy, self.work = asked, asked.policy, work
        self.problem = problem
        self.mentees, self.mentors = list(state.mentee_ids), list(state.mentor_ids)
        self.row = {mentee: at for at, mentee in enumerate(self.mentees)}
        self.column = {mentor: at for at, mentor in enumerate(self.mentors)}
        self.lists, self.inside, self.price = state.lists, state.inside, state.price
        self.scores = {pair.mentee: pair for pair in result.pairs}
        self.locked = {mentee: self.scores[mentee] for mentee, _ in asked.locked}
        seats = {p.id: p.seats for p in asked.mentors}
        taken = [pair.mentor for pair in self.locked.values()]
        self.capacity = np.array(
            [seats.get(m, 0) - taken.count(m) for m in self.mentors],
            dtype=np.int64,
        )
        partner = np.full(len(self.mentees), UNMATCHED, dtype=np.int64)
        for pair in result.pairs:
            if pair.mentee not in self.locked:
                partner[self.row[pair.mentee]] = self.column[pair.mentor]
        self.absent = set(self.mentees) - {p.id for p in asked.mentees}
        self.matching = partner, state.prices.copy(), state.values.copy()
        # Ties may have been broken in favour of a pair that was never listed.
        rows = np.flatnonzero(partner != UNMATCHED)
        scores = np.array([self.scores[self.mentees[row]].score for row in rows], dtype=np.int64)
        held = Beyond(rows, partner[rows], scores, 0)
        self.lists, self.inside = with_flags(self.lists, self.inside, held)

    @property
    def near(self) -> int:
        return self.policy.most_points // NEAR

    def apply(self, edit: Edit, after: Input) -> None:
        """Change the arrays and mend the matching on the listed pairs."""
        if isinstance(edit, Late):
            self._add(edit.mentee, after)
        elif isinstance(edit, Withdrawal):
            self._remove(edit.mentee)
            self.absent.add(edit.mentee)
        elif isinstance(edit, Lock):
            self._lock(edit.mentee, edit.mentor, after)
        elif isinstance(edit, Forbid):
            self._forbid(edit.mentee, edit.mentor)
        else:
            self._seats(edit.mentor, after)

    def _market(self) -> Market:
        chosen = self.inside
        return Market(
            self.lists.rows[chosen],
            self.lists.columns[chosen],
            self.lists.scores[chosen] + self.price,
            self.capacity,
            *self.matching,
        )

    def _keep(self, market: Market) -> None:
        self.matching = market.partner, market.prices, market.values
        self.capacity = market.capacity

    def _add(self, mentee: Mentee, after: Input) -> None:
        """One more row, all of whose pairs are listed."""
        columns, scores = self._scores_of(mentee, after)
        row = len(self.mentees)
        self.mentees.append(mentee.id)
        self.row[mentee.id] = row
        lists = self.lists
        self.lists = Lists(
            lists.rows,
            lists.columns,
            lists.scores,
            lists.reference,
            np.append(lists.limit, NOTHING),
            np.append(lists.reachable, False),
        )
        rows = np.full(len(columns), row, dtype=np.int64)
        more = Beyond(rows, columns, scores, 0)
        self.lists, self.inside = with_flags(self.lists, self.inside, more)
        partner, prices, values = self.matching
        self.matching = np.append(partner, UNMATCHED), prices, np.append(values, 0)
        market = self._market()
        market.place(row)
        self._keep(market)

    def _scores_of(self, mentee: Mentee, after: Input) -> tuple[Ints, Ints]:
        """The columns a mentee may go to, and the scores there."""
        pairs = {pair for pair in after.barred if pair[0] == mentee.id}
        alone = replace(after, mentees=(mentee,), excluded=frozenset(pairs), locked=frozenset())
        problem = Problem.of(alone)
        tile = problem.tile(np.zeros(1, dtype=np.int64))[0]
        columns = np.array([self.column[m] for m in problem.mentor_ids], dtype=np.int64)
        allowed = tile >= 0
        order = np.argsort(columns[allowed])
        return columns[allowed][order], tile[allowed].astype(np.int64)[order]

    def _remove(self, mentee: str) -> None:
        """Take a row out: nothing of it is listed, and no limit is left to be proven."""
        row = self.row[mentee]
        if mentee in self.locked:
            column = self.column[self.locked.pop(mentee).mentor]
            self.capacity[column] += 1
            market = self._market()
            market.free_seat(column)
        else:
            market = self._market()
            market.leave(row)
        self._keep(market)
        self._drop(self.lists.rows == row)
        limit = self.lists.limit.copy()
        limit[row] = NOTHING
        self.lists = replace(self.lists, limit=limit)

    def _drop(self, gone: Flags) -> None:
        lists = self.lists
        self.inside = self.inside[~gone]
        self.lists = replace(
            lists,
            rows=lists.rows[~gone],
            columns=lists.columns[~gone],
            scores=lists.scores[~gone],
        )

    def _lock(self, mentee: str, mentor: str, after: Input) -> None:
        here = next(p for p in after.mentees if p.id == mentee)
        there = next(p for p in after.mentors if p.id == mentor)
        # The two alone: refused in a sentence where a rule is against it.
        pair = Problem.of(
            replace(after, mentees=(here,), mentors=(there,), locked=frozenset({(mentee, mentor)}))
        )
        none = np.zeros(1, dtype=np.int64)
        score = int(pair.pairs(none, none)[0][0])
        column = self.column[mentor]
        if mentee in self.locked:
            return
        self._remove(mentee)
        market = self._market()
        market.take_seat(column)
        self._keep(market)
        self.locked[mentee] = Pair(mentee, mentor, score)

    def _forbid(self, mentee: str, mentor: str) -> None:
        row, column = self.row[mentee], self.column[mentor]
        if self.problem is not None:
            self.problem = self.problem.with_barred(row, column)
        partner = self.matching[0]
        was = int(partner[row])
        if was == column:
            market = self._market()
            market.leave(row)
            self._keep(market)
        self._drop((self.lists.rows == row) & (self.lists.columns == column))
        if was == column:
            market = self._market()
            market.place(row)
            self._keep(market)

    def _seats(self, mentor: str, after: Input) -> None:
        column = self.column[mentor]
        seats = next(p.seats for p in after.mentors if p.id == mentor)
        taken = sum(pair.mentor == mentor for pair in self.locked.values())
        goal = seats - taken
        market = self._market()
        while market.capacity[column] < goal:
            market.capacity[column] += 1
            market.free_seat(column)
        while market.capacity[column] > goal:
            market.take_seat(column)
        self._keep(market)

    # ---------------------------------------------------------------------------------------

    def result(self, after: Input, before: Result) -> Result | None:
        """The matching with its proof, or None where it has to be solved anew."""
        if not self._prove(after):
            return None
        partner, prices, values = self.matching
        placed = np.flatnonzero(partner != UNMATCHED)
        lists = self.lists
        wide = len(self.mentors)
        keys = lists.rows * wide + lists.columns
        scores = lists.scores[np.searchsorted(keys, placed * wide + partner[placed])]
        matched = len(placed) + len(self.locked)
        free = len(self.mentees) - len(self.absent) - len(self.locked)
        room = np.minimum(self.capacity, len(after.mentees))
        possible = min(int(lists.reachable.sum()), int(room.sum()))
        if self.price > free * self.policy.most_points:
            worth = self.price * len(placed) + int(scores.sum())
            possible = min(possible, worth // self.price)
        elif len(placed) < possible:
            return None
        pairs = sorted(
            [
                *self.locked.values(),
                *(
                    Pair(self.mentees[row], self.mentors[column], score)
                    for row, column, score in zip(
                        placed.tolist(), partner[placed].tolist(), scores.tolist(), strict=True
                    )
                ),
            ],
            key=lambda pair: pair.mentee,
        )
        score = sum(pair.score for pair in pairs)
        there = {pair.mentee for pair in pairs} | self.absent
        changed = replace(
            before,
            pairs=tuple(pairs),
            unmatched=tuple(sorted(m for m in self.mentees if m not in there)),
            mentees=len(after.mentees),
            seats=sum(p.seats for p in after.mentors),
            matched=matched,
            matched_bound=possible + len(self.locked),
            score=score,
            score_bound=score,
            prices=dict(zip(self.mentors, prices.tolist(), strict=True)),
            digest=after.digest(),
            state=State(
                tuple(self.mentees),
                tuple(self.mentors),
                lists.measured_by(prices, values, self.price),
                self.inside,
                prices,
                values,
                self.price,
            ),
        )
        return sealed(changed)

    def _lay_out(self, after: Input) -> None:
        """Lay out the problem, and everything here in its order of people."""
        self.problem = Problem.of(after)
        ids = self.problem.mentee_ids, self.problem.mentor_ids
        from_row = np.array([self.row[m] for m in ids[0]], dtype=np.int64)
        from_column = np.array([self.column[m] for m in ids[1]], dtype=np.int64)
        row = np.full(len(self.mentees), UNMATCHED, dtype=np.int64)
        row[from_row] = np.arange(len(from_row))
        column = np.empty(len(self.mentors), dtype=np.int64)
        column[from_column] = np.arange(len(from_column))
        lists = self.lists
        rows, columns = row[lists.rows], column[lists.columns]
        order = np.lexsort((columns, rows))
        self.lists = Lists(
            rows[order],
            columns[order],
            lists.scores[order],
            lists.reference[from_column],
            lists.limit[from_row],
            lists.reachable[from_row],
        )
        self.inside = self.inside[order]
        partner, prices, values = self.matching
        moved = partner[from_row]
        self.matching = (
            np.where(moved == UNMATCHED, UNMATCHED, column[np.maximum(moved, 0)]),
            prices[from_column],
            values[from_row],
        )
        self.capacity = self.capacity[from_column]
        self.mentees, self.mentors, self.absent = list(ids[0]), list(ids[1]), set()
        self.row = {mentee: at for at, mentee in enumerate(self.mentees)}
        self.column = {mentor: at for at, mentor in enumerate(self.mentors)}

    def _count_reachable(self) -> bool:
        """Count who has an allowed mentor with a seat; False where the lists do not tell."""
        lists = self.lists
        reachable = np.zeros(len(lists.limit), dtype=np.bool_)
        reachable[lists.rows[self.capacity[lists.columns] > 0]] = True
        self.lists = replace(lists, reachable=reachable)
        return bool((reachable | (lists.limit == NOTHING)).all())

    def _prove(self, after: Input) -> bool:
        """Mend until no pair, listed or not, would do better."""
        if not self._count_reachable():
            return False
        for _ in range(MENDED):
            _, prices, values = self.matching
            lists = self.lists
            surplus = lists.scores + self.price - prices[lists.columns] - values[lists.rows]
            raised = values.copy()
            np.maximum.at(raised, lists.rows, values[lists.rows] + surplus)
            if len(not_proven(lists, prices, raised, self.price)) and self.problem is None:
                self._lay_out(after)
                continue
            more = NONE_BEYOND
            if self.problem is not None:
                more = beyond(self.problem, lists, prices, raised, self.price, self.near, self.work)
            worse = raised > values
            worse[more.rows] = True
            if not worse.any():
                return True
            if int(worse.sum()) > MENDED:
                return False
            self.inside = self.inside | (worse[lists.rows] & (surplus > -self.near))
            self.lists, self.inside = with_flags(lists, self.inside, more)
            chosen = self.inside
            market = Market(
                self.lists.rows[chosen],
                self.lists.columns[chosen],
                self.lists.scores[chosen] + self.price,
                self.capacity,
                *self.matching,
                pending=np.flatnonzero(worse),
            )
            for row in np.flatnonzero(worse).tolist():
                market.place(row)
            self._keep(market)
        return False
