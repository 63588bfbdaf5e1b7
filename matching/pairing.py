"""Two who are to be brought together, on their way from a proposal to rows."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from matching.models import Introduction, Seat
from programs.models import Participant


class Pair(NamedTuple):
    """A mentee, a mentor and why; `seat` is the mentor's that is free for it."""

    mentee: Participant
    mentor: Participant
    seat: Seat | None = None
    score: int = 0
    reasons: Sequence[dict[str, Any]] = ()
    # The introduction that did not work out and that this one goes on from.
    follows: Introduction | None = None
