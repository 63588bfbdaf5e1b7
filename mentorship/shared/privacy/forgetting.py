"""Forgetting: one person whole, or what is past its term."""

import logging

from django.db import transaction

from mentorship.shared.base import clock
from mentorship.shared.privacy.registry import Held, everything_held

logger = logging.getLogger(__name__)


@transaction.atomic
def forget_person(person: object) -> int:
    """Erase what the tables hold about a person, as each declares; how many rows changed.

    Higher apps first, so that a row goes before what it points at. The account itself is the
    caller's to empty.
    """
    return sum(held.erase.act(held.rows_of(person)) for held in reversed(everything_held()))


def forget_past_terms() -> int:
    """Erase whatever is past its term now; how many rows changed. Safe to call at any time.

    A table that fails is logged and holds up no other.
    """
    total = 0
    for held in reversed(everything_held()):
        try:
            total += _forget_past_term(held)
        except Exception:  # the tables behind it are due as well
            logger.exception("Retention left %s for the next sweep", held.model._meta.label)
    return total


@transaction.atomic
def _forget_past_term(held: Held) -> int:
    if held.kept.past is None:
        return 0
    erase = held.kept.act or held.erase
    return erase.act(held.kept.past(held.model._default_manager.all(), clock.now()))
