from programs.models.applications import Application, ApplicationQuerySet
from programs.models.cohorts import Cohort, CohortQuerySet, Stage
from programs.models.corrections import Correction
from programs.models.decisions import Batch, BatchQuerySet, Decision
from programs.models.gates import GateItem
from programs.models.imports import ImportFile, ImportJob, ImportRow
from programs.models.invitations import (
    Channel,
    HeardFrom,
    Invitation,
    InvitationToApplyQuerySet,
    Refusal,
)
from programs.models.members import MemberInvitation
from programs.models.objectives import Objective, ObjectiveFigure, ObjectiveQuerySet
from programs.models.participants import Participant, ParticipantQuerySet
from programs.models.people import SelfIdentification, User
from programs.models.profiles import Profile, Seen
from programs.models.programs import Membership, Program
from programs.models.reviews import (
    Assignment,
    AssignmentQuerySet,
    Criterion,
    Interview,
    InterviewQuerySet,
    Review,
    ReviewQuerySet,
    SavedView,
)
from programs.models.roles import Choice, Pace, Role
from programs.models.texts import Consent, RequiredText, TextVersion

__all__ = [
    "Application",
    "ApplicationQuerySet",
    "Assignment",
    "AssignmentQuerySet",
    "Batch",
    "BatchQuerySet",
    "Channel",
    "Choice",
    "Cohort",
    "CohortQuerySet",
    "Consent",
    "Correction",
    "Criterion",
    "Decision",
    "GateItem",
    "HeardFrom",
    "ImportFile",
    "ImportJob",
    "ImportRow",
    "Interview",
    "InterviewQuerySet",
    "Invitation",
    "InvitationToApplyQuerySet",
    "MemberInvitation",
    "Membership",
    "Objective",
    "ObjectiveFigure",
    "ObjectiveQuerySet",
    "Pace",
    "Participant",
    "ParticipantQuerySet",
    "Profile",
    "Program",
    "Refusal",
    "RequiredText",
    "Review",
    "ReviewQuerySet",
    "Role",
    "SavedView",
    "Seen",
    "SelfIdentification",
    "Stage",
    "TextVersion",
    "User",
]
