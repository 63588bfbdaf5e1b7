"""The dense contender finds what trying everything finds, or comparing with it means nothing."""

import itertools
import random

import numpy as np
import pytest

from benchmarks.dense import NOBODY, Ints, market, scipy_dense


def best(scores: Ints, capacity: Ints) -> tuple[int, int]:
    """(matched, total) of the best matching, by trying them all."""
    values = []
    for mentor_of in itertools.product(range(-1, len(capacity)), repeat=len(scores)):
        pairs = [(i, j) for i, j in enumerate(mentor_of) if j != NOBODY]
        taken = np.bincount([j for _, j in pairs], minlength=len(capacity))
        given = [int(scores[pair]) for pair in pairs]
        if (taken <= capacity).all() and min(given, default=0) >= 0:
            values.append((len(given), sum(given)))
    return max(values)


@pytest.mark.parametrize("seed", range(40))
def test_scipy_dense_is_best_with_most_mentees_first(seed: int) -> None:
    chance = random.Random(seed)
    mentees, mentors, seats = chance.randint(1, 4), chance.randint(1, 4), chance.randint(0, 6)
    forbidden, top = chance.choice([0.0, 0.3, 0.7, 1.0]), chance.choice([1, 3, 50])
    scores, capacity = market(mentees, mentors, seats, seed, forbidden=forbidden, top=top)
    assert capacity.sum() == seats

    found = scipy_dense(scores, capacity)
    assert found.value == best(scores, capacity)

    taken = found.mentor_of[found.mentor_of != NOBODY]
    assert (np.bincount(taken, minlength=mentors) <= capacity).all()
    given = [scores[i, j] for i, j in enumerate(found.mentor_of) if j != NOBODY]
    assert (len(given), sum(given)) == found.value
    assert min(given, default=0) >= 0


@pytest.mark.parametrize("mentees,mentors", [(0, 0), (0, 2), (2, 0), (2, 2)])
def test_nobody_on_a_side_is_no_error(mentees: int, mentors: int) -> None:
    scores = np.zeros((mentees, mentors), dtype=np.int16)
    found = scipy_dense(scores, np.ones(mentors, dtype=np.int64))
    assert found.matched == min(mentees, mentors)
