from django.db import transaction

from matching.models import Match, Place
from matching.signals import match_ended
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from programs.models import User


@transaction.atomic
def end(match: Match, *, by: User | None) -> Match:
    """Close a match and free its seats. One that has ended already stays as it is.

    `by` is None when it ends because somebody left the cohort.
    """
    match = Match.objects.select_for_update().get(pk=match.pk)
    if not match.can_move_to(Match.Status.ENDED):
        return match
    now = clock.now()
    match.status, match.ended_at = Match.Status.ENDED, now
    match.save(update_fields=["status", "ended_at"])
    Place.objects.open().filter(match=match).update(until_at=now)
    record(by=by, verb="match.ended", subject=match, program=match.cohort.program)
    match_ended.send(Match, match=match)
    return match
