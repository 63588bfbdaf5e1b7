"""Two thousand random programs against a plain dense optimum, every road through the loop forced.

Small programs are listed whole and solved at once; only with the sizes below do they need samples,
limits, second looks, mending and a second price, as large ones do.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from matching.engine import (
    Input,
    Result,
    Work,
    check,
    installed,
    solve,
)
from tests.matching.engine.programs import (
    MOST_MENTEES,
    TOTAL,
    dense_best,
    program,
    set_sizes,
)

Scores = list[list[int | None]]

ALONE = Work()


@dataclass(frozen=True)
class Case:
    """A program and its best (matched, total)."""

    number: int
    asked: Input
    best: tuple[int, int]

    def assert_solved(self, *, solver: str, work: Work = ALONE) -> Result:
        """The value is that of the reference, proven, and the checker agrees."""
        result = solve(self.asked, solver=solver, work=work)
        who = self.number, solver
        assert (result.matched, result.score) == self.best, who
        assert (result.gap, result.score_bound) == (0, result.score), who
        if self.asked.policy.objective == MOST_MENTEES:
            assert result.matched_bound == result.matched, who
        check(self.asked, result)
        return result


def table(rng: random.Random, high: int, wide: int) -> Scores:
    """Scores with ties and vetoes; now and then nearly the same for everybody."""
    veto, most = rng.choice((0.0, 0.3, 0.7, 0.9)), rng.choice((1, 3, 30, 1_000, 10_000))
    liked = [rng.randint(0, most) for _ in range(wide)]
    alike = rng.random() < 0.3

    def score(j: int) -> int | None:
        if rng.random() < veto:
            return None
        return max(0, liked[j] - rng.randint(0, 1)) if alike else rng.randint(0, most)

    return [[score(j) for j in range(wide)] for _ in range(high)]


def chain(rng: random.Random, size: int) -> Scores:
    """Everybody can be placed only if all give up a better mentor."""
    scores: Scores = [[None] * size for _ in range(size)]
    most = rng.choice((1, 2, 5))
    for i in range(size):
        scores[i][i] = rng.choice((0, 0, 1))
        scores[i][i - 1] = most if i else None
    return scores


def settled(
    rng: random.Random, scores: Scores, seats: Sequence[int]
) -> tuple[dict[int, int], set[tuple[int, int]]]:
    """Locks that can be kept, and pairs that must not be."""
    locked: dict[int, int] = {}
    left = list(seats)
    for i in rng.sample(range(len(scores)), min(len(scores), rng.choice((0, 0, 1, 3)))):
        open_to = [j for j, given in enumerate(scores[i]) if given is not None and left[j]]
        if open_to:
            locked[i] = rng.choice(open_to)
            left[locked[i]] -= 1
    every = [(i, j) for i in range(len(scores)) for j in range(len(seats)) if locked.get(i) != j]
    return locked, set(rng.sample(every, min(len(every), rng.choice((0, 0, 2, 5)))))


def case(number: int, *, high: int, wide: int) -> Case:
    """One program of up to `high` mentees and `wide` mentors."""
    rng = random.Random(number)
    if number % 10 == 0:
        scores = chain(rng, rng.randint(2, min(high, wide)))
    else:
        scores = table(rng, rng.randint(1, high), rng.randint(1, wide))
    seats = [rng.choice((0, 1, 1, 1, 2, 3)) for _ in scores[0]]
    if number % 10 == 0:
        seats = [1] * len(seats)
    if number % 2:
        # More mentees than seats: somebody must stay unmatched.
        while sum(seats) >= len(scores):
            seats[rng.choice([j for j, n in enumerate(seats) if n])] -= 1
    locked, barred = settled(rng, scores, seats)
    objective = rng.choice((MOST_MENTEES, MOST_MENTEES, TOTAL))
    names = [(f"e{i}", f"m{j}") for i, j in sorted(barred)]
    asked = program(
        scores,
        seats,
        objective,
        excluded=names[::2],
        avoided=names[1::2],
        locked=[(f"e{i}", f"m{j}") for i, j in locked.items()],
        seed=number,
    )
    for i, j in barred:
        scores[i][j] = None
    return Case(number, asked, dense_best(scores, seats, objective, locked))


@pytest.mark.parametrize("block", range(10))
def test_a_thousand_small_programs_equal_the_dense_reference(block: int) -> None:
    left_out = 0
    for number in range(block * 100, block * 100 + 100):
        one = case(number, high=9, wide=7)
        results = [one.assert_solved(solver=solver) for solver in installed()]
        # Equal matchings are told apart in the same way, whichever solver found the first.
        assert len({result.pairs for result in results}) == 1, number
        left_out += bool(results[0].unmatched)
    assert left_out >= 50


SIZES: Mapping[str, Mapping[str, int]] = {
    "few listed": {"LISTED": 3, "MOST_LISTED": 4},
    "one listed": {"LISTED": 1, "MOST_LISTED": 1, "ADDED": 1},
    "one solved with": {"SOLVED_WITH": 1},
    "few of everything": {
        "LISTED": 3,
        "MOST_LISTED": 4,
        "ADDED": 2,
        "SOLVED_WITH": 2,
        "WORTH_A_SAMPLE": 1,
        "ROOMY": 1_000,
        "SAMPLE_LISTED": 2,
    },
    "a wild guess": {
        "LISTED": 2,
        "MOST_LISTED": 3,
        "WORTH_A_SAMPLE": 1,
        "ROOMY": 1_000,
        "SAMPLE": 9,
        "SAMPLE_LISTED": 1,
        "SOLVED_WITH": 1,
    },
}


@pytest.mark.parametrize("mended", [0, 2, 40])
@pytest.mark.parametrize("sizes", SIZES)
def test_the_loop_finds_the_same_however_little_it_begins_with(
    sizes: str, mended: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_sizes(monkeypatch, **SIZES[sizes], MENDED=mended, FALLEN=(0, 1, 2, 4, 8))
    set_sizes(monkeypatch, ROWS=16, COLUMNS=5)
    for number in range(70):
        one = case(number, high=40, wide=30)
        work = Work(threads=1 + number % 2)
        results = [one.assert_solved(solver=solver, work=work) for solver in installed()]
        assert len({result.pairs for result in results}) == 1, number


def late_after(rounds: int) -> Callable[[], bool]:
    """No time is left from the so many-th look at the clock on."""
    looks = iter(range(rounds))
    return lambda: next(looks, None) is None


@pytest.mark.parametrize("rounds", [0, 1, 2])
@pytest.mark.parametrize("solver", installed())
def test_when_it_is_late_the_matching_so_far_comes_with_its_exact_gap(
    rounds: int, solver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_sizes(monkeypatch, LISTED=2, MOST_LISTED=3, SOLVED_WITH=1, FALLEN=(0, 1, 2))
    open_gaps = 0
    for number in range(120):
        one = case(number, high=20, wide=15)
        result = solve(one.asked, solver=solver, work=Work(is_late=late_after(rounds)))
        # Among other things that no rule is broken and that the gap is what the prices leave.
        check(one.asked, result)
        matched, score = one.best
        price = result.unmatched_price
        missing = (price * matched + score) - (price * result.matched + result.score)
        assert missing <= result.gap, number
        assert result.matched <= matched, number
        if one.asked.policy.objective == MOST_MENTEES:
            assert matched <= result.matched_bound, number
        if result.matched == matched:
            assert result.score <= score <= result.score_bound, number
        assert one.asked.locked <= {(pair.mentee, pair.mentor) for pair in result.pairs}, number
        open_gaps += result.gap > 0
    assert open_gaps > 10 // (1 + rounds)


def test_prices_are_never_below_what_one_more_seat_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the whole market, solved at once, are exactly that (`test_solve`)."""
    cases = [case(number, high=20, wide=15) for number in range(60)]
    exact = [solve(one.asked) for one in cases]
    set_sizes(monkeypatch, **SIZES["few of everything"], MENDED=40)
    for one, least in zip(cases, exact, strict=True):
        result = solve(one.asked)
        if result.unmatched_price == least.unmatched_price:
            assert all(result.prices[m] >= price for m, price in least.prices.items()), one.number
