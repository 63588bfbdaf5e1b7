"""Leaving a cohort: at once, without a reason, without facing anybody."""

from django.db import transaction

from mentorship.shared.base import clock
from programs.actions import applications
from programs.models import Application, Participant, User
from programs.signals import participant_withdrew


@transaction.atomic
def leave(participant: Participant, *, by: User) -> None:
    """Take somebody out of their cohort; their matches end or go on without them.

    Whoever has left already stays out.
    """
    accepted = Application.objects.filter(
        cohort=participant.cohort,
        applicant=participant.user,
        role=participant.role,
        status=Application.Status.ACCEPTED,
    ).first()
    if accepted is not None:
        applications.withdraw(accepted, by=by)
        return
    # somebody who came without an application
    here = Participant.objects.select_for_update().present().filter(pk=participant.pk).first()
    if here is not None:
        here.left_at = clock.now()
        here.save(update_fields=["left_at"])
        participant_withdrew.send(Participant, participant=here)
