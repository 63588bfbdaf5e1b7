"""A plan that keeps every rule, from what a solver meant: without one it is a plain greedy one."""

import numpy as np

from matching.engine.columns import Ints
from matching.engine.meeting_bounds import Possible, Table, Values


def filled(table: Table, possible: Possible, shares: Values) -> Ints:
    """The meetings of a plan that keeps all rules: those meant by the shares, then what still fits.

    Whole meetings first; the rest goes round by round, so that nobody gets a second meeting
    before everybody was asked for a first one.
    """
    order = np.lexsort((-possible.points, -np.round(shares, 6)))
    rows, columns = possible.rows.tolist(), possible.columns.tolist()
    slots, pairs = possible.slots.tolist(), possible.pairs.tolist()
    clocks = table.clock.tolist()
    meetings, others = [0] * table.shape[0], [0] * table.shape[1]
    busy: set[tuple[int, int]] = set()
    met: set[int] = set()
    chosen: list[int] = []

    def take(at: int, most: int) -> None:
        row, column = rows[at], columns[at]
        own, theirs = (row, slots[at]), (clocks[column], slots[at])
        if meetings[row] >= most or others[column] >= table.mentor_most:
            return
        if pairs[at] in met or own in busy or theirs in busy:
            return
        busy.update((own, theirs))
        met.add(pairs[at])
        meetings[row] += 1
        others[column] += 1
        chosen.append(at)

    is_meant = shares[order] > 0.5
    for at in order[is_meant].tolist():
        take(at, table.mentee_most)
    for most in range(1, table.mentee_most + 1):
        for at in order[~is_meant].tolist():
            take(at, most)
    return np.array(chosen, dtype=np.int64)
