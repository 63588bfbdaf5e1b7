"""What a decision would do, before it is made: who moves, who cannot, and the mail they get."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from mentorship.shared.base import clock
from mentorship.shared.notifications.delivery import compose
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions.decisions import NOTICES
from programs.models import Application, Cohort, Role, User

Status = Application.Status


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail of an example person."""

    to: User
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Room:
    """How a role's places would do; `over` is how many would find none."""

    role: str
    wanted: int
    free: int
    over: int


@dataclass(frozen=True, slots=True)
class Preview:
    movable: list[Application]
    stuck: list[Application]
    mail: Mail | None
    rooms: list[Room]

    @property
    def over(self) -> int:
        return sum(room.over for room in self.rooms)


def of(
    chosen: Sequence[Application],
    decision: str,
    *,
    cohort: Cohort,
    by: User,
    words: str,
    until: datetime,
) -> Preview:
    """What deciding so about `chosen` would do; writes nothing."""
    movable = [one for one in chosen if one.can_move_to(decision)]
    stuck = [one for one in chosen if not one.can_move_to(decision)]
    mail = _mail(movable[0], decision, by=by, words=words, until=until) if movable else None
    return Preview(movable, stuck, mail, _rooms(cohort, decision, movable))


def _mail(
    application: Application, decision: str, *, by: User, words: str, until: datetime
) -> Mail:
    example = copy(application)
    example.status, example.decision_words = decision, words
    example.decided_at, example.decided_by = clock.now(), by
    example.offer_until = until
    message = OutboxMessage(recipient=example.applicant, message_id="<preview@localhost>")
    mail = compose(message, NOTICES[decision](example))
    return Mail(example.applicant, str(mail.subject), str(mail.body))


def _rooms(cohort: Cohort, decision: str, movable: Sequence[Application]) -> list[Room]:
    """Only for roles with a limit; who has an offer holds a place already."""
    if decision not in (Status.ACCEPTED, Status.OFFERED):
        return []
    rooms = []
    for role in Role:
        free = cohort.free_places(role)
        wanted = sum(one.role == role and one.status != Status.OFFERED for one in movable)
        if free is not None and wanted:
            rooms.append(Room(str(role.label), wanted, max(free, 0), max(wanted - max(free, 0), 0)))
    return rooms
