"""The flexible pace: chosen on the form or later, and heeded by what is planned."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse

from feedback.actions import checkins
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.questions.kinds import Kind
from programs.actions import applications, paces
from programs.models import Pace
from tests.cast import Troupe
from tests.factories.matching import match_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    QuestionnaireFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "offered,answer,expected",
    [
        (True, "flexible", Pace.FLEXIBLE),
        (True, "usual", Pace.USUAL),
        (True, None, Pace.USUAL),
        (False, "flexible", Pace.USUAL),
    ],
)
def test_the_pace_of_the_form_is_taken_over_when_it_is_offered(
    here: Troupe, offered: bool, answer: str | None, expected: Pace
) -> None:
    cohort = CohortFactory(program=here.program, has_flexible_pace=offered)
    form = QuestionnaireFactory(asks=[("pace", Kind.ONE_OF)])
    form.questions.update(fact="pace")
    application = ApplicationFactory(
        cohort=cohort, questionnaire=form, answers={} if answer is None else {"pace": answer}
    )
    assert applications.accept(application, by=here.coordinator).pace == expected


@pytest.mark.parametrize("role", ["mentor", "mentee"])
def test_a_pair_meets_less_often_when_either_asked_for_it(role: str) -> None:
    cohort = CohortFactory(
        stage="matching", checkin_weeks=2, has_flexible_pace=True, flexible_weeks=4
    )
    people = {one: ParticipantFactory(cohort=cohort, role=one) for one in ("mentor", "mentee")}
    people[role].pace = Pace.FLEXIBLE
    people[role].save()
    planned = checkins.plan(match_of(people["mentor"], people["mentee"]))
    days = [checkin.local_on for checkin in planned]
    assert min(later - day for day, later in pairwise(days)) > timedelta(days=20)


def test_a_person_changes_the_pace_and_what_is_planned_stays(here: Troupe) -> None:
    client = Client()
    client.force_login(here.mentee.user)
    planned = here.checkin.starts_at
    url = reverse("participation-pace", args=[here.mentee.code])
    assert "No fixed hours" in client.get(url).content.decode()
    assert client.post(url, {"pace": "never"}).status_code == 422
    assert client.post(url, {"pace": "flexible"}).status_code == 302
    here.mentee.refresh_from_db()
    here.checkin.refresh_from_db()
    assert (here.mentee.pace, here.checkin.starts_at) == ("flexible", planned)
    event = AuditEvent.objects.get(verb="pace.chosen")
    assert event.details == {}


def test_the_pace_is_not_chosen_where_it_is_not_offered_or_after_leaving(here: Troupe) -> None:
    participant = ParticipantFactory(cohort=here.next_cohort)
    with pytest.raises(RuleBroken, match="no flexible pace"):
        paces.choose(participant, by=participant.user, pace="flexible")
    client = Client()
    client.force_login(participant.user)
    url = reverse("participation-pace", args=[participant.code])
    assert client.get(url).status_code == 404
    gone = ParticipantFactory(cohort=here.cohort, left_at=clock.now() + timedelta(days=1))
    with pytest.raises(RuleBroken, match="no longer"):
        paces.choose(gone, by=gone.user, pace="flexible")
    assert paces.choose(here.mentor, by=here.mentor.user, pace="usual") == here.mentor
