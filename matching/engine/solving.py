"""From a question to a proven answer."""

from dataclasses import replace

import numpy as np

from matching.engine.assignment import Found, best
from matching.engine.columns import Ints
from matching.engine.fair import Fair, fairest
from matching.engine.flow import named, version
from matching.engine.input import Input
from matching.engine.passes import Work
from matching.engine.policy import FAIR_FLOOR, STABLE
from matching.engine.prices import claims
from matching.engine.result import Floor, Result, State, sealed
from matching.engine.scoring import UNMATCHED, Problem
from matching.engine.stable import Stable, stable
from matching.engine.ties import break_ties
from matching.engine.types import Pair

ALONE = Work()


def solve(asked: Input, *, solver: str | None = None, work: Work = ALONE) -> Result:
    """The best matching under the policy, proven over all pairs (`gap` 0).

    `solver` is "ortools" or "scipy", by default the faster for so many people of those that are
    installed: both give the same value and proof. Nothing in `work` changes what comes out, but
    when it is late the matching found so far comes back with the gap that is left. Raises
    ProblemError for input that cannot be matched, EngineError for a solver that is not installed,
    and lets through `Stopped`. Nobody on one side is no error: 0 matched, gap 0.
    """
    return solve_problem(Problem.of(asked), asked.digest(), solver=solver, work=work)


def solve_problem(
    problem: Problem, digest: str = "", *, solver: str | None = None, work: Work = ALONE
) -> Result:
    """The same for a problem laid out already."""
    solver = named(solver, len(problem.mentee_ids) * len(problem.mentor_ids))
    if problem.objective == STABLE:
        return sealed(settled(problem, stable(problem, work), digest))
    if problem.objective == FAIR_FLOOR:
        return sealed(lifted(problem, fairest(problem, solver, work), solver, digest))
    return sealed(answer(problem, best(problem, solver, work), solver, digest, work))


def lifted(problem: Problem, fair: Fair, solver: str, digest: str) -> Result:
    """The result of a fair floor, whose own proof says that no more can be placed."""
    partner = np.where(problem.locked >= 0, problem.locked, fair.found.partner)
    floored = problem.with_floor(fair.floor.lowest)
    result = report(floored, partner, fair.found, solver, digest, fair.floor)
    return replace(result, matched_bound=result.matched) if fair.floor.is_proven else result


def settled(problem: Problem, found: Stable, digest: str) -> Result:
    """The result of deferred acceptance; there are no prices, and no solver had a part in it."""
    partner = np.where(problem.locked >= 0, problem.locked, found.partner)
    pairs = paired(problem, partner)
    locked = len(partner) - len(problem.free)
    return Result(
        objective=problem.objective,
        pairs=pairs,
        unmatched=alone(problem, partner),
        mentors=len(problem.mentor_ids),
        mentees=len(problem.mentee_ids),
        seats=int(problem.seats.sum()),
        matched=len(pairs),
        matched_bound=min(int(found.reachable.sum()), int(problem.capacity.sum())) + locked,
        score=sum(pair.score for pair in pairs),
        score_bound=0,
        gap=found.gap,
        prices={},
        unmatched_price=0,
        solver=f"deferred acceptance, numpy {np.__version__}",
        digest=digest,
    )


def answer(
    problem: Problem,
    found: Found,
    solver: str,
    digest: str,
    work: Work,
    floor: Floor | None = None,
) -> Result:
    """The result of a matching, in ids and points; equal ones are told apart by hashes first."""
    partner = np.where(problem.locked >= 0, problem.locked, found.partner)
    if not found.gap:
        partner = break_ties(problem, partner, found.prices, found.values, found.price, work)
    return report(problem, partner, found, solver, digest, floor)


def report(
    problem: Problem,
    partner: Ints,
    found: Found,
    solver: str,
    digest: str,
    floor: Floor | None,
) -> Result:
    """A matching and its proof, told by ids."""
    pairs = paired(problem, partner)
    free = np.flatnonzero((partner != UNMATCHED) & (problem.locked == UNMATCHED))
    worth = int(problem.pairs(free, partner[free])[0].sum()) + found.price * len(free)
    proof = claims(
        problem,
        int(found.lists.reachable.sum()),
        worth + found.gap,
        found.price,
        len(pairs),
        found.values,
    )
    return Result(
        objective=problem.objective,
        pairs=pairs,
        unmatched=alone(problem, partner),
        mentors=len(problem.mentor_ids),
        mentees=len(problem.mentee_ids),
        seats=int(problem.seats.sum()),
        matched=len(pairs),
        matched_bound=proof.matched,
        score=sum(pair.score for pair in pairs),
        score_bound=proof.score,
        gap=found.gap,
        prices=dict(zip(problem.mentor_ids, found.prices.tolist(), strict=True)),
        unmatched_price=found.price,
        solver=version(solver),
        digest=digest,
        floor=floor,
        state=State(
            problem.mentee_ids,
            problem.mentor_ids,
            found.lists,
            found.inside,
            found.prices,
            found.values,
            found.price,
        ),
    )


def paired(problem: Problem, partner: Ints) -> tuple[Pair, ...]:
    """The pairs of a matching by ids, in the order of the mentees' ids."""
    placed = np.flatnonzero(partner != UNMATCHED)
    scores, _ = problem.pairs(placed, partner[placed])
    told = zip(placed.tolist(), partner[placed].tolist(), scores.tolist(), strict=True)
    pairs = (Pair(problem.mentee_ids[at], problem.mentor_ids[to], score) for at, to, score in told)
    return tuple(sorted(pairs, key=lambda pair: pair.mentee))


def alone(problem: Problem, partner: Ints) -> tuple[str, ...]:
    """The mentees a matching leaves without a mentor."""
    return tuple(sorted(problem.mentee_ids[at] for at in np.flatnonzero(partner == UNMATCHED)))
