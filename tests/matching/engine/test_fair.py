"""The lowest score is as high as it goes, for as many mentees as without a floor, and proven so."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    CertificateError,
    Floor,
    Input,
    Pair,
    Result,
    Work,
    candidates,
    check,
    solve,
)
from matching.engine.fair import fairest
from matching.engine.scoring import Problem
from tests.matching.engine.people import made_up
from tests.matching.engine.programs import (
    Scores,
    dense_best,
    matchings,
    program,
    random_scores,
    slow_scores,
    turned,
)

FAIR = "fair-floor"
SOLVERS = ["ortools", "scipy"]
X = None


def floor_of(result: Result) -> Floor:
    assert result.floor is not None
    return result.floor


def fairly_best(asked: Input) -> tuple[int, int, int]:
    """(matched, lowest, total) of the best matching, by trying them all; locks do not count."""
    scores, locked = slow_scores(asked), dict(asked.locked)
    column = {mentor.id: at for at, mentor in enumerate(asked.mentors)}
    at_locks = {i: column[locked[e.id]] for i, e in enumerate(asked.mentees) if e.id in locked}
    found = []
    for chosen in matchings(scores, [mentor.seats for mentor in asked.mentors]):
        if all(chosen[i] == j for i, j in at_locks.items()):
            given = [scores[i][j] or 0 for i, j in enumerate(chosen) if j is not None]
            free = [
                scores[i][j] or 0
                for i, j in enumerate(chosen)
                if j is not None and i not in at_locks
            ]
            found.append((len(given), min(free, default=0), sum(given)))
    return max(found)


def without_floor(asked: Input) -> Result:
    return solve(replace(asked, policy=replace(asked.policy, objective="most-mentees-then-total")))


# --------------------------------------------------------------------------- worked by hand


@pytest.mark.parametrize(
    "scores,seats,pairs,lowest,cost",
    [
        # 9 + 9 + 1 is the best total; with 5 everywhere nobody is left with 1.
        ([[9, 5, 1], [1, 9, 5], [5, 1, 1]], [1, 1, 1], "m1 m2 m0", 5, 4),
        # The best total is fair already.
        ([[9, 1, 1], [1, 9, 1], [1, 1, 9]], [1, 1, 1], "m0 m1 m2", 9, 0),
        # The floor may cost nothing although it chooses: 8 + 2 and 5 + 5.
        ([[8, 5], [5, 2]], [1, 1], "m1 m0", 5, 0),
        # e2 fits nobody but m0, for 4; with them all three are placed, and e0 has 1 at best.
        ([[9, 1, X], [X, 6, 2], [4, X, X]], [1, 1, 1], "m1 m2 m0", 1, 0),
        # Nobody goes without for a higher floor: 1 for e1 or no mentor at all.
        ([[9, 8], [1, X]], [1, 1], "m1 m0", 1, 0),
        # Too few seats: whoever scores best there, as high as it goes.
        ([[3], [5], [4]], [1], "- m0 -", 5, 0),
        # Two seats: 9 + 2 against 6 + 3.
        ([[9, 6], [3, 2], [X, X]], [1, 1], "m1 m0 -", 3, 2),
        # Pairs that score nothing still are pairs.
        ([[0, X], [7, 0]], [1, 1], "m0 m1", 0, 0),
        ([[X, X], [X, X]], [1, 1], "- -", 0, 0),
        ([[3, 3]], [0, 0], "-", 0, 0),
    ],
)
@pytest.mark.parametrize("solver", SOLVERS)
def test_small_tables_come_out_as_worked_by_hand(
    scores, seats, pairs, lowest, cost, solver
) -> None:
    asked = program(scores, seats, FAIR)
    result = solve(asked, solver=solver)
    chosen = {pair.mentee: pair.mentor for pair in result.pairs}
    assert [chosen.get(f"e{i}", "-") for i in range(len(scores))] == pairs.split()
    floor = floor_of(result)
    assert (floor.lowest, floor.cost, floor.is_proven) == (lowest, cost, True)
    assert (result.gap, result.matched_bound) == (0, result.matched)
    assert result.score_bound == result.score
    check(asked, result)


def test_a_floor_says_everything() -> None:
    """e0 and e1 want m0; m1 has 1 for e0 and 3 for e1, m2 has no seat."""
    asked = program([[9, 1, 9], [8, 3, 9], [X, X, 9]], [1, 1, 0], FAIR)
    result = solve(asked)
    assert result.pairs == (Pair("e0", "m0", 9), Pair("e1", "m1", 3))
    floor = floor_of(result)
    assert (floor.lowest, floor.cost, floor.otherwise) == (3, 0, {})
    # Only m0 and m2 have pairs above 3, and one seat between them.
    assert (floor.cover, floor.above) == (("m0", "m2"), 1)
    # e2 could be with m2 alone, who has no seat: two others are the most.
    assert floor.most == ("m2",)
    assert result.prices.keys() == floor.prices.keys() == {"m0", "m1", "m2"}


def test_what_the_floor_changes_is_told() -> None:
    """Without a floor e0 has m0 and e1 nobody, as e2 scores 2 with m1; with one e1 has m0."""
    asked = program([[9, 6], [3, 1], [X, 2]], [1, 1], FAIR)
    result = solve(asked)
    floor = floor_of(result)
    assert result.pairs == (Pair("e0", "m1", 6), Pair("e1", "m0", 3))
    assert (floor.lowest, floor.cost) == (3, 2)
    assert floor.otherwise == {"e0": "m0", "e1": "", "e2": "m1"}
    assert without_floor(asked).pairs == (Pair("e0", "m0", 9), Pair("e2", "m1", 2))


@pytest.mark.parametrize("mentors,mentees", [(0, 0), (2, 0), (0, 2)])
def test_nobody_on_a_side_is_no_error(mentors: int, mentees: int) -> None:
    people = program([[1, 2], [3, 4]], [1, 1], FAIR)
    asked = replace(people, mentors=people.mentors[:mentors], mentees=people.mentees[:mentees])
    result = solve(asked)
    assert (result.matched, result.gap, floor_of(result).lowest) == (0, 0, 0)
    check(asked, result)


def test_locked_pairs_do_not_count() -> None:
    """e0 is settled with 1; that holds nobody else down, and takes the seat."""
    asked = program([[1, 9], [7, 3], [6, 5]], [2, 1], FAIR, locked=[("e0", "m0")])
    result = solve(asked)
    assert result.pairs == (Pair("e0", "m0", 1), Pair("e1", "m0", 7), Pair("e2", "m1", 5))
    assert (floor_of(result).lowest, floor_of(result).cost) == (5, 0)
    check(asked, result)


@pytest.mark.parametrize("solver", SOLVERS)
def test_whoever_is_dear_to_place_is_placed(solver: str) -> None:
    """Eight move from 100 points to 10 so that e8 gets a mentor; and 5 is the lowest no more."""
    scores: list[list[int | None]] = [[X] * 11 for _ in range(11)]
    for i in range(8):
        scores[i][i], scores[i][i + 1] = 100, 10
    scores[8][0] = 10
    scores[9][9:], scores[10][9:] = [100, 50], [50, 5]
    asked = program(scores, [1] * 11, FAIR)
    result = solve(asked, solver=solver)
    floor = floor_of(result)
    assert (result.matched, result.score) == (11, 9 * 10 + 2 * 50)
    assert (floor.lowest, floor.cost) == (10, 5)
    assert floor.otherwise == {"e9": "m9", "e10": "m10"}
    check(asked, result)


# --------------------------------------------------------------------------- by trying them all


@st.composite
def programs(draw: st.DrawFn) -> Input:
    rng = random.Random(draw(st.integers(0, 2**32)))
    scores, seats = random_scores(rng)
    allowed = [(i, j) for i, row in enumerate(scores) for j, s in enumerate(row) if s is not X]
    left, locked = [*seats], {}
    for i, j in allowed:
        if rng.random() < 0.1 and i not in locked and left[j]:
            locked[i] = j
            left[j] -= 1
    barred = [(f"e{i}", f"m{j}") for i, j in allowed if i not in locked and rng.random() < 0.1]
    return program(
        scores,
        seats,
        FAIR,
        excluded=barred[::2],
        avoided=barred[1::2],
        locked=[(f"e{i}", f"m{j}") for i, j in locked.items()],
        seed=rng.randint(0, 9),
    )


@settings(max_examples=200, deadline=None)
@given(programs(), st.sampled_from(SOLVERS))
def test_nothing_beats_it(asked: Input, solver: str) -> None:
    result = solve(asked, solver=solver)
    floor = floor_of(result)
    assert (result.matched, floor.lowest, result.score) == fairly_best(asked)
    assert floor.cost == without_floor(asked).score - result.score
    assert result.gap == 0
    check(asked, result)
    assert solve(turned(asked), solver=solver) == result
    assert solve(asked, solver=solver, work=Work(threads=2)) == result


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(SOLVERS))
def test_so_it_is_with_musts_hours_and_private_wishes(seed: int, solver: str) -> None:
    asked = made_up(seed, FAIR)
    result = solve(asked, solver=solver)
    assert (result.matched, floor_of(result).lowest, result.score) == fairly_best(asked)
    check(asked, result)


@settings(max_examples=60, deadline=None)
@given(programs())
def test_both_solvers_find_the_same(asked: Input) -> None:
    one, other = (solve(asked, solver=solver) for solver in SOLVERS)
    assert one.pairs == other.pairs
    mine, theirs = floor_of(one), floor_of(other)
    assert replace(mine, prices={}) == replace(theirs, prices={})


def crowd(seed: int, mentees: int, mentors: int) -> tuple[Scores, list[int]]:
    rng = random.Random(seed)
    worth = [rng.randint(0, 40) for _ in range(mentors)]
    scores = [
        [X if rng.random() < 0.3 else worth[j] + rng.randint(0, 60) for j in range(mentors)]
        for _ in range(mentees)
    ]
    return scores, [rng.choice((0, 1, 1, 2, 4)) for _ in range(mentors)]


def lowest_by_steps(scores: Scores, seats: list[int]) -> tuple[int, int, int]:
    """(matched, lowest, total): the floor goes up a point at a time, SciPy says how far."""
    best = dense_best(scores, seats)
    lowest = 0
    while True:
        above = [[s if s is not None and s > lowest else X for s in row] for row in scores]
        found = dense_best(above, seats)
        if not best[0] or found[0] < best[0]:
            return best[0], lowest, best[1]
        best, lowest = found, lowest + 1


@pytest.mark.parametrize("mentees,mentors", [(40, 14), (24, 24), (12, 40)])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("listed", [1, 2, 96])
def test_however_short_the_lists_are(
    monkeypatch: pytest.MonkeyPatch, listed: int, seed: int, mentees: int, mentors: int
) -> None:
    monkeypatch.setattr(candidates, "LISTED", listed)
    monkeypatch.setattr(candidates, "SOLVED_WITH", min(listed, candidates.SOLVED_WITH))
    scores, seats = crowd(seed, mentees, mentors)
    asked = program(scores, seats, FAIR)
    result = solve(asked)
    assert (result.matched, floor_of(result).lowest, result.score) == lowest_by_steps(scores, seats)
    check(asked, result)


# --------------------------------------------------------------------------- late, and tampered


def test_whatever_is_late_is_true_and_says_what_is_not_proven() -> None:
    scores, seats = crowd(3, 40, 14)
    asked = program(scores, seats, FAIR)
    problem, whole = Problem.of(asked), solve(asked)
    proven = []
    for patience in range(60):
        asks = iter(range(patience))
        late = Work(is_late=lambda asks=asks: next(asks, None) is None)
        result = solve(asked, work=late)
        check(asked, result)
        floor = floor_of(result)
        assert floor.lowest <= floor_of(whole).lowest
        if not floor.is_proven:
            assert floor == Floor(floor.lowest, 0, (), is_proven=False)
        proven.append(floor.is_proven)
    assert (proven[0], proven[-1]) == (False, True)
    assert fairest(problem, "ortools", Work()).floor == whole.floor


Tampered = Mapping[str, object]
Change = Callable[[Floor], Tampered]


@pytest.fixture(scope="module")
def tight() -> tuple[Input, Result]:
    """A floor that costs something, with covers of several mentors."""
    scores, seats = crowd(6, 40, 14)
    asked = program(scores, seats, FAIR)
    result = solve(asked)
    floor = floor_of(result)
    assert floor.cost
    assert len(floor.cover) > 1
    assert len(floor.most) > 1
    assert floor.otherwise
    return asked, result


def refused(run: tuple[Input, Result], **changes: object) -> str:
    """The sentence with which a changed floor is refused."""
    asked, result = run
    with pytest.raises(CertificateError) as error:
        check(asked, replace(result, floor=replace(floor_of(result), **changes)))
    return str(error.value)


@pytest.mark.parametrize(
    "change,said",
    [
        (lambda f: {"lowest": f.lowest + 1}, "The floor is stated as"),
        (lambda f: {"lowest": f.lowest - 1}, "The floor is stated as"),
        (lambda f: {"lowest": float(f.lowest)}, "The floor is stated as"),
        (lambda f: {"cost": f.cost + 1}, "What the floor costs"),
        (lambda f: {"cost": 0}, "What the floor costs"),
        (lambda f: {"cost": 0, "otherwise": {}}, "the best total is not proven"),
        (lambda f: {"above": f.above - 1}, "above the floor"),
        (lambda f: {"above": f.above + 1}, "above the floor"),
        (lambda f: {"cover": ("nobody",)}, "not of this run"),
        (lambda f: {"cover": (*f.cover, f.cover[0])}, "not of this run"),
        (lambda f: {"most": ()}, "who can be placed"),
        (lambda f: {"prices": {}}, "one seat price for each mentor"),
        (lambda f: {"prices": dict.fromkeys(f.prices, 0)}, "the best total is not proven"),
        (lambda f: {"prices": dict.fromkeys(f.prices, -1)}, "no amount of points"),
        (lambda f: {"unmatched_price": f.unmatched_price + 1}, "the best total is not proven"),
        (lambda f: {"unmatched_price": 0}, "price of an unmatched mentee"),
        (lambda f: {"otherwise": {"nobody": "m0"}}, "not of this run's people"),
        (lambda f: {"otherwise": dict.fromkeys(f.otherwise, "m0")}, "breaks a rule"),
        (lambda f: {"otherwise": dict.fromkeys(f.otherwise, "")}, "matched without a floor"),
        (lambda f: {"is_proven": False}, "A floor without a proof"),
    ],
)
def test_a_tampered_floor_is_refused(tight, change: Change, said: str) -> None:
    assert said in refused(tight, **change(floor_of(tight[1])))


def test_a_cover_without_one_mentor_is_refused(tight) -> None:
    floor = floor_of(tight[1])
    for name in ("cover", "most"):
        mentors = getattr(floor, name)
        for mentor in mentors:
            rest = tuple(other for other in mentors if other != mentor)
            assert "can be placed" in refused(tight, **{name: rest})


def test_a_lower_floor_with_a_true_cover_of_its_own_is_refused(tight) -> None:
    """The matching without a floor, which has a lower one, told as if that were the highest."""
    asked, _ = tight
    plain = without_floor(asked)
    lowest = min(pair.score for pair in plain.pairs)
    floor = replace(
        floor_of(tight[1]),
        lowest=lowest,
        cost=0,
        otherwise={},
        prices=plain.prices,
        unmatched_price=plain.unmatched_price,
    )
    told = replace(plain, objective=FAIR, digest=asked.digest(), floor=floor)
    with pytest.raises(CertificateError, match="above the floor"):
        check(asked, told)
    every = tuple(mentor.id for mentor in asked.mentors)
    told = replace(told, floor=replace(floor, cover=every, above=plain.matched))
    with pytest.raises(CertificateError, match="not proven to place fewer"):
        check(asked, told)


def test_the_rest_of_a_fair_result_is_checked_as_ever(tight) -> None:
    asked, result = tight
    for changes, said in (
        ({"floor": None}, "must say which floor"),
        ({"gap": 1}, "The gap"),
        ({"matched_bound": result.matched + 1}, "most mentees"),
        ({"score_bound": result.score + 1}, "best total score"),
        ({"prices": dict.fromkeys(result.prices, 0)}, "The gap"),
        ({"pairs": result.pairs[1:], "matched": result.matched - 1}, "without a mentor"),
    ):
        with pytest.raises(CertificateError, match=said):
            check(asked, replace(result, **changes))


def test_an_unproven_floor_that_does_not_hold_is_refused() -> None:
    asked = program([[9, 5], [8, 2]], [1, 1], FAIR)
    result = solve(asked, work=Work(is_late=lambda: True))
    assert floor_of(result) == Floor(0, 0, (), is_proven=False)
    with pytest.raises(CertificateError, match="below the floor of 6"):
        check(asked, replace(result, floor=Floor(6, 0, (), is_proven=False)))


def test_other_objectives_know_no_floor() -> None:
    asked = program([[9, 5], [8, 2]], [1, 1])
    with pytest.raises(CertificateError, match="knows no floor"):
        check(asked, replace(solve(asked), floor=Floor(2, 0, ())))
