"""What the mails, their links and the choices about them hold of people."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mentorship.shared.notifications.models import (
    SETTLED,
    MailLink,
    OutboxMessage,
    Preference,
    State,
)
from mentorship.shared.notifications.registry import label_of
from mentorship.shared.privacy.registry import (
    COORDINATORS,
    NOBODY,
    YOU,
    Erase,
    Held,
    Rows,
    Term,
    Told,
    days,
    deleted,
    register,
)


def _old(rows: Rows, at: datetime) -> Rows:
    waiting = (State.PENDING, State.CLAIMED, State.SENDING)
    old = rows.filter(queued_at__lt=at - timedelta(days=settings.RETENTION_MAIL_DAYS))
    return old.exclude(state__in=waiting)


def _forget_address(rows: Rows) -> int:
    """Mails to a bare address keep that they were sent, not to whom; waiting ones do not leave."""
    waiting = rows.exclude(state__in=SETTLED)
    taken_back = waiting.update(
        state=State.SKIPPED,
        why=_("The account was erased."),
        owner="",
        lease_until=None,
        address="",
        name="",
    )
    return taken_back + rows.exclude(address="", name="").update(address="", name="")


_MAIL = Term(days(_("{days} days after it was sent."), settings.RETENTION_MAIL_DAYS), _old)
# the task that delivers forgets them (`OutboxQuerySet.forgettable`)
_BARE = Term(days(_("{days} days after it was written."), settings.MAIL_ADDRESS_DAYS))

register(
    Held(
        model=OutboxMessage,
        title=_("Mails to you"),
        person="recipient",
        kept=_MAIL,
        # their links go with them
        erase=deleted(),
        labels={
            "kind": _("mail"),
            "state": _("state"),
            "why": _("why not"),
            "queued_at": _("written"),
            "sent_at": _("sent"),
        },
        fields={
            "kind": Told(
                _("Send each mail once, and see that it left."),
                COORDINATORS,
                lambda mail, person: label_of(mail.kind),
            ),
            "state": Told(_("See whether it left."), COORDINATORS),
            "why": Told(_("See why it did not leave."), COORDINATORS),
            "queued_at": Told(_("Send each mail once, and see that it left."), COORDINATORS),
            "sent_at": Told(_("See when it left."), COORDINATORS),
        },
        machinery=("subject_code", "occasion", "program_code", "message_id"),
        others=("id", "key", "owner", "lease_until", "attempts", "not_before", "address", "name"),
    ),
    Held(
        model=OutboxMessage,
        title=_("Mails to your address, before you had an account"),
        person="address",
        key="email",
        kept=_BARE,
        erase=Erase(
            _forget_address,
            _("That a mail was sent stays, without address and name, so that none goes twice."),
        ),
        labels={
            "kind": _("mail"),
            "address": _("address"),
            "name": _("name"),
            "state": _("state"),
            "queued_at": _("written"),
            "sent_at": _("sent"),
        },
        fields={
            "kind": Told(
                _("Send each mail once, and see that it left."),
                COORDINATORS,
                lambda mail, person: label_of(mail.kind),
            ),
            "address": Told(_("Send the mail."), COORDINATORS),
            "name": Told(_("Send the mail."), COORDINATORS),
            "state": Told(_("See whether it left."), COORDINATORS),
            "queued_at": Told(_("Send each mail once, and see that it left."), COORDINATORS),
            "sent_at": Told(_("See when it left."), COORDINATORS),
        },
        machinery=("subject_code", "occasion", "program_code", "message_id"),
        others=("id", "key", "recipient", "owner", "lease_until", "attempts", "not_before", "why"),
    ),
    Held(
        model=MailLink,
        title=_("Links in mails that work without a log-in"),
        person="user",
        kept=Term(_("90 days after the link has expired.")),
        erase=deleted(),
        labels={
            "expires_at": _("works until"),
        },
        fields={
            "expires_at": Told(_("Close the link in time."), NOBODY),
        },
        machinery=("view",),
        others=("id", "token_hash", "message", "subject_code"),
    ),
    Held(
        model=Preference,
        title=_("Which mail you want"),
        person="user",
        kept=Term(_("As long as you have an account.")),
        erase=deleted(),
        labels={
            "category": _("kind of mail"),
            "is_enabled": _("wanted"),
        },
        fields={
            "category": Told(_("Send you only what you want."), YOU),
            "is_enabled": Told(_("Send you only what you want."), YOU),
        },
        others=("id",),
    ),
)
