"""People who take part because a list named them: asked for their own word, and giving it.

A list may name anybody. Until somebody has done something here themself, coordinators see no more
of them than the list said (`permissions.has_come`).
"""

from datetime import datetime

from django.db import transaction

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify_many
from programs.models import Application, Cohort, Participant, ParticipantQuerySet, User
from programs.notifications import PartToConfirm


@transaction.atomic
def confirm(participant: Participant, *, by: User) -> Participant:
    """Keep the person's word that they take part; a second time changes nothing."""
    brought = Application.objects.brought().filter(
        applicant=by, cohort=participant.cohort_id, role=participant.role
    )
    if participant.user_id == by.pk and brought.update(brought_at=None):
        record(
            by=by,
            verb="participant.confirmed",
            subject=participant,
            program=participant.cohort.program,
        )
    return participant


@transaction.atomic
def remind(cohort: Cohort, *, by: User) -> int:
    """Ask everybody by mail who has not confirmed; how many mails that is.

    Nobody gets more than one such mail on a day of the cohort's zone, however often it is asked.
    """
    Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)  # one reminds at a time
    now = clock.now()
    count = notify_many(
        ((PartToConfirm(one), one.user) for one in to_remind(cohort, now).select_related("user")),
        occasion=_day(cohort, now),
        program=cohort.program,
    )
    if count:
        record(
            by=by,
            verb="participants.asked",
            subject=cohort,
            program=cohort.program,
            count=count,
        )
    return count


def to_remind(cohort: Cohort, at: datetime) -> ParticipantQuerySet:
    """Who takes part, has not confirmed, and was not asked on this day yet."""
    asked = OutboxMessage.objects.filter(kind=PartToConfirm.kind, occasion=_day(cohort, at))
    waiting = Participant.objects.filter(cohort=cohort).present().unconfirmed()
    return waiting.exclude(code__in=asked.values("subject_code")).order_by("pk")


def _day(cohort: Cohort, at: datetime) -> str:
    return f"{local(at, cohort.time_zone):%Y%m%d}"
