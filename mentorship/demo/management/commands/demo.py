import errno
import json
import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.servers.basehttp import ThreadedWSGIServer

from mentorship.demo import cast, report, seeding, server
from mentorship.shared.base.rules import RuleBroken

_SCENARIO = "mid-program"


class Command(BaseCommand):
    """Makes the demo if it is not there, tells its figures, and serves it until Ctrl-C.

    With --no-serve the last line of output is one JSON object with the figures.
    """

    help = "Run a whole made program on this machine: web, worker and beat in one process."
    requires_system_checks = ()  # they take as long as everything else of a second start

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=getattr(settings, "PORT", 8000))
        parser.add_argument("--no-serve", action="store_true", help="make it and tell, no more")

    def handle(self, *args: Any, port: int, no_serve: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "The demo runs under its own settings only; "
                "use DJANGO_SETTINGS_MODULE=mentorship.settings.embedded."
            )
        _answer_on(port)
        web = None if no_serve else self._reserve(port)
        try:
            self._make()
            told = report.of_demo()
            for line in report.in_words(told):
                self.stdout.write(line)
            if web is None:
                self.stdout.write(json.dumps(told))
                return
            self.stdout.write(f"\nOpen {settings.BASE_URL} (Ctrl-C stops)")
            self.stdout.flush()
            server.serve(web)
            self.stdout.write("Stopped. `make demo` goes on from here.")
        except RuleBroken as broken:
            raise CommandError(str(broken)) from broken
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped before the demo was made; nothing of it was kept.", returncode=130
            ) from None
        finally:
            if web is not None:
                web.server_close()

    def _reserve(self, port: int) -> ThreadedWSGIServer:
        """Hold the port before the long work, so that it is not done in vain."""
        try:
            return server.reserve(port)
        except (OSError, OverflowError) as error:
            taken = getattr(error, "errno", None) == errno.EADDRINUSE
            reason = "is taken" if taken else "cannot be used"
            raise CommandError(f"Port {port} {reason}; choose another one with --port.") from None

    def _make(self) -> None:
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        seeding.require_no_strangers()
        if cast.seeding() is None:
            self.stdout.write("Playing the first weeks of a program with made-up people ...")
            self.stdout.flush()
            seeding.seed(_SCENARIO)


def _answer_on(port: int) -> None:
    """Let links in mail and the origin check know the port of this start."""
    os.environ["PORT"] = str(port)
    settings.BASE_URL = f"http://localhost:{port}"
    settings.CSRF_TRUSTED_ORIGINS = [settings.BASE_URL, f"http://127.0.0.1:{port}"]
