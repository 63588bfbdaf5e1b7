from allauth.mfa.models import Authenticator
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.outbox import notify
from programs.models import User
from programs.notifications import SecondFactorReset


class Reason(models.TextChoices):
    """Why a factor is reset; a fixed list, because the audit log keeps no free text."""

    LOST = "lost", gettext_lazy("The device is lost or broken")
    REPLACED = "replaced", gettext_lazy("There is a new device, and the old one is gone")
    MISUSED = "misused", gettext_lazy("Somebody else may have it")


@transaction.atomic
def reset(person: User, *, by: User | None, reason: str) -> None:
    """Remove every second factor of `person`, log them out everywhere, and tell them.

    `by` is None when it is done on the server, by command.

    Raises RuleBroken when there is none, or when `by` is the person: an own factor is changed
    with the factor.
    """
    if by == person:
        raise RuleBroken(_("Change your own second factor on your account page."))
    person = User.objects.select_for_update().get(pk=person.pk)
    _count, removed = Authenticator.objects.filter(user=person).delete()
    if not removed:
        raise RuleBroken(_("%(name)s has no second factor.") % {"name": person})
    person.end_sessions()
    record(by=by, verb="factor.reset", subject=person, reason=str(Reason(reason).label))
    notify(SecondFactorReset(person), person, occasion=clock.now().isoformat())
