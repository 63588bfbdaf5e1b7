"""Krippendorff's alpha for interval data, against the examples it was published with."""

import random
from collections import Counter
from itertools import permutations

import pytest

from programs.agreement import alpha, spread

N = None


def units(*coders):
    """The values of each unit, from what each coder said of all of them."""
    return [[value for value in unit if value is not N] for unit in zip(*coders, strict=True)]


# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", part E: 4 observers, 12 units.
BOOK = units(
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
)
# The worked example of the article on the coefficient in Wikipedia: 3 coders, 15 units.
ARTICLE = units(
    [N, N, N, N, N, 3, 4, 1, 2, 1, 1, 3, 3, N, 3],
    [1, N, 2, 1, 3, 3, 4, 3, N, N, N, N, N, N, N],
    [N, N, 2, 1, 3, 4, 4, N, 2, 1, 1, 3, 3, N, 4],
)


@pytest.mark.parametrize("given, published", [(BOOK, 0.849), (ARTICLE, 0.811)])
def test_the_published_examples_come_out(given, published):
    assert alpha(given) == pytest.approx(published, abs=0.0005)


def by_definition(given):
    """1 - D_o / D_e, pair by pair."""
    paired = [unit for unit in given if len(unit) > 1]
    values = [value for unit in paired for value in unit]
    n = len(values)
    observed = sum(
        sum((a - b) ** 2 for a in unit for b in unit) / (len(unit) - 1) for unit in paired
    )
    expected = sum((a - b) ** 2 for a in values for b in values) / (n - 1)
    return 1 - observed / expected


def by_coincidences(given):
    """The way of the paper: a table of which values stand beside which in a unit, then D_o / D_e.

    Shares nothing with the code it checks, not even the formula: values are counted, and the
    squared difference is taken between values, not between reviews.
    """
    table = Counter()
    for unit in given:
        for one, other in permutations(unit, 2):
            table[one, other] += 1 / (len(unit) - 1)
    total = Counter()
    for (one, _other), times in table.items():
        total[one] += times
    n = sum(total.values())
    observed = sum(times * (one - other) ** 2 for (one, other), times in table.items())
    expected = sum(
        total[one] * total[other] * (one - other) ** 2 for one in total for other in total
    )
    return 1 - (n - 1) * observed / expected


@pytest.mark.parametrize("given", [BOOK, ARTICLE])
def test_the_published_examples_are_those_of_the_coincidences(given):
    assert alpha(given) == pytest.approx(by_coincidences(given), abs=1e-12)


def test_200_tables_of_scores_are_those_of_the_coincidences():
    """Whole scores from 1 to 5, as the rubric gives them, by up to six reviewers."""
    chance = random.Random(2011)
    compared = 0
    while compared < 200:
        given = [
            [chance.randint(1, 5) for _ in range(chance.randint(0, 6))]
            for _ in range(chance.randint(2, 40))
        ]
        values = {value for unit in given if len(unit) > 1 for value in unit}
        if len(values) > 1:  # else there is nothing to disagree about
            assert alpha(given) == pytest.approx(by_coincidences(given), abs=1e-12)
            compared += 1


@pytest.mark.parametrize("seed", range(20))
def test_it_is_its_definition(seed):
    chance = random.Random(seed)
    given = [
        [chance.uniform(1, 5) for _ in range(chance.randint(1, 4))]
        for _ in range(chance.randint(3, 30))
    ]
    if sum(len(unit) > 1 for unit in given) > 1:
        assert alpha(given) == pytest.approx(by_definition(given))


def test_full_agreement_is_1_and_nothing_to_compare_is_none():
    assert alpha([[1, 1], [4, 4]]) == 1
    assert alpha([[3, 3], [3, 3]]) == 1
    assert alpha([[1, 5], [5, 1]]) < 0
    assert alpha([]) is None
    assert alpha([[1], [5]]) is None


def test_the_spread_is_between_the_ends():
    assert (spread([1, 4, 2]), spread([3]), spread([])) == (3, 0, 0)
