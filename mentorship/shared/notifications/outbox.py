"""The one way to send a mail to a person: queue it beside the change that caused it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac

from mentorship.shared.base.nudge import nudge
from mentorship.shared.notifications import tasks
from mentorship.shared.notifications.models import MailLink, OutboxMessage, default_link_life
from mentorship.shared.notifications.registry import Notice
from mentorship.shared.notifications.tokens import hashed, token_for


def notify(notice: Notice, recipient: Any, *, occasion: str = "", program: Any = None) -> bool:
    """Queue `notice` for `recipient` inside the caller's transaction.

    Once per kind, recipient, subject and `occasion`: a second call queues nothing and
    returns False. `program` tells whose ledger shows it.
    """
    key = ":".join((notice.kind, recipient.code, notice.subject.code, occasion))
    host = urlsplit(settings.BASE_URL).hostname
    ident = salted_hmac("mentorship.message-id", key, algorithm="sha256").hexdigest()[:32]
    row, queued = OutboxMessage.objects.get_or_create(
        key=key,
        defaults={
            "kind": notice.kind,
            "recipient": recipient,
            "subject_code": notice.subject.code,
            "occasion": occasion,
            "program_code": program.code if program else "",
            "message_id": f"<{ident}@{host}>",
        },
    )
    if not queued:
        return False
    if notice.link_view is not None:
        MailLink.objects.create(
            message=row,
            token_hash=hashed(token_for(row)),
            view=notice.link_view,
            subject_code=notice.subject.code,
            user=recipient,
            expires_at=notice.link_expires_at(row.queued_at, default_link_life()),
        )
    nudge(tasks.deliver, row.pk)
    return True
