"""The stable matching that is best for every mentee: no two would both rather leave for each other.

Deferred acceptance (Gale and Shapley 1962): mentees ask mentors in the order they like them, a
mentor keeps the best of all who ask, and who is turned away asks the next one.

Each side's order is its own ranks, best first, and behind them the score. The points of `ranks`
criteria are left out of that score, because a mentee's ranks must not move a mentor's order:
only so can no mentee gain by ranking otherwise than they feel. (A `ranks` criterion that is a
must still rules pairs out; one that counts a few places only makes it matter which few a mentee
names.) Equal mentees are told apart by one draw for all mentors, equal mentors by a draw of each
mentee's own, both hashes of seed and ids. Locked pairs are settled before anybody asks: nobody
leaves them.

1. One pass lists the best mentors of every mentee in their order.
2. Mentees ask in rounds, all at once. The outcome does not depend on who asks first.
3. Who came to the end of their list gets another, of all mentors who would still take them.
4. What proves that no pair blocks: a list holds everybody its mentee would rather have, and all
   of these hold better mentees. Rows with a second list are looked at once more as a whole.

No solver is imported, so that the checker can use `blocking`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.engine.columns import RULED_OUT, Flags, Floats, Ints
from matching.engine.hashes import pair_words, person_words
from matching.engine.passes import Work, is_allowed, over
from matching.engine.scoring import UNMATCHED, Problem, Sparse, running

LISTED: Final = 64
"""Mentors on a mentee's first list; each further list is twice as long as the one before."""

MOST_LISTED: Final = 512
"""But no longer than this."""

MOST_TIES: Final = 4
"""Where many tie at the end of a list, it gets at most so many times as long."""

GROUPS: Final = 16

FIRST: Final = 2**23
"""What the first choice is worth in an order; above all scores, and still exact in float32."""

SPARE: Final = -1
"""The value of a free seat, or of having no mentor: anybody who may be is worth more."""

CLOSED: Final = 2**24
"""Nobody is worth as much: where there is no seat at all."""

TIE_BITS: Final = 39
"""With a value beside them they fill a whole number of 64 bits."""


@dataclass(frozen=True, slots=True)
class Stable:
    """A matching of the free rows, by column; `gap` pairs block it (0 unless it came too late).

    `reachable`: rows with an allowed mentor who has a seat.
    """

    partner: Ints
    gap: int
    reachable: Flags


def stable(problem: Problem, work: Work) -> Stable:
    """The stable matching that is best for the mentees."""
    orders = Orders(problem)
    asking = Asking(problem)
    size = len(problem.mentee_ids)
    asking.give(orders.lists(problem.free, LISTED, asking.worst, work))
    reachable = asking.end > asking.at
    first, is_second = asking.at.copy(), np.zeros(size, dtype=np.bool_)
    rows, count = problem.free, LISTED
    while True:
        work.watch("asking", 0.0)
        rows = asking.ask(rows)
        rows = rows[~asking.is_all[rows]]
        if not len(rows) or work.is_late():
            break
        is_second[rows] = True
        count = min(2 * count, MOST_LISTED)
        asking.give(orders.lists(rows, count, asking.worst, work))
    is_second[rows] = True
    listed = problem.free[~is_second[problem.free]]
    partner = np.where(asking.partner < asking.nobody, asking.partner, UNMATCHED)
    gap = asking.missed(listed, first)
    gap += blocking(orders, partner, np.flatnonzero(is_second), work)[0]
    return Stable(partner, gap, reachable)


class Orders:
    """Both sides' orders over all pairs, as numbers for the pairs of a tile or of a list.

    A *value* is a score or, above all scores, a rank; whoever has the higher one comes first.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem.without_ranks()
        self._left = person_words(problem.mentee_ids, problem.seed, "mentee")
        self._right = person_words(problem.mentor_ids, problem.seed, "mentor")
        drawn = np.argsort(self._left, kind="stable")
        self._luck = np.empty(len(drawn), dtype=np.int64)
        self._luck[drawn] = np.arange(len(drawn))

    def ties(self, rows: Ints, columns: Ints) -> Ints:
        """What tells mentors of one value apart for a mentee; the higher comes first."""
        words = pair_words(self._left[rows], self._right[columns])
        ties: Ints = (words >> np.uint64(64 - TIE_BITS)).astype(np.int64)
        return ties

    def keys(self, rows: Ints, values: Ints) -> Ints:
        """A mentor's whole order in one number for each mentee of some value to them."""
        return values * len(self._luck) + self._luck[rows]

    def worth(self, key: Ints) -> Ints:
        """The value in a key."""
        return key // max(1, len(self._luck))

    def of_pairs(self, rows: Ints, columns: Ints) -> tuple[Ints, Ints]:
        """Listed pairs' values to the mentee and to the mentor."""
        scores = self.problem.pairs(rows, columns)[0]
        mine, theirs = self.problem.mentee_ranks, self.problem.mentor_ranks
        return ranked(scores, mine, rows, columns), ranked(scores, theirs, rows, columns)

    def lists(self, rows: Ints, count: int, worst: Ints, work: Work) -> "Lists":
        """The `count` mentors (ties a few more) each mentee likes best, in order.

        Only those are listed who would take the mentee in place of the `worst` they hold.
        """
        level = self.worth(worst).astype(np.float32)
        luck = worst % max(1, len(self._luck))
        is_first = bool((level[level < CLOSED] == SPARE).all())
        closed = np.flatnonzero(level == CLOSED)
        mine, theirs = self.problem.mentee_ranks, self.problem.mentor_ranks

        def look(part: Ints, scores: Floats) -> tuple[Ints, Ints, Ints, Ints, Flags]:
            if is_first:
                scores[:, closed] = -RULED_OUT
            else:
                before = lift(scores, theirs, part)
                dead = scores < level
                dead |= (scores == level) & (self._luck[part][:, None] <= luck)
                lower(scores, before)
                scores[dead] = -RULED_OUT
            before = lift(scores, mine, part)
            at, columns, counts, is_all = best_of(scores, count, part, self)
            lower(scores, before)
            lift(scores, theirs, part)
            values = scores[at, columns].astype(np.int64)
            return part, counts, columns, self.keys(part[at], values), is_all

        found = over(self.problem, rows, "scores", work, look)
        none = np.zeros(0, dtype=np.int64)
        return Lists(
            np.concatenate([none, *(f[0] for f in found)]),
            np.concatenate([none, *(f[1] for f in found)]),
            np.concatenate([none, *(f[2] for f in found)]),
            np.concatenate([none, *(f[3] for f in found)]),
            np.concatenate([none.astype(np.bool_), *(f[4] for f in found)]),
        )


@dataclass(frozen=True, slots=True)
class Lists:
    """Some mentees' lists, one after the other: `counts[n]` columns for `rows[n]`.

    `keys` are the mentors' own of these pairs; `is_all[n]` says that nobody else is left.
    """

    rows: Ints
    counts: Ints
    columns: Ints
    keys: Ints
    is_all: Flags


def ranked(values: Ints, ranks: Sparse, rows: Ints, columns: Ints) -> Ints:
    """Values of listed pairs, ranks in their place where there are any."""
    values = values.copy()
    if not len(ranks) or ranks.values is None:
        return values
    wide = int(max(ranks.columns.max(), columns.max(initial=0))) + 1
    keys, wanted = ranks.rows * wide + ranks.columns, rows * wide + columns
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    here = keys[at] == wanted
    values[here] = FIRST - ranks.values[at[here]].astype(np.int64)
    return values


Before = tuple[Ints, Ints, Floats]


def lift(scores: Floats, ranks: Sparse, rows: Ints) -> Before:
    """Put ranks in the place of a tile's scores, and say what was there."""
    if not len(ranks) or ranks.values is None:
        return ranks.rows[:0], ranks.rows[:0], scores.ravel()[:0]
    at, to, number = ranks.inside(rows, slice(None), scores.shape[1])
    before = scores[at, to]
    places = np.float32(FIRST) - ranks.values[number]
    scores[at, to] = np.where(is_allowed(before), places, before)
    return at, to, before


def lower(scores: Floats, before: Before) -> None:
    """Undo `lift`."""
    at, to, were = before
    scores[at, to] = were


def best_of(
    values: Floats, count: int, rows: Ints, orders: Orders
) -> tuple[Ints, Ints, Ints, Flags]:
    """Each row's `count` best pairs that may be, in order: row within the tile, column.

    Also how many each row has, and whether these are all it has. The least of the `count` highest
    group maxima is not above the `count`-th highest of all, so that few too many are taken.
    """
    high, wide = values.shape
    bar = np.zeros(high, dtype=np.float32)
    if wide > count:
        groups = max(1, min(GROUPS, wide // count))
        width = wide // groups
        most = values[:, : groups * width].reshape(high, groups, width).max(axis=1)
        bar = np.maximum(np.partition(most, width - count, axis=1)[:, width - count], 0)
    at, columns = np.divmod(np.flatnonzero(values >= bar[:, None]), max(1, wide))
    counts = np.bincount(at, minlength=high)
    keys = np.full((high, int(counts.max(initial=0))), -1, dtype=np.int64)
    place = running(counts)
    keys[at, place] = values[at, columns].astype(np.int64) << TIE_BITS
    keys[at, place] += orders.ties(rows[at], columns)
    sort = np.argsort(-keys, axis=1)
    kept = np.minimum(counts, MOST_TIES * count)
    is_all = (bar == 0) & (kept == counts)
    at = np.repeat(np.arange(high), kept)
    start = np.cumsum(counts) - counts
    return at, columns[start[at] + sort[at, running(kept)]], kept, is_all


class Asking:
    """Mentees ask down their lists; mentors keep the best of those who ask."""

    def __init__(self, problem: Problem) -> None:
        size, wide = len(problem.mentee_ids), len(problem.mentor_ids)
        self.nobody = wide
        self._capacity = problem.capacity
        self._columns = self._keys = np.zeros(0, dtype=np.int64)
        # Where the first lists end.
        self._first = 0
        self.at, self.end = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        self.is_all = np.zeros(size, dtype=np.bool_)
        self.partner = np.full(size, wide, dtype=np.int64)
        self._key = np.zeros(size, dtype=np.int64)
        self.worst = np.where(problem.capacity > 0, SPARE, CLOSED * size)

    def give(self, lists: Lists) -> None:
        """New lists for mentees who are at the end of theirs.

        Of second lists only what is still to be asked is kept, of the first ones everything.
        """
        rest = np.flatnonzero((self.at >= self._first) & (self.at < self.end))
        counts = self.end[rest] - self.at[rest]
        index = np.repeat(self.at[rest], counts) + running(counts)
        kept = slice(0, self._first)
        self._columns = np.concatenate([self._columns[kept], self._columns[index], lists.columns])
        self._keys = np.concatenate([self._keys[kept], self._keys[index], lists.keys])
        rows, counts = np.append(rest, lists.rows), np.append(counts, lists.counts)
        self.end[rows] = self._first + np.cumsum(counts)
        self.at[rows] = self.end[rows] - counts
        self.is_all[lists.rows] = lists.is_all
        self._first = self._first or len(self._columns)

    def ask(self, rows: Ints) -> Ints:
        """Let these mentees ask until each has a mentor or has come to the end of their list.

        Those at the end are returned. Whom a mentor would turn away now, they would turn away at
        any later time, so such mentors are passed over without being asked.
        """
        ended = [rows[:0]]
        while len(rows):
            ahead = np.arange(max(2, min(128, 4096 // len(rows))))
            index = self.at[rows][:, None] + ahead
            inside = index < self.end[rows][:, None]
            index = np.where(inside, index, 0)
            takes = inside.copy()
            takes[inside] = self._keys[index[inside]] > self.worst[self._columns[index[inside]]]
            found = takes.any(axis=1)
            step = takes.argmax(axis=1)
            self.at[rows] = np.where(
                found,
                self.at[rows] + step + 1,
                np.minimum(self.at[rows] + len(ahead), self.end[rows]),
            )
            chosen = index[found, step[found]]
            away = self._keep(rows[found], self._columns[chosen], self._keys[chosen])
            rest = np.concatenate([rows[~found], away])
            left = self.at[rest] < self.end[rest]
            ended.append(rest[~left])
            rows = rest[left]
        return np.unique(np.concatenate(ended))

    def _keep(self, rows: Ints, columns: Ints, keys: Ints) -> Ints:
        """Mentors keep the best of whom they hold and who asks; those turned away are returned."""
        asked = np.zeros(self.nobody + 1, dtype=np.bool_)
        asked[columns] = True
        held = np.flatnonzero(asked[self.partner])
        rows = np.concatenate([held, rows])
        columns = np.concatenate([self.partner[held], columns])
        keys = np.concatenate([self._key[held], keys])
        order = np.lexsort((-keys, columns))
        rows, columns, keys = rows[order], columns[order], keys[order]
        place = np.arange(len(rows)) - np.searchsorted(columns, columns)
        kept = place < self._capacity[columns]
        last = place == self._capacity[columns] - 1
        self.worst[columns[last]] = keys[last]
        self.partner[rows[~kept]] = self.nobody
        self.partner[rows[kept]], self._key[rows[kept]] = columns[kept], keys[kept]
        away: Ints = rows[~kept]
        return away

    def missed(self, rows: Ints, first: Ints) -> int:
        """How many mentors these mentees would rather have, and would be taken by.

        `first` is where the only list of each begins.
        """
        has = self.partner[rows] != self.nobody
        counts = np.where(has, self.at[rows] - 1, self.end[rows]) - first[rows]
        index = running(counts) + np.repeat(first[rows], counts)
        return int((self._keys[index] > self.worst[self._columns[index]]).sum())


def blocking(orders: Orders, partner: Ints, rows: Ints, work: Work) -> tuple[int, int]:
    """How many pairs of these free rows with any mentor would both rather leave for each other.

    Counted over all mentors in one pass. A locked mentee's seat is not to be had. The second
    number is how many of the rows have an allowed mentor who has a seat.
    """
    problem = orders.problem
    size, wide = len(partner), len(problem.mentor_ids)
    placed = problem.free[partner[problem.free] != UNMATCHED]
    own = np.full(size, SPARE, dtype=np.int64)
    own[placed], theirs = orders.of_pairs(placed, partner[placed])
    tie = np.full(size, -1, dtype=np.int64)
    tie[placed] = orders.ties(placed, partner[placed])
    worst = np.full(wide, CLOSED * max(1, size), dtype=np.int64)
    np.minimum.at(worst, partner[placed], orders.keys(placed, theirs))
    filled = np.bincount(partner[placed], minlength=wide)
    worst[filled < problem.capacity] = SPARE
    level = orders.worth(worst).astype(np.float32)
    closed = np.flatnonzero(problem.capacity == 0)

    def look(part: Ints, scores: Floats) -> tuple[int, int]:
        scores[:, closed] = -RULED_OUT
        reachable = int(is_allowed(scores.max(axis=1, initial=-RULED_OUT)).sum())
        before = lift(scores, problem.mentor_ranks, part)
        takes = scores >= level
        lower(scores, before)
        before = lift(scores, problem.mentee_ranks, part)
        takes &= scores >= own[part].astype(np.float32)[:, None]
        at, columns = np.divmod(np.flatnonzero(takes), max(1, wide))
        mine = scores[at, columns].astype(np.int64)
        lower(scores, before)
        lift(scores, problem.mentor_ranks, part)
        keys = orders.keys(part[at], scores[at, columns].astype(np.int64))
        of = part[at]
        rather = mine > own[of]
        rather |= (mine == own[of]) & (orders.ties(of, columns) > tie[of])
        return int((rather & (keys > worst[columns])).sum()), reachable

    found = over(problem, rows, "proof", work, look)
    return sum(count for count, _ in found), sum(reachable for _, reachable in found)
