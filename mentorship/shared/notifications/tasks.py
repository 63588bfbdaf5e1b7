from datetime import timedelta

from celery import shared_task
from django.core.management import call_command

from mentorship.shared.base import clock
from mentorship.shared.base.models import Heartbeat
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import MailLink, OutboxMessage

_BATCHES = 50
_REMEMBER_ENDED = timedelta(days=90)


@shared_task
def deliver(message_id: int) -> int:
    """Send one message soon after it was queued."""
    return delivery.deliver_one(message_id).sent


@shared_task
def deliver_due() -> int:
    """Send everything that is due, in batches, and leave a heartbeat."""
    Heartbeat.beat("deliver_due")
    sent = 0
    for _ in range(_BATCHES):
        batch = delivery.deliver_due()
        sent += batch.sent
        if not batch.claimed:
            break
    return sent


@shared_task
def forget_expired() -> int:
    """Delete sessions that ended, and links long after: till then a page can say that they did.

    Bare addresses of mails that were settled are blanked after their term.
    """
    call_command("clearsessions")
    OutboxMessage.objects.forgettable(clock.now()).forget_addresses()
    return MailLink.objects.filter(expires_at__lt=clock.now() - _REMEMBER_ENDED).delete()[0]
