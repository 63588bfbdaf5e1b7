"""Two questions of whoever runs the site: does the process answer, and can it work?"""

import logging
import socket
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mentorship.shared.base import clock
from mentorship.shared.base.models import Heartbeat

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS = 0.5
# The sweep runs every two seconds; silent for a minute, nobody is sweeping.
_OLDEST_SWEEP_SECONDS = 60
_SWEEP = "deliver_due"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing of anything else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether database, broker and sweep work. Never raises, waits half a second for each.

    503 only without the database: without broker or sweep people can still work, mail waits.
    """
    database = _within_patience(_ask_database)
    broker = _within_patience(_ask_broker)
    sweep = _sweep_seconds() if database else None
    swept = sweep is not None and sweep <= _OLDEST_SWEEP_SECONDS
    if not database:
        overall = "down"
    elif broker and swept:
        overall = "ok"
    else:
        overall = "degraded"
    return JsonResponse(
        {
            "status": overall,
            "database": "ok" if database else "down",
            "broker": "ok" if broker else "down",
            "sweep_seconds": sweep,
        },
        status=200 if database else 503,
    )


def _within_patience(ask: Callable[[], Any]) -> bool:
    """Whether `ask` came back in time without an error."""
    try:
        ask()
    except Exception as error:  # whatever a driver raises, the answer is "down"
        logger.warning("%s: %s", ask.__name__, error)
        return False
    return True


def _ask_database() -> None:
    _reach_server()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _reach_server() -> None:
    """Raise OSError when a database server elsewhere takes no connection in time.

    The driver itself would wait for minutes behind a silent firewall.
    """
    host, port = connection.settings_dict["HOST"], connection.settings_dict["PORT"]
    if host and not host.startswith("/"):
        address = (host, int(port or 5432))
        socket.create_connection(address, timeout=_PATIENCE_SECONDS).close()


def _ask_broker() -> None:
    options = {
        "socket_connect_timeout": _PATIENCE_SECONDS,
        "socket_timeout": _PATIENCE_SECONDS,
    }
    with current_app.connection_for_write(
        connect_timeout=_PATIENCE_SECONDS, transport_options=options
    ) as broker:
        # not `broker.connect()`: that one tries again after two seconds
        transport = broker.transport
        transport.close_connection(transport.establish_connection())


def _sweep_seconds() -> float | None:
    """How long ago mail was last swept; None for never or when it cannot be told."""
    try:
        beat = Heartbeat.objects.filter(name=_SWEEP).first()
    except Error as error:
        logger.warning("heartbeat: %s", error)
        return None
    return round((clock.now() - beat.beat_at).total_seconds(), 1) if beat else None
