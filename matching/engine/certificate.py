"""An independent check of a stored result: no solver is imported, nothing in the result trusted.

Scores are recomputed from the input, the matching is held against vetoes and seats, and the
stored prices must prove the stated bounds in one pass over all pairs.
"""

from collections.abc import Mapping

import numpy as np

from matching.engine.columns import Flags, Floats, Ints
from matching.engine.input import Input
from matching.engine.passes import Work, over
from matching.engine.policy import FAIR_FLOOR, STABLE, TOTAL
from matching.engine.prices import bounds
from matching.engine.result import Floor, Result, seal_of
from matching.engine.scoring import UNMATCHED, Problem
from matching.engine.stable import Orders, blocking
from matching.engine.types import MOST_PEOPLE_POINTS, CertificateError

ALONE = Work()


def check(asked: Input, result: Result, work: Work = ALONE) -> None:
    """Return if everything the result says follows from the input; else raise.

    ProblemError when the input itself cannot be matched, CertificateError, naming what is wrong,
    when the result is of another input, breaks a rule, or claims more than its prices prove.
    """
    if result.digest != asked.digest():
        raise CertificateError(
            "This result was made from other people, answers, seats, exclusions, policy or seed."
        )
    check_problem(Problem.of(asked), result, work)


def check_problem(problem: Problem, result: Result, work: Work = ALONE) -> None:
    """The same for a problem laid out already; its digest is not looked at."""
    check_claims(problem, result, work)
    if result.seal != seal_of(result):
        raise CertificateError("Something was changed after this result was sealed.")


def check_claims(problem: Problem, result: Result, work: Work) -> None:
    """Everything the result says of the problem."""
    agree("The objective", result.objective, problem.objective)
    check_counts(problem, result)
    partner = check_matching(problem, result)
    check_scores(problem, result, partner)
    if problem.objective == STABLE:
        check_stable(problem, result, partner, work)
        return
    if problem.objective == FAIR_FLOOR:
        check_floor(problem, result, partner, work)
        return
    if result.floor is not None:
        raise CertificateError("This objective knows no floor.")
    check_prices(problem, result.prices, result.unmatched_price)
    proof = bounds(
        problem, prices_of(problem, result.prices), result.unmatched_price, result.matched, work
    )
    agree("The gap", result.gap, proof.dual - worth(problem, partner, result.unmatched_price))
    agree("The most mentees that can be matched", result.matched_bound, proof.matched)
    agree("The best total score", result.score_bound, proof.score)


def agree(what: str, stated: object, found: object) -> None:
    if stated != found or type(stated) is not type(found):
        raise CertificateError(f"{what} is stated as {stated}, but it is {found}.")


def check_counts(problem: Problem, result: Result) -> None:
    agree("The number of mentors", result.mentors, len(problem.mentor_ids))
    agree("The number of mentees", result.mentees, len(problem.mentee_ids))
    agree("The number of seats", result.seats, int(problem.seats.sum()))
    agree("The number of mentees matched", result.matched, len(result.pairs))


def check_matching(problem: Problem, result: Result) -> Ints:
    """Everybody known, each mentee once, no seat used twice; the column of each row's mentor."""
    row = {mentee: at for at, mentee in enumerate(problem.mentee_ids)}
    column = {mentor: at for at, mentor in enumerate(problem.mentor_ids)}
    partner = np.full(len(row), UNMATCHED, dtype=np.int64)
    used = [0] * len(column)
    for pair in result.pairs:
        if pair.mentee not in row or pair.mentor not in column:
            raise CertificateError(f"The pair {pair.mentee!r}, {pair.mentor!r} is not of this run.")
        at, to = row[pair.mentee], column[pair.mentor]
        if partner[at] != UNMATCHED:
            raise CertificateError(f"The mentee {pair.mentee!r} is matched twice.")
        partner[at] = to
        used[to] += 1
        if used[to] > problem.seats[to]:
            raise CertificateError(f"The mentor {pair.mentor!r} has fewer seats than mentees.")
    if [pair.mentee for pair in result.pairs] != sorted(pair.mentee for pair in result.pairs):
        raise CertificateError("The pairs are not in the order of their mentees.")
    left = sorted(problem.mentee_ids[at] for at in np.flatnonzero(partner == UNMATCHED).tolist())
    agree("The list of mentees without a mentor", result.unmatched, tuple(left))
    for at in np.flatnonzero((problem.locked >= 0) & (partner != problem.locked)).tolist():
        raise CertificateError(
            f"The mentee {problem.mentee_ids[at]!r} is not with the mentor they are locked to."
        )
    return partner


def check_scores(problem: Problem, result: Result, partner: Ints) -> None:
    """Every pair may be and scores what is stated."""
    placed = np.flatnonzero(partner != UNMATCHED)
    scores, allowed = problem.pairs(placed, partner[placed])
    stated = {pair.mentee: pair.score for pair in result.pairs}
    for at, score, may in zip(placed.tolist(), scores.tolist(), allowed.tolist(), strict=True):
        mentee, mentor = problem.mentee_ids[at], problem.mentor_ids[partner[at]]
        who = f"{mentee!r} and {mentor!r}"
        if not may:
            raise CertificateError(f"{who} are paired although {why(problem, at, partner[at])}.")
        agree(f"The score of {who}", stated[mentee], score)
    agree("The total score", result.score, int(scores.sum()))


def why(problem: Problem, row: int, column: int) -> str:
    """What rules a pair out."""
    at, to = np.array([row]), np.array([column])
    for name, criterion in problem.columns.items():
        if criterion.pairs(at, to)[1][0]:
            return f"{name!r} rules them out"
    return "they are excluded" if problem.barred.has(at, to)[0] else "they score below the floor"


def is_amount(price: object) -> bool:
    """Whether a stored price is a number of points, from 0."""
    if isinstance(price, bool) or not isinstance(price, int):
        return False
    return 0 <= price < MOST_PEOPLE_POINTS


def check_prices(problem: Problem, stated: Mapping[str, int], price: int) -> None:
    """One price for each mentor, and one of staying unmatched, that this objective can have."""
    if set(stated) != set(problem.mentor_ids):
        raise CertificateError("There must be one seat price for each mentor and no other.")
    for mentor, amount in stated.items():
        if not is_amount(amount):
            raise CertificateError(f"The seat price of mentor {mentor!r} is no amount of points.")
    if not is_amount(price) or ((price == 0) != (problem.objective == TOTAL)):
        raise CertificateError("The price of an unmatched mentee is not one of this objective.")


def prices_of(problem: Problem, stated: Mapping[str, int]) -> Ints:
    return np.array([stated[mentor] for mentor in problem.mentor_ids], dtype=np.int64)


def free_scores(problem: Problem, partner: Ints) -> Ints:
    """The scores of a matching's pairs, locked ones apart."""
    free = problem.free[partner[problem.free] != UNMATCHED]
    return problem.pairs(free, partner[free])[0]


def worth(problem: Problem, partner: Ints, price: int) -> int:
    """The gains of a matching, locked pairs apart."""
    scores = free_scores(problem, partner)
    return int(scores.sum()) + price * len(scores)


def check_stable(problem: Problem, result: Result, partner: Ints, work: Work) -> None:
    """As many pairs block the matching as is stated, counted over all of them."""
    gap, reachable = blocking(Orders(problem), partner, problem.free, work)
    agree("The number of pairs who would rather leave for each other", result.gap, gap)
    agree("The price of an unmatched mentee", result.unmatched_price, 0)
    agree("The best total score", result.score_bound, 0)
    if result.prices or result.floor is not None:
        raise CertificateError("A stable matching has no seat prices and no floor.")
    most = min(reachable, int(problem.capacity.sum()))
    locked = len(partner) - len(problem.free)
    agree("The most mentees that can be matched", result.matched_bound, most + locked)


def check_floor(problem: Problem, result: Result, partner: Ints, work: Work) -> None:
    """The floor holds and goes no higher, what it cost is true, nothing under it is better."""
    floor = result.floor
    if floor is None:
        raise CertificateError("A fair floor must say which floor was reached.")
    scores = free_scores(problem, partner)
    if not floor.is_proven:
        agree("A floor without a proof", floor, Floor(floor.lowest, 0, (), is_proven=False))
        if (scores < floor.lowest).any():
            raise CertificateError(f"Somebody scores below the floor of {floor.lowest}.")
    else:
        agree(
            "The floor",
            floor.lowest,
            int(scores.min(initial=MOST_PEOPLE_POINTS)) if len(scores) else 0,
        )
        check_covers(problem, floor, len(scores), work)
        check_cost(problem, floor, partner, work)
    floored = problem.with_floor(floor.lowest)
    check_prices(problem, result.prices, result.unmatched_price)
    proof = bounds(
        floored, prices_of(problem, result.prices), result.unmatched_price, result.matched, work
    )
    agree("The gap", result.gap, proof.dual - worth(problem, partner, result.unmatched_price))
    most = result.matched if floor.is_proven else proof.matched
    agree("The most mentees that can be matched", result.matched_bound, most)
    agree("The best total score", result.score_bound, proof.score)


def check_covers(problem: Problem, floor: Floor, placed: int, work: Work) -> None:
    """No more than `placed` free mentees can have a mentor, and above the floor not even they.

    Whoever is placed sits with a mentor of the cover or has a pair outside it, so there are never
    more than the cover's seats and the mentees with such a pair.
    """
    covers = [
        (0, is_among(problem, floor.most)),
        (floor.lowest + 1, is_among(problem, floor.cover)),
    ]

    def look(rows: Ints, scores: Floats) -> tuple[int, ...]:
        return tuple(
            int((rest.max(axis=1, initial=-1) >= lowest).sum())
            for lowest, cover in covers
            for rest in [scores[:, ~cover] if cover.any() else scores]
        )

    found = np.array([(0, 0), *over(problem, problem.free, "proof", work, look)]).sum(axis=0)
    most, above = (
        int(outside) + int(problem.capacity[cover].sum())
        for outside, (_, cover) in zip(found.tolist(), covers, strict=True)
    )
    agree("The number of mentees who can be placed", placed, most)
    if placed:
        agree("The number of mentees who can be placed above the floor", floor.above, above)
        if above >= placed:
            raise CertificateError("A higher floor is not proven to place fewer mentees.")


def is_among(problem: Problem, mentors: tuple[str, ...]) -> Flags:
    """The columns of a cover."""
    known = set(problem.mentor_ids)
    if not known.issuperset(mentors) or len(set(mentors)) != len(mentors):
        raise CertificateError("The mentors who prove the floor are not of this run.")
    named = set(mentors)
    return np.array([mentor in named for mentor in problem.mentor_ids], dtype=np.bool_)


def check_cost(problem: Problem, floor: Floor, partner: Ints, work: Work) -> None:
    """The matching without a floor is one, has the points stated, and nothing beats it."""
    row = {mentee: at for at, mentee in enumerate(problem.mentee_ids)}
    column = {mentor: at for at, mentor in enumerate(problem.mentor_ids)} | {"": UNMATCHED}
    other = partner.copy()
    for mentee, mentor in floor.otherwise.items():
        if mentee not in row or mentor not in column or problem.locked[row[mentee]] != UNMATCHED:
            raise CertificateError("The matching without a floor is not of this run's people.")
        other[row[mentee]] = column[mentor]
    placed = np.flatnonzero(other != UNMATCHED)
    filled = np.bincount(other[placed], minlength=len(problem.mentor_ids))
    if (filled > problem.seats).any() or not problem.pairs(placed, other[placed])[1].all():
        raise CertificateError("The matching without a floor breaks a rule.")
    agree(
        "The number of mentees matched without a floor",
        len(placed),
        int((partner != UNMATCHED).sum()),
    )
    cost = int(free_scores(problem, other).sum()) - int(free_scores(problem, partner).sum())
    agree("What the floor costs", floor.cost, cost)
    check_prices(problem, floor.prices, floor.unmatched_price)
    prices, price = prices_of(problem, floor.prices), floor.unmatched_price
    proof = bounds(problem, prices, price, len(placed), work)
    if proof.dual != worth(problem, other, price):
        raise CertificateError("Without a floor the best total is not proven.")
