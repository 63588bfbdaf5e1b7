"""The one clock. Everything that asks what time it is asks here, models and tokens too.

Seeding and tests lay the clock with `at(...)`; nothing else may.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_laid: ContextVar[datetime | None] = ContextVar("laid_clock", default=None)


def now() -> datetime:
    """The present instant, aware and in UTC; the laid one inside `at(...)`."""
    return _laid.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Let `now()` answer `moment` (aware) within the block, in this thread or task only.

    Raises ValueError for a naive moment: it would mean another instant on another machine.
    """
    if moment.tzinfo is None:
        raise ValueError("clock.at() needs an aware datetime")
    token = _laid.set(moment.astimezone(UTC))
    try:
        yield moment
    finally:
        _laid.reset(token)
