"""An independent check of a stored result: no solver is imported, nothing in the result trusted.

Scores are recomputed from the input, the matching is held against vetoes and seats, and the
stored prices must prove the stated bounds in one pass over all pairs.
"""

from collections.abc import Collection

import numpy as np

from matching.engine.explain import reasons, vetoes
from matching.engine.policy import Policy
from matching.engine.prices import UNMATCHED, bounds, least_prices
from matching.engine.scoring import Problem
from matching.engine.tiles import Ints
from matching.engine.types import (
    MOST_PEOPLE_POINTS,
    CertificateError,
    Exclusion,
    Mentee,
    Mentor,
    Pair,
    Result,
)


def check(
    mentors: Collection[Mentor],
    mentees: Collection[Mentee],
    policy: Policy,
    result: Result,
    *,
    excluded: Collection[Exclusion] = (),
    seed: int = 0,
) -> None:
    """Return if everything the result says follows from the input; else raise.

    ProblemError when the input itself cannot be matched, CertificateError, naming what is wrong,
    when the result is of another input, breaks a rule, or claims more than its prices prove.
    With a gap of 0 the prices must also be the least ones, as they are read as what one more
    seat would add.
    """
    problem = Problem(mentors, mentees, policy, excluded=excluded, seed=seed)
    if result.digest != problem.digest():
        raise CertificateError(
            "This result was made from other people, answers, seats, exclusions, policy or seed."
        )
    check_counts(problem, result)
    partner = check_matching(problem, result)
    for pair in result.pairs:
        check_pair(problem, pair)
    agree("The total score", result.score, sum(pair.score for pair in result.pairs))
    check_prices(problem, result, partner)


def agree(what: str, stated: object, found: object) -> None:
    if stated != found or type(stated) is not type(found):
        raise CertificateError(f"{what} is stated as {stated}, but it is {found}.")


def check_counts(problem: Problem, result: Result) -> None:
    agree("The number of mentors", result.mentors, len(problem.mentors))
    agree("The number of mentees", result.mentees, len(problem.mentees))
    agree("The number of seats", result.seats, problem.seats)
    agree("The number of mentees matched", result.matched, len(result.pairs))
    agree("The price of an unmatched mentee", result.unmatched_price, problem.price)


def check_matching(problem: Problem, result: Result) -> Ints:
    """Everybody known, each mentee once, no seat used twice; the column of each row's mentor."""
    partner = np.full(len(problem.mentees), UNMATCHED, dtype=np.int64)
    used = np.zeros(len(problem.mentors), dtype=np.int64)
    for pair in result.pairs:
        if pair.mentee not in problem.row or pair.mentor not in problem.column:
            raise CertificateError(f"The pair {pair.mentee!r}, {pair.mentor!r} is not of this run.")
        row, column = problem.row[pair.mentee], problem.column[pair.mentor]
        if partner[row] != UNMATCHED:
            raise CertificateError(f"The mentee {pair.mentee!r} is matched twice.")
        partner[row] = column
        used[column] += 1
        if used[column] > problem.mentors[column].seats:
            raise CertificateError(f"The mentor {pair.mentor!r} has fewer seats than mentees.")
    if [pair.mentee for pair in result.pairs] != sorted(pair.mentee for pair in result.pairs):
        raise CertificateError("The pairs are not in the order of their mentees.")
    left = sorted(m.id for m, j in zip(problem.mentees, partner, strict=True) if j == UNMATCHED)
    agree("The list of mentees without a mentor", result.unmatched, tuple(left))
    return partner


def check_pair(problem: Problem, pair: Pair) -> None:
    mentee = problem.mentees[problem.row[pair.mentee]]
    mentor = problem.mentors[problem.column[pair.mentor]]
    who = f"{pair.mentee!r} and {pair.mentor!r}"
    if (pair.mentee, pair.mentor) in problem.excluded:
        raise CertificateError(f"{who} are paired although they are excluded.")
    for criterion in vetoes(mentee, mentor, problem.policy):
        raise CertificateError(f"{who} are paired although {criterion.name!r} rules them out.")
    told = reasons(mentee, mentor, problem.policy)
    agree(f"The score of {who}", pair.score, sum(reason.points for reason in told))
    if pair.reasons != told:
        raise CertificateError(f"The reasons given for {who} are not those of the policy.")


def check_price(mentor: str, price: object) -> None:
    if isinstance(price, bool) or not isinstance(price, int) or not 0 <= price < MOST_PEOPLE_POINTS:
        raise CertificateError(f"The seat price of mentor {mentor!r} is no amount of points.")


def check_prices(problem: Problem, result: Result, partner: Ints) -> None:
    """The dual bound from the stored prices, and what is claimed on its strength."""
    if set(result.prices) != set(problem.column):
        raise CertificateError("There must be one seat price for each mentor and no other.")
    for mentor, price in result.prices.items():
        check_price(mentor, price)
    prices = np.array([result.prices[m.id] for m in problem.mentors], dtype=np.int64)
    proof = bounds(problem, prices, result.matched)
    value = problem.price * result.matched + result.score
    agree("The gap", result.gap, proof.dual - value)
    agree("The most mentees that can be matched", result.matched_bound, proof.matched)
    agree("The best total score", result.score_bound, proof.score)
    if result.gap == 0 and not np.array_equal(prices, least_prices(problem, partner)):
        raise CertificateError("The seat prices are not the least ones that prove this matching.")
