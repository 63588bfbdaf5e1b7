from datetime import timedelta
from typing import Any

import factory

from feedback.models import CheckIn, Invitation, Survey
from matching.models import Match
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from mentorship.shared.questions.kinds import Kind
from tests.factories.programs import CohortFactory, ParticipantFactory, QuestionnaireFactory


def checkin_of(match: Match, *, days: float = 2, number: int = 1, **fields: Any) -> CheckIn:
    """A check-in of `match` that starts in so many days, in UTC wall time."""
    wall = local(clock.now() + timedelta(days=days), "UTC")
    if fields.get("status") in ("held", "missed"):
        who = match.places.order_by("pk")[0].participant.user
        fields = {"answered_at": clock.now(), "answered_by": who} | fields
    return CheckIn.objects.create(
        match=match,
        number=number,
        local_on=wall.date(),
        local_at=wall.time().replace(microsecond=0),
        time_zone="UTC",
        **fields,
    )


class SurveyFactory(factory.django.DjangoModelFactory[Survey]):
    class Meta:
        model = Survey

    cohort = factory.SubFactory(CohortFactory, stage="running")
    title = "How is it going?"
    questionnaire = factory.SubFactory(
        QuestionnaireFactory, asks=[("usefulness", Kind.SCALE), ("comment", Kind.LONG_TEXT)]
    )
    opens_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=1))
    closes_at = factory.LazyFunction(lambda: clock.now() + timedelta(days=13))


class InvitationFactory(factory.django.DjangoModelFactory[Invitation]):
    class Meta:
        model = Invitation

    survey = factory.SubFactory(SurveyFactory)
    participant = factory.LazyAttribute(lambda o: ParticipantFactory(cohort=o.survey.cohort))
