"""A mentor is asked for one more place; only their yes makes it."""

import pytest
from django.urls import reverse

from matching.actions import places
from matching.models import PlaceAsk
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from tests.factories.programs import ParticipantFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor(cohort):
    return ParticipantFactory(cohort=cohort, role="mentor", capacity=2)


@pytest.fixture
def asked(mentor):
    return places.ask(mentor, by=UserFactory(name="Cora"))


def kinds():
    return list(OutboxMessage.objects.order_by("pk").values_list("kind", flat=True))


def test_a_mentor_is_asked_once_at_a_time(mentor, asked) -> None:
    assert places.ask(mentor, by=UserFactory()) == asked
    assert kinds() == ["one_more_place_asked"]
    mentor.refresh_from_db()
    assert mentor.capacity == 2


def test_a_yes_makes_one_place_and_a_second_click_none(mentor, asked) -> None:
    for _click in range(3):
        assert places.answer(asked, by=mentor.user, says_yes=True).answer == "yes"
    mentor.refresh_from_db()
    assert mentor.capacity == 3
    assert kinds() == ["one_more_place_asked", "one_more_place_answered"]
    assert AuditEvent.objects.filter(verb="place.given").count() == 1


def test_a_no_changes_nothing_and_a_yes_after_it_neither(mentor, asked) -> None:
    places.answer(asked, by=mentor.user, says_yes=False)
    assert places.answer(asked, by=mentor.user, says_yes=True).answer == "no"
    mentor.refresh_from_db()
    assert mentor.capacity == 2


def test_who_said_no_can_be_asked_again_later(mentor, asked) -> None:
    places.answer(asked, by=mentor.user, says_yes=False)
    assert places.ask(mentor, by=UserFactory()) != asked


def test_nobody_is_asked_for_more_than_anybody_can_have(cohort) -> None:
    full = ParticipantFactory(cohort=cohort, role="mentor", capacity=20)
    with pytest.raises(RuleBroken, match="as many places"):
        places.ask(full, by=UserFactory())


def test_looking_writes_nothing_and_a_post_answers(mentor, asked, client) -> None:
    client.force_login(mentor.user)
    page, answer = (reverse(name, args=[asked.code]) for name in ("place-ask", "place-answer"))
    assert b"Would you take one mentee more?" in client.get(page).content
    assert client.get(answer).status_code == 405
    assert PlaceAsk.objects.get().is_open
    assert b"You said yes" in client.post(answer, {"answer": "yes"}, follow=True).content


def test_nobody_else_reads_or_answers(asked, client) -> None:
    page, answer = (reverse(name, args=[asked.code]) for name in ("place-ask", "place-answer"))
    client.force_login(asked.asked_by)
    assert client.get(page).status_code == 404
    assert client.post(answer, {"answer": "yes"}).status_code == 404
    assert PlaceAsk.objects.get().is_open


def test_only_yes_and_no_are_answers(asked, client):
    client.force_login(asked.mentor.user)
    reply = client.post(reverse("place-answer", args=[asked.code]), {"answer": "perhaps"})
    assert reply.status_code == 422
    asked.refresh_from_db()
    assert asked.answer == ""
