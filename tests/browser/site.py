"""The product behind an address of this machine, for a browser to visit."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test import override_settings
from django.test.testcases import QuietWSGIRequestHandler

from mentorship.shared.base import clock


@dataclass
class Site:
    """Where the product answers, and what time it thinks it is."""

    url: str = ""
    moment: datetime | None = None
    # A database in memory is one connection for all threads: one request at a time, then.
    turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[datetime]:
        """Let it be `moment`, here and for every request the browser makes."""
        before, self.moment = self.moment, moment
        try:
            with clock.at(moment):
                yield moment
        finally:
            self.moment = before


class Server(ThreadedWSGIServer):
    # Closing waits for the threads: a test that is over leaves no open socket behind.
    daemon_threads = False


@contextmanager
def serving() -> Iterator[Site]:
    """A site on a free port; links in mails lead to it. The caller holds the database open."""
    site = Site()
    shared = {c.alias: c for c in connections.all() if c.vendor == "sqlite" and c.is_in_memory_db()}
    server = Server(("127.0.0.1", 0), QuietWSGIRequestHandler, connections_override=shared)
    server.set_app(_in_turn(WSGIHandler(), site))
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    with ExitStack() as stack:
        for connection in shared.values():
            connection.inc_thread_sharing()
            stack.callback(connection.dec_thread_sharing)
        stack.enter_context(override_settings(BASE_URL=site.url))
        thread.start()
        stack.callback(server.server_close)
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield site


def _in_turn(product: WSGIHandler, site: Site) -> Callable[..., Iterable[bytes]]:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with site.turn, ExitStack() as stack:
            if site.moment is not None:
                stack.enter_context(clock.at(site.moment))
            return product(environ, start_response)

    return answer
