"""How this stage's events are told and found in the history: names of subjects, groups of verbs."""

from collections.abc import Iterable
from datetime import time, timedelta
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.models import AuditEventQuerySet
from mentorship.shared.audit.subjects import Named, declare, names_of
from mentorship.shared.audit.verbs import group
from mentorship.shared.base.zones import instant
from programs.models import (
    Application,
    Batch,
    Channel,
    Cohort,
    ImportJob,
    Invitation,
    MemberInvitation,
    Objective,
    Participant,
    RequiredText,
    User,
)

declare(
    Named(User, name="name"),
    Named(Cohort, name="name"),
    Named(Objective, name="statement"),
    Named(MemberInvitation, name="email"),
    Named(Application, name="applicant__name", place="cohort"),
    Named(Participant, name="user__name", place="cohort"),
    Named(RequiredText, name="title", place="cohort"),
    Named(Invitation, place="cohort"),
    Named(Channel, place="cohort"),
    Named(Batch, place="cohort"),
    Named(ImportJob, place="cohort"),
)

group("program", _("Program and cohorts"), "program", "objective", "cohort", "question", "look")
group(
    "applications",
    _("Applications and decisions"),
    *("application", "applications", "batch", "drafts", "interview", "offer", "rubric"),
    *("invitation", "invitations", "channel", "peer"),
)
group("people", _("People and their data"), "person", "participant", "participants", "pace")
group("members", _("Duties and log-in"), "member", "factor")
group("gate", _("Texts and what is needed before matching"), "text", "gate")
group("data", _("Imports and exports"), "import", "list", "file")


def narrowed(rows: AuditEventQuerySet, asked: dict[str, Any], zone: str) -> AuditEventQuerySet:
    """Only what the filter asks for; days are those of `zone`, the last one counts in full."""
    if asked["who"]:
        people = User.objects.filter(name__icontains=asked["who"])
        rows = rows.filter(actor_code__in=people.values("code"))
    if asked["about"]:
        rows = rows.about(asked["about"])
    if asked["group"]:
        rows = rows.of_group(asked["group"])
    if asked["since"]:
        rows = rows.filter(at__gte=instant(asked["since"], time(0), zone))
    if asked["until"]:
        rows = rows.filter(at__lt=instant(asked["until"], time(0), zone) + timedelta(days=1))
    return rows


def told(events: Iterable[Any]) -> list[Any]:
    """Each event with its sentence (`text`) and who did it (`actor`), in a few queries for all."""
    events, user = list(events), User._meta.label
    codes = {(event.subject_type, event.subject_code) for event in events}
    names = names_of(codes | {(user, event.actor_code) for event in events})
    for event in events:
        event.text = event.told(names)
        event.actor = names.get(event.actor_code) or gettext("Somebody who has left")
        if not event.actor_code:
            event.actor = gettext("The system")
    return events
