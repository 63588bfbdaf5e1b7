"""Whether a cohort's log of decisions is still what was written, link by link."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.models import DecisionLog, LoggedDecision
from programs.models import Cohort

_FAULTS: Mapping[str, str | Promise] = {
    "missing": _("Decision %(number)d is missing."),
    "unlinked": _("Decision %(number)d does not hang on the one before."),
    "changed": _("Decision %(number)d is not what was written."),
    "reason": _("The reason of decision %(number)d is not what was written."),
    "shortened": _("The log does not end where it ended, at decision %(number)d."),
    "unknown-head": _("The digest that was noted is not in the log."),
}

# Rows read at a time.
_FETCHED = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: how many decisions, how many reasons were erased, and what is wrong.

    `wrong` are kinds of faults with the number of the decision, in order; empty when all holds.
    `head` is the digest of the last link, to be written down outside of this database: whoever
    can write everything here could also write a whole new chain.
    """

    decisions: int
    erased: int
    head: str
    wrong: tuple[tuple[str, int], ...]

    @property
    def holds(self) -> bool:
        return not self.wrong

    @property
    def sentences(self) -> list[str]:
        """What is wrong, in words."""
        return [str(_FAULTS[kind]) % {"number": number} for kind, number in self.wrong]


def look_through(cohort: Cohort, *, head: str = "") -> Finding:
    """Compute every link anew. `head` is a digest noted earlier, which must be in the chain.

    Faults: "missing" (a number is left out), "unlinked" (does not hang on the one before),
    "changed" (what it says is not what was written), "reason" (its words are not those that were
    written), "shortened" (the log was longer once), "unknown-head" (the noted digest is not there).
    """
    wrong: list[tuple[str, int]] = []
    number, previous, erased, is_known = 0, "", 0, not head
    for decision in _links(cohort).iterator(_FETCHED):
        number += 1
        if decision.number != number:
            wrong.append(("missing", number))
            number = decision.number
        if decision.previous != previous:
            wrong.append(("unlinked", number))
        if decision.digest != decision.computed_digest():
            wrong.append(("changed", number))
        reason = getattr(decision, "reason", None)
        if reason is None:
            erased += bool(decision.text_digest)
        elif reason.computed_digest() != decision.text_digest:
            wrong.append(("reason", number))
        previous = decision.digest
        is_known = is_known or decision.digest == head
    log = DecisionLog.objects.filter(cohort=cohort).first() or DecisionLog(cohort=cohort)
    if (log.number, log.digest) != (number, previous):
        wrong.append(("shortened", max(log.number, number)))
    if not is_known:
        wrong.append(("unknown-head", number))
    return Finding(number, erased, previous, tuple(wrong))


def _links(cohort: Cohort) -> models.QuerySet[LoggedDecision]:
    rows = LoggedDecision.objects.filter(cohort=cohort).order_by("number")
    return rows.select_related("cohort", "reason")
