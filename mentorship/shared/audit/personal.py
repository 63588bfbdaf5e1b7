"""The history keeps opaque codes of people and no words of theirs."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.privacy.registry import (
    COORDINATORS,
    Held,
    Rows,
    Term,
    Told,
    days,
    deleted,
    left,
    register,
)


def _old(rows: Rows, at: datetime) -> Rows:
    return rows.filter(at__lt=at - timedelta(days=settings.RETENTION_HISTORY_DAYS))


_WHY = Told(_("Know who decided what, and when."), COORDINATORS)

register(
    Held(
        model=AuditEvent,
        title=_("What you did here"),
        person="actor_code",
        key="code",
        kept=Term(
            days(_("{days} days after it was done."), settings.RETENTION_HISTORY_DAYS),
            _old,
            deleted(),
        ),
        erase=left(
            _("That something was done stays, without a name: decisions must stay traceable.")
        ),
        labels={
            "at": _("when"),
            "verb": _("what"),
            "details": _("more of it"),
        },
        fields={
            "at": _WHY,
            "verb": Told(_WHY.purpose, _WHY.read_by, lambda event, person: event.told({})),
            "details": _WHY,
        },
        machinery=("subject_type", "subject_code", "program_code"),
        others=("id",),
    ),
)
