from datetime import timedelta
from typing import Any

import factory

from matching import engine
from matching.models import Match, MatchingRun, Place, RunInput, Seat
from mentorship.shared.base import clock
from programs.models import Participant
from tests.factories.programs import POLICY, CohortFactory


class MatchingRunFactory(factory.django.DjangoModelFactory[MatchingRun]):
    class Meta:
        model = MatchingRun
        skip_postgeneration_save = True

    cohort = factory.SubFactory(CohortFactory, stage="matching")
    policy = factory.LazyFunction(lambda: POLICY)
    objective = factory.LazyAttribute(lambda o: o.policy["objective"])
    lease_until = factory.LazyAttribute(
        lambda o: clock.now() + timedelta(minutes=2) if o.status == "running" else None
    )
    status = MatchingRun.Status.QUEUED

    @factory.post_generation
    def asked(run: MatchingRun, create: bool, extracted: engine.Input | None, **_: Any) -> None:
        """What the engine was asked; without it the run's input is no longer kept."""
        if extracted is not None:
            RunInput.objects.create(
                run=run,
                packed=RunInput.pack(extracted.to_text()),
                keep_until=clock.now().date() + timedelta(days=30),
            )


def match_of(mentor: Participant, mentee: Participant) -> Match:
    """A running match of two participants, written as publishing would, without its mails."""
    now = clock.now()
    match = Match.objects.create(cohort=mentor.cohort, introduced_at=now)
    seat = Seat.objects.create(participant=mentor, number=mentor.seats.count() + 1)
    Place.objects.create(match=match, participant=mentor, role="mentor", seat=seat, from_at=now)
    Place.objects.create(match=match, participant=mentee, role="mentee", from_at=now)
    return match
