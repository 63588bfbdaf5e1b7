"""What a load balancer and a watchdog are told."""

import json
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.db import connection
from django.test import RequestFactory

from mentorship import health
from mentorship.shared.base import clock
from mentorship.shared.base.models import Heartbeat


@pytest.fixture
def no_broker(monkeypatch):
    """A broker that refuses."""
    broker = current_app.connection_for_write

    def refused(**options):
        return broker("redis://127.0.0.1:1/0", **options)

    monkeypatch.setattr(health.current_app, "connection_for_write", refused)


@pytest.fixture
def no_database(monkeypatch):
    def refused(*_args, **_kwargs):
        raise RuntimeError("the server closed the connection")

    monkeypatch.setattr(connection, "cursor", refused)


def _readyz():
    started = time.monotonic()
    response = health.readyz(RequestFactory().get("/readyz"))
    assert time.monotonic() - started < 3
    return response.status_code, json.loads(response.content)


def test_healthz_asks_nothing_of_the_database():
    # no database mark: a query would fail this test
    response = health.healthz(RequestFactory().get("/healthz"))
    assert (response.status_code, response.content) == (200, b"ok")
    assert not response.cookies


def test_only_reading_is_allowed():
    for view in (health.healthz, health.readyz):
        assert view(RequestFactory().post("/")).status_code == 405


@pytest.mark.django_db
def test_readyz_is_ok_while_the_sweep_runs(settings):
    Heartbeat.beat("deliver_due")
    code, answer = _readyz()
    assert answer.pop("sweep_seconds") < 5
    assert (code, answer) == (200, {"status": "ok", "database": "ok", "broker": "ok"})


@pytest.mark.django_db
def test_readyz_is_degraded_when_nobody_sweeps():
    assert _readyz() == (
        200,
        {"status": "degraded", "database": "ok", "broker": "ok", "sweep_seconds": None},
    )
    with clock.at(clock.now() - timedelta(seconds=90)):
        Heartbeat.beat("deliver_due")
    code, answer = _readyz()
    assert (code, answer["status"]) == (200, "degraded")
    assert 89 < answer["sweep_seconds"] < 95


@pytest.mark.django_db
def test_readyz_is_degraded_without_the_broker(no_broker):
    Heartbeat.beat("deliver_due")
    code, answer = _readyz()
    assert (code, answer["status"], answer["broker"]) == (200, "degraded", "down")


@pytest.mark.django_db
def test_readyz_is_down_without_the_database(no_database):
    code, answer = _readyz()
    assert (code, answer["status"], answer["database"]) == (503, "down", "down")
    assert answer["sweep_seconds"] is None


@pytest.mark.django_db
def test_readyz_survives_a_database_without_tables(monkeypatch):
    def gone(*_args, **_kwargs):
        raise health.Error("no such table")

    monkeypatch.setattr(Heartbeat.objects, "filter", gone)
    code, answer = _readyz()
    assert (code, answer["status"], answer["sweep_seconds"]) == (200, "degraded", None)


def test_a_silent_database_server_is_given_up_on_quickly(monkeypatch):
    # 192.0.2.0/24 is reserved for documentation: nobody answers there. The test's own guard
    # refuses the address at once, which is an answer too.
    monkeypatch.setitem(connection.settings_dict, "HOST", "192.0.2.1")
    code, answer = _readyz()
    assert (code, answer["status"]) == (503, "down")
