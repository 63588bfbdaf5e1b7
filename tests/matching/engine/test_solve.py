"""The matching is the best there is, in any order of arrival; a seat price means what it says."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine import Mentee, Mentor, Policy, ProblemError, assignment, check, scoring, solve
from matching.engine.assignment import break_ties, hash_bits, pair_hashes
from matching.engine.prices import UNMATCHED, bounds, least_prices, worth
from matching.engine.scoring import Problem
from tests.matching.engine.programs import (
    MOST_MENTEES,
    TOTAL,
    best,
    civil_service,
    matchings,
    measure,
    program,
    random_scores,
)

X = None


@pytest.mark.parametrize(
    "scores,seats,objective,pairs,score",
    [
        # The diagonal of the first choices fits.
        ([[9, 1, 1], [1, 9, 1], [1, 1, 9]], [1, 1, 1], MOST_MENTEES, "m0 m1 m2", 27),
        # e0's best mentor is worth more to e1: 5 + 8 + 4 = 17 beats 7 + 6 + 3.
        ([[7, 5, 1], [8, 1, 1], [6, 3, 4]], [1, 1, 1], MOST_MENTEES, "m1 m0 m2", 17),
        # Two mentees want m0, who has two seats.
        ([[9, 1, 1], [8, 1, 1], [7, 5, 1]], [2, 1, 1], MOST_MENTEES, "m0 m0 m1", 22),
        # e2 fits nobody but m0; placing all three costs e0 eight points.
        ([[9, 1, X], [X, 6, 2], [4, X, X]], [1, 1, 1], MOST_MENTEES, "m1 m2 m0", 7),
        # The best total leaves e2 out.
        ([[9, 1, X], [X, 6, 2], [4, X, X]], [1, 1, 1], TOTAL, "m0 m1 -", 15),
        # Equal totals: more mentees matched decides.
        ([[5, 0, X], [5, X, X], [X, X, 0]], [1, 1, 1], TOTAL, "m1 m0 m2", 5),
        # Only one seat for three.
        ([[3], [5], [4]], [1], MOST_MENTEES, "- m0 -", 5),
        # Everybody vetoed.
        ([[X, X], [X, X]], [1, 1], MOST_MENTEES, "- -", 0),
        # No seats at all.
        ([[3, 3]], [0, 0], MOST_MENTEES, "-", 0),
    ],
)
def test_small_tables_come_out_as_worked_by_hand(scores, seats, objective, pairs, score) -> None:
    mentors, mentees, policy = program(scores, seats, objective)
    result = solve(mentors, mentees, policy)
    chosen = {pair.mentee: pair.mentor for pair in result.pairs}
    assert [chosen.get(f"e{i}", "-") for i in range(len(scores))] == pairs.split()
    assert (result.score, result.score_bound, result.gap) == (score, score, 0)
    check(mentors, mentees, policy, result)


def test_a_result_says_everything() -> None:
    mentors, mentees, policy = program([[9, X], [8, X], [7, X]], [1, 4])
    result = solve(mentors, mentees, policy)
    (pair,) = result.pairs
    (reason,) = pair.reasons
    assert (pair.mentee, pair.mentor, pair.score, reason.points) == ("e0", "m0", 9, 9)
    assert result.unmatched == ("e1", "e2")
    assert (result.mentors, result.mentees, result.seats) == (2, 3, 5)
    assert (result.matched, result.matched_bound) == (1, 1)
    # B is 3 mentees x 9 points + 1; one more seat of m0 would place e1 for 8 points.
    assert result.unmatched_price == 28
    assert result.prices == {"m0": 28 + 8, "m1": 0}
    assert result.solver.startswith("scipy linear_sum_assignment 1.")
    assert len(result.digest) == 64


@pytest.mark.parametrize("mentors,mentees", [(0, 0), (2, 0), (0, 2)])
def test_nobody_on_a_side_is_no_error(mentors: int, mentees: int) -> None:
    people, others, policy = program([[1, 2], [3, 4]], [1, 1])
    result = solve(people[:mentors], others[:mentees], policy)
    assert (result.matched, result.matched_bound, result.score_bound, result.gap) == (0, 0, 0, 0)
    assert len(result.unmatched) == mentees
    check(people[:mentors], others[:mentees], policy, result)


@pytest.mark.parametrize("objective", [MOST_MENTEES, TOTAL])
@pytest.mark.parametrize("block", range(10))
def test_small_programs_equal_trying_everything(objective: str, block: int) -> None:
    for seed in range(block * 30, block * 30 + 30):
        scores, seats = random_scores(random.Random(seed))
        mentors, mentees, policy = program(scores, seats, objective)
        result = solve(mentors, mentees, policy, seed=seed)
        assert (result.matched, result.score) == best(scores, seats, objective), seed
        assert result.gap == 0, seed
        assert result.score_bound == result.score, seed
        if objective == MOST_MENTEES:
            assert result.matched_bound == result.matched, seed
        check(mentors, mentees, policy, result, seed=seed)


def partners(problem: Problem, matching) -> np.ndarray:
    """A matching over e0.., m0.. in the engine's own order."""
    found = np.full(len(problem.mentees), UNMATCHED)
    for i, j in enumerate(matching):
        if j is not None:
            found[problem.row[f"e{i}"]] = problem.column[f"m{j}"]
    return found


@pytest.mark.parametrize("objective", [MOST_MENTEES, TOTAL])
@pytest.mark.parametrize("seed", range(40))
def test_ties_go_to_the_highest_sum_of_hashes_from_any_optimum(
    seed: int, objective: str, monkeypatch
) -> None:
    rng = random.Random(seed)
    scores, seats = random_scores(rng)
    scores = [[None if s is None else s % 2 for s in row] for row in scores]
    mentors, mentees, policy = program(scores, seats, objective)
    problem = Problem(mentors, mentees, policy, seed=seed)
    top = best(scores, seats, objective)
    optima = [partners(problem, m) for m in matchings(scores, seats) if measure(scores, m) == top]
    rows, columns = np.indices((len(mentees), len(mentors))).reshape(2, -1)
    hashes = pair_hashes(problem, rows, columns, 16).reshape(len(mentees), len(mentors))

    def luck(partner: np.ndarray) -> int:
        return sum(int(hashes[i, j]) for i, j in enumerate(partner) if j != UNMATCHED)

    highest = max(optima, key=luck)
    monkeypatch.setattr(assignment, "hash_bits", lambda size, *, counted: 16)
    for optimum in optima:
        prices = least_prices(problem, optimum)
        proof = bounds(problem, prices, top[0])
        assert proof.dual == worth(problem, optimum)
        assert break_ties(problem, optimum, prices, proof.values).tolist() == highest.tolist()


def test_with_equal_totals_the_number_matched_outweighs_any_hash(monkeypatch) -> None:
    mentors, mentees, policy = program([[0, 0], [0, X]], [1, 1], TOTAL)

    def rigged(problem: Problem, rows: np.ndarray, columns: np.ndarray, bits: int) -> np.ndarray:
        return np.where(
            (rows == problem.row["e0"]) & (columns == problem.column["m0"]), 2**bits - 1, 0
        )

    monkeypatch.setattr(assignment, "pair_hashes", rigged)
    result = solve(mentors, mentees, policy)
    assert [(p.mentee, p.mentor) for p in result.pairs] == [("e0", "m1"), ("e1", "m0")]


def test_the_seed_decides_between_equal_matchings() -> None:
    mentors, mentees, policy = program([[5] * 6 for _ in range(6)], [1] * 6)
    seen = set()
    for seed in range(8):
        result = solve(mentors, mentees, policy, seed=seed)
        assert result.score == 30
        seen.add(tuple(pair.mentor for pair in result.pairs))
    assert len(seen) > 4


@pytest.mark.parametrize("size", [2, 100, 10_000, 100_000])
@pytest.mark.parametrize("counted", [True, False])
def test_sums_of_hashes_stay_exact(size: int, counted: bool) -> None:
    bits = hash_bits(size, counted=counted)
    if bits < 1:
        return
    count = size << bits if counted else 0
    must = size * (count + (1 << bits))
    assert size * (2 * must + count + (1 << bits)) <= 2**53


programs = st.integers(1, 5).flatmap(
    lambda mentors: st.tuples(
        st.lists(
            st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=mentors, max_size=mentors),
            min_size=1,
            max_size=6,
        ),
        st.lists(st.integers(0, 3), min_size=mentors, max_size=mentors),
    )
)
objectives = st.sampled_from([MOST_MENTEES, TOTAL])
often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@given(programs, objectives, st.randoms(use_true_random=False))
def test_shuffling_the_input_changes_nothing(drawn, objective, rng) -> None:
    scores, seats = drawn
    mentors, mentees, policy = program(scores, seats, objective)
    excluded = [("e0", "m0"), ("e0", f"m{len(seats) - 1}")]
    before = solve(mentors, mentees, policy, excluded=excluded, seed=3)
    rng.shuffle(mentors)
    rng.shuffle(mentees)
    excluded.reverse()
    assert solve(mentors, mentees, policy, excluded=excluded, seed=3) == before


@often
@given(programs, objectives, st.data())
def test_no_veto_is_broken_and_no_seat_used_twice(drawn, objective, data) -> None:
    scores, seats = drawn
    mentors, mentees, policy = program(scores, seats, objective)
    people = [(f"e{i}", f"m{j}") for i in range(len(scores)) for j in range(len(seats))]
    excluded = data.draw(st.lists(st.sampled_from(people), unique=True))
    result = solve(mentors, mentees, policy, excluded=excluded)
    for pair in result.pairs:
        given_points = scores[int(pair.mentee[1:])][int(pair.mentor[1:])]
        assert pair.score == given_points
        assert (pair.mentee, pair.mentor) not in excluded
    for j, mentor in enumerate(mentors):
        assert sum(pair.mentor == mentor.id for pair in result.pairs) <= seats[j]
    placed = [pair.mentee for pair in result.pairs]
    assert sorted([*placed, *result.unmatched]) == sorted(m.id for m in mentees)
    assert placed == sorted(placed)
    check(mentors, mentees, policy, result, excluded=excluded)


@often
@given(programs, objectives, st.data())
def test_a_seat_more_adds_exactly_its_price(drawn, objective, data) -> None:
    scores, seats = drawn
    mentors, mentees, policy = program(scores, seats, objective)
    before = solve(mentors, mentees, policy)
    at = data.draw(st.integers(0, len(seats) - 1))
    more = [*mentors]
    more[at] = replace(mentors[at], seats=seats[at] + 1)
    after = solve(more, mentees, policy)

    def value(result) -> int:
        return result.unmatched_price * result.matched + result.score

    assert value(after) - value(before) == before.prices[f"m{at}"]
    # Equal totals may be told apart by the number matched, so neither can fall.
    rank = (lambda r: (r.matched, r.score)) if objective == MOST_MENTEES else value
    assert rank(after) >= rank(before)


@often
@given(programs, objectives, st.data())
def test_any_prices_bound_every_matching(drawn, objective, data) -> None:
    scores, seats = drawn
    scores, seats = scores[:4], seats[:3]
    scores = [row[:3] for row in scores]
    mentors, mentees, policy = program(scores, seats, objective)
    problem = Problem(mentors, mentees, policy)
    prices = np.array(data.draw(st.lists(st.integers(0, 60), min_size=3, max_size=3)))
    prices = prices[: len(seats)]
    found = [measure(scores, matching) for matching in matchings(scores, seats)]
    for matched in {m for m, _ in found}:
        proof = bounds(problem, prices, matched)
        assert all(problem.price * m + total <= proof.dual for m, total in found)
        assert all(m <= proof.matched for m, _ in found)
        assert all(total <= proof.score for m, total in found if m == matched)


@pytest.mark.parametrize("limit", ["KEPT_CELLS", "TILE_CELLS"])
def test_the_height_of_tiles_changes_nothing(limit: str, monkeypatch) -> None:
    mentors, mentees, policy = civil_service()
    before = solve(mentors, mentees, policy)
    monkeypatch.setattr(scoring, "KEPT_CELLS", 0)
    monkeypatch.setattr(scoring, limit, 120 if limit == "TILE_CELLS" else 0)
    assert solve(mentors, mentees, policy) == before


@pytest.mark.parametrize(
    "name,value", [("MOST_TIES", 0), ("hash_bits", lambda size, *, counted: 0)]
)
def test_without_the_tie_break_the_order_of_arrival_still_plays_no_part(
    name: str, value, monkeypatch
) -> None:
    monkeypatch.setattr(assignment, name, value)
    mentors, mentees, policy = civil_service()
    before = solve(mentors, mentees, policy)
    assert (before.matched, before.score, before.gap) == (35, 727, 0)
    assert solve(mentors[::-1], mentees[::-1], policy) == before


def test_a_mentor_with_a_billion_seats_takes_no_more_memory_than_mentees() -> None:
    mentors, mentees, policy = program([[1], [2]], [10**9])
    result = solve(mentors, mentees, policy)
    assert (result.matched, result.score, result.seats, result.gap) == (2, 3, 10**9, 0)


def test_an_exclusion_holds_and_may_name_somebody_who_left() -> None:
    mentors, mentees, policy = program([[9, 1], [9, 1]], [1, 1])
    result = solve(mentors, mentees, policy, excluded=[("e0", "m0"), ("e7", "m0"), ("e0", "m7")])
    assert [(p.mentee, p.mentor) for p in result.pairs] == [("e0", "m1"), ("e1", "m0")]


# ---------------------------------------------------------------------------------- bad input

SAME = Policy.from_dict(
    {
        "name": "P",
        "criterion": [
            {"name": "c", "kind": "same", "mentee": "town", "mentor": "town", "points": 3}
        ],
    }
)
TOWN = {"town": "Rome"}
ANSWER = "must be text, a whole number up to 1000000000, yes or no, or a frozenset of texts."


@pytest.mark.parametrize(
    "mentors,mentees,excluded,sentence",
    [
        ([Mentor("m", 1, TOWN), Mentor("m", 2, TOWN)], [], [], "The mentor 'm' is there twice."),
        ([], [Mentee("e", TOWN), Mentee("e", TOWN)], [], "The mentee 'e' is there twice."),
        (
            [Mentor("", 1, TOWN)],
            [],
            [],
            "Every mentor needs an id, a text that is not empty.",
        ),
        ([], [Mentee(7, TOWN)], [], "Every mentee needs an id, a text that is not empty."),
        ([Mentor("m", -1, TOWN)], [], [], "Mentor 'm' has -1 seats; there must be 0 or more."),
        ([Mentor("m", "many", TOWN)], [], [], "The seats of mentor 'm' must be a whole number."),
        ([Mentor("m", True, TOWN)], [], [], "The seats of mentor 'm' must be a whole number."),
        ([Mentor("m", 1.5, TOWN)], [], [], "The seats of mentor 'm' must be a whole number."),
        (
            [Mentor("m", 1, {"town": float("nan")})],
            [],
            [],
            f"The answer 'town' of mentor 'm' {ANSWER}",
        ),
        ([], [Mentee("e", {"town": ["Rome"]})], [], f"The answer 'town' of mentee 'e' {ANSWER}"),
        ([], [Mentee("e", {"x": frozenset({1})})], [], f"The answer 'x' of mentee 'e' {ANSWER}"),
        ([], [Mentee("e", {"x": 10**9 + 1})], [], f"The answer 'x' of mentee 'e' {ANSWER}"),
        (
            [Mentor("m", 1, TOWN)],
            [Mentee("e", {"twon": "Rome"})],
            [],
            "The criterion 'c' reads 'town', which no mentee was asked for.",
        ),
        (
            [Mentor("m", 1, {})],
            [Mentee("e", TOWN)],
            [],
            "The criterion 'c' reads 'town', which no mentor was asked for.",
        ),
        (
            [Mentor("m", 1, TOWN)],
            [Mentee("e", TOWN)],
            [("m", "e")],
            "The exclusion of 'm' and 'e' is the wrong way round; the mentee comes first.",
        ),
    ],
)
def test_bad_input_is_told_in_a_sentence(mentors, mentees, excluded, sentence) -> None:
    with pytest.raises(ProblemError) as error:
        solve(mentors, mentees, SAME, excluded=excluded)
    assert str(error.value) == sentence


def test_a_ready_made_fact_that_nobody_answered_is_just_unanswered() -> None:
    policy = Policy.from_dict(
        {
            "name": "P",
            "criterion": [
                {"name": "c", "kind": "same", "mentee": "grade", "mentor": "grade", "points": 7}
            ],
        }
    )
    result = solve([Mentor("m", 1, {})], [Mentee("e", {})], policy)
    assert (result.matched, result.score) == (1, 3)
    assert [r.answered for r in result.pairs[0].reasons] == [False]


def test_sums_that_would_be_rounded_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(scoring, "MOST_PEOPLE_POINTS", 20)
    solve([Mentor("m", 1, TOWN)], [Mentee("e", TOWN)], SAME)
    with pytest.raises(ProblemError, match=r"cannot be added up exactly; use smaller points"):
        solve([Mentor("m", 1, TOWN)], [Mentee(f"e{i}", TOWN) for i in range(3)], SAME)
