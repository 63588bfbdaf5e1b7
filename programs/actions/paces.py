from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base.rules import RuleBroken
from programs.models import Pace, Participant, User


@transaction.atomic
def choose(participant: Participant, *, by: User, pace: str) -> Participant:
    """Take part at another pace from now on. Check-ins that are planned already stay.

    Raises RuleBroken when the cohort offers no flexible pace, or the person has left it.
    """
    participant = (
        Participant.objects.select_for_update(of=("self",))
        .select_related("cohort__program")
        .get(pk=participant.pk)
    )
    cohort = participant.cohort
    if participant.left_at is not None:
        raise RuleBroken(_("You no longer take part in %(cohort)s.") % {"cohort": cohort.name})
    if pace == Pace.FLEXIBLE and not cohort.has_flexible_pace:
        raise RuleBroken(
            _("This program offers no flexible pace. Please write to its coordinators.")
        )
    if participant.pace == pace:
        return participant
    participant.pace = Pace(pace)
    participant.save(update_fields=["pace"])
    # which pace is not written down: it may tell of a person's life
    record(by=by, verb="pace.chosen", subject=participant, program=cohort.program)
    return participant
