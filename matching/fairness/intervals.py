"""Exact 95 % intervals for a rate and for the ratio of two rates, and one for a mean.

Each rate is read as so many independent people with one common chance, two rates as independent
of each other. Matched people compete for seats, so this is the usual yardstick for "could chance
alone do that?", not a model of the matching.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum, inf, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

CONFIDENCE: Final = 0.95

# What may lie outside on each side.
_TAIL: Final = (1 - CONFIDENCE) / 2
# What of it is spent on where the base's own chance lies.
_NUISANCE: Final = 0.001
# The standard normal quantile orders results; exactness does not rest on it.
_NORMAL: Final = float(special.ndtri(1 - _TAIL))
# A ratio's limit is known to this part of itself; it is moved outwards by as much.
_PRECISION: Final = 2e-4
# The base's chance is cut into cells, and a cell in doubt into halves, so many times.
_CELLS: Final = 32
_HALVINGS: Final = 5
# More than the sums below can be wrong by.
_ROUNDING: Final = 1e-9

_Floats = NDArray[np.float64]
_Whole = NDArray[np.int64]
_Counts = _Whole | int


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


def bound_rate(hits: int, of: int, *, outside: float = _TAIL) -> Interval:
    """The Clopper-Pearson interval for a chance of which `hits` of `of` people are a sample.

    `outside`: the chance to miss it, on each side. Source: C. J. Clopper and E. S. Pearson, The
    use of confidence or fiducial limits illustrated in the case of the binomial, Biometrika 26
    (1934) 404-413.

    Raises ValueError unless 0 <= hits <= of and of >= 1.
    """
    _refuse_impossible(hits, of)
    low = special.betaincinv(hits, of - hits + 1, outside) if hits else 0.0
    high = special.betaincinv(hits + 1, of - hits, 1 - outside) if hits < of else 1.0
    return Interval(float(low), float(high))


def bound_ratio(hits: int, of: int, base_hits: int, base_of: int) -> Interval:
    """An exact interval for the chance behind `hits` of `of` over that of the base.

    Two one-sided limits at 97.5 %, each by turning a test around: a ratio lies outside when all
    results that point at least as far as the one seen have together at most 2.5 % under it,
    whatever the base's own chance is within its 99.9 % interval (the 0.1 % are counted in).
    "As far" is ordered by Koopman's limit. The worst case over the base's chance is bounded by
    branch and bound, not read off a grid: in doubt the interval is wider. Work grows with
    `of + base_of`: about a second for thousands. `high` is infinite where the base has no hits.

    Sources: R. J. Buehler, Confidence intervals for the product of two binomial parameters,
    J. Am. Stat. Assoc. 52 (1957) 482-493 (limits from an order of the results); R. L. Berger and
    D. D. Boos, P values maximized over a confidence set for the nuisance parameter, J. Am. Stat.
    Assoc. 89 (1994) 1012-1016; P. A. R. Koopman, Confidence intervals for the ratio of two
    binomial proportions, Biometrics 40 (1984) 513-517.

    Raises ValueError unless 0 <= hits <= of and of >= 1, for both.
    """
    _refuse_impossible(hits, of)
    _refuse_impossible(base_hits, base_of)
    turned = _lowest_ratio(base_hits, base_of, hits, of)
    return Interval(_lowest_ratio(hits, of, base_hits, base_of), 1 / turned if turned else inf)


def bound_mean(values: Sequence[int]) -> Interval:
    """Student's t interval for the mean of whole numbers, exact if they are normal draws.

    Close for other shapes without far outliers, which scores capped by a policy cannot have.
    Source: Student (W. S. Gosset), The probable error of a mean, Biometrika 6 (1908) 1-25.

    Raises ValueError for fewer than two values.
    """
    count = len(values)
    if count < 2:
        raise ValueError("An interval for a mean needs two values or more.")
    mean = sum(values) / count
    variance = fsum((value - mean) ** 2 for value in values) / (count - 1)
    half = float(special.stdtrit(count - 1, 1 - _TAIL)) * sqrt(variance / count)
    return Interval(mean - half, mean + half)


def _refuse_impossible(hits: int, of: int) -> None:
    if not 0 <= hits <= of or of < 1:
        raise ValueError(f"{hits} of {of} is not a rate.")


# --- The ratio's lower limit ----------------------------------------------------------------------


def _lowest_ratio(hits: int, of: int, base_hits: int, base_of: int) -> float:
    """The largest ratio under which a result as high as this is known to be too unlikely."""
    if hits == 0:
        return 0.0
    base = bound_rate(base_hits, base_of, outside=_NUISANCE / 2)
    order = _Order(of, base_of)
    koopman, _ = _narrow(lambda ratio: float(order.distance(hits, base_hits, ratio)) < _NORMAL)
    tail = _Tail(order.as_high(hits, base_hits, koopman), of, base_of, base)
    low, _ = _narrow(tail.may_be_likely)
    return low


def _narrow(is_above: Callable[[float], bool]) -> tuple[float, float]:
    """Two ratios close together, the limit between them; from it upwards `is_above` is true."""
    low = high = 1.0
    while is_above(low):
        low /= 4
    while not is_above(high):
        high *= 4
    while high > low * (1 + _PRECISION):
        middle = sqrt(low * high)
        low, high = (low, middle) if is_above(middle) else (middle, high)
    return low, high


@dataclass(frozen=True, slots=True)
class _Order:
    """Which results point higher: those with the higher lower limit of Koopman."""

    of: int
    base_of: int

    def as_high(self, hits: int, base_hits: int, koopman: float) -> _Whole:
        """For each number of hits in the base, the fewest hits that point as high as those seen.

        `of + 1` stands for "none does". A result's limit is at least `koopman`, the limit of
        the one seen, where its distance from it is as large. The numbers never fall: more hits
        in the base never let fewer hits count, so the tail's chance grows with the ratio.
        """
        bases = np.arange(self.base_of + 1)
        seen = float(self.distance(hits, base_hits, koopman)) - _ROUNDING
        low, high = np.zeros_like(bases), np.full_like(bases, self.of + 1)
        while np.any(low < high):
            middle = (low + high) // 2
            counts = self.distance(np.minimum(middle, self.of), bases, koopman) >= seen
            high = np.where(counts & (low < high), middle, high)
            low = np.where(counts | (low >= high), low, middle + 1)
        fewest: _Whole = np.minimum.accumulate(high[::-1])[::-1]
        return fewest

    def distance(self, hits: _Counts, base_hits: _Counts, ratio: float) -> _Floats:
        """The score statistic of results against a ratio; 0 where both sides agree exactly."""
        both = ratio * (self.of + self.base_of)
        half = (ratio * (self.of + base_hits) + self.base_of + hits) / 2
        inside = np.maximum(half**2 - both * (hits + base_hits), 0)
        base_chance = np.minimum((hits + base_hits) / (half + np.sqrt(inside)), 1)
        chance = np.minimum(ratio * base_chance, 1)
        spread = chance * (1 - chance) / self.of
        spread = spread + ratio**2 * base_chance * (1 - base_chance) / self.base_of
        gap = hits / self.of - ratio * base_hits / self.base_of
        distance: _Floats = gap / np.sqrt(np.maximum(spread, 1e-300))
        return distance


@dataclass(frozen=True, slots=True)
class _Tail:
    """The results that point at least as high as the one seen, asked how likely they can be."""

    fewest: _Whole
    of: int
    base_of: int
    base: Interval

    def may_be_likely(self, ratio: float) -> bool:
        """Whether they can have more than 2.5 % under `ratio`; in doubt they can.

        They grow likelier with the chance of a hit and less likely with that of the base's, so
        in a cell of base chances the two ends bound them.
        """
        edges = np.linspace(self.base.low, self.base.high, _CELLS + 1)
        left, right = edges[:-1], edges[1:]
        for _ in range(_HALVINGS + 1):
            middle = (left + right) / 2
            if np.any(self._chance(ratio * middle, middle) > _TAIL - _NUISANCE):
                return True
            doubtful = self._chance(ratio * right, left) + _ROUNDING > _TAIL - _NUISANCE
            if not np.any(doubtful):
                return False
            left, middle, right = left[doubtful], middle[doubtful], right[doubtful]
            left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        return True

    def _chance(self, chances: _Floats, base_chances: _Floats) -> _Floats:
        counts = _chances_of_counts(self.of, np.minimum(chances, 1))
        at_least = np.zeros((len(chances), self.of + 2))
        at_least[:, :-1] = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]
        base_counts = _chances_of_counts(self.base_of, base_chances)
        total: _Floats = np.einsum("ij,ij->i", base_counts, at_least[:, self.fewest])
        return total


def _chances_of_counts(of: int, chances: _Floats) -> _Floats:
    """Row by row, how likely 0, 1, ... `of` hits are."""
    hits = np.arange(of + 1)
    ways = special.gammaln(of + 1) - special.gammaln(hits + 1) - special.gammaln(of - hits + 1)
    inside = np.clip(chances, 1e-300, 1 - 1e-16)[:, None]
    logs: _Floats = hits * np.log(inside) + (of - hits) * np.log1p(-inside) + ways
    return np.exp(logs)
