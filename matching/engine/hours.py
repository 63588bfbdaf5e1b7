"""The half-hours two people have in common, on the mentor's clock, in every week of a cohort.

A week is 336 characters, 0 or 1, one for each half-hour from Monday 00:00 of the person's own
clock. Clocks change over a cohort, so everybody comes with their minutes east of UTC in each of
its periods. A half-hour of the mentor's counts when the mentee is free throughout it in all of
them: two people of one zone keep Tuesday at 18:00 all year, Berlin and New York lose the hour
that the odd weeks of March take from them.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from matching.engine.types import ProblemError

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Counts = NDArray[np.uint16]
Offsets = tuple[int, ...]
Which = slice | Ints

HALF_HOURS: Final = 7 * 48
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# A packed week is two planes, the first and the second halves of its hours. A plane is three words
# of 56 bits, hour after hour, as long as weeks are turned. To be counted it is sorted anew: a word
# then is one third of all seven days (seven bytes and one of nothing), so that the word of the
# nights, in which nobody is free, need not be looked at.
HOURS: Final = 7 * 24
BITS: Final = 56
FULL: Final = np.uint64(2**BITS - 1)
LITTLE: Final = np.dtype("<u8")
EIGHTS: Final = [word * 8 + eight for word in range(3) for eight in range(7)]
THIRDS: Final = np.array([[*EIGHTS[third::3], 7] for third in range(3)], dtype=np.int64)

# Pairs judged in one go: their words stay in the processor's cache.
AT_ONCE: Final = 2**16


def read_hours(text: str, who: str) -> str:
    """`text` if it is a week of half-hours; ProblemError otherwise."""
    if len(text) != HALF_HOURS or not set(text) <= {"0", "1"}:
        raise ProblemError(
            f"The hours of {who} must be {HALF_HOURS} half-hours of a week, Monday 00:00 first, "
            f"each 0 or 1; there are {len(text)}."
        )
    return text


def shifts(mentee: Offsets, mentor: Offsets) -> frozenset[int]:
    """Where in the mentee's week the mentor's first half-hour falls, in any period.

    Where the two clocks are not whole half-hours apart it falls on two of them.
    """
    apart = {theirs - ours for theirs, ours in zip(mentee, mentor, strict=True)}
    return frozenset(at % HALF_HOURS for m in apart for at in (m // 30, -(-m // 30)))


def common(
    mentee_hours: str, mentee_offsets: Offsets, mentor_hours: str, mentor_offsets: Offsets
) -> tuple[int, ...]:
    """The half-hours of the mentor's week, 0 to 335, at which both are free in every period."""
    moved = shifts(mentee_offsets, mentor_offsets)
    return tuple(
        at
        for at, free in enumerate(mentor_hours)
        if free == "1" and all(mentee_hours[(at + by) % HALF_HOURS] == "1" for by in moved)
    )


def spans(slots: Sequence[int]) -> tuple[str, ...]:
    """Half-hours as text, neighbours in one: "Tue 18:00-20:00", "Sun 23:00-Mon 01:00"."""
    free = set(slots)
    if len(free) == HALF_HOURS:
        return (_span(0, HALF_HOURS),)
    starts = (at for at in sorted(free) if (at - 1) % HALF_HOURS not in free)
    return tuple(_span(at, _end(at, free)) for at in starts)


def _end(at: int, free: set[int]) -> int:
    while at % HALF_HOURS in free:
        at += 1
    return at


def _span(start: int, end: int) -> str:
    day, last = start // 48, (end - 1) // 48
    until = f"{DAYS[last % 7]} " if last > day else ""
    return f"{DAYS[day]} {_clock(start - day * 48)}-{until}{_clock(end - last * 48)}"


def _clock(half_hours: int) -> str:
    return f"{half_hours // 2:02}:{half_hours % 2 * 30:02}"


def pack(hours: Sequence[str | None]) -> Words:
    """people x 2 planes x 3 words; None is a week without a free half-hour."""
    text = "".join("0" * HALF_HOURS if week is None else week for week in hours)
    bits = np.frombuffer(text.encode("ascii"), dtype=np.uint8) & 1
    # All weeks start an hour early, on Sunday at 23:00, so that the thirds of a day do too:
    # 23:00-07:00 is the one most often empty.
    planes = np.roll(bits.reshape(len(hours), HOURS, 2), 1, axis=1).transpose(0, 2, 1)
    padded = np.zeros((len(hours), 2, 3, 64), dtype=np.uint8)
    padded[..., :BITS] = planes.reshape(len(hours), 2, 3, BITS)
    words = np.packbits(padded, axis=3, bitorder="little").view(LITTLE)
    return words.reshape(len(hours), 2, 3).astype(np.uint64)


class CommonHours:
    """Counts the half-hours in common of many people.

    Mentors whose offsets are the same are one group, for whom a mentee's week is turned only
    once: `mentor_clock` tells a mentor's group, -1 for the silent. Columns taken in
    `mentor_order` have their groups in one piece. Somebody is silent who gave no hours or has no
    offsets; counts are 0 there. What is held is per person and for the rows asked for last.
    """

    mentee_answered: Flags
    mentor_answered: Flags
    mentor_clock: Ints
    mentor_order: Ints

    def __init__(
        self,
        mentee_hours: Sequence[str | None],
        mentee_offsets: Sequence[Offsets | None],
        mentor_hours: Sequence[str | None],
        mentor_offsets: Sequence[Offsets | None],
    ) -> None:
        lengths = sorted({len(o) for o in (*mentee_offsets, *mentor_offsets) if o})
        if len(lengths) > 1:
            raise ProblemError(
                "Everybody's UTC offsets must be given for the same periods; "
                f"some are for {lengths[0]} and some for {lengths[-1]}."
            )
        mentees, self._mentee_clocks, clock = _read(mentee_hours, mentee_offsets)
        mentors, self._mentor_clocks, self.mentor_clock = _read(mentor_hours, mentor_offsets)
        self.mentee_answered = clock >= 0
        self.mentor_answered = self.mentor_clock >= 0
        # Any clock does for the silent: they have no free half-hour on it.
        self._mentee_clock = np.maximum(clock, 0)
        # Every plane twice, so that a turned week is one piece of it.
        self._twice = np.concatenate([mentees, mentees], axis=2).reshape(-1)
        self._mentors = _sorted(mentors)
        halved = (self._mentors[:3] != self._mentors[3:]).any(axis=0)
        silent = ~self.mentor_answered
        self.mentor_order = np.lexsort((halved, self.mentor_clock, silent)).astype(np.int64)
        self._shifts: dict[int, Ints] = {}
        self._rows = np.zeros(0, dtype=np.int64)
        self._turned: dict[int, Words] = {}
        self._both = np.empty(AT_ONCE, dtype=np.uint64)
        self._ones = np.empty((3, AT_ONCE), dtype=np.uint8)

    def clone(self) -> Self:
        """The same for another thread: scratch is not shared."""
        other = copy(self)
        other._rows, other._turned = np.zeros(0, dtype=np.int64), {}
        other._both = np.empty(AT_ONCE, dtype=np.uint64)
        other._ones = np.empty((3, AT_ONCE), dtype=np.uint8)
        return other

    def counts_of_pairs(self, rows: Ints, columns: Ints) -> Counts:
        """Half-hours in common of listed pairs, one number a pair."""
        clocks = self.mentor_clock[columns]
        counts = np.zeros(len(rows), dtype=np.uint16)
        for clock in np.unique(clocks[clocks >= 0]).tolist():
            here = np.flatnonzero(clocks == clock)
            mentees, at = np.unique(rows[here], return_inverse=True)
            both = self._turn(mentees, clock)[:, at] & self._mentors[:, columns[here]]
            counts[here] = np.bitwise_count(both).sum(axis=0, dtype=np.uint16)
        return counts

    def counts(self, rows: Which, columns: Which) -> Counts:
        """Half-hours in common, `len(rows)` x `len(columns)`; fast in `mentor_order`."""
        rows = np.arange(len(self.mentee_answered), dtype=np.int64)[rows]
        columns = np.arange(len(self.mentor_clock), dtype=np.int64)[columns]
        clocks = self.mentor_clock[columns]
        order = np.argsort(clocks, kind="stable")
        found, starts = np.unique(clocks[order], return_index=True)
        counts = np.zeros((len(rows), len(columns)), dtype=np.uint16)
        ends = [*starts.tolist(), len(columns)][1:]
        for clock, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True):
            if clock >= 0:
                group = columns[order[start:end]]
                self.counts_of_group(rows, group, clock, out=counts[:, start:end])
        if np.array_equal(order, np.arange(len(order))):
            return counts
        return counts[:, np.argsort(order)]

    def counts_of_group(
        self, rows: Which, columns: Which, clock: int, out: Counts | None = None
    ) -> Counts:
        """The same for columns that all have this `mentor_clock` (or are silent); much faster."""
        mentees = self._of_clock(rows, clock)
        mentors = self._mentors[:, columns]
        shape = mentees.shape[1], mentors.shape[1]
        counts = np.empty(shape, dtype=np.uint16) if out is None else out
        # A word that is empty on one side adds nothing.
        free = np.bitwise_or.reduce(mentees, axis=1) & np.bitwise_or.reduce(mentors, axis=1)
        live = [np.flatnonzero(plane).tolist() for plane in free.reshape(2, 3)]
        # Half-hours that always come in twos are counted once.
        halved = (mentees[:3] != mentees[3:]).any(axis=0)
        halved |= (mentors[:3] != mentors[3:]).any()
        with np.errstate():  # gives the buffer its old size back
            # With a large one numpy copies short rows into it before it works on them.
            np.setbufsize(256)
            for some, of in _pieces(*shape):
                self._fill(mentees[:, some], mentors[:, of], live, halved[some], counts[some, of])
        return counts

    def _fill(
        self, mentees: Words, mentors: Words, live: list[list[int]], halved: Flags, out: Counts
    ) -> None:
        first = self._sum(mentees[:3], mentors[:3], live[0], 0)
        if halved.all():
            second = self._sum(mentees[3:], mentors[3:], live[1], 1)
            np.add(first, second, out=out, dtype=np.uint16)
            return
        np.add(first, first, out=out, dtype=np.uint16)
        if halved.any():
            second = self._sum(mentees[3:, halved], mentors[3:], live[1], 1)
            out[halved] = np.add(first[halved], second, dtype=np.uint16)

    def _sum(self, mentees: Words, mentors: Words, live: list[int], plane: int) -> Bytes:
        """Hours of one plane in common: at most 168, so that a byte holds them."""
        shape = mentees.shape[1], mentors.shape[1]
        size = shape[0] * shape[1]
        both = self._both[:size].reshape(shape)
        ones = self._ones[2, :size].reshape(shape)
        total = self._ones[plane, :size].reshape(shape)
        if not live:
            total.fill(0)
        for nth, word in enumerate(live):
            np.bitwise_and(mentees[word, :, None], mentors[word], out=both)
            np.bitwise_count(both, out=ones if nth else total)
            if nth:
                np.add(total, ones, out=total)
        return total

    def _of_clock(self, rows: Which, clock: int) -> Words:
        """The mentees' weeks as a mentor of this clock sees them, 6 words x `len(rows)`."""
        if isinstance(rows, slice):
            rows = np.arange(len(self.mentee_answered), dtype=np.int64)[rows]
        if not np.array_equal(rows, self._rows):
            self._rows = rows.copy()
            self._turned = {}
        if clock not in self._turned:
            self._turned[clock] = self._turn(rows, clock)
        return self._turned[clock]

    def _turn(self, rows: Ints, clock: int) -> Words:
        if clock not in self._shifts:
            mentor = self._mentor_clocks[clock]
            self._shifts[clock] = _table([shifts(c, mentor) for c in self._mentee_clocks])
        steps = self._shifts[clock][:, self._mentee_clock[rows]]
        first, *others = (self._turned_by(rows, by) for by in steps)
        for week in others:
            first &= week
        return _sorted(first)

    def _turned_by(self, rows: Ints, by: Ints) -> Words:
        """rows x 2 planes x 3 words: each row's week from its own half-hour on."""
        start = by[:, None] + np.arange(2)
        # Late halves of the hours come first where the week starts in the middle of one.
        plane, hour = start % 2, start // 2 % HOURS
        word = ((rows[:, None] * 2 + plane) * 6 + hour // BITS)[:, :, None] + np.arange(3)
        bits = (hour % BITS).astype(np.uint64)[:, :, None]
        turned: Words = (self._twice[word] >> bits) | (self._twice[word + 1] << (BITS - bits))
        return turned & FULL


def _read(
    hours: Sequence[str | None], offsets: Sequence[Offsets | None]
) -> tuple[Words, list[Offsets], Ints]:
    """Packed weeks, the distinct offsets, and whose are whose (-1 for the silent)."""
    known = [o if o and h is not None else None for h, o in zip(hours, offsets, strict=True)]
    number = {o: at for at, o in enumerate(dict.fromkeys(o for o in known if o))}
    weeks = pack([h if o else None for h, o in zip(hours, known, strict=True)])
    clock = np.array([number[o] if o else -1 for o in known], dtype=np.int64)
    return weeks, list(number), clock


def _sorted(weeks: Words) -> Words:
    """6 words x people, each a third of the days, of people x 2 planes x 3 words."""
    eights = weeks.astype(LITTLE).view(np.uint8).reshape(len(weeks), 2, 24)
    thirds = np.take(eights, THIRDS, axis=2).view(LITTLE).reshape(len(weeks), 6)
    return thirds.T.astype(np.uint64, order="C")


def _table(sets: Sequence[frozenset[int]]) -> Ints:
    """shifts x clocks; a clock with fewer repeats its last, which changes nothing."""
    longest = max((len(s) for s in sets), default=1)
    rows = [(sorted(s) + [max(s)] * longest)[:longest] for s in sets] or [[0]]
    return np.array(rows, dtype=np.int64).T


def _pieces(rows: int, columns: int) -> Iterator[tuple[slice, slice]]:
    """A tile in pieces of not more than AT_ONCE pairs."""
    wide = max(1, min(columns, AT_ONCE))
    high = AT_ONCE // wide
    for row in range(0, rows, high):
        for column in range(0, columns, wide):
            yield slice(row, row + high), slice(column, column + wide)
