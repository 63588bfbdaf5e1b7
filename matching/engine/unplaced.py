"""Why somebody has no mentor, and the smallest changes that would place them: for coordinators.

**A private wish never shows.** Counts ask the musts alone and count `excluded` and `avoided`
mentors as fitting; why a mentee was not placed is said in one way that is true with and without
such pairs. The lifting of an `excluded` pair is offered where it helps, so not where the pair is
avoided too; otherwise nobody who must not be with the mentee is mentioned to place them.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from matching.engine.columns import Flags, Ints
from matching.engine.criteria import Hours
from matching.engine.edits import Lock, Seats, resolve
from matching.engine.explain import is_private
from matching.engine.input import Input
from matching.engine.passes import Work
from matching.engine.policy import MOST_MENTEES, Criterion, Policy
from matching.engine.result import Result
from matching.engine.scoring import UNMATCHED, Problem
from matching.engine.solved import NONE, Solved, laid_out, near
from matching.engine.solving import ALONE, paired, solve_problem
from matching.engine.ties import break_ties
from matching.engine.types import PairOfIds, ProblemError
from matching.engine.why import changed, mendable, pairs_of, person


class Unplaced(StrEnum):
    """Why somebody has no mentor."""

    NO_MENTORS = "no-mentors"
    NONE_FITS = "none-fits"
    NO_SEATS = "no-seats"
    SEATS_WENT = "seats-went"


class Remedy(StrEnum):
    """What would place them."""

    SEAT = "seat"
    HELD_SEAT = "held-seat"
    LEAST_HOURS = "hours"
    NO_MUST = "must"
    EXCLUSION = "exclusion"


OFFERED: Final = 3
"""Seats, and exclusions, that are offered at most."""

TRIED: Final = 6
"""Seats, and exclusions, that are tried for that."""


@dataclass(frozen=True, slots=True)
class RuledOut:
    """How many mentors a must rules out for a mentee, and how many of them nothing else does."""

    criterion: str
    kind: str
    mentors: int
    alone: int
    private: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A change that places a mentee while all others keep a place, solved again.

    `kind`: SEAT, one more seat with `mentor`; HELD_SEAT, the same, locked to the mentee, as it
    would go to another otherwise; LEAST_HOURS, the must `criterion` asks for `hours` only;
    NO_MUST, it is a must no longer; EXCLUSION, the mentee and `mentor` are not excluded.
    The mentee is then with `partner` for `points`; `matched` and `score` are those of the run.
    """

    kind: Remedy
    mentor: str
    criterion: str
    hours: int
    partner: str
    points: int
    matched: int
    score: int


@dataclass(frozen=True, slots=True)
class WhyUnmatched:
    """Why a mentee has no mentor, and the smallest changes that would place them.

    `kind`: NO_MENTORS, there are none; NONE_FITS, musts rule out all; NO_SEATS, those who fit
    have no seat that is not locked; SEATS_WENT, their seats are worth more with others, or the two
    must not be together. Of `mentors`, `fitting` are ruled out by no must; `musts` says what ruled
    out the others.
    """

    mentee: str
    kind: Unplaced
    mentors: int
    fitting: int
    musts: tuple[RuledOut, ...]
    changes: tuple[Change, ...]


def why_unmatched(
    asked: Input,
    result: Result,
    mentee: str,
    *,
    problem: Problem | None = None,
    solver: str | None = None,
    work: Work = ALONE,
) -> WhyUnmatched:
    """Why a mentee has no mentor and what would place them; see `Change` for what is tried.

    ProblemError for somebody not of this run or with a mentor. When `work` is late, what could
    not be proven is not offered.
    """
    solved = laid_out(asked, result, problem)
    row = solved.row_of(mentee)
    if solved.partner[row] != UNMATCHED:
        raise ProblemError(f"The mentee {mentee!r} has a mentor in this run.")
    out = {c.name: ruled_out(solved.problem, row, c.name) for c in asked.policy.criteria if c.must}
    count = sum((flags.astype(np.int64) for flags in out.values()), np.zeros(len(solved.column)))
    seats = solved.problem.capacity > 0
    if not len(solved.column):
        kind = Unplaced.NO_MENTORS
    elif count.all():
        kind = Unplaced.NONE_FITS
    else:
        kind = Unplaced.SEATS_WENT if ((count == 0) & seats).any() else Unplaced.NO_SEATS
    musts = [
        RuledOut(
            c.name,
            c.kind.name,
            int(out[c.name].sum()),
            int((out[c.name] & (count == 1)).sum()),
            is_private(c),
        )
        for c in asked.policy.criteria
        if c.must and out[c.name].any()
    ]
    musts.sort(key=lambda must: (-must.mentors, must.criterion))
    asking = Asking(asked, solved, row, out, solver, work)
    return WhyUnmatched(
        mentee,
        kind,
        len(solved.column),
        int((count == 0).sum()),
        tuple(musts),
        (*asking.seats(), *asking.hours_and_musts(), *asking.exclusions()),
    )


def ruled_out(problem: Problem, row: int, criterion: str) -> Flags:
    """The mentors a criterion rules out for a mentee."""
    columns = np.arange(len(problem.mentor_ids))
    out: Flags = problem.columns[criterion].pairs(np.full(len(columns), row), columns)[1]
    return out


def applied(asked: Input, mentee: str, change: Change) -> Input:
    """The input with a change made."""
    if change.kind in (Remedy.SEAT, Remedy.HELD_SEAT):
        mentors = tuple(
            replace(m, seats=m.seats + 1) if m.id == change.mentor else m for m in asked.mentors
        )
        held = {(mentee, change.mentor)} if change.kind == Remedy.HELD_SEAT else set()
        return replace(asked, mentors=mentors, locked=asked.locked | held)
    if change.kind == Remedy.EXCLUSION:
        return replace(asked, excluded=asked.excluded - {(mentee, change.mentor)})
    return replace(asked, policy=eased(asked.policy, change.criterion, change.hours))


def eased(policy: Policy, name: str, hours: int) -> Policy:
    """With one must that asks for so many hours only, or with 0 is a must no longer."""

    def ease(criterion: Criterion) -> Criterion:
        if criterion.name != name:
            return criterion
        if hours and isinstance(criterion.kind, Hours):
            return replace(criterion, kind=replace(criterion.kind, least_hours=hours))
        return replace(criterion, must=False, must_answer=False)

    return replace(policy, criteria=tuple(ease(criterion) for criterion in policy.criteria))


@dataclass(frozen=True, slots=True)
class Asking:
    """What is tried to place one mentee; `out` are the mentors each must rules out for them."""

    asked: Input
    solved: Solved
    row: int
    out: Mapping[str, Flags]
    solver: str | None
    work: Work

    @property
    def mentee(self) -> str:
        return self.solved.problem.mentee_ids[self.row]

    def seats(self) -> Iterator[Change]:
        """Those that let the run gain most, then those that must be held for the mentee."""
        led = self.solved.led_to(np.array([self.row]))
        score, allowed = self._everybody()
        misses = self.solved.misses(self.row, score)
        led |= allowed & ((misses <= 0) if self.solved.has_prices else np.bool_(True))
        # Also as a step of a chain, somebody who must not be with the mentee is not mentioned.
        led[[self.solved.column[m] for e, m in self.asked.barred if e == self.mentee]] = False
        worth = self.solved.prices if self.solved.has_prices else score
        found = 0
        for column in best_first(np.flatnonzero(led), worth, score)[:TRIED]:
            _, other = self._with_seat(column)
            other = self._told_apart(other, seated(self.solved.problem, column))
            if self._places(other):
                found += 1
                yield self._change(Remedy.SEAT, other, mentor=self._mentor(column))
            if found == OFFERED:
                break
        if found:
            return
        for column in best_first(np.flatnonzero(allowed), -misses, score)[:OFFERED]:
            lock = Lock(self.mentee, self._mentor(column))
            after, other = self._with_seat(column)
            _, other = resolve(after, mendable(other), lock, solver=self.solver, work=self.work)
            other = self._told_apart(other, seated(self.solved.problem, column, self.row))
            if self._places(other):
                yield self._change(Remedy.HELD_SEAT, other, mentor=self._mentor(column))

    def _with_seat(self, column: int) -> tuple[Input, Result]:
        mentor = self._mentor(column)
        edit = Seats(mentor, person(self.asked.mentors, mentor).seats + 1)
        return changed(self.asked, self.solved, edit, self.solver, self.work)

    def _told_apart(self, other: Result, problem: Problem) -> Result:
        """What solving anew would choose where others are worth as much as those who moved.

        A seat that either way would go to another is none for the mentee.
        """
        is_left_out = self.mentee not in pairs_of(other)
        if is_left_out or other.objective != MOST_MENTEES or other.gap:
            return other
        found = Solved.of(problem, other)
        price, work = other.unmatched_price, self.work
        partner = break_ties(problem, found.partner, found.prices, found.values, price, work)
        other = replace(other, pairs=paired(problem, partner))
        return near(Solved.of(problem, other), self._before, self.solver)

    @property
    def _before(self) -> set[PairOfIds]:
        return {(pair.mentee, pair.mentor) for pair in self.solved.result.pairs}

    def _solved(self, problem: Problem) -> Result:
        result = solve_problem(problem, solver=self.solver, work=self.work)
        return near(Solved.of(problem, result), self._before, self.solver)

    def hours_and_musts(self) -> Iterator[Change]:
        """The least step of every must of hours, and every other must."""
        for criterion in self.asked.policy.criteria:
            if not criterion.must:
                continue
            steps = [0]
            if isinstance(criterion.kind, Hours):
                steps = [*range(criterion.kind.least_hours - 1, 0, -1), 0]
            for hours in steps:
                change = self._eased(criterion.name, hours)
                if change is not None:
                    yield change
                    break

    def _eased(self, criterion: str, hours: int) -> Change | None:
        kind = Remedy.LEAST_HOURS if hours else Remedy.NO_MUST
        if not self._could_be([name for name in self.out if name != criterion]):
            return None
        change = Change(kind, NONE, criterion, hours, NONE, 0, 0, 0)
        other = Problem.of(applied(self.asked, self.mentee, change))
        columns = np.arange(len(self.solved.column))
        if not other.pairs(np.full(len(columns), self.row), columns)[1].any():
            return None
        result = self._solved(other)
        if not self._places(result):
            return None
        return self._change(kind, result, criterion=criterion, hours=hours)

    def _could_be(self, musts: list[str]) -> bool:
        """Whether anybody fits these musts at all."""
        fits = np.ones(len(self.solved.column), dtype=np.bool_)
        for name in musts:
            fits &= ~self.out[name]
        return bool(fits.any())

    def exclusions(self) -> Iterator[Change]:
        """One exclusion lifted, never of a pair that somebody would not have anyway."""
        liftable = self.asked.excluded - self.asked.avoided
        lifted = {self.solved.column[m] for e, m in liftable if e == self.mentee}
        score, _ = self.solved.with_everybody(self.row)
        misses = self.solved.misses(self.row, score)
        seats = self.solved.problem.capacity > 0
        found = 0
        might = [c for c in sorted(lifted) if seats[c] and self._fits(c)]
        order = best_first(np.array(might, dtype=np.int64), -misses, score)
        for column in order[:TRIED]:
            mentor = self._mentor(column)
            change = Change(Remedy.EXCLUSION, mentor, "", 0, NONE, 0, 0, 0)
            other = self._solved(Problem.of(applied(self.asked, self.mentee, change)))
            if self._places(other):
                found += 1
                yield self._change(Remedy.EXCLUSION, other, mentor=mentor)
            if found == OFFERED:
                break

    def _fits(self, column: int) -> bool:
        return not any(flags[column] for flags in self.out.values())

    def _everybody(self) -> tuple[Ints, Flags]:
        """Scores, and with whom the mentee may be, whatever the run's floor."""
        problem = self.solved.problem.with_floor(0)
        columns = np.arange(len(self.solved.column))
        return problem.pairs(np.full(len(columns), self.row), columns)

    def _mentor(self, column: int) -> str:
        return self.solved.problem.mentor_ids[column]

    def _places(self, other: Result) -> bool:
        """Whether the mentee has a place there and everybody keeps one, proven."""
        placed = pairs_of(other).keys()
        before = pairs_of(self.solved.result).keys()
        return not other.gap and self.mentee in placed and before <= placed

    def _change(
        self,
        kind: Remedy,
        other: Result,
        *,
        mentor: str = NONE,
        criterion: str = "",
        hours: int = 0,
    ) -> Change:
        partner, points = pairs_of(other)[self.mentee]
        return Change(kind, mentor, criterion, hours, partner, points, other.matched, other.score)


def seated(problem: Problem, column: int, row: int | None = None) -> Problem:
    """The same with one seat more, and perhaps a mentee locked to it."""
    other = copy(problem)
    other.seats, other.locked = problem.seats.copy(), problem.locked.copy()
    other.seats[column] += 1
    if row is not None:
        other.locked[row] = column
    taken = np.bincount(other.locked[other.locked >= 0], minlength=len(other.seats))
    other.capacity = np.minimum(other.seats - taken, len(other.locked))
    other.free = np.flatnonzero(other.locked == UNMATCHED)
    return other


def best_first(columns: Ints, worth: Ints, score: Ints) -> list[int]:
    """Columns by what they are worth, then by the mentee's own score, then in their order."""
    order = np.lexsort((columns, -score[columns], -worth[columns]))
    return [int(column) for column in columns[order]]
