"""What a cohort asks before matching, and reminding those who have not done it."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.outbox import notify_many
from programs.models import (
    Cohort,
    GateItem,
    Participant,
    ParticipantQuerySet,
    RequiredText,
    TextVersion,
    User,
)
from programs.models.gates import declared
from programs.notifications import GateReminder


@transaction.atomic
def set_up(
    cohort: Cohort, *, by: User, keys: Collection[str], texts: Collection[RequiredText]
) -> Cohort:
    """From now on the cohort asks for exactly this before anybody is matched.

    Raises RuleBroken for a requirement nobody declared, and for a text of another cohort or
    one that is retired.
    """
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    known = {requirement.key for requirement in declared()}
    usable = set(RequiredText.objects.in_cohort(cohort).in_use().values_list("pk", flat=True))
    if not set(keys) <= known or not {text.pk for text in texts} <= usable:
        raise RuleBroken(_("Something of this cannot be asked any more. Please choose again."))
    cohort.gate_items.all().delete()
    GateItem.objects.bulk_create(
        [
            *(GateItem(cohort=cohort, key=GateItem.TEXT, text=text) for text in texts),
            *(GateItem(cohort=cohort, key=key) for key in keys),
        ]
    )
    record(
        by=by,
        verb="gate.changed",
        subject=cohort,
        program=cohort.program,
        count=len(keys) + len(texts),
    )
    return cohort


@transaction.atomic
def copy(cohort: Cohort, *, source: Cohort, by: User) -> None:
    """Let `cohort` ask what `source` asks, of the same program.

    Texts of the source itself are copied in their newest version, since they may change there;
    nobody has read the copy yet.
    """
    copied = {text.pk: _copy_text(text, cohort, by=by) for text in source.texts.in_use()}
    items = [
        GateItem(cohort=cohort, key=item.key, text=copied.get(item.text_id or 0, item.text))
        for item in source.gate_items.select_related("text")
    ]
    GateItem.objects.bulk_create(items)


def _copy_text(text: RequiredText, cohort: Cohort, *, by: User) -> RequiredText:
    latest = text.versions.get(number=text.newest)
    new = RequiredText.objects.create(
        cohort=cohort, kind=text.kind, role=text.role, title=text.title
    )
    TextVersion.objects.create(
        text=new, number=1, title=latest.title, body=latest.body, written_by=by
    )
    return new


@transaction.atomic
def remind(cohort: Cohort, *, by: User) -> int:
    """Mail everybody who is not ready what is missing; how many mails that is.

    Nobody gets more than one such mail on a day of the cohort's zone, however often it is asked.
    """
    Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)  # one reminds at a time
    now = clock.now()
    count = notify_many(
        ((GateReminder(one), one.user) for one in to_remind(cohort, now).select_related("user")),
        occasion=_day(cohort, now),
        program=cohort.program,
    )
    if count:
        record(
            by=by, verb="participants.reminded", subject=cohort, program=cohort.program, count=count
        )
    return count


def to_remind(cohort: Cohort, at: datetime) -> ParticipantQuerySet:
    """Who takes part, is not on a pause, is not ready, and was not reminded on this day yet."""
    reminded = OutboxMessage.objects.filter(kind=GateReminder.kind, occasion=_day(cohort, at))
    rows = Participant.objects.filter(cohort=cohort).present()
    waiting = rows.available(local(at, cohort.time_zone).date()).not_ready()
    return waiting.exclude(code__in=reminded.values("subject_code")).order_by("pk")


def _day(cohort: Cohort, at: datetime) -> str:
    return f"{local(at, cohort.time_zone):%Y%m%d}"
