"""Many rows in one statement say what objects would have said."""

import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from mentorship.shared.base import clock, rows
from mentorship.shared.base.models import Heartbeat
from mentorship.shared.base.rows import insert_rows, update_rows
from programs.models import Participant
from tests.factories.programs import ParticipantFactory

pytestmark = pytest.mark.django_db


def test_rows_are_inserted_in_batches_and_read_as_any(monkeypatch):
    monkeypatch.setattr(rows, "BATCH", 2)
    now = clock.now()
    with CaptureQueriesContext(connection) as seen:
        insert_rows(Heartbeat, ("name", "beat_at"), ((f"it's {n}", now) for n in range(5)))
    assert len(seen) == 3
    assert set(Heartbeat.objects.values_list("name", "beat_at")) == {
        (f"it's {n}", now) for n in range(5)
    }


def test_nothing_to_insert_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_rows(Heartbeat, ("name", "beat_at"), ())
        update_rows(Participant, "facts", (), facts_at=clock.now())


def test_what_the_database_refuses_is_refused():
    now = clock.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Heartbeat, ("name", "beat_at"), [("twice", now)] * 2)
    assert not Heartbeat.objects.exists()


def test_json_of_many_rows_is_changed_and_no_other_row(monkeypatch):
    monkeypatch.setattr(rows, "BATCH", 2)
    told = [{"text": "it's 100 % “ä”"}, {"levels": {"Go": 3}}, {"many": [1, None, True]}]
    people = [ParticipantFactory(facts={}) for _ in told]
    other = ParticipantFactory(facts={"old": 1})
    now = clock.now()
    changed = [(one.pk, json.dumps(facts)) for one, facts in zip(people, told, strict=True)]
    update_rows(Participant, "facts", changed, facts_at=now)
    for one, facts in zip(people, told, strict=True):
        one.refresh_from_db()
        assert (one.facts, one.facts_at) == (facts, now)
    other.refresh_from_db()
    assert (other.facts, other.facts_at) == ({"old": 1}, None)
    assert Participant.objects.filter(facts__levels__Go=3).count() == 1
