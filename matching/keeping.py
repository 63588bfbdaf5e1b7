"""From the answer to the rows, and back: what was asked, what came out, whether it still holds.

With `asking` the only file that knows both worlds. Others ask `bridge`.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from matching import engine
from matching.models import MatchingRun, RunInput, Suggestion, Unmatched
from mentorship.shared.base import clock
from mentorship.shared.base.rows import insert_rows
from programs.models import Participant

# What stands in a result and, under the same name, on the run.
_FIGURES = (
    "objective",
    "mentors",
    "mentees",
    "seats",
    "matched",
    "matched_bound",
    "score",
    "score_bound",
    "gap",
    "unmatched_price",
    "solver",
    "digest",
    "seal",
)

_REASON = tuple(field.name for field in fields(engine.Reason))


# --- From the answer to the rows ------------------------------------------------------------------


def save(run: MatchingRun, asked: engine.Input, result: engine.Result) -> None:
    """Keep question and answer with the run; the caller holds the transaction."""
    for name in _FIGURES:
        setattr(run, name, getattr(result, name))
    run.prices = dict(result.prices)
    run.floor = _for_json(asdict(result.floor)) if result.floor else None
    run.save(update_fields=[*_FIGURES, "prices", "floor"])
    _keep_input(run, asked, result.state)
    _keep_pairs(run, asked, result)


def _keep_input(run: MatchingRun, asked: engine.Input, state: engine.State | None) -> None:
    days = timedelta(days=settings.MATCHING_INPUT_DAYS)
    RunInput.objects.update_or_create(
        run=run,
        defaults={
            "packed": RunInput.pack(asked.to_text()),
            "state": state.pack() if state else b"",
            "keep_until": clock.now().date() + days,
        },
    )


def _keep_pairs(run: MatchingRun, asked: engine.Input, result: engine.Result) -> None:
    idents = dict(Participant.objects.filter(cohort=run.cohort).values_list("code", "pk"))
    run.suggestions.all().delete()
    run.left_over.all().delete()
    told = _told_before(run)
    new = [pair for pair in result.pairs if (pair.mentee, pair.mentor) not in told]
    # Made as they are written: those of a large program are much.
    fresh = map(_text_of, engine.reasons_of(asked, new))
    insert_rows(
        Suggestion,
        ("run_id", "mentor_id", "mentee_id", "score", "reasons"),
        (
            (
                run.pk,
                idents[pair.mentor],
                idents[pair.mentee],
                pair.score,
                told.get((pair.mentee, pair.mentor)) or next(fresh),
            )
            for pair in result.pairs
        ),
    )
    insert_rows(
        Unmatched, ("run_id", "mentee_id"), ((run.pk, idents[code]) for code in result.unmatched)
    )


def _told_before(run: MatchingRun) -> dict[engine.PairOfIds, str]:
    """The reasons, as JSON, of the draft that the run changes: its people told the same.

    Nothing for any other run, nor where the policy was changed.
    """
    before = run.parent
    if run.kind != MatchingRun.Kind.CHANGED or before is None or before.policy != run.policy:
        return {}
    rows = before.suggestions.order_by().values_list(
        "mentee__code", "mentor__code", Cast("reasons", TextField())
    )
    return {(mentee, mentor): text for mentee, mentor, text in rows}


def _text_of(told: Iterable[engine.Reason]) -> str:
    """The reasons of a pair as JSON."""
    return f"[{', '.join(map(_text_of_reason, told))}]"


@lru_cache(4096)
def _text_of_reason(reason: engine.Reason) -> str:
    """Many pairs have the same one."""
    return json.dumps(_reason(reason))


def _reason(reason: engine.Reason) -> dict[str, Any]:
    """A reason ready for JSON; `asdict` would copy every word of it."""
    return {name: getattr(reason, name) for name in _REASON} | {"shared": list(reason.shared)}


def _for_json(table: Mapping[str, Any]) -> dict[str, Any]:
    """As it comes back from JSON."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in table.items()}


# --- What was kept, to check or to repeat ---------------------------------------------------------


def asked_of(run: MatchingRun) -> engine.Input | None:
    """What the run was asked, or None when that is no longer kept.

    Raises ProblemError or PolicyError when what is kept is not what the engine wrote.
    """
    kept = RunInput.objects.filter(run=run).defer("state").first()
    if kept is None:
        return None
    try:
        return engine.Input.from_text(kept.text, run.digest)
    except engine.EngineError:
        raise
    except (zlib.error, ValueError) as error:
        raise engine.ProblemError("The stored input is damaged: it cannot be unpacked.") from error


def answer_of(run: MatchingRun) -> engine.Result:
    """The answer as it stands in the rows now."""
    rows = run.suggestions.values_list("mentee__code", "mentor__code", "score")
    pairs = sorted((engine.Pair(*row) for row in rows), key=lambda pair: pair.mentee)
    figures = {name: getattr(run, name) for name in _FIGURES}
    return engine.Result(
        **figures,
        pairs=tuple(pairs),
        unmatched=tuple(sorted(run.left_over.values_list("mentee__code", flat=True))),
        prices=run.prices,
        floor=engine.Floor(**_from_json(run.floor)) if run.floor else None,
    )


def state_of(run: MatchingRun) -> engine.State | None:
    """Where the engine can go on from, or None where it has to begin anew.

    Raises ProblemError when what is kept is damaged.
    """
    packed = RunInput.objects.filter(run=run).values_list("state", flat=True).first()
    return engine.State.unpack(bytes(packed)) if packed else None


def _from_json(table: Mapping[str, Any]) -> dict[str, Any]:
    """As it was before JSON, which knows no tuples."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in table.items()}


def check(run: MatchingRun, asked: engine.Input, *, work: engine.Work | None = None) -> None:
    """Return if the run's rows follow from its question, to the last reason; else raise.

    CertificateError names what is wrong.
    """
    result = answer_of(run)
    if asked.policy.to_dict() != run.policy or asked.seed != run.seed:
        raise engine.CertificateError("The policy or the seed beside this run is another.")
    engine.check(asked, result, work or engine.Work())
    kept = dict(run.suggestions.values_list("mentee__code", "reasons"))
    reasons = engine.reasons_of(asked, result.pairs)
    for pair, told in zip(result.pairs, reasons, strict=True):
        if kept[pair.mentee] != [*map(_reason, told)]:
            raise engine.CertificateError(
                f"The reasons of {pair.mentee!r} and {pair.mentor!r} are not those of the policy."
            )
