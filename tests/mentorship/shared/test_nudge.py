"""A hint is a hint: without a broker every page works, and mail leaves all the same."""

import time
from datetime import timedelta

import pytest
from celery import current_app
from django.core import mail
from django.core.cache.backends.base import BaseCache
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
    knocked = []
    connect = current_app.connection_for_write

    def refused(**options):
        if options:  # the calls of our own, with their short patience
            knocked.append(options)
        return connect("redis://127.0.0.1:1/0", **options)

    monkeypatch.setattr(nudge.current_app, "connection_for_write", refused)
    return knocked


def send_in(client, application):
    return client.post(
        reverse("application-edit", args=[application.code]),
        {"action": "submit", "motivation": "I want to learn"},
    )


def test_without_a_broker_a_page_works_and_the_mail_leaves_by_the_sweep(
    db, client, dead_broker, django_capture_on_commit_callbacks, caplog
):
    application = ApplicationFactory(status="draft")
    client.force_login(application.applicant)
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        assert send_in(client, application).status_code == 302
    assert time.monotonic() - started < 5
    assert len(dead_broker) == 1
    assert "The broker did not take" in caplog.text
    assert Application.objects.get().status == "submitted"
    assert mail.outbox == []
    assert tasks.deliver_due() == 1
    assert [m.to for m in mail.outbox] == [[application.applicant.email]]


def test_a_dead_broker_is_left_alone_for_thirty_seconds(db, dead_broker, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(nudge.time, "monotonic", lambda: now[0])
    for moment, knocks in ((0, 1), (0.1, 1), (29.9, 1), (30.1, 2), (31, 2)):
        now[0] = 1000.0 + moment
        nudge._publish(tasks.deliver, 1)
        assert len(dead_broker) == knocks


def test_a_living_broker_gets_the_task_and_its_number(settings, monkeypatch):
    """On the memory broker: the message waits in its queue."""
    settings.NUDGES = True
    monkeypatch.setattr(nudge, "_closed_until", 0.0)
    sent = []
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda **options: sent.append(options))
    nudge._publish(tasks.deliver, 7)
    (options,) = sent
    assert (options["args"], options["retry"], options["expires"]) == ((7,), False, 600)
    assert nudge._closed_until == 0.0


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


class DeadCache(BaseCache):
    """A cache whose every word is an error."""

    def __init__(self, *_args, **_kwargs):
        super().__init__({})

    def _dead(self, *_args, **_kwargs):
        raise ConnectionError("the cache is gone")

    get = add = set = delete = touch = incr = clear = _dead


def test_pages_need_no_cache(client, settings, here):
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.DeadCache"}}
    client.force_login(here.mentee.user)
    pages = ("home", "profile", "preferences")
    answers = {page: client.get(reverse(page)).status_code for page in pages}
    answers["match"] = client.get(reverse("match-detail", args=[here.match.code])).status_code
    assert set(answers.values()) == {200}


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
