from programs.models.applications import Application, ApplicationQuerySet
from programs.models.participants import Participant, ParticipantQuerySet
from programs.models.people import Profile, SelfIdentification, User
from programs.models.programs import Cohort, CohortQuerySet, Membership, Program, Stage
from programs.models.roles import Role

__all__ = [
    "Application",
    "ApplicationQuerySet",
    "Cohort",
    "CohortQuerySet",
    "Membership",
    "Participant",
    "ParticipantQuerySet",
    "Profile",
    "Program",
    "Role",
    "SelfIdentification",
    "Stage",
    "User",
]
