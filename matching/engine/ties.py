"""Which of several equally good matchings: the one with the highest sum of pair hashes.

By the prices, the best matchings are exactly those inside a thin graph of pairs without loss, so
the same one comes out whichever of them a solver found first, and no name and no order of arrival
plays a part.
"""

from typing import Final

import numpy as np

from matching.engine.columns import Floats, Ints
from matching.engine.flow import by_scipy
from matching.engine.hashes import pair_words, person_words
from matching.engine.passes import Work, is_allowed, over
from matching.engine.scoring import UNMATCHED, Problem

MOST_PAIRS: Final = 4_000_000
"""In a larger problem, or with more pairs without loss, the order of people, itself a hash of
seed and ids, alone breaks ties."""


def break_ties(
    problem: Problem, partner: Ints, prices: Ints, values: Ints, price: int, work: Work
) -> Ints:
    """The best matching with the highest sum of pair hashes, given one that `prices` prove.

    Pairs without loss are those where the mentee's value is the pair's gain less the price. Every
    matching of such pairs that serves all mentees of positive value and fills all seats of
    positive price is the best, and the other way round. One sparse assignment over these pairs
    maximises in this order: what must be served, then the number of pairs, then the sum of
    hashes. Without a price of staying unmatched, or with a small one, a matching of fewer pairs
    can be worth as much, so pairs are counted; above all scores together they need not be.
    """
    if len(problem.free) * len(problem.mentor_ids) > MOST_PAIRS:
        return partner
    rows, columns = pairs_without_loss(problem, prices, values, price, work)
    supply = np.minimum(problem.capacity, np.bincount(columns, minlength=len(prices)))
    copies = supply[columns]
    if not len(rows) or int(copies.sum()) > MOST_PAIRS:
        return partner
    mentees, at = np.unique(rows, return_inverse=True)
    counted = price <= len(problem.free) * problem.most
    bits = hash_bits(len(mentees), counted=counted)
    if bits < 1:
        return partner
    step = len(mentees) << bits
    count = step if counted else 0
    must = len(mentees) * (count + (1 << bits))
    bonus = pair_hashes(problem, rows, columns, bits) + count
    bonus += must * ((values[rows] > 0).astype(np.int64) + (prices[columns] > 0))
    better = np.full(len(partner), UNMATCHED, dtype=np.int64)
    better[mentees] = by_scipy(at, columns, bonus, supply, len(mentees))
    return np.where(problem.locked >= 0, problem.locked, better)


def pairs_without_loss(
    problem: Problem, prices: Ints, values: Ints, price: int, work: Work
) -> tuple[Ints, Ints]:
    """Rows and columns of the pairs that some best matching may hold."""
    level = (prices - price).astype(np.float64)
    is_open = problem.capacity > 0

    def look(rows: Ints, scores: Floats) -> tuple[Ints, Ints]:
        tight = (scores.astype(np.float64) - level) == values[rows, None]
        at, columns = np.nonzero(tight & is_allowed(scores) & is_open)
        return rows[at], columns

    none = np.zeros(0, dtype=np.int64)
    found = over(problem, problem.free, "ties", work, look)
    return (
        np.concatenate([none, *(f[0] for f in found)]),
        np.concatenate([none, *(f[1] for f in found)]),
    )


def hash_bits(mentees: int, *, counted: bool) -> int:
    """How long pair hashes may be so that all sums of `break_ties` stay below 2**52."""
    size = mentees.bit_length()
    return min(32, 52 - 3 - size * (3 if counted else 2))


def pair_hashes(problem: Problem, rows: Ints, columns: Ints, bits: int) -> Ints:
    """A number below 2**bits for each pair, from the seed and the two ids alone."""
    left = person_words(problem.mentee_ids, problem.seed, "mentee")
    right = person_words(problem.mentor_ids, problem.seed, "mentor")
    word = pair_words(left[rows], right[columns])
    hashes: Ints = (word >> np.uint64(64 - bits)).astype(np.int64)
    return hashes
