"""The cache that log-in limits use: a table that may be away without anybody noticing."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError

logger = logging.getLogger(__name__)


class ForgivingDatabaseCache(DatabaseCache):
    """A cache whose errors are misses: people log in without limits rather than not at all."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        parent = super().get
        return _forgive(lambda: parent(key, default, version), default)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        parent = super().set
        _forgive(lambda: parent(key, value, *args, **kwargs), None)

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        """True also when nothing could be kept: whoever wants a lock shall not wait for it."""
        parent = super().add
        return bool(_forgive(lambda: parent(key, value, *args, **kwargs), True))

    def delete(self, key: Any, version: int | None = None) -> bool:
        parent = super().delete
        return bool(_forgive(lambda: parent(key, version), False))


def _forgive(ask: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return ask()
    except DatabaseError as error:
        logger.error("The cache does not answer, limits of log-in do not hold: %s", error)
        return otherwise
