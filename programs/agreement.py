"""How far reviewers agree: Krippendorff's alpha for interval data. Pure arithmetic.

Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability". 1 is full agreement, 0 what
chance would give, below 0 is systematic disagreement. Each value need not be judged by all.
"""

from collections.abc import Iterable, Sequence

# Above the first, scores may be relied on; below the second, the rubric needs a talk.
GOOD, POOR = 0.8, 0.667


def alpha(units: Iterable[Sequence[float]]) -> float | None:
    """The agreement over `units`: for each thing that was judged, the values it was given.

    Units with a single value tell nothing and are left out. None when fewer than two values can
    be compared. When all values are equal there is nothing to disagree about: 1.
    """
    paired = [unit for unit in units if len(unit) > 1]
    values = [value for unit in paired for value in unit]
    if len(values) < 2:
        return None
    expected = _squared_differences(values) / (len(values) - 1)
    if expected == 0:
        return 1.0
    observed = sum(_squared_differences(unit) / (len(unit) - 1) for unit in paired)
    return 1 - observed / expected


def spread(values: Sequence[float]) -> float:
    """How far the highest and the lowest value lie apart; 0 for fewer than two."""
    return max(values) - min(values) if values else 0


def _squared_differences(values: Sequence[float]) -> float:
    """The sum of (a - b)² over all ordered pairs, without walking them: 2nΣa² - 2(Σa)².

    Around the mean, so that nothing is lost to rounding.
    """
    mean = sum(values) / len(values)
    return 2 * len(values) * sum((value - mean) ** 2 for value in values)
