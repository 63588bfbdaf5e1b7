"""The fair floor: the lowest score as high as it goes, then the best total above it.

As many mentees as possible are placed, exactly as many as without a floor. Locked pairs are
settled and do not count: a poor one would pull the floor down for everybody.

1. The best matching without a floor says how many can be placed, and what the floor will cost.
2. The floor is raised step by step: pairs below it are parted, and whoever lost their mentor is
   placed again along alternating paths (mentee, mentor, that mentor's mentee, another mentor ..),
   first over the listed pairs. Where those lead nowhere, all pairs of the mentees that were
   reached are looked at for mentors that were not.
3. When even these lead nowhere, the mentors that were reached are the proof (König 1931): those
   mentees have no pair as high with any other mentor, and these have too few seats for them.
4. The best matching under the floor is found and proven as ever, by prices.
"""

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.assignment import Found, best, first_price, proven
from matching.engine.candidates import reference_prices, survey
from matching.engine.columns import Flags, Floats, Ints
from matching.engine.lists import Lists
from matching.engine.passes import Work, over
from matching.engine.result import Floor
from matching.engine.scoring import UNMATCHED, Problem, running
from matching.engine.ties import break_ties


@dataclass(frozen=True, slots=True)
class Fair:
    """The best matching under the floor, `found` for `problem.with_floor(floor.lowest)`.

    In `found.partner` equally good ones are told apart already.
    """

    found: Found
    floor: Floor


def fairest(problem: Problem, solver: str, work: Work) -> Fair:
    """As many mentees as possible, the highest lowest score, then the best total.

    When it gets late the floor reached so far is kept, or none, and `is_proven` is False.
    """
    surveyed = survey(problem, reference_prices(problem, solver, work), work)
    free = best(problem, solver, work, surveyed)
    if free.gap or work.is_late():
        return Fair(free, unproven(0))
    search = Search(problem, free, surveyed.lists)
    needed = search.placed()
    search.place(0, needed + 1, work, over_all=True)
    most = search.cover
    if needed:
        search.climb(work, over_all=False)
        search.climb(work, over_all=True)
    lowest = search.lowest()
    found = under(problem.with_floor(lowest), search, free, solver, work)
    if work.is_late():
        return Fair(found, unproven(lowest))
    return Fair(found, told(problem, free, found, search, lowest, most, work))


def unproven(lowest: int) -> Floor:
    """A floor that time did not allow to prove."""
    return Floor(lowest, 0, (), is_proven=False)


def told(
    problem: Problem,
    free: Found,
    found: Found,
    search: "Search",
    lowest: int,
    most: Flags,
    work: Work,
) -> Floor:
    """The floor with all that proves it."""

    def total(partner: Ints) -> int:
        rows = problem.free[partner[problem.free] != UNMATCHED]
        return int(problem.pairs(rows, partner[rows])[0].sum())

    def names(columns: Flags) -> tuple[str, ...]:
        return tuple(sorted(problem.mentor_ids[at] for at in np.flatnonzero(columns).tolist()))

    cost = total(free.partner) - total(found.partner)
    otherwise = {}
    if cost:
        other = told_apart(problem, free, work)
        for at in np.flatnonzero(other != found.partner).tolist():
            mentor = "" if other[at] == UNMATCHED else problem.mentor_ids[other[at]]
            otherwise[problem.mentee_ids[at]] = mentor
    return Floor(
        lowest=lowest,
        cost=cost,
        cover=names(search.cover) if search.placed() else (),
        above=search.above,
        most=names(most),
        otherwise=dict(sorted(otherwise.items())),
        prices=dict(zip(problem.mentor_ids, free.prices.tolist(), strict=True)),
        unmatched_price=free.price,
    )


def told_apart(problem: Problem, found: Found, work: Work) -> Ints:
    """The partners of the one matching that hashes choose among equally good ones."""
    partner = break_ties(problem, found.partner, found.prices, found.values, found.price, work)
    return np.where(problem.locked >= 0, UNMATCHED, partner)


def under(problem: Problem, search: "Search", free: Found, solver: str, work: Work) -> Found:
    """The best matching under the floor of `problem`, which the search has reached."""
    lists, inside = search.lists(problem.floor, work)
    if search.is_unmoved:
        # The best of all keeps the floor, so nothing under the floor is better.
        lists = lists.measured_by(free.prices, free.values, free.price)
        found = replace(free, lists=lists, inside=inside)
    else:
        found = proven(problem, lists, inside, first_price(problem), solver, work)
        placed = int((found.partner != UNMATCHED).sum())
        if placed < search.placed() and not work.is_late():
            price = len(problem.free) * problem.most + 1
            found = proven(problem, found.lists, found.inside, price, solver, work)
    return found if found.gap else replace(found, partner=told_apart(problem, found, work))


class Search:
    """A matching that is given higher and higher scores, on listed pairs and on all.

    `cover` flags the mentors that proved the last failure, `above` is how many mentees could be
    placed then. `is_unmoved` until the matching is another than the one that came in.
    """

    def __init__(self, problem: Problem, found: Found, surveyed: Lists) -> None:
        # What is known of all other pairs is as it was before prices were known: the floor moves
        # prices, and limits that fit the old ones would say little about the new.
        lists = replace(found.lists, reference=surveyed.reference, limit=surveyed.limit)
        self._problem, self._lists = problem, lists
        self._wide = len(problem.mentor_ids)
        self._rows, self._columns, self._scores = lists.rows, lists.columns, lists.scores
        self._inside = found.inside
        self._unlisted = lists.limit + lists.reference.max(initial=0)
        self.partner = found.partner
        self.cover = np.zeros(self._wide, dtype=np.bool_)
        self.above, self.is_unmoved = 0, True

    def placed(self) -> int:
        """How many mentees have a mentor."""
        return count_placed(self.partner)

    def lowest(self) -> int:
        """The lowest score of a pair; 0 without any."""
        return int(self._scores[self._pairs()].min()) if self.placed() else 0

    def _pairs(self) -> Ints:
        """Where the pairs of the matching stand in the lists."""
        rows = np.flatnonzero(self.partner != UNMATCHED)
        keys = self._rows * self._wide + self._columns
        return np.searchsorted(keys, rows * self._wide + self.partner[rows])

    def climb(self, work: Work, *, over_all: bool) -> None:
        """Raise the lowest score as high as it goes while as many mentees are placed.

        On the pairs listed, or over all; in the second case `cover` proves that it goes no higher,
        unless it got late.
        """
        low, failed, step = self.lowest(), None, 1
        while (failed is None or low + 1 < failed) and not work.is_late():
            floor = low + step if failed is None else (low + failed) // 2
            if self.place(floor, self.placed(), work, over_all=over_all):
                low, step = self.lowest(), 2 * step
            else:
                failed = floor

    def place(self, floor: int, needed: int, work: Work, *, over_all: bool) -> bool:
        """Place so many mentees with pairs of this score or more; False if it cannot be done."""
        partner = self.partner.copy()
        pairs = self._pairs()
        partner[self._rows[pairs[self._scores[pairs] < floor]]] = UNMATCHED
        missing = needed - count_placed(partner)
        edges = self._edges(floor)
        looked = np.zeros(len(partner), dtype=np.bool_)
        while missing > 0:
            work.watch("fair floor", 0.0)
            before, ends = reach(*edges, partner, self._problem)
            if len(ends):
                missing -= follow(before, ends, partner, missing)
                looked[:] = False
            elif over_all and self._look(before, partner, floor, looked, work):
                edges = self._edges(floor)
            else:
                self.cover, self.above = before != UNMATCHED, count_placed(partner)
                return False
        self.is_unmoved &= bool((partner == self.partner).all())
        self.partner = partner
        return True

    def _edges(self, floor: int) -> tuple[Ints, Ints]:
        """Where each row's listed pairs of this score or more begin, and their columns."""
        kept = self._scores >= floor
        first = np.searchsorted(self._rows[kept], np.arange(len(self.partner) + 1))
        return first, self._columns[kept]

    def _look(self, before: Ints, partner: Ints, floor: int, looked: Flags, work: Work) -> bool:
        """List a pair with every mentor that was not reached and could be, over all pairs.

        False if there is none. `looked` flags rows that need not be looked at again as long as
        the matching is the same.
        """
        reached = self._problem.free[is_reached(before, partner)[self._problem.free]]
        rows = reached[~looked[reached] & (self._unlisted[reached] >= floor)]
        beyond = np.flatnonzero(before == UNMATCHED)
        looked[rows] = True
        if not len(rows) or not len(beyond):
            return False

        def look(part: Ints, scores: Floats) -> tuple[Ints, Ints, Ints]:
            high = scores >= floor
            to = np.flatnonzero(high.any(axis=0))
            at = high[:, to].argmax(axis=0)
            return part[at], beyond[to], scores[at, to].astype(np.int64)

        found = over(self._problem, rows, "fair floor", work, look, beyond)
        columns, at = np.unique(np.concatenate([f[1] for f in found]), return_index=True)
        self._list(
            np.concatenate([f[0] for f in found])[at],
            columns,
            np.concatenate([f[2] for f in found])[at],
        )
        return len(columns) > 0

    def _list(self, rows: Ints, columns: Ints, scores: Ints) -> None:
        """Add pairs that are not listed."""
        rows = np.concatenate([self._rows, rows])
        columns = np.concatenate([self._columns, columns])
        order = np.argsort(rows * self._wide + columns, kind="stable")
        self._rows, self._columns = rows[order], columns[order]
        self._scores = np.concatenate([self._scores, scores])[order]
        added = np.ones(len(scores), dtype=np.bool_)
        self._inside = np.concatenate([self._inside, added])[order]

    def lists(self, floor: int, work: Work) -> tuple[Lists, Flags]:
        """The listed pairs under a floor, and which of them the solver is to begin with."""
        kept = self._scores >= floor
        inside = self._inside.copy()
        inside[self._pairs()] = True
        lists = replace(
            self._lists,
            rows=self._rows[kept],
            columns=self._columns[kept],
            scores=self._scores[kept],
            reachable=self._reachable(floor, work),
        )
        return lists, inside[kept]

    def _reachable(self, floor: int, work: Work) -> Flags:
        """Rows that have a mentor with a seat at this score or more."""
        is_open = self._problem.capacity > 0
        reachable = np.zeros(len(self.partner), dtype=np.bool_)
        reachable[self._rows[(self._scores >= floor) & is_open[self._columns]]] = True
        unsure = ~reachable & self._lists.reachable & (self._unlisted >= floor)

        def look(part: Ints, scores: Floats) -> Ints:
            return part[(scores >= floor).any(axis=1)]

        rows, columns = np.flatnonzero(unsure), np.flatnonzero(is_open)
        for found in over(self._problem, rows, "fair floor", work, look, columns):
            reachable[found] = True
        return reachable


def count_placed(partner: Ints) -> int:
    return int((partner != UNMATCHED).sum())


def is_reached(before: Ints, partner: Ints) -> Flags:
    """Rows without a mentor, and those with a mentor that was reached."""
    with_none = np.append(before != UNMATCHED, True)
    flags: Flags = with_none[partner]
    return flags


def reach(first: Ints, columns: Ints, partner: Ints, problem: Problem) -> tuple[Ints, Ints]:
    """Go along alternating paths from everybody without a mentor until a seat is free.

    For each column the row it was reached from, UNMATCHED for none, and the reached columns with
    a free seat that are nearest.
    """
    wide = len(problem.mentor_ids)
    held = np.argsort(partner, kind="stable")
    start = np.searchsorted(partner[held], np.arange(wide + 1))
    spare = np.diff(start) < problem.capacity
    before = np.full(wide, UNMATCHED, dtype=np.int64)
    rows = problem.free[partner[problem.free] == UNMATCHED]
    while len(rows):
        counts = first[rows + 1] - first[rows]
        to = columns[running(counts) + np.repeat(first[rows], counts)]
        origin = np.repeat(rows, counts)
        fresh = before[to] == UNMATCHED
        to, at = np.unique(to[fresh], return_index=True)
        before[to] = origin[fresh][at]
        ends: Ints = to[spare[to]]
        if len(ends):
            return before, ends
        counts = start[to + 1] - start[to]
        rows = held[running(counts) + np.repeat(start[to], counts)]
    return before, rows


def follow(before: Ints, ends: Ints, partner: Ints, most: int) -> int:
    """Move mentees along paths that share nobody, at most so many, in place; how many were."""
    moved: set[int] = set()
    done = 0
    for end in ends.tolist():
        path, to = [], end
        while to != UNMATCHED and int(before[to]) not in moved:
            row = int(before[to])
            path.append((row, to))
            to = int(partner[row])
        if to == UNMATCHED and done < most:
            moved.update(row for row, _ in path)
            for row, column in path:
                partner[row] = column
            done += 1
    return done
