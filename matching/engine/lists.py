"""The pairs that are worth looking at, and what is known of all the others."""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from matching.engine.columns import Flags, Ints

NOTHING: Final = -(2**40)
"""Below every score less any price."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Listed pairs, sorted by row and column, and the limit of what is not listed.

    `scores` - `reference[columns]` of a pair that is not listed is at most `limit[row]`
    (`NOTHING`: every allowed pair of the row is listed). `reachable`: rows with an allowed mentor
    who has a seat.
    """

    rows: Ints
    columns: Ints
    scores: Ints
    reference: Ints
    limit: Ints
    reachable: Flags

    def keys(self) -> Ints:
        """One number for each listed pair, rising."""
        return self.rows * len(self.reference) + self.columns

    def with_pairs(
        self, rows: Ints, columns: Ints, scores: Ints, inside: Flags
    ) -> tuple[Self, Flags]:
        """The same with more pairs, and the flags of pairs with the new ones set."""
        keys = self.keys()
        wanted, at = np.unique(rows * len(self.reference) + columns, return_index=True)
        place = np.atleast_1d(np.searchsorted(keys, wanted))
        known = np.zeros(len(wanted), dtype=np.bool_)
        here = place < len(keys)
        known[here] = keys[place[here]] == wanted[here]
        inside = inside.copy()
        inside[place[known]] = True
        if known.all():
            return self, inside
        at, place = at[~known], place[~known]
        lists = replace(
            self,
            rows=np.insert(self.rows, place, rows[at]),
            columns=np.insert(self.columns, place, columns[at]),
            scores=np.insert(self.scores, place, scores[at]),
        )
        return lists, np.insert(inside, place, True)

    def measured_by(self, prices: Ints, values: Ints, price: int) -> Self:
        """The same with limits against prices that prove a matching over all pairs.

        What is not listed has no more than the mentee's value there, and no more than by the old
        limit.
        """
        fall = int((self.reference - prices).max(initial=0))
        limit = np.minimum(values - price, self.limit + fall)
        limit = np.where(self.limit == NOTHING, NOTHING, limit)
        return replace(self, reference=prices, limit=limit)
