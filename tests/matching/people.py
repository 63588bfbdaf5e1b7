"""People who take part, and what a run is asked about them."""

from matching import bridge
from matching.actions import matching_runs
from mentorship.shared.base import clock
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import (
    POLICY,
    ApplicationFactory,
    ParticipantFactory,
    ProfileFactory,
    UserFactory,
)


def person(cohort, role="mentee", *, answers=None, profile=None, **fields):
    """A participant with an accepted application and, when told, a profile."""
    user = fields.pop("user", None) or UserFactory()
    by = UserFactory()
    ApplicationFactory(
        cohort=cohort,
        applicant=user,
        role=role,
        status="accepted",
        decided_at=clock.now(),
        decided_by=by,
        answers=answers or {},
    )
    if profile is not None:
        ProfileFactory(user=user, **profile)
    return ParticipantFactory(cohort=cohort, user=user, role=role, **fields)


def reading(*names):
    """A policy that reads these facts of both sides."""
    criteria = [
        {"name": name, "kind": "same", "mentee": name, "mentor": name, "points": 1}
        for name in names
    ]
    return POLICY | {"criterion": criteria}


def loaded(cohort, *names):
    policy = reading(*names) if names else POLICY
    return bridge.load(MatchingRunFactory(cohort=cohort, policy=policy))


def asked(cohort, **fields):
    by = UserFactory()
    return matching_runs.start(cohort, by=by, **fields)
