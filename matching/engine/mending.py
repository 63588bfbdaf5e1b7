"""Small changes to a proven matching: one shortest path instead of a new solution.

A market holds a matching with prices that prove it on the pairs it knows. A change breaks that at
one place; a shortest path in the graph of moves, where every move costs what it loses at these
prices, mends it (successive shortest paths: Ahuja, Magnanti and Orlin, Network Flows, 9.7). All
in whole numbers.

A node is a mentor, or having none. From mentor a to mentor k leads the move of a mentee of a's to
k, from a to none that mentee's leaving or a seat that is free, and from none to k a mentee without
a mentor who takes k, or one seat of k becoming free.
"""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from matching.engine.columns import Ints
from matching.engine.scoring import UNMATCHED


class Market:
    """A matching on known pairs; every method that changes it leaves it proven on these pairs.

    `rows`, `columns`, `gains` are sorted by row and column. `capacity` are seats. Pairs of rows
    in `pending` may be better than what the row has; they count from `place` on.
    """

    def __init__(
        self,
        rows: Ints,
        columns: Ints,
        gains: Ints,
        capacity: Ints,
        partner: Ints,
        prices: Ints,
        values: Ints,
        pending: Ints | None = None,
    ) -> None:
        self.counts = np.ones(len(rows), dtype=np.bool_)
        if pending is not None:
            self.counts = gains - prices[columns] <= values[rows]
        self.rows, self.columns, self.gains = rows, columns, gains
        self.first = np.searchsorted(rows, np.arange(len(partner) + 1))
        self.capacity = capacity.copy()
        self.partner, self.prices, self.values = partner.copy(), prices.copy(), values.copy()

    @property
    def nobody(self) -> int:
        """The node of having no mentor."""
        return len(self.capacity)

    def filled(self) -> Ints:
        """Mentees of each mentor."""
        taken = self.partner[self.partner != UNMATCHED]
        return np.bincount(taken, minlength=len(self.capacity))

    def place(self, row: int) -> None:
        """Give a mentee what is best for all, whose known pairs may beat what they have now."""
        mine = slice(int(self.first[row]), int(self.first[row + 1]))
        self.counts[mine] = True
        offers = self.gains[mine] - self.prices[self.columns[mine]]
        best = int(offers.max(initial=0))
        lead = best - int(self.values[row])
        if lead <= 0:
            return
        here = int(self.partner[row])
        target = self.nobody if here == UNMATCHED else here
        to = np.append(self.columns[mine], self.nobody)
        costs = np.append(best - offers, best)
        distance, path = self._paths(to, costs, target, lead, without=row)
        reach = min(lead, int(distance[target]))
        if reach < lead:
            self._move(path, row)
        self._raise(distance, reach)

    def free_seat(self, column: int) -> None:
        """Offer a seat of this mentor that has become free, or is new, at the price it has."""
        price = int(self.prices[column])
        if not price or self.filled()[column] >= self.capacity[column]:
            return
        to, costs = np.array([self.nobody]), np.array([0])
        distance, path = self._paths(to, costs, column, price, without=None)
        reach = min(price, int(distance[column]))
        if reach < price:
            self._move(path, None)
        self._raise(distance, reach)

    def take_seat(self, column: int) -> None:
        """Take one seat away; whoever must go, goes where it costs least."""
        self.capacity[column] -= 1
        if self.filled()[column] <= self.capacity[column]:
            return
        to, costs = np.array([column]), np.array([0])
        distance, path = self._paths(to, costs, self.nobody, None, without=None)
        self._move(path, None)
        self._raise(distance, int(distance[self.nobody]))

    def leave(self, row: int) -> None:
        """Take a mentee out of the matching; their seat is offered to the others."""
        here = int(self.partner[row])
        self.partner[row], self.values[row] = UNMATCHED, 0
        self.counts[self.first[row] : self.first[row + 1]] = False
        if here != UNMATCHED:
            self.free_seat(here)

    # ---------------------------------------------------------------------------------------

    def _paths(
        self, to: Ints, costs: Ints, target: int, limit: int | None, *, without: int | None
    ) -> tuple[Ints, list[int]]:
        """Distances from a start with moves `to` nodes at `costs`, and the path to `target`.

        A node farther than `limit` is at `limit`. The path are the nodes from the first on. Who is
        `without` makes no move.
        """
        nobody = self.nobody
        node = np.where(self.partner == UNMATCHED, nobody, self.partner)
        lost = self.values[self.rows] + self.prices[self.columns] - self.gains
        moves = self.counts & (self.columns != self.partner[self.rows])
        leaves = self.partner != UNMATCHED
        if limit is not None:
            moves &= lost <= limit
            leaves &= self.values <= limit
        if without is not None:
            moves[self.first[without] : self.first[without + 1]] = False
            leaves[without] = False
        filled = self.filled()
        free = np.flatnonzero((filled < self.capacity) & (self.prices == 0))
        held = np.flatnonzero(filled)
        tails = [node[self.rows[moves]], node[leaves], free]
        tails += [np.full(len(held), nobody), np.full(len(to), nobody + 1)]
        ends = [self.columns[moves], np.full(int(leaves.sum()), nobody)]
        ends += [np.full(len(free), nobody), held, to]
        weights = [lost[moves], self.values[leaves], np.zeros(len(free), dtype=np.int64)]
        weights += [self.prices[held], costs]
        # Costs count so many times, and every move once: of equally cheap paths the shortest.
        step = nobody + 3
        tail = np.concatenate(tails)
        sort = np.argsort(tail, kind="stable")
        graph = csr_array(
            (
                (np.concatenate(weights)[sort] * step + 1).astype(np.float64),
                np.concatenate(ends)[sort].astype(np.int32),
                np.searchsorted(tail[sort], np.arange(nobody + 3)).astype(np.int32),
            ),
            shape=(nobody + 2, nobody + 2),
        )
        far = np.inf if limit is None else float((limit + 1) * step)
        start = np.array([nobody + 1])
        found = dijkstra(graph, indices=start, return_predecessors=True, limit=far)
        steps, before = found[0][0], found[1][0]
        seen = np.isfinite(steps)
        unseen = limit if limit is not None else int(steps[seen].max()) // step
        distance = np.full(len(steps), unseen, dtype=np.int64)
        distance[seen] = (steps[seen] // step).astype(np.int64)
        path = []
        if seen[target]:
            here = target
            while here != nobody + 1:
                path.append(here)
                here = int(before[here])
        return distance[: nobody + 1], path[::-1]

    def _move(self, path: list[int], row: int | None) -> None:
        """Let everybody along a path move on by one; `row` takes the first node."""
        moving = row
        for here, following in zip(path, [*path[1:], None], strict=True):
            leaving = None if following is None else self._who_moves(here, following, moving)
            if moving is not None:
                self.partner[moving] = UNMATCHED if here == self.nobody else here
            moving = leaving
        # The last node is where `row` was, or the seat that is offered: somebody arrives there.

    def _who_moves(self, here: int, there: int, arriving: int | None) -> int | None:
        """The mentee whose move leads from one node to the next; None for a seat alone."""
        at = UNMATCHED if here == self.nobody else here
        those = self.partner == at
        if arriving is not None:
            those[arriving] = False
        if there == self.nobody:
            filled = int(self.filled()[here])
            if filled < self.capacity[here] and not self.prices[here]:
                return None
            leaving = np.flatnonzero(those)
            return int(leaving[np.argmin(self.values[leaving])])
        pairs = np.flatnonzero((self.columns == there) & those[self.rows] & self.counts)
        lost = self.values[self.rows[pairs]] + self.prices[there] - self.gains[pairs]
        if here == self.nobody and (not len(pairs) or lost.min() > self.prices[there]):
            return None
        return int(self.rows[pairs[np.argmin(lost)]])

    def _raise(self, distance: Ints, reach: int) -> None:
        """New prices and values after a path of length `reach`."""
        rise = np.maximum(reach - distance, 0)
        self.prices = np.maximum(self.prices + rise[:-1] - rise[-1], 0)
        values = np.zeros(len(self.partner), dtype=np.int64)
        offers = self.gains - self.prices[self.columns]
        np.maximum.at(values, self.rows, np.where(self.counts, offers, 0))
        self.values = values
