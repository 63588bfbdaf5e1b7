"""Passes over all pairs: tile by tile, in bounded memory, on as many threads as allowed.

The number of threads changes nothing: blocks of rows are independent, and their answers are put
together in the order of the rows.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from matching.engine.columns import RULED_OUT, Flags, Floats, Ints, Which
from matching.engine.scoring import Problem, Scorer

ROWS: Final = 512
"""Mentees of a block: enough for the product to be worth it."""

CELLS: Final = 2**22
"""Scores of a block; where there are very many mentors it has fewer mentees."""

T = TypeVar("T")


class Stopped(Exception):
    """Somebody cancelled the work; nothing has been changed."""


@dataclass(frozen=True, slots=True)
class Work:
    """How to work, none of which may change what comes out.

    `threads` at most; `watch` is told the share of a step that is done (its name, 0 to 1) and may
    raise `Stopped`; `is_late` says when no new round should be begun.
    """

    threads: int = 1
    watch: Callable[[str, float], None] = lambda step, share: None
    is_late: Callable[[], bool] = lambda: False


def blocks(rows: Ints, columns: int) -> Iterator[Ints]:
    """Rows in blocks; fewer at a time where there are many columns."""
    high = max(16, min(ROWS, CELLS // max(1, columns)))
    for start in range(0, len(rows), high):
        yield rows[start : start + high]


def over(
    problem: Problem,
    rows: Ints,
    step: str,
    work: Work,
    look: Callable[[Ints, Floats], T],
    columns: Which = slice(None),
) -> list[T]:
    """What `look` makes of every block of rows with all (or some) mentors' scores.

    `look` gets the rows and their scores, which it may overwrite.
    """
    wide = len(problem.mentor_ids) if isinstance(columns, slice) else len(columns)
    parts = list(blocks(rows, wide))

    def share(numbers: Sequence[int], scorer: Scorer) -> list[T]:
        return [look(parts[n], scores_of(problem, scorer, parts[n], columns)) for n in numbers]

    # Chunks short enough for progress and cancelling, the same for any number of threads.
    done: list[T] = []
    ahead = 8
    threads = min(work.threads, max(1, len(parts) // 2))
    scorers = [problem.scorer, *(problem.scorer.clone() for _ in range(threads - 1))]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for start in range(0, len(parts), ahead):
            work.watch(step, start / len(parts))
            chunk = range(start, min(start + ahead, len(parts)))
            if threads == 1:
                done.extend(share(chunk, scorers[0]))
                continue
            cut = [[*chunk][at::threads] for at in range(threads)]
            answers = list(pool.map(share, cut, scorers))
            done.extend(answers[at % threads][at // threads] for at in range(len(chunk)))
    work.watch(step, 1.0)
    return done


def scores_of(problem: Problem, scorer: Scorer, rows: Ints, columns: Which) -> Floats:
    """The tile of a block of rows."""
    which: Which = rows
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        which = slice(int(rows[0]), int(rows[-1]) + 1)
    return problem.tile_by(scorer, which, columns)


def is_allowed(scores: Floats) -> Flags:
    """Where a tile's pair may be."""
    allowed: Flags = scores > np.float32(-RULED_OUT / 2)
    return allowed
