"""From an outbox row to a mail that left: claim, make the words, send, note it.

The mail server's yes and our note of it cannot be one step. A crash between them leaves a
row `sending` with a lease: when the lease is over it is sent again under the same Message-ID
and with the same link, or, for kinds that must not repeat, shown to a person as uncertain.
"""

import logging
import secrets
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from mentorship.shared.base import clock
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.models import OutboxMessage, Preference, State
from mentorship.shared.notifications.registry import Notice, notice_of
from mentorship.shared.notifications.tokens import token_for

logger = logging.getLogger(__name__)

_FIRST_RETRY = timedelta(seconds=5)
_GIVE_UP_AFTER = timedelta(hours=24)


class Batch(NamedTuple):
    """How many messages were taken in hand, and how many of them left."""

    claimed: int
    sent: int


def deliver_due(limit: int = 50) -> Batch:
    """Send what is due, at most `limit` mails.

    Safe to run twice, late, and in many workers: a row is claimed by one of them.
    """
    return _deliver_all(_claim(limit))


def deliver_one(pk: int) -> Batch:
    """Send the message `pk` if it is due and free."""
    return _deliver_all(_claim(1, pk=pk))


def _deliver_all(messages: list[OutboxMessage]) -> Batch:
    if not messages:
        return Batch(0, 0)
    unwanted = _switched_off(messages)
    notices = _notices(messages)
    sent = 0
    backend = get_connection()
    try:
        for message in messages:
            sent += _deliver(message, notices, unwanted, backend)
    finally:
        backend.close()
    return Batch(len(messages), sent)


def _claim(limit: int, **only: int) -> list[OutboxMessage]:
    now = clock.now()
    owner = secrets.token_hex(16)
    with transaction.atomic():
        due = OutboxMessage.objects.due(now).filter(**only).order_by("not_before", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        rows = list(due.values_list("pk", "state", "kind")[:limit])
        doubtful = [
            pk for pk, state, kind in rows if state == State.SENDING and not _may_repeat(kind)
        ]
        OutboxMessage.objects.filter(pk__in=doubtful).update(
            state=State.UNCERTAIN, why="The sender stopped before noting whether it left."
        )
        free = OutboxMessage.objects.due(now).filter(pk__in=[pk for pk, *_ in rows])
        free.exclude(pk__in=doubtful).update(
            state=State.CLAIMED,
            owner=owner,
            lease_until=now + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS),
        )
    mine = OutboxMessage.objects.filter(owner=owner, state=State.CLAIMED)
    return list(mine.select_related("recipient").order_by("not_before", "pk"))


def _may_repeat(kind: str) -> bool:
    try:
        return notice_of(kind).repeats_are_harmless
    except KeyError:  # of another release; whether it left, only a person can find out
        return False


def _notices(messages: list[OutboxMessage]) -> dict[tuple[str, str], Notice | Exception]:
    """What the messages are about, by kind and code, in one question per kind.

    A kind that cannot be loaded is there as the error, for its own messages to note.
    """
    codes: dict[str, set[str]] = {}
    for message in messages:
        codes.setdefault(message.kind, set()).add(message.subject_code)
    found: dict[tuple[str, str], Notice | Exception] = {}
    for kind, wanted in codes.items():
        try:
            loaded = notice_of(kind).load(wanted)
            found |= {(kind, code): notice for code, notice in loaded.items()}
        except Exception as error:  # the other kinds must not wait for it
            found |= {(kind, code): error for code in wanted}
    return found


def _switched_off(messages: list[OutboxMessage]) -> set[tuple[int, str]]:
    """Which recipients switched which categories off."""
    people = {message.recipient_id for message in messages if message.recipient_id is not None}
    off = Preference.objects.filter(user__in=people, is_enabled=False)
    return set(off.values_list("user_id", "category"))


def _deliver(
    message: OutboxMessage,
    notices: dict[tuple[str, str], Notice | Exception],
    unwanted: set[tuple[int, str]],
    backend: BaseEmailBackend,
) -> bool:
    """Send one claimed message. A message that cannot be made or sent blocks no other."""
    mine = OutboxMessage.objects.filter(
        pk=message.pk, owner=message.owner, lease_until__gt=clock.now()
    )
    try:
        notice = notices.get((message.kind, message.subject_code))
        if isinstance(notice, Exception):
            raise notice
        why_not = _why_not(message, notice, unwanted)
        if notice is None or why_not:
            mine.update(state=State.SKIPPED, why=why_not, owner="", lease_until=None)
            return False
        mail = compose(message, notice)
        if not mine.update(state=State.SENDING, attempts=message.attempts + 1):
            return False  # the lease ran out and another sender has it
        mail.connection = backend
        mail.send()
    except Exception as error:  # one poisoned message must not stop the others
        _note_failure(message, error)
        return False
    OutboxMessage.objects.filter(pk=message.pk, owner=message.owner).update(
        state=State.SENT, sent_at=clock.now(), why="", owner="", lease_until=None
    )
    return True


def _why_not(message: OutboxMessage, notice: Notice | None, unwanted: set[tuple[int, str]]) -> str:
    if notice is None:
        return "What it was about is gone."
    if not message.to.is_active:
        return "The account is closed."
    if notice.can_be_disabled and (message.recipient_id, str(notice.category)) in unwanted:
        return "The person switched this kind of mail off."
    return notice.not_needed(message.to)


def compose(message: OutboxMessage, notice: Notice) -> EmailMultiAlternatives:
    """The mail of a message in the reader's language and time zone.

    The first line of the text template is the subject line.
    """
    recipient = message.to
    with translation.override(recipient.language), timezone.override(recipient.time_zone):
        context = {
            "subject": notice.subject,
            "recipient": recipient,
            "site_name": settings.SITE_NAME,
            "sender": notice.sender() or settings.SITE_NAME,
            "base_url": settings.BASE_URL,
            "preferences_url": absolute("preferences"),
            # choosing needs an account
            "can_be_disabled": notice.can_be_disabled and message.recipient_id is not None,
            "link": absolute("mail-link", token_for(message)) if notice.link_view else "",
            "signature": notice.signature(),
            **notice.context(recipient),
        }
        text = render_to_string(f"emails/{notice.kind}.txt", context).lstrip()
        title, _, body = text.partition("\n")
        html = render_to_string(f"emails/{notice.kind}.html", {**context, "title": title})
    mail = EmailMultiAlternatives(
        subject=" ".join(title.split()),
        body=body.lstrip(),
        to=[recipient.email],
        headers={
            "Message-ID": message.message_id,
            "Date": clock.now().strftime("%a, %d %b %Y %H:%M:%S +0000"),
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _note_failure(message: OutboxMessage, error: Exception) -> None:
    logger.warning("Mail %s was not sent: %s: %s", message.pk, type(error).__name__, error)
    row = OutboxMessage.objects.filter(pk=message.pk, owner=message.owner)
    waited = clock.now() - message.queued_at
    final = isinstance(error, SMTPRecipientsRefused) and all(
        code >= 500 for code, _ in error.recipients.values()
    )
    final = final or (isinstance(error, SMTPResponseException) and error.smtp_code >= 500)
    why = f"{type(error).__name__}: {error}"[:300]
    if final or waited > _GIVE_UP_AFTER:
        row.update(state=State.FAILED, why=why, owner="", lease_until=None)
        return
    delay = min(_FIRST_RETRY * 2 ** min(message.attempts, 12), timedelta(hours=2))
    row.update(
        state=State.PENDING,
        why=why,
        attempts=message.attempts + 1,
        not_before=clock.now() + delay,
        owner="",
        lease_until=None,
    )
