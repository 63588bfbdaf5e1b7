"""Meet-and-greets under twenty at once: published once, planned once, nobody waits for a leaver."""

from datetime import timedelta
from typing import Any

import pytest

from matching import meeting
from matching.actions import meet_and_greets, parts
from matching.models import LoggedDecision, MeetAndGreet, Meeting
from mentorship.shared.base import clock
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import pauses
from tests.factories.programs import (
    POLICY,
    CohortFactory,
    ParticipantFactory,
    ProfileFactory,
    UserFactory,
)
from tests.races import THREADS, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def prepared(pairs: int = 1) -> MeetAndGreet:
    """A round of so many mentees and mentors, without a plan."""
    cohort = CohortFactory(stage="matching", policy=POLICY)
    for role in ["mentee", "mentor"] * pairs:
        ParticipantFactory(cohort=cohort, role=role, user=ProfileFactory().user)
    noon = (clock.now() + timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)
    return meet_and_greets.make(
        cohort,
        by=UserFactory(),
        starts=[noon],
        mentee_meetings=1,
        mentor_meetings=1,
        minutes=20,
    )


def test_a_round_is_published_once() -> None:
    by = UserFactory()
    made = meet_and_greets.plan(prepared(), by=by)
    saw = at_once(lambda _: meet_and_greets.publish(made, by=by))
    assert saw == {"won": 1, "told": THREADS - 1, "errors": []}
    assert OutboxMessage.objects.filter(kind="meetings_planned").count() == 2
    assert LoggedDecision.objects.count() == 1


def test_a_round_is_planned_once() -> None:
    made = prepared()
    MeetAndGreet.objects.update(status="queued")
    saw = at_once(lambda _: meeting.plan(made.pk))
    assert saw == {"won": 1, "told": 0, "errors": []}
    assert made.meetings.count() == 1


def _stands(meeting: Meeting) -> bool:
    return meeting.round.status == "published" and meeting.called_off_at is None


@pytest.mark.parametrize("way", ["leaves", "pauses"])
def test_nobody_waits_for_one_who_goes_while_it_is_published(way: str) -> None:
    """One thread publishes, the others go; whoever comes first, no meeting stands of theirs."""
    by = UserFactory()
    made = meet_and_greets.plan(prepared(THREADS - 1), by=by)
    leavers = list(made.cohort.participants.mentees())
    until = clock.now().date() + timedelta(days=9)

    def press(number: int) -> Any:
        if number == 0:
            return meet_and_greets.publish(made, by=by)
        one = leavers[number - 1]
        if way == "leaves":
            return parts.leave(one, by=one.user) or True
        return pauses.begin(one.user, by=one.user, until=until)

    saw = at_once(press)
    assert saw["errors"] == []
    rows = Meeting.objects.select_related("round")
    assert [one for one in rows if _stands(one)] == []
