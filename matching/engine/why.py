"""Why two are not together, and why somebody has no mentor: for coordinators.

Whatever is claimed here was solved again. Answers are kinds, ids and names of criteria; `words`
makes sentences of them.

**A private wish never shows.** `excluded` and `avoided` pairs give one and the same answer,
`Apart.BARRED`, and only where nothing else rules the pair out: beside a must, a lock or a missing
seat neither is told. Counts ask the musts alone and count such mentors as fitting; why a mentee
was not placed is said in one way that is true with and without such pairs. Only the lifting of an
`excluded` pair is ever offered, and only where it helps, so not where the pair is avoided too;
otherwise nobody who must not be with the mentee is mentioned to place them.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

import numpy as np

from matching.engine.columns import Flags, Ints
from matching.engine.criteria import Hours
from matching.engine.edits import Edit, Lock, Seats, resolve
from matching.engine.explain import is_private, reason, vetoes
from matching.engine.input import Input
from matching.engine.passes import Work
from matching.engine.policy import MOST_MENTEES, Criterion, Policy
from matching.engine.result import Result
from matching.engine.scoring import UNMATCHED, Problem
from matching.engine.solved import NONE, Solved, laid_out, near
from matching.engine.solving import ALONE, paired, solve_problem
from matching.engine.ties import break_ties
from matching.engine.types import Mentee, Mentor, PairOfIds, ProblemError

P = TypeVar("P", Mentee, Mentor)


class Apart(StrEnum):
    """Why two are not together."""

    TOGETHER = "together"
    RULED_OUT = "ruled-out"
    SETTLED = "settled"
    NO_SEAT = "no-seat"
    BARRED = "not-possible"
    POSSIBLE = "possible"


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

MANY: Final = 50
"""Moves of one forced pair beyond which it is asked whether fewer would do."""


@dataclass(frozen=True, slots=True)
class Veto:
    """A must that rules a pair out, with the two answers in plain text; "" where private."""

    criterion: str
    kind: str
    mentee: str
    mentor: str
    private: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A mentee whose mentor changes, with the points of both pairs; "" for no mentor."""

    mentee: str
    before: str
    after: str
    points_before: int
    points_after: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What it costs that a pair must be: the best matching with it, `gap` 0 where proven.

    `places` fewer mentees are matched and `points` fewer given; below 0 means more. `moves` are
    the others whose mentor changes, who loses most first.
    """

    matched: int
    score: int
    places: int
    points: int
    moves: tuple[Move, ...]
    gap: int


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why two are not together.

    `kind`: TOGETHER, they are; RULED_OUT, by the musts in `vetoes`; SETTLED, the mentee is locked
    to another; NO_SEAT, the mentor has none that is not locked; BARRED, not possible, by an
    exclusion or a private wish, which is never told; POSSIBLE, and the pair would score `score`
    and cost `cost`.

    `at_least`: the same cost by the seat prices alone, before anything is solved: it is not below
    this many points, a place counting `unmatched_price`. None where prices say nothing.
    `partner`: the mentor the mentee is with.
    """

    mentee: str
    mentor: str
    kind: Apart
    partner: str
    vetoes: tuple[Veto, ...] = ()
    score: int | None = None
    at_least: int | None = None
    cost: Cost | None = None


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


def why_not(
    asked: Input,
    result: Result,
    mentee: str,
    mentor: str,
    *,
    exact: bool = True,
    problem: Problem | None = None,
    solver: str | None = None,
    work: Work = ALONE,
) -> WhyNot:
    """Why a run did not put these two together; without `exact` nothing is solved again.

    `problem` saves laying the input out once more. ProblemError for somebody not of this run.
    """
    solved = laid_out(asked, result, problem)
    row, column = solved.row_of(mentee), solved.column_of(mentor)
    partner = id_of(solved, int(solved.partner[row]))

    def told(kind: Apart, out: tuple[Veto, ...] = ()) -> WhyNot:
        return WhyNot(mentee, mentor, kind, partner, out)

    if solved.partner[row] == column:
        return told(Apart.TOGETHER)
    one, other = person(asked.mentees, mentee), person(asked.mentors, mentor)
    if out := vetoes(one, other, asked.policy):
        return told(Apart.RULED_OUT, tuple(veto(one, other, criterion) for criterion in out))
    if solved.problem.locked[row] != UNMATCHED:
        return told(Apart.SETTLED)
    if not solved.problem.capacity[column]:
        return told(Apart.NO_SEAT)
    pair = (mentee, mentor)
    if pair in asked.barred:
        return told(Apart.BARRED)
    score = int(solved.problem.pairs(np.array([row]), np.array([column]))[0][0])
    return WhyNot(
        mentee,
        mentor,
        Apart.POSSIBLE,
        partner,
        score=score,
        at_least=at_least(solved, row, column, score),
        cost=cost(solved, row, forced(asked, solved, pair, solver, work)) if exact else None,
    )


def forced(asked: Input, solved: Solved, pair: PairOfIds, solver: str | None, work: Work) -> Result:
    """The best matching that holds one more pair; nobody else moves without need."""
    after, other = changed(asked, solved, Lock(*pair), solver, work)
    before = {(p.mentee, p.mentor) for p in solved.result.pairs}
    if len(before - {(p.mentee, p.mentor) for p in other.pairs}) <= MANY:
        return other
    # So many moves are a sign that it was solved anew.
    return near(Solved.of(Problem.of(after), other), before, solver)


def changed(
    asked: Input, solved: Solved, edit: Edit, solver: str | None, work: Work
) -> tuple[Input, Result]:
    """`edits.resolve`, with the arrays where they are those of the state."""
    problem = solved.problem if solved.is_as_stored else None
    result = mendable(solved.result)
    return resolve(asked, result, edit, solver=solver, work=work, problem=problem)


def mendable(result: Result) -> Result:
    """Without its state under the objective "total": of matchings with the same total a mended one
    may be any, and the one that is wanted has the most pairs.
    """
    return result if result.objective == MOST_MENTEES else replace(result, state=None)


def person(people: Iterable[P], name: str) -> P:
    return next(one for one in people if one.id == name)


def id_of(solved: Solved, column: int) -> str:
    return NONE if column == UNMATCHED else solved.problem.mentor_ids[column]


def veto(mentee: Mentee, mentor: Mentor, criterion: Criterion) -> Veto:
    told, private = reason(mentee, mentor, criterion), is_private(criterion)
    answers = ("", "") if private else (told.mentee, told.mentor)
    return Veto(criterion.name, criterion.kind.name, *answers, private)


def at_least(solved: Solved, row: int, column: int, score: int) -> int | None:
    """The reduced cost of a pair, which no matching with it can fall below."""
    is_proven = solved.has_prices and not solved.result.gap
    if not is_proven or score < solved.problem.floor:
        return None
    value, price = int(solved.values[row]), int(solved.prices[column])
    return value + price - score - solved.result.unmatched_price


def cost(solved: Solved, row: int, other: Result) -> Cost:
    """The difference between the run and another."""
    result, mentee = solved.result, solved.problem.mentee_ids[row]
    before, after = pairs_of(result), pairs_of(other)
    nobody = (NONE, 0)
    moves = []
    for one in sorted(before.keys() | after.keys()):
        (old, had), (new, has) = before.get(one, nobody), after.get(one, nobody)
        if old != new and one != mentee:
            moves.append(Move(one, old, new, had, has))
    moves.sort(key=lambda m: (m.after != NONE, m.points_after - m.points_before))
    places, points = result.matched - other.matched, result.score - other.score
    return Cost(other.matched, other.score, places, points, tuple(moves), other.gap)


def pairs_of(result: Result) -> Mapping[str, tuple[str, int]]:
    """The mentor and the points of every mentee with one."""
    return {pair.mentee: (pair.mentor, pair.score) for pair in result.pairs}


# ------------------------------------------------------------------------------ without a mentor


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
            if self._places(other) and found < OFFERED:
                found += 1
                yield self._change(Remedy.SEAT, other, mentor=self._mentor(column))
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
        if other.objective != MOST_MENTEES or other.gap or not self._is_placed(other):
            return other
        found = Solved.of(problem, other)
        price, work = other.unmatched_price, self.work
        partner = break_ties(problem, found.partner, found.prices, found.values, price, work)
        other = replace(other, pairs=paired(problem, partner))
        before = {(p.mentee, p.mentor) for p in self.solved.result.pairs}
        return near(Solved.of(problem, other), before, self.solver)

    def _is_placed(self, other: Result) -> bool:
        return self.mentee in pairs_of(other)

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
        changed = applied(
            self.asked, self.mentee, Change(kind, NONE, criterion, hours, NONE, 0, 0, 0)
        )
        other = Problem.of(changed)
        columns = np.arange(len(self.solved.column))
        if not other.pairs(np.full(len(columns), self.row), columns)[1].any():
            return None
        result = solve_problem(other, solver=self.solver, work=self.work)
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
        lifted = {
            self.solved.column[mentor]
            for mentee, mentor in self.asked.excluded - self.asked.avoided
            if mentee == self.mentee
        }
        score, _ = self.solved.with_everybody(self.row)
        misses = self.solved.misses(self.row, score)
        seats = self.solved.problem.capacity > 0
        found = 0
        might = [c for c in sorted(lifted) if seats[c] and self._fits(c)]
        order = best_first(np.array(might, dtype=np.int64), -misses, score)
        for column in order[:TRIED]:
            mentor = self._mentor(column)
            change = Change(Remedy.EXCLUSION, mentor, "", 0, NONE, 0, 0, 0)
            other = solve_problem(
                Problem.of(applied(self.asked, self.mentee, change)),
                solver=self.solver,
                work=self.work,
            )
            if self._places(other) and found < OFFERED:
                found += 1
                yield self._change(Remedy.EXCLUSION, other, mentor=mentor)

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
