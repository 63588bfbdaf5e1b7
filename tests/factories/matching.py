import factory

from matching.models import Match, MatchingRun, Place, Seat
from mentorship.shared.base import clock
from programs.models import Participant
from tests.factories.programs import POLICY, CohortFactory


class MatchingRunFactory(factory.django.DjangoModelFactory[MatchingRun]):
    class Meta:
        model = MatchingRun

    cohort = factory.SubFactory(CohortFactory, stage="matching")
    policy = factory.LazyFunction(lambda: POLICY)


def match_of(mentor: Participant, mentee: Participant) -> Match:
    """A running match of two participants, written as publishing would, without its mails."""
    now = clock.now()
    match = Match.objects.create(cohort=mentor.cohort, introduced_at=now)
    seat = Seat.objects.create(participant=mentor, number=mentor.seats.count() + 1)
    Place.objects.create(match=match, participant=mentor, role="mentor", seat=seat, from_at=now)
    Place.objects.create(match=match, participant=mentee, role="mentee", from_at=now)
    return match
