"""The best matching over all pairs, with the prices that prove it.

1. SciPy's exact assignment over mentees x seats. A pair that must not be weighs nothing, so
   being sent there means having no mentor, and no columns for "unmatched" are needed.
2. Least seat prices from that matching, and one pass over all pairs for the bound they prove.
3. Among all matchings that are equally good, the one with the highest sum of pair hashes: by the
   prices these are exactly the matchings inside a thin graph of pairs without loss, so the same
   one comes out whichever optimum the first step found.
"""

from collections.abc import Collection
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from matching.engine.explain import reasons, total
from matching.engine.policy import Policy
from matching.engine.prices import UNMATCHED, Bounds, bounds, least_prices, worth
from matching.engine.scoring import VETOED, Problem, order_key
from matching.engine.tiles import Ints
from matching.engine.types import Exclusion, Mentee, Mentor, Pair, Result

SOLVER: Final = f"scipy linear_sum_assignment {scipy.__version__}"

MOST_TIES: Final = 4_000_000
"""Above so many pairs without loss the order of people, itself a hash, alone breaks ties."""

Words = NDArray[np.uint64]


def solve(
    mentors: Collection[Mentor],
    mentees: Collection[Mentee],
    policy: Policy,
    *,
    excluded: Collection[Exclusion] = (),
    seed: int = 0,
) -> Result:
    """The best matching under the policy, proven over all pairs (`gap` 0).

    `excluded` holds (mentee id, mentor id) and may name people who are not here. Equal matchings
    are told apart by a hash of seed and ids only: shuffling the input changes nothing.
    Memory: 8 bytes per mentee and seat. Raises ProblemError for input that cannot be matched.
    Nobody on one side is no error: 0 matched, gap 0.
    """
    problem = Problem(mentors, mentees, policy, excluded=excluded, seed=seed)
    partner = assign(problem)
    prices = least_prices(problem, partner)
    proof = bounds(problem, prices, matched=int((partner != UNMATCHED).sum()))
    if proof.dual == worth(problem, partner):
        partner = break_ties(problem, partner, prices, proof.values)
    return report(problem, partner, prices, proof)


def assign(problem: Problem) -> Ints:
    """A best partner (column) for every row, `UNMATCHED` for none."""
    partner = np.full(len(problem.mentees), UNMATCHED, dtype=np.int64)
    row_of, mentor_of = players(problem)
    if not len(row_of) or not len(mentor_of):
        return partner
    tall = len(row_of) > len(mentor_of)
    # SciPy copies a tall matrix to turn it round; laid out by columns, its transpose is ready.
    weights = np.empty((len(row_of), len(mentor_of)), order="F" if tall else "C")
    fill(weights, problem, row_of, mentor_of)
    if tall:
        seat, at = linear_sum_assignment(weights.T, maximize=True)
    else:
        at, seat = linear_sum_assignment(weights, maximize=True)
    real = weights[at, seat] > 0
    partner[row_of[at[real]]] = mentor_of[seat[real]]
    return partner


def players(problem: Problem) -> tuple[Ints, Ints]:
    """Rows of mentees with an allowed mentor who has seats, and the mentor of each useful seat."""
    wanted = np.zeros(len(problem.mentors), dtype=np.int64)
    reachable = np.zeros(len(problem.mentees), dtype=np.bool_)
    for rows, scores in problem.tiles():
        allowed = scores != VETOED
        wanted += allowed.sum(axis=0)
        reachable[rows] = (allowed & (problem.capacity > 0)).any(axis=1)
    seats = np.minimum(problem.capacity, wanted)
    return np.flatnonzero(reachable), np.repeat(np.arange(len(seats)), seats)


def fill(weights: NDArray[np.float64], problem: Problem, row_of: Ints, mentor_of: Ints) -> None:
    """Weights above 0 for allowed pairs, 0 for the others; whole numbers below 2**52 in sum.

    Most mentees first: B + score. Total first: the score times more than there are pairs, plus 1,
    so that the number of pairs decides between equal totals.
    """
    scale, plus = (1, problem.price) if problem.price else (len(problem.mentees) + 1, 1)
    place = np.full(len(problem.mentees), -1, dtype=np.int64)
    place[row_of] = np.arange(len(row_of))
    for rows, scores in problem.tiles():
        here = place[rows] >= 0
        part = scores[here][:, mentor_of].astype(np.float64)
        weights[place[rows[here]]] = np.where(part == VETOED, 0.0, part * scale + plus)


def break_ties(problem: Problem, partner: Ints, prices: Ints, values: Ints) -> Ints:
    """The optimal matching with the highest sum of pair hashes.

    Pairs without loss are those where the mentee's value is the pair's gain less the price. Every
    matching of such pairs that serves all mentees of positive value and fills all seats of
    positive price is optimal, and the other way round. One sparse assignment over these pairs
    maximises in this order: what must be served, then (total first) the number of pairs, then the
    sum of hashes.
    """
    rows, columns = pairs_without_loss(problem, prices, values)
    supply = np.minimum(problem.capacity, np.bincount(columns, minlength=len(prices)))
    copies = supply[columns]
    if not len(rows) or int(copies.sum()) > MOST_TIES:
        return partner
    mentees, at = np.unique(rows, return_inverse=True)
    bits = hash_bits(len(mentees), counted=problem.price == 0)
    if bits < 1:
        return partner
    step = len(mentees) << bits
    count = step if problem.price == 0 else 0
    must = len(mentees) * (count + (1 << bits))
    bonus = pair_hashes(problem, rows, columns, bits) + count
    bonus += must * ((values[rows] > 0).astype(np.int64) + (prices[columns] > 0))
    dear = int(2 * must + count + (1 << bits))
    first = np.cumsum(supply) - supply
    seat = np.repeat(first[columns], copies) + running(copies)
    alone = int(supply.sum()) + np.arange(len(mentees))
    costs = csr_array(
        (
            np.concatenate([np.repeat(dear - bonus, copies), np.full(len(mentees), dear)]).astype(
                np.float64
            ),
            (
                np.concatenate([np.repeat(at, copies), np.arange(len(mentees))]),
                np.concatenate([seat, alone]),
            ),
        ),
        shape=(len(mentees), int(supply.sum()) + len(mentees)),
    )
    who, where = min_weight_full_bipartite_matching(costs)
    real = where < int(supply.sum())
    better = np.full(len(partner), UNMATCHED, dtype=np.int64)
    better[mentees[who[real]]] = np.repeat(np.arange(len(supply)), supply)[where[real]]
    return better


def pairs_without_loss(problem: Problem, prices: Ints, values: Ints) -> tuple[Ints, Ints]:
    """Rows and columns of the pairs that some optimal matching may hold."""
    found: list[tuple[Ints, Ints]] = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for rows, scores in problem.tiles():
        gains = scores + problem.price - prices
        tight = (scores != VETOED) & (problem.capacity > 0) & (gains == values[rows, None])
        at, columns = np.nonzero(tight)
        found.append((rows[at], columns))
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])


def hash_bits(mentees: int, *, counted: bool) -> int:
    """How long pair hashes may be so that all sums of `break_ties` stay below 2**52."""
    size = mentees.bit_length()
    return min(32, 52 - 3 - size * (3 if counted else 2))


def pair_hashes(problem: Problem, rows: Ints, columns: Ints, bits: int) -> Ints:
    """A number below 2**bits for each pair, from the seed and the two ids alone."""
    left = person_words([p.id for p in problem.mentees], problem.seed, "mentee")
    right = person_words([p.id for p in problem.mentors], problem.seed, "mentor")
    # The finaliser of splitmix64: https://prng.di.unimi.it/splitmix64.c
    word = left[rows] + right[columns] * np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    hashes: Ints = (word >> np.uint64(64 - bits)).astype(np.int64)
    return hashes


def person_words(ids: list[str], seed: int, side: str) -> Words:
    return np.array(
        [int.from_bytes(order_key(seed, side, person)[:8], "big") for person in ids],
        dtype=np.uint64,
    )


def running(counts: Ints) -> Ints:
    """0, 1, .. for every count, one after the other: [2, 3] gives 0 1 0 1 2."""
    ends = np.cumsum(counts)
    return np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)


def report(problem: Problem, partner: Ints, prices: Ints, proof: Bounds) -> Result:
    """The result in ids, points and reasons."""
    pairs = []
    unmatched = []
    for row, mentee in enumerate(problem.mentees):
        if partner[row] == UNMATCHED:
            unmatched.append(mentee.id)
            continue
        mentor = problem.mentors[partner[row]]
        told = reasons(mentee, mentor, problem.policy)
        pairs.append(Pair(mentee.id, mentor.id, total(told), told))
    pairs.sort(key=lambda pair: pair.mentee)
    return Result(
        pairs=tuple(pairs),
        unmatched=tuple(sorted(unmatched)),
        mentors=len(problem.mentors),
        mentees=len(problem.mentees),
        seats=problem.seats,
        matched=len(pairs),
        matched_bound=proof.matched,
        score=sum(pair.score for pair in pairs),
        score_bound=proof.score,
        gap=proof.dual - worth(problem, partner),
        prices={m.id: int(v) for m, v in zip(problem.mentors, prices, strict=True)},
        unmatched_price=problem.price,
        solver=SOLVER,
        digest=problem.digest(),
    )
