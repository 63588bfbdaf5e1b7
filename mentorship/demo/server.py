"""Web, worker and beat in one process: the demo and the small site.

Nothing here is needed for anything to be right. What is due stands in the database, so a
task that a stop cuts off is simply due again at the next start.
"""

import signal
import threading
from types import FrameType
from typing import Any

from celery.beat import EmbeddedService
from celery.worker import WorkController
from django.conf import settings
from django.core.servers.basehttp import (
    ThreadedWSGIServer,
    WSGIRequestHandler,
    get_internal_wsgi_application,
)
from django.db import connections

from mentorship.celery import app

HOST = "127.0.0.1"  # never an address that another machine could reach
_READY_SECONDS = 10
_STOP_SECONDS = 5


def reserve(port: int) -> ThreadedWSGIServer:
    """A web server that holds the port and does not answer yet.

    Raises OSError when the port is taken.
    """
    server = ThreadedWSGIServer((HOST, port), WSGIRequestHandler, bind_and_activate=False)
    try:
        server.server_bind()
    except OSError:
        server.server_close()
        raise
    return server


def serve(server: ThreadedWSGIServer) -> None:
    """Answer, work and keep time until Ctrl-C or SIGTERM. Only from the main thread."""
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask_to_stop) for number in _SIGNALS}
    settings.NUDGES = True  # a worker listens now
    connections.close_all()
    _be_quiet()
    server.set_app(get_internal_wsgi_application())
    server.server_activate()
    web = threading.Thread(target=server.serve_forever, name="web", daemon=True)
    web.start()
    worker = _Worker(app=app)
    try:
        worker.start_in_thread()
        beat: Any = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
        beat.daemon = True
        beat.start()
        _ask_everything_once()
        stop.wait()
        beat.stop()
    finally:
        settings.NUDGES = False
        server.shutdown()
        server.server_close()
        worker.stop_within(_STOP_SECONDS)
        for number, handler in before.items():
            signal.signal(number, handler)


_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Worker(WorkController):
    """Celery's worker without banner, log redirection or processes of its own."""

    def __init__(self, **kwargs: Any) -> None:
        self._ready = threading.Event()
        app.finalize()
        app.loader.import_default_modules()
        super().__init__(
            pool="threads",
            concurrency=2,
            hostname="embedded@localhost",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            **kwargs,
        )

    def on_consumer_ready(self, consumer: Any) -> None:
        self._ready.set()
        super().on_consumer_ready(consumer)

    def start_in_thread(self) -> None:
        threading.Thread(target=self.start, name="worker", daemon=True).start()
        self._ready.wait(_READY_SECONDS)

    def stop_within(self, seconds: float) -> None:
        """Let running tasks end; after `seconds` they are left to the next start."""
        stopping = threading.Thread(target=self.stop, name="stop-worker", daemon=True)
        stopping.start()
        stopping.join(seconds)


def _ask_everything_once() -> None:
    """Catch up at once: beat itself would ask for the first time only a minute from now."""
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"], expires=entry["options"]["expires"])


def _be_quiet() -> None:
    """Leave the terminal to the summary: a line for each request or sweep buries it.

    Through the settings, since both the web server and the worker configure logging anew.
    """
    console: dict[str, Any] = {"handlers": ["console"], "propagate": False}
    loggers: Any = settings.LOGGING["loggers"]
    loggers |= {
        "celery": {**console, "level": "WARNING"},
        "django.server": {**console, "level": "WARNING"},
        # it finds it odd that a broker in memory has no host
        "kombu": {**console, "level": "ERROR"},
    }
