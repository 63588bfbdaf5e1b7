"""Numbers that stand for people and pairs where nothing else tells them apart.

They come from the seed and the ids alone, so no name, no order of arrival and nobody else's
presence plays a part.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matching.engine.scoring import order_key

Words = NDArray[np.uint64]


def person_words(ids: Sequence[str], seed: int, side: str) -> Words:
    """64 bits for each person of a side."""
    return np.array(
        [int.from_bytes(order_key(seed, side, person)[:8], "big") for person in ids],
        dtype=np.uint64,
    )


def pair_words(left: Words, right: Words) -> Words:
    """64 bits for each pair of a mentee's and a mentor's words."""
    # The finaliser of splitmix64: https://prng.di.unimi.it/splitmix64.c
    word = left + right * np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    words: Words = word ^ (word >> np.uint64(31))
    return words
