"""The log of decisions: each hangs on the one before, so that no change goes unnoticed."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from matching.decided import KINDS
from matching.models import DecisionLog, DecisionReason, LoggedDecision
from mentorship.shared.base import clock
from mentorship.shared.base.rows import insert_rows
from programs.models import Cohort, User


@transaction.atomic
def note(
    cohort: Cohort,
    *,
    by: User | None,
    kind: str,
    facts: Mapping[str, Any] | None = None,
    reason: str = "",
    about: Iterable[User] = (),
) -> LoggedDecision:
    """Append a decision to the cohort's log, in the transaction of what was decided.

    `facts` are codes and numbers that stay for good, never words of a person. The `reason` stands
    beside the chain, salted into it, and can be erased; `about` are those it may tell of. `by` is
    None for what followed by itself. Raises KeyError for a kind that is not declared.
    """
    KINDS[kind]
    log = _locked(cohort)
    salt = secrets.token_hex(16) if reason else ""
    words = DecisionReason(by=by, salt=salt, text=reason)
    decision = LoggedDecision(
        cohort=cohort,
        number=log.number + 1,
        at=clock.now(),
        kind=kind,
        by_code=by.code if by else "",
        facts=dict(facts or {}),
        text_digest=words.computed_digest() if reason else "",
        previous=log.digest,
    )
    decision.digest = decision.computed_digest()
    decision.save(force_insert=True)
    if reason:
        words.decision = decision
        words.save()
        words.about.set(about)
    log.number, log.digest = decision.number, decision.digest
    log.save(update_fields=["number", "digest"])
    return decision


@dataclass(frozen=True, slots=True)
class Decided:
    """One of many decisions of a kind: what it is about, why, and whom the reason may tell of."""

    facts: Mapping[str, Any]
    reason: str = ""
    about: Sequence[User] = ()


@transaction.atomic
def note_all(cohort: Cohort, *, by: User | None, kind: str, decided: Iterable[Decided]) -> int:
    """Append many decisions of one kind in a few queries, each as `note` would write it.

    How many there were. Raises KeyError for a kind that is not declared.
    """
    KINDS[kind]
    log, now = _locked(cohort), clock.now()
    made: list[LoggedDecision] = []
    reasons: dict[int, tuple[DecisionReason, Sequence[User]]] = {}
    for one in decided:
        words = DecisionReason(by=by, salt=secrets.token_hex(16), text=one.reason)
        decision = LoggedDecision(
            cohort=cohort,
            number=log.number + 1,
            at=now,
            kind=kind,
            by_code=by.code if by else "",
            facts=dict(one.facts),
            text_digest=words.computed_digest() if one.reason else "",
            previous=log.digest,
        )
        decision.digest = decision.computed_digest()
        log.number, log.digest = decision.number, decision.digest
        made.append(decision)
        if one.reason:
            reasons[decision.number] = (words, one.about)
    _insert(cohort, made, reasons)
    log.save(update_fields=["number", "digest"])
    return len(made)


def _insert(
    cohort: Cohort,
    made: Sequence[LoggedDecision],
    reasons: Mapping[int, tuple[DecisionReason, Sequence[User]]],
) -> None:
    """The rows of many decisions, past the objects: a few thousand of them come at once."""
    if not made:
        return
    at = LoggedDecision._meta.get_field("at").get_db_prep_save(made[0].at, connection)
    insert_rows(
        LoggedDecision,
        (
            "cohort_id",
            "number",
            "at",
            "kind",
            "by_code",
            "facts",
            "text_digest",
            "previous",
            "digest",
        ),
        (
            (
                cohort.pk,
                one.number,
                at,
                one.kind,
                one.by_code,
                json.dumps(one.facts),
                one.text_digest,
                one.previous,
                one.digest,
            )
            for one in made
        ),
    )
    if not reasons:
        return
    written = LoggedDecision.objects.filter(cohort=cohort, number__gte=min(reasons))
    numbers = dict(written.order_by().values_list("number", "pk"))
    insert_rows(
        DecisionReason,
        ("decision_id", "by_id", "salt", "text"),
        (
            (numbers[number], words.by_id, words.salt, words.text)
            for number, (words, _about) in reasons.items()
        ),
    )
    kept = DecisionReason.objects.filter(decision__cohort=cohort, decision__in=written)
    ids = dict(kept.order_by().values_list("decision__number", "pk"))
    insert_rows(
        DecisionReason.about.through,
        ("decisionreason_id", "user_id"),
        (
            (ids[number], person)
            for number, (_words, about) in reasons.items()
            for person in dict.fromkeys(one.pk for one in about)
        ),
    )


def _locked(cohort: Cohort) -> DecisionLog:
    """Where the chain ends, for us alone until the commit."""
    DecisionLog.objects.get_or_create(cohort=cohort)
    return DecisionLog.objects.select_for_update().get(cohort=cohort)
