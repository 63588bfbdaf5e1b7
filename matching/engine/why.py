"""Why two are not together: for coordinators. `unplaced` says why somebody has no mentor.

Whatever is claimed here was solved again. Answers are kinds, ids and names of criteria; `words`
makes sentences of them.

**A private wish never shows.** `excluded` and `avoided` pairs give one and the same answer,
`Apart.BARRED`, and only where nothing else rules the pair out: beside a must, a lock or a missing
seat neither is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

import numpy as np

from matching.engine.edits import Edit, Lock, resolve
from matching.engine.explain import is_private, reason, vetoes
from matching.engine.input import Input
from matching.engine.passes import Work
from matching.engine.policy import MOST_MENTEES, Criterion
from matching.engine.result import Result
from matching.engine.scoring import UNMATCHED, Problem
from matching.engine.solved import NONE, Solved, laid_out, near
from matching.engine.solving import ALONE
from matching.engine.types import Mentee, Mentor, PairOfIds

P = TypeVar("P", Mentee, Mentor)


class Apart(StrEnum):
    """Why two are not together."""

    TOGETHER = "together"
    RULED_OUT = "ruled-out"
    SETTLED = "settled"
    NO_SEAT = "no-seat"
    BARRED = "not-possible"
    POSSIBLE = "possible"


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
