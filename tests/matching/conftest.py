import pytest

from matching import runs
from matching.models import MatchingRun
from mentorship.shared.notifications.models import OutboxMessage
from tests.factories.programs import CohortFactory
from tests.matching.people import asked, person


@pytest.fixture
def cohort(db):
    return CohortFactory(stage="matching")


@pytest.fixture
def pair(cohort):
    """A mentor and a mentee who wait for each other."""
    mentor = person(cohort, "mentor", answers={"skills_offered": ["Go", "SQL"]})
    mentee = person(cohort, answers={"skills_wanted": ["Go", "SQL"]})
    return mentor, mentee


@pytest.fixture
def done(cohort, pair):
    """The run that put these two together."""
    run = asked(cohort)
    runs.carry_out(run.pk)
    OutboxMessage.objects.all().delete()
    return MatchingRun.objects.get(pk=run.pk)
