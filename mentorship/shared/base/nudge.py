"""A hint to the workers, never the only copy of anything."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from celery import Task, current_app
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

# A broker that does not answer is left alone for this long, so that a page waits for it once.
_BREAK_SECONDS = 30.0
_PUBLISH_SECONDS = 0.5
_closed_until = 0.0


class _Waiting(threading.local):
    """Hints of this thread's transaction, published together over one connection."""

    def __init__(self) -> None:
        self.hints: list[tuple[Task[Any, Any], int]] = []


_waiting = _Waiting()


def nudge(task: Task[Any, Any], ident: int) -> None:
    """Ask a worker to run `task(ident)` as soon as the transaction commits.

    Never raises: the sweep that looks for the same row finds it without the hint.
    """
    if settings.NUDGES:
        _waiting.hints.append((task, ident))
        transaction.on_commit(_publish, robust=True)


def _publish() -> None:
    """Publish what waits; what a rolled-back transaction left behind finds no row and ends."""
    global _closed_until
    hints, _waiting.hints = _waiting.hints, []
    if not hints or time.monotonic() < _closed_until:
        return
    options = {
        "socket_connect_timeout": _PUBLISH_SECONDS,
        "socket_timeout": _PUBLISH_SECONDS,
        "max_retries": 0,
    }
    try:
        with current_app.connection_for_write(transport_options=options) as connection:
            for task, ident in hints:
                task.apply_async(
                    args=(ident,),
                    connection=connection,  # type: ignore[call-arg]  # missing in the stubs
                    retry=False,
                    expires=600,
                )
    except Exception as error:  # whatever the broker's driver raises, the page must answer
        _closed_until = time.monotonic() + _BREAK_SECONDS
        logger.warning("The broker did not take all of %d hints: %s", len(hints), error)
