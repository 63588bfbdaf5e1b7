"""How sure each pair is when the weights move by a fifth.

Every criterion that gives points is tried at 6/5 and at 4/5 of its points, alone; then some moves
raise or lower all of them together. A pair is as sure as the share of these re-solves that keep
it. Weights stay whole: all points count five times, a raised criterion's six and a lowered one's
four. Equally good matchings are told apart by the same hashes as in the run, so nothing changes
by accident; but where the run itself had ties, a moved weight breaks them, and a pair that is in
only some of the best matchings reads as less sure than its points alone would say. In problems
too large for hashes (`ties.MOST_PAIRS`) a re-solve keeps as many of the run's pairs as it may.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from matching.engine.input import Input
from matching.engine.passes import Work
from matching.engine.policy import Policy
from matching.engine.result import Result
from matching.engine.scoring import Problem
from matching.engine.solved import Solved, near
from matching.engine.solving import ALONE, solve_problem

STAYS: Final = 5
UP: Final = 6
DOWN: Final = 4

TOGETHER: Final = 8
"""Moves of all weights at once."""


@dataclass(frozen=True, slots=True)
class WeightMove:
    """One re-solve: the criteria that were raised and lowered, and the pairs that did not stay.

    `alone`: it moved one criterion only.
    """

    raised: tuple[str, ...]
    lowered: tuple[str, ...]
    alone: bool
    dropped: int
    matched: int


@dataclass(frozen=True, slots=True)
class Sure:
    """A pair stayed in `kept` of `of` re-solves.

    `decided_by` are the criteria of which one of its own two moves drops the pair, the heaviest
    first.
    """

    mentee: str
    mentor: str
    kept: int
    of: int
    decided_by: tuple[str, ...]

    @property
    def share(self) -> float:
        """From 0 to 1; 1 where nothing was moved."""
        return self.kept / self.of if self.of else 1.0


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What was moved, and the pairs, the least sure first."""

    moves: tuple[WeightMove, ...]
    pairs: tuple[Sure, ...]


def how_sure(
    asked: Input, result: Result, *, solver: str | None = None, work: Work = ALONE
) -> Sensitivity:
    """Solve again with every move of the weights and see which pairs stay.

    When `work` is late, the moves that were proven by then are all there is. Lets through
    `Stopped`; ProblemError when scores six times as high cannot be added up exactly.
    """
    weights = weighed(asked.policy)
    moves = [*single_moves(weights), *joint_moves(weights, asked.seed)]
    ours = {(pair.mentee, pair.mentor) for pair in result.pairs}
    told: list[WeightMove] = []
    kept: dict[tuple[str, str], int] = dict.fromkeys(ours, 0)
    decides: dict[tuple[str, str], list[str]] = {pair: [] for pair in ours}
    for number, times in enumerate(moves):
        work.watch("sensitivity", number / len(moves))
        if work.is_late():
            break
        problem = Problem.of(asked, times={**dict.fromkeys(weights, STAYS), **times})
        inner = replace(work, watch=partial(tell, work, number / len(moves)))
        other = solve_problem(problem, solver=solver, work=inner)
        if other.gap:
            break
        other = near(Solved.of(problem, other), ours, solver)
        theirs = {(pair.mentee, pair.mentor) for pair in other.pairs}
        for pair in ours & theirs:
            kept[pair] += 1
        alone = len(times) == 1
        for pair in ours - theirs:
            if alone:
                decides[pair] += [name for name in times if name not in decides[pair]]
        told.append(
            WeightMove(
                tuple(name for name, by in times.items() if by == UP),
                tuple(name for name, by in times.items() if by == DOWN),
                alone,
                len(ours - theirs),
                other.matched,
            )
        )
    work.watch("sensitivity", 1.0)
    pairs = [
        Sure(mentee, mentor, kept[mentee, mentor], len(told), tuple(decides[mentee, mentor]))
        for mentee, mentor in sorted(ours)
    ]
    return Sensitivity(tuple(told), tuple(sorted(pairs, key=lambda sure: sure.kept)))


def tell(work: Work, share: float, step: str, part: float) -> None:
    """Steps inside a re-solve begin at 0 again; told is the share of all, and one may stop."""
    work.watch("sensitivity", share)


def weighed(policy: Policy) -> tuple[str, ...]:
    """The criteria that give points, the heaviest first."""
    told = [criterion for criterion in policy.criteria if criterion.points]
    return tuple(c.name for c in sorted(told, key=lambda criterion: -criterion.points))


def single_moves(names: Sequence[str]) -> list[Mapping[str, int]]:
    """Each alone, up and down. A single criterion is not moved: that changes no order."""
    if len(names) == 1:
        return []
    return [{name: by} for name in names for by in (UP, DOWN)]


def joint_moves(names: Sequence[str], seed: int) -> list[Mapping[str, int]]:
    """Up to `TOGETHER` different moves of all of them, by hashes of seed, number and name.

    Never all one way, which would change no order either.
    """
    found: list[Mapping[str, int]] = []
    number = 0
    most = min(TOGETHER, 2 ** min(len(names), TOGETHER) - 2)
    while len(found) < most:
        times = {name: UP if is_up(seed, number, name) else DOWN for name in names}
        number += 1
        if len(set(times.values())) == 2 and times not in found:
            found.append(times)
    return found


def is_up(seed: int, number: int, name: str) -> bool:
    return bool(hashlib.sha256(f"{seed}\nweights\n{number}\n{name}".encode()).digest()[0] & 1)
