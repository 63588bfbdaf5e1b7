"""Going through what is due without letting one bad row hold up the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


def each(rows: Iterable[T], act: Callable[[T], int | bool | None]) -> int:
    """Call `act` with each row and add up what it returns; nothing counts as 0.

    A row that raises is logged with its traceback and left for the next sweep.
    """
    total = 0
    for row in rows:
        try:
            total += act(row) or 0
        except Exception:  # the rows behind it are due as well
            logger.exception("A sweep left %r (%s) for the next one", row, act.__qualname__)
    return total
