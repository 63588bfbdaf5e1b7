"""A real worker and a real beat, as processes of their own, on PostgreSQL and Redis."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection

from mentorship.shared.base import nudge
from mentorship.shared.base.models import Heartbeat
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify
from programs.notifications import ApplicationReceived
from tests.factories.programs import ApplicationFactory

PATIENCE = 60.0

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.django_db(transaction=True),
]


def url_of_the_test_database() -> str:
    at = connection.settings_dict
    secret = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    return f"postgres://{at['USER']}{secret}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


@contextmanager
def process(log: Path, mails: Path, *words: str) -> Iterator[None]:
    """`celery -A mentorship …` on the test's database, with production's settings."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "mentorship.settings.base",
        "SECRET_KEY": site.SECRET_KEY,
        "BASE_URL": site.BASE_URL,
        "DATABASE_URL": url_of_the_test_database(),
        "EMAIL_URL": f"filemail:///{mails}",
        "DEFAULT_FROM_EMAIL": site.DEFAULT_FROM_EMAIL,
    }
    with log.open("w") as out:
        started = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "mentorship", *words],
            cwd=site.BASE_DIR,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def until(what, log: Path) -> float:
    """How long it took until `what()` was true."""
    begin = time.monotonic()
    while not what():
        if time.monotonic() - begin > PATIENCE:
            pytest.fail(f"nothing happened within {PATIENCE} s:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)
    return time.monotonic() - begin


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    folder = tmp_path / "mails"
    folder.mkdir()
    return folder


@pytest.fixture
def worker(tmp_path: Path, mails: Path) -> Iterator[Path]:
    """A worker that begins with an empty queue; its log."""
    log = tmp_path / "worker.log"
    words = ("worker", "--purge", "-c", "1", "-l", "INFO", "--without-mingle", "--without-gossip")
    with process(log, mails, *words):
        until(lambda: " ready." in log.read_text(), log)
        yield log


def letter() -> OutboxMessage:
    application = ApplicationFactory()
    notify(ApplicationReceived(application), application.applicant)
    return OutboxMessage.objects.get(subject_code=application.code)


def is_sent(row: OutboxMessage) -> bool:
    row.refresh_from_db()
    return row.state == "sent"


def arrived(row: OutboxMessage, mails: Path) -> bool:
    return any(row.message_id in path.read_text() for path in mails.iterdir())


def test_a_notice_leaves_by_the_nudge_and_without_one_by_the_sweep(
    settings, monkeypatch, worker, mails, tmp_path
):
    """One test for both: they share the one queue of the broker."""
    settings.NUDGES = True
    monkeypatch.setattr(nudge, "_closed_until", 0.0)
    nudged = letter()
    assert until(lambda: arrived(nudged, mails), worker) < 10
    until(lambda: is_sent(nudged), worker)
    assert not Heartbeat.objects.exists()  # no sweep was needed

    settings.NUDGES = False
    swept = letter()
    time.sleep(1)
    assert not arrived(swept, mails)
    log = tmp_path / "beat.log"
    schedule = str(tmp_path / "schedule")
    with process(log, mails, "beat", "-l", "INFO", "-s", schedule, "--pidfile", ""):
        until(lambda: arrived(swept, mails), worker)
        until(lambda: is_sent(swept), worker)
    assert Heartbeat.objects.filter(name="deliver_due").exists()
    for row in (nudged, swept):
        assert sum(row.message_id in path.read_text() for path in mails.iterdir()) == 1
