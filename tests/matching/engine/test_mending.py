"""After every small change a market is as good as one that is solved from nothing."""

import random

import numpy as np
import pytest

from matching.engine.flow import by_scipy
from matching.engine.mending import Market
from matching.engine.prices import least_prices
from matching.engine.scoring import UNMATCHED


def market(rng: random.Random) -> Market:
    """A small solved market; often tied, often tight, sometimes with gains of 0."""
    people, mentors = rng.randint(1, 9), rng.randint(1, 6)
    pairs = {(rng.randrange(people), rng.randrange(mentors)) for _ in range(rng.randint(1, 40))}
    rows, columns = np.array(sorted(pairs)).T
    price, most = rng.choice([0, 5, 100]), rng.choice([1, 4, 30])
    gains = np.array([rng.randint(0, most) + price for _ in rows])
    capacity = np.array([rng.randint(0, 3) for _ in range(mentors)])
    partner = by_scipy(rows, columns, gains, capacity, people)
    prices = least_prices(rows, columns, gains, partner, mentors)
    values = np.zeros(people, dtype=np.int64)
    np.maximum.at(values, rows, gains - prices[columns])
    return Market(rows, columns, gains, capacity, partner, prices, values)


def assert_best(changed: Market) -> None:
    """The matching keeps the rules, its prices prove it, and SciPy finds none worth more."""
    known = changed.counts
    rows, columns, gains = changed.rows[known], changed.columns[known], changed.gains[known]
    assert (changed.filled() <= changed.capacity).all()
    assert (changed.prices >= 0).all()
    assert (gains - changed.prices[columns] <= changed.values[rows]).all()
    found = {
        (r, c): g for r, c, g in zip(*(a.tolist() for a in (rows, columns, gains)), strict=True)
    }
    placed = [(r, c) for r, c in enumerate(changed.partner.tolist()) if c != UNMATCHED]
    worth = sum(found[pair] for pair in placed)
    assert worth == changed.values.sum() + (changed.capacity * changed.prices).sum()
    anew = by_scipy(rows, columns, gains, changed.capacity, len(changed.partner))
    assert worth == sum(found[r, c] for r, c in enumerate(anew.tolist()) if c != UNMATCHED)


@pytest.mark.parametrize("block", range(5))
def test_a_changed_market_is_as_good_as_one_solved_anew(block: int) -> None:
    for seed in range(block * 60, block * 60 + 60):
        rng = random.Random(seed)
        changed = market(rng)
        assert_best(changed)
        for _ in range(6):
            change(changed, rng)
            assert_best(changed)


def change(changed: Market, rng: random.Random) -> None:
    """One random change of each kind that a market knows."""
    kind = rng.randrange(4)
    row, column = rng.randrange(len(changed.partner)), rng.randrange(len(changed.capacity))
    if kind == 0:
        changed.leave(row)
        if rng.random() < 0.7:
            assert_best(changed)
            changed.place(row)
    elif kind == 1:
        changed.capacity[column] += 1
        changed.free_seat(column)
    elif kind == 2 and changed.capacity[column]:
        changed.take_seat(column)
    else:
        better(changed, rng.randrange(len(changed.rows)), rng.randint(1, 20))


def better(changed: Market, pair: int, points: int) -> None:
    """A pair that nobody holds gains points; it counts only once its mentee is placed."""
    row, column = int(changed.rows[pair]), int(changed.columns[pair])
    if changed.partner[row] == column or not changed.counts[pair]:
        return
    changed.gains[pair] += points
    offer = changed.gains[pair] - changed.prices[column]
    changed.counts[pair] = offer <= changed.values[row]
    changed.place(row)


def test_a_freed_seat_goes_to_whoever_waits_for_it() -> None:
    rows, columns, gains = np.array([0, 1]), np.array([0, 0]), np.array([9, 5])
    capacity, values = np.array([1]), np.array([4, 0])
    waiting = Market(rows, columns, gains, capacity, np.array([0, -1]), np.array([5]), values)
    waiting.leave(0)
    assert waiting.partner.tolist() == [-1, 0]


def test_who_must_go_is_who_loses_least() -> None:
    rows, columns, gains = np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([9, 7, 6])
    capacity, values = np.array([2, 1]), np.array([9, 7])
    tight = Market(rows, columns, gains, capacity, np.array([0, 0]), np.array([0, 0]), values)
    tight.take_seat(0)
    assert tight.partner.tolist() == [0, 1]
    assert tight.prices.tolist() == [1, 0]
