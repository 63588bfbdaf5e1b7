"""The matching is the best there is, in any order of arrival; a seat price means what it says."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine import (
    EngineError,
    Input,
    Policy,
    Result,
    Stopped,
    Work,
    check,
    flow,
    installed,
    solve,
    ties,
)
from matching.engine.assignment import best as best_of
from matching.engine.columns import RULED_OUT
from matching.engine.prices import bounds, least_prices
from matching.engine.scoring import UNMATCHED, Problem
from matching.engine.ties import break_ties, hash_bits, pair_hashes
from tests.matching.engine.programs import (
    MOST_MENTEES,
    TOTAL,
    best,
    civil_service,
    matchings,
    measure,
    program,
    random_scores,
    set_sizes,
    turned,
)

X = None

solvers = pytest.mark.parametrize("solver", installed())
objectives = pytest.mark.parametrize("objective", [MOST_MENTEES, TOTAL])


def partners(result: Result) -> dict[str, str]:
    return {pair.mentee: pair.mentor for pair in result.pairs}


@solvers
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
def test_small_tables_come_out_as_worked_by_hand(
    scores, seats, objective, pairs, score, solver
) -> None:
    asked = program(scores, seats, objective)
    result = solve(asked, solver=solver)
    chosen = partners(result)
    assert [chosen.get(f"e{i}", "-") for i in range(len(scores))] == pairs.split()
    assert (result.score, result.score_bound, result.gap) == (score, score, 0)
    check(asked, result)


def test_a_result_says_everything() -> None:
    result = solve(program([[9, X], [8, X], [7, X]], [1, 4]), solver="scipy")
    (pair,) = result.pairs
    assert (pair.mentee, pair.mentor, pair.score) == ("e0", "m0", 9)
    assert result.objective == MOST_MENTEES
    assert result.unmatched == ("e1", "e2")
    assert (result.mentors, result.mentees, result.seats) == (2, 3, 5)
    assert (result.matched, result.matched_bound) == (1, 1)
    # An unmatched mentee costs 3 mentees x 9 points + 1; one more seat of m0 would place e1.
    assert result.unmatched_price == 28
    assert result.prices == {"m0": 28 + 8, "m1": 0}
    assert result.solver.startswith("scipy min_weight_full_bipartite_matching 1.")
    assert len(result.digest) == 64
    assert result.floor is None


@pytest.mark.parametrize("mentors,mentees", [(0, 0), (2, 0), (0, 2)])
@solvers
def test_nobody_on_a_side_is_no_error(mentors: int, mentees: int, solver: str) -> None:
    asked = program([[1, 2], [3, 4]], [1, 1])
    asked = replace(asked, mentors=asked.mentors[:mentors], mentees=asked.mentees[:mentees])
    result = solve(asked, solver=solver)
    assert (result.matched, result.matched_bound, result.score_bound, result.gap) == (0, 0, 0, 0)
    assert len(result.unmatched) == mentees
    check(asked, result)


@pytest.mark.parametrize(
    "scores,seats",
    [([[3, 3], [2, 1]], [0, 0]), ([[X, X], [X, X]], [2, 1])],
    ids=["no seats", "everyone vetoed"],
)
@solvers
def test_where_nobody_can_be_placed_the_answer_is_empty_and_proven(scores, seats, solver) -> None:
    asked = program(scores, seats)
    result = solve(asked, solver=solver)
    assert (result.pairs, result.unmatched, result.gap) == ((), ("e0", "e1"), 0)
    assert (result.matched_bound, result.score_bound) == (0, 0)
    check(asked, result)


def test_with_equal_gains_at_a_small_price_more_mentees_still_come_first() -> None:
    """All six for 0 points are worth 6 x 5 gains, and so are five for 1 point each."""
    scores = [[X] * 6 for _ in range(6)]
    for i in range(6):
        scores[i][i] = 0
        scores[i][max(i - 1, 0)] = int(i > 0)
    for seed in range(12):
        asked = program(scores, [1] * 6, seed=seed)
        result = solve(asked)
        assert (result.matched, result.matched_bound, result.score) == (6, 6, 0), seed
        check(asked, result)


@objectives
@pytest.mark.parametrize("block", range(10))
def test_small_programs_equal_trying_everything(objective: str, block: int) -> None:
    for seed in range(block * 30, block * 30 + 30):
        scores, seats = random_scores(random.Random(seed))
        asked = program(scores, seats, objective, seed=seed)
        results = [solve(asked, solver=solver) for solver in installed()]
        for result in results:
            assert (result.matched, result.score) == best(scores, seats, objective), seed
            assert result.gap == 0, seed
            assert result.score_bound == result.score, seed
            if objective == MOST_MENTEES:
                assert result.matched_bound == result.matched, seed
            assert result.pairs == results[0].pairs, seed
            check(asked, result)


# ------------------------------------------------------------------------------ equal matchings


def laid_out(problem: Problem, matching: Sequence[int | None]) -> np.ndarray:
    """A matching over e0.., m0.. in the engine's own order."""
    found = np.full(len(problem.mentee_ids), UNMATCHED, dtype=np.int64)
    for i, j in enumerate(matching):
        if j is not None:
            found[problem.mentee_ids.index(f"e{i}")] = problem.mentor_ids.index(f"m{j}")
    return found


@objectives
@pytest.mark.parametrize("seed", range(40))
def test_ties_go_to_the_highest_sum_of_hashes_from_any_optimum(
    seed: int, objective: str, monkeypatch
) -> None:
    scores, seats = random_scores(random.Random(seed))
    scores = [[None if s is None else s % 2 for s in row] for row in scores]
    problem = Problem.of(program(scores, seats, objective, seed=seed))
    top = best(scores, seats, objective)
    optima = [laid_out(problem, m) for m in matchings(scores, seats) if measure(scores, m) == top]
    rows, columns = np.indices((len(scores), len(seats))).reshape(2, -1)
    hashes = pair_hashes(problem, rows, columns, 16).reshape(len(scores), len(seats))

    def luck(partner: np.ndarray) -> int:
        return sum(int(hashes[i, j]) for i, j in enumerate(partner) if j != UNMATCHED)

    highest = max(optima, key=luck)
    monkeypatch.setattr(ties, "hash_bits", lambda size, *, counted: 16)
    found = best_of(problem, "scipy", Work())
    assert found.gap == 0
    for optimum in optima:
        settled = break_ties(problem, optimum, found.prices, found.values, found.price, Work())
        assert settled.tolist() == highest.tolist()


def test_with_equal_totals_the_number_matched_outweighs_any_hash(monkeypatch) -> None:
    def rigged(problem: Problem, rows: np.ndarray, columns: np.ndarray, bits: int) -> np.ndarray:
        e0, m0 = problem.mentee_ids.index("e0"), problem.mentor_ids.index("m0")
        return np.where((rows == e0) & (columns == m0), 2**bits - 1, 0)

    monkeypatch.setattr(ties, "pair_hashes", rigged)
    result = solve(program([[0, 0], [0, X]], [1, 1], TOTAL))
    assert partners(result) == {"e0": "m1", "e1": "m0"}


def test_the_seed_decides_between_equal_matchings() -> None:
    seen = set()
    for seed in range(8):
        result = solve(program([[5] * 6 for _ in range(6)], [1] * 6, seed=seed))
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


@pytest.mark.parametrize(
    "name,value", [("MOST_PAIRS", 0), ("MOST_PAIRS", 2_500), ("hash_bits", lambda *_, counted: 0)]
)
@solvers
def test_without_the_tie_break_the_order_of_arrival_still_plays_no_part(
    name: str, value, solver, monkeypatch
) -> None:
    monkeypatch.setattr(ties, name, value)
    asked = civil_service()
    before = solve(asked, solver=solver)
    assert (before.matched, before.score, before.gap) == (35, 727, 0)
    assert solve(turned(asked), solver=solver) == before


# ------------------------------------------------------------------------------ properties


@st.composite
def programs(draw: st.DrawFn, most: int = 6) -> Input:
    """A small program with everything: vetoes, ties, no seats, exclusions, avoids, locks."""
    wide, high = draw(st.integers(1, min(most, 5))), draw(st.integers(1, most))
    given = st.one_of(st.none(), st.integers(0, 4))
    scores = draw(
        st.lists(st.lists(given, min_size=wide, max_size=wide), min_size=high, max_size=high)
    )
    seats = draw(st.lists(st.integers(0, 3), min_size=wide, max_size=wide))
    pairs = [(i, j) for i in range(high) for j in range(wide)]
    locked: dict[int, int] = {}
    for i, j in draw(st.lists(st.sampled_from(pairs), max_size=2)):
        taken = sum(mentor == j for mentor in locked.values())
        if scores[i][j] is not None and i not in locked and taken < seats[j]:
            locked[i] = j
    apart = [(i, j) for i, j in pairs if locked.get(i) != j]
    barred = draw(st.lists(st.sampled_from(apart), max_size=4)) if apart else []
    return program(
        scores,
        seats,
        draw(st.sampled_from([MOST_MENTEES, TOTAL])),
        excluded=named(barred[::2]),
        avoided=named(barred[1::2]),
        locked=named(locked.items()),
        seed=draw(st.integers(0, 3)),
    )


def named(pairs) -> list[tuple[str, str]]:
    return [(f"e{i}", f"m{j}") for i, j in pairs]


def table_of(asked: Input) -> list[list[int | None]]:
    """The scores that the program was made from, without barred pairs."""
    (criterion,) = asked.policy.criteria
    given = {(e, m): points for e, m, points in criterion.kind.pairs}
    return [
        [None if (e.id, m.id) in asked.barred else given.get((e.id, m.id)) for m in asked.mentors]
        for e in asked.mentees
    ]


def possible(asked: Input) -> list[tuple[tuple[int | None, ...], tuple[int, int]]]:
    """Every matching there is, locks kept, with (matched, total)."""
    scores, seats = table_of(asked), [mentor.seats for mentor in asked.mentors]
    locked = [
        (int(mentee[1:]), int(mentor[1:])) for mentee, mentor in asked.locked
    ]  # e3 stands at 3
    return [
        (matching, measure(scores, matching))
        for matching in matchings(scores, seats)
        if all(matching[i] == j for i, j in locked)
    ]


often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@given(programs(), st.randoms(use_true_random=False))
def test_shuffling_the_input_changes_nothing(asked: Input, rng: random.Random) -> None:
    mentors, mentees = list(asked.mentors), list(asked.mentees)
    rng.shuffle(mentors)
    rng.shuffle(mentees)
    other = replace(asked, mentors=tuple(mentors), mentees=tuple(mentees))
    assert solve(other) == solve(asked)


@often
@given(programs(), st.sampled_from(installed()))
def test_no_veto_is_broken_no_seat_used_twice_and_locks_are_kept(asked: Input, solver: str) -> None:
    result = solve(asked, solver=solver)
    scores = table_of(asked)
    for pair in result.pairs:
        assert pair.score == scores[int(pair.mentee[1:])][int(pair.mentor[1:])]
        assert (pair.mentee, pair.mentor) not in asked.excluded | asked.avoided
    for mentor in asked.mentors:
        assert sum(pair.mentor == mentor.id for pair in result.pairs) <= mentor.seats
    placed = [pair.mentee for pair in result.pairs]
    assert sorted([*placed, *result.unmatched]) == sorted(m.id for m in asked.mentees)
    assert placed == sorted(placed)
    assert asked.locked <= set(partners(result).items())
    check(asked, result)


@often
@given(programs(4), st.sampled_from(installed()))
def test_no_other_matching_is_better(asked: Input, solver: str) -> None:
    result = solve(asked, solver=solver)
    ways = [way for _, way in possible(asked)]
    if asked.policy.objective == TOTAL:
        assert (result.score, result.matched) == max((total, count) for count, total in ways)
    else:
        assert (result.matched, result.score) == max(ways)
        assert result.matched_bound == result.matched
    assert (result.gap, result.score_bound) == (0, result.score)


@often
@given(programs(), st.data())
def test_a_seat_more_adds_exactly_its_price(asked: Input, data) -> None:
    before = solve(asked)
    at = data.draw(st.integers(0, len(asked.mentors) - 1))
    mentors = list(asked.mentors)
    mentors[at] = replace(mentors[at], seats=mentors[at].seats + 1)
    after = solve(replace(asked, mentors=tuple(mentors)))
    # What staying unmatched costs may differ between two runs, so the price of this one counts.
    if asked.policy.objective == TOTAL:
        assert after.score >= before.score
        assert after.score - before.score == before.prices[f"m{at}"]
        return
    assert (after.matched, after.score) >= (before.matched, before.score)
    more, points = after.matched - before.matched, after.score - before.score
    price = before.unmatched_price
    if price > len(asked.mentees) * 4:
        assert price * more + points == before.prices[f"m{at}"]
    else:
        # With a small price of staying unmatched fewer mentees might gain as much.
        assert price * more + points <= before.prices[f"m{at}"]


@often
@given(programs(4), st.data())
def test_any_prices_bound_every_matching(asked: Input, data) -> None:
    problem = Problem.of(asked)
    wide = len(asked.mentors)
    prices = np.array(data.draw(st.lists(st.integers(0, 60), min_size=wide, max_size=wide)))
    price = 0 if asked.policy.objective == TOTAL else data.draw(st.integers(1, 40))
    ways = [way for _, way in possible(asked)]
    settled = len(asked.locked)
    given_points = sum(table_of(asked)[int(e[1:])][int(m[1:])] for e, m in asked.locked)
    for matched in {count for count, _ in ways}:
        proof = bounds(problem, prices, price, matched, Work())
        assert all(
            price * (count - settled) + total - given_points <= proof.dual for count, total in ways
        )
        assert all(count <= proof.matched for count, _ in ways)
        assert all(total <= proof.score for count, total in ways if count == matched)


def test_prices_of_a_matching_that_is_not_the_best_come_to_an_end() -> None:
    """Each of the two would rather have the other's mentor, so prices could rise for ever."""
    rows, columns = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    prices = least_prices(rows, columns, np.array([1, 9, 9, 1]), np.array([0, 1]), 2)
    assert prices.min() > 0
    assert least_prices(rows, columns, np.array([9, 1, 1, 9]), np.array([0, 1]), 2).max() == 0


def test_prices_beyond_what_float32_holds_bound_no_less() -> None:
    problem = Problem.of(program([[3, 1], [2, 2]], [1, 1]))
    for large in (2**23 - 1, 2**23 + 1, 2**40 + 1):
        proof = bounds(problem, np.array([large, large + 1]), large + 2, 2, Work())
        assert proof.dual == 2 * large + 1 + sum(int(v) for v in proof.values)
        rows = problem.tile(slice(None)).astype(int).tolist()
        assert proof.values.tolist() == [
            max(large + 2 + row[0] - large, large + 2 + row[1] - large - 1) for row in rows
        ]


@often
@given(programs(), st.sampled_from(installed()))
def test_threads_change_nothing(asked: Input, solver: str) -> None:
    assert solve(asked, solver=solver, work=Work(threads=2)) == solve(asked, solver=solver)


@solvers
def test_blocks_and_threads_change_nothing(solver: str, monkeypatch) -> None:
    asked = civil_service()
    before = solve(asked, solver=solver)
    check(asked, before, Work(threads=2))
    # Four blocks of mentees, eight pieces of mentors.
    set_sizes(monkeypatch, ROWS=16, COLUMNS=7)
    for threads in (1, 2, 3):
        assert solve(asked, solver=solver, work=Work(threads=threads)) == before


def test_a_mentor_with_a_billion_seats_takes_no_more_memory_than_mentees() -> None:
    for solver in installed():
        result = solve(program([[1], [2]], [10**9]), solver=solver)
        assert (result.matched, result.score, result.seats, result.gap) == (2, 3, 10**9, 0)


def test_an_exclusion_holds_and_may_name_somebody_who_left() -> None:
    for name in ("excluded", "avoided"):
        pairs = [("e0", "m0"), ("e7", "m0"), ("e0", "m7")]
        result = solve(program([[9, 1], [9, 1]], [1, 1], **{name: pairs}))
        assert partners(result) == {"e0": "m1", "e1": "m0"}


def test_a_lock_takes_its_seat_and_counts() -> None:
    scores = [[9, 1], [1, 9], [5, 5]]
    asked = program(scores, [1, 1], locked=[("e0", "m1"), ("e7", "m0")])
    result = solve(asked)
    assert partners(result) == {"e0": "m1", "e2": "m0"}
    assert (result.matched, result.score, result.score_bound, result.gap) == (2, 6, 6, 0)
    check(asked, result)


# ------------------------------------------------------------------------------ solvers, lateness


def test_a_solver_that_is_not_installed_is_told_in_a_sentence(monkeypatch) -> None:
    asked = program([[1]], [1])
    monkeypatch.setattr(flow, "find_spec", lambda name: name if name == "scipy" else None)
    with pytest.raises(EngineError) as error:
        solve(asked, solver="ortools")
    assert str(error.value) == "The solver 'ortools' is not installed; there is scipy."
    assert solve(asked).solver.startswith("scipy ")


def test_a_solver_without_an_answer_is_told_in_a_sentence() -> None:
    pytest.importorskip("ortools")
    pair = np.array([0])
    with pytest.raises(EngineError, match=r"^The solver stopped without an answer \(.+\)\.$"):
        flow.by_ortools(pair, pair, np.array([2**62]), np.array([1]), 1)


@solvers
def test_somebody_may_stop_the_work(solver: str) -> None:
    told = []

    def watch(step: str, share: float) -> None:
        assert 0 <= share <= 1
        told.append(step)

    def stop(at: str) -> Callable[[str, float], None]:
        def at_that_step(step: str, share: float) -> None:
            if step == at:
                raise Stopped

        return at_that_step

    solve(civil_service(), solver=solver, work=Work(watch=watch))
    assert {"scores", "solving"} <= set(told)
    for step in set(told):
        with pytest.raises(Stopped):
            solve(civil_service(), solver=solver, work=Work(watch=stop(step)))


@pytest.mark.parametrize("more", [0, 7])
def test_no_price_lifts_a_pair_that_must_not_be_into_the_proof(more: int) -> None:
    asked = program([[9, X], [X, 5], [X, X], [X, 3]], [1, 5])
    # Points that nobody gets: the price of staying unmatched rises above what a veto takes off.
    table = asked.policy.to_dict()
    same = {"kind": "same", "mentee": "who", "mentor": "who", "points": 10_000}
    table["criterion"] += [same | {"name": f"more {number}"} for number in range(more)]
    asked = replace(asked, policy=Policy.from_dict(table))
    result = solve(asked)
    assert (result.unmatched_price > RULED_OUT) == bool(more)
    assert (result.matched, result.score, result.gap) == (3, 17, 0)
    check(asked, result)
