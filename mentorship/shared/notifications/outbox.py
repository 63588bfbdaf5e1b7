"""The one way to send a mail: queue it beside the change that caused it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac

from mentorship.shared.base.nudge import nudge
from mentorship.shared.notifications import tasks
from mentorship.shared.notifications.addressee import Addressee
from mentorship.shared.notifications.models import (
    MailLink,
    OutboxMessage,
    State,
    default_link_life,
)
from mentorship.shared.notifications.registry import Notice
from mentorship.shared.notifications.tokens import hashed, token_for

# Rows asked for or written at a time.
_BATCH = 500


def notify(
    notice: Notice,
    recipient: Any,
    *,
    occasion: str = "",
    program: Any = None,
    not_before: datetime | None = None,
) -> bool:
    """Queue `notice` for `recipient` inside the caller's transaction.

    Once per kind, recipient, subject and `occasion`: a second call queues nothing and
    returns False. `program` tells whose ledger shows it. A recipient is a person, or an
    `Addressee` for somebody without an account. It leaves at once, or not before the instant
    `not_before`; until then it can be taken back with `withdraw`.

    Raises ValueError for an `Addressee` of a notice with a `link_view`: such a link acts for a
    person.
    """
    values = _values(notice, recipient, occasion, program)
    if not_before is not None:
        values["not_before"] = not_before
    row, queued = OutboxMessage.objects.get_or_create(key=values.pop("key"), defaults=values)
    if not queued:
        return False
    if notice.link_view is not None:
        _link(notice, row).save(force_insert=True)
    if not_before is None:  # one that waits is found by the sweep
        nudge(tasks.deliver, row.pk)
    return True


def notify_many(
    wanted: Iterable[tuple[Notice, Any]], *, occasion: str = "", program: Any = None
) -> int:
    """Queue many mails in a few queries; how many of them were not queued before.

    As `notify`. The caller holds a lock under which no other queues the same, and the sweep finds
    them.
    """
    rows = {}
    for notice, recipient in wanted:
        values = _values(notice, recipient, occasion, program)
        rows[values["key"]] = notice, OutboxMessage(**values)
    keys = list(rows)
    known: set[str] = set()
    for at in range(0, len(keys), _BATCH):
        some = OutboxMessage.objects.filter(key__in=keys[at : at + _BATCH])
        known.update(some.values_list("key", flat=True))
    new = [one for key, one in rows.items() if key not in known]
    OutboxMessage.objects.bulk_create([row for _, row in new], batch_size=_BATCH)
    links = [_link(notice, row) for notice, row in new if notice.link_view is not None]
    MailLink.objects.bulk_create(links, batch_size=_BATCH)
    return len(new)


def _link(notice: Notice, row: OutboxMessage) -> MailLink:
    """The link of a mail whose notice has a `link_view`; not saved yet."""
    return MailLink(
        message=row,
        token_hash=hashed(token_for(row)),
        view=notice.link_view or "",
        subject_code=row.subject_code,
        user=row.recipient,
        expires_at=notice.link_expires_at(row.queued_at, default_link_life()),
    )


def _values(notice: Notice, recipient: Any, occasion: str, program: Any) -> dict[str, Any]:
    """What a row of the outbox is made of. Raises ValueError as `notify` says."""
    if isinstance(recipient, Addressee) and notice.link_view is not None:
        raise ValueError(f"{notice.kind} links to a person's page, and an address is nobody's")
    key = key_of(notice, recipient, occasion)
    host = urlsplit(settings.BASE_URL).hostname
    ident = salted_hmac("mentorship.message-id", key, algorithm="sha256").hexdigest()[:32]
    return {
        "key": key,
        "kind": notice.kind,
        **_to(recipient),
        "subject_code": notice.subject.code,
        "occasion": occasion,
        "program_code": program.code if program else "",
        "message_id": f"<{ident}@{host}>",
    }


def key_of(notice: Notice, recipient: Any, occasion: str = "") -> str:
    """What names a mail in the outbox: the same four things are the same mail."""
    return ":".join((notice.kind, recipient.code, notice.subject.code, occasion))


def withdraw(keys: Iterable[str], *, why: str) -> int:
    """Take back mails that wait, inside the caller's transaction; how many were taken back.

    One that a sender has in hand or that left is not among them. `why` is shown in the ledger.
    """
    waiting = OutboxMessage.objects.filter(key__in=list(keys), state=State.PENDING)
    return waiting.update(state=State.SKIPPED, why=why)


def _to(recipient: Any) -> dict[str, Any]:
    if isinstance(recipient, Addressee):
        return {"recipient": None, "address": recipient.email, "name": recipient.name}
    return {"recipient": recipient}
