"""A hint is a hint: without a broker every page works, and mail leaves all the same."""

import time
from datetime import timedelta

import pytest
from celery import current_app
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from mentorship.shared.base import clock, nudge
from mentorship.shared.notifications import tasks
from mentorship.shared.notifications.models import OutboxMessage
from programs.models import Application
from tests.factories.programs import ApplicationFactory


@pytest.fixture
def dead_broker(settings, monkeypatch):
    """Nudges are on and nobody listens; counts how often somebody knocked."""
    settings.NUDGES = True
    monkeypatch.setattr(nudge, "_closed_until", 0.0)
    monkeypatch.setattr(nudge._waiting, "hints", [])
    knocked = []
    connect = current_app.connection_for_write

    def refused(**options):
        if options:  # the calls of our own, with their short patience
            knocked.append(options)
        return connect("redis://127.0.0.1:1/0", **options)

    monkeypatch.setattr(nudge.current_app, "connection_for_write", refused)
    return knocked


def send_in(client, application):
    return client.post(reverse("application-review", args=[application.code]))


def test_without_a_broker_a_page_works_and_the_mail_leaves_by_the_sweep(
    db, client, dead_broker, django_capture_on_commit_callbacks, caplog
):
    application = ApplicationFactory(status="draft")
    client.force_login(application.applicant)
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        assert send_in(client, application).status_code == 302
    assert time.monotonic() - started < 30  # not the minutes that a broker may be waited for
    assert len(dead_broker) == 1
    assert "The broker did not take all of 1 hints" in caplog.text
    assert Application.objects.get().status == "submitted"
    assert mail.outbox == []
    assert tasks.deliver_due() == 1
    assert [m.to for m in mail.outbox] == [[application.applicant.email]]


def test_a_dead_broker_is_left_alone_for_thirty_seconds(db, dead_broker, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(nudge.time, "monotonic", lambda: now[0])
    for moment, knocks in ((0, 1), (0.1, 1), (29.9, 1), (30.1, 2), (31, 2)):
        now[0] = 1000.0 + moment
        nudge._waiting.hints = [(tasks.deliver, 1)]
        nudge._publish()
        assert len(dead_broker) == knocks


def test_a_living_broker_gets_the_task_and_its_number(settings, monkeypatch):
    """On the memory broker: the message waits in its queue."""
    settings.NUDGES = True
    monkeypatch.setattr(nudge, "_closed_until", 0.0)
    sent = []
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda **options: sent.append(options))
    nudge._waiting.hints = [(tasks.deliver, 7), (tasks.deliver, 8)]
    nudge._publish()
    told = [(options["args"], options["retry"], options["expires"]) for options in sent]
    assert told == [((7,), False, 600), ((8,), False, 600)]
    assert len({id(options["connection"]) for options in sent}) == 1
    assert (nudge._closed_until, nudge._waiting.hints) == (0.0, [])


def test_nothing_is_nudged_when_nobody_listens_or_nothing_is_committed(
    db, dead_broker, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as waiting:
        nudge.nudge(tasks.deliver, 1)
    assert (len(waiting), dead_broker) == (1, [])
    settings.NUDGES = False
    with django_capture_on_commit_callbacks() as waiting:
        nudge.nudge(tasks.deliver, 1)
    assert waiting == []


@pytest.fixture
def dead_cache(settings):
    """Production's cache, whose table is gone."""
    settings.CACHES = {
        "default": {
            "BACKEND": "mentorship.shared.base.cache.ForgivingDatabaseCache",
            "LOCATION": "no_such_table",
        }
    }


@pytest.mark.django_db(transaction=True)
def test_pages_and_log_in_need_no_cache(client, dead_cache, here, caplog):
    mentee = here.mentee.user
    mentee.set_password("a-long-way-home-17")
    mentee.save()
    form = {"login": mentee.email, "password": "wrong"}
    assert client.post(reverse("account_login"), form).status_code == 200
    answer = client.post(reverse("account_login"), form | {"password": "a-long-way-home-17"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
    for url in ("/", reverse("profile"), reverse("match-detail", args=[here.match.code])):
        assert client.get(url).status_code == 200
    assert "The cache does not answer" in caplog.text
    code = client.__class__().post(reverse("account_request_login_code"), {"email": mentee.email})
    assert code.status_code == 302


def test_a_cache_that_answers_keeps_what_it_is_told(db, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "mentorship.shared.base.cache.ForgivingDatabaseCache",
            "LOCATION": "base_cacheentry",
        }
    }
    assert cache.add("a", 1)
    assert not cache.add("a", 2)
    cache.set("b", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c", 4)) == (1, 3, 4)
    assert cache.delete("a")
    assert cache.get("a") is None


def test_a_mail_waits_for_its_time(db):
    application = ApplicationFactory()
    later = clock.now() + timedelta(hours=1)
    OutboxMessage.objects.create(
        key="k",
        kind="application_received",
        recipient=application.applicant,
        subject_code=application.code,
        message_id="<k>",
        not_before=later,
    )
    assert tasks.deliver_due() == 0
    with clock.at(later):
        assert tasks.deliver_due() == 1
