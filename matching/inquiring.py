"""What is done to answer a question about a finished run.

The answers are plain JSON, people by their codes; `told` makes sentences of them.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from matching import bridge, engine
from matching.engine.edits import Edit, Forbid, Seats, edited
from matching.engine.solved import laid_out
from matching.engine.why import changed, cost, pairs_of
from matching.fairness_rows import for_a_page
from matching.models import Inquiry, InquiryQuerySet, MatchingRun, RunInput
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken

logger = logging.getLogger(__name__)

# Who gives no sign for this long is taken for dead; a solver at work gives none for a while.
_LEASE = timedelta(minutes=5)
_SECONDS_BETWEEN_SIGNS = 1.0

# Mentors like one, and how many more of them are tried.
_LIKE = 3
_MORE = 5

Kind, Status = Inquiry.Kind, Inquiry.Status


@dataclass(frozen=True, slots=True)
class Known:
    """A finished run as the engine takes it."""

    asked: engine.Input
    result: engine.Result


def known(run: MatchingRun) -> Known:
    """The run's question and its answer. RuleBroken when the question is no longer kept.

    EngineError when it is damaged.
    """
    asked = bridge.asked_of(run)
    if asked is None:
        raise RuleBroken(no_longer_kept())
    return Known(asked, replace(bridge.answer_of(run), state=bridge.state_of(run)))


def no_longer_kept() -> str:
    """Why nothing can be asked about a run any more."""
    return _(
        "What this run was asked is no longer kept, so nothing can be asked about it or changed in "
        "it. Start a new run for that."
    )


def answer(inquiry_id: int, *, threads: int = 1) -> bool:
    """Answer a question that waits; whether it was ours to answer. Safe to call twice.

    What the engine refuses leaves it failed with a sentence. A worker that dies leaves it waiting;
    it is taken up again after the lease, a few times.
    """
    inquiry = _claim(inquiry_id)
    if inquiry is None:
        return False
    if inquiry.attempts > Inquiry.MOST_ATTEMPTS:
        _settle(inquiry, Status.FAILED, failure=_("This could not be worked out."))
        return True
    work = engine.Work(threads=threads, watch=_Signs(inquiry).watch)
    try:
        told = _ANSWERS[inquiry.kind](inquiry, known(inquiry.run), work)
    except engine.Stopped:
        return False
    except (engine.EngineError, RuleBroken) as error:
        _settle(inquiry, Status.FAILED, failure=str(error)[:500])
        return True
    except Exception:
        logger.exception("Question %s stopped", inquiry.key)
        _settle(inquiry, Status.FAILED, failure=_("Something went wrong. Please ask again."))
        raise
    _settle(inquiry, Status.ANSWERED, answer=told)
    return True


def _claim(inquiry_id: int) -> Inquiry | None:
    now = clock.now()
    waiting = Inquiry.objects.to_answer(now).filter(pk=inquiry_id)
    if not waiting.update(lease_until=now + _LEASE, attempts=F("attempts") + 1, share=0):
        return None
    return Inquiry.objects.select_related("run__cohort", "mentee", "mentor").get(pk=inquiry_id)


def _ours(inquiry: Inquiry) -> InquiryQuerySet:
    """The row, unless somebody took it up after our lease or it was forgotten."""
    return Inquiry.objects.filter(pk=inquiry.pk, status=Status.WAITING, attempts=inquiry.attempts)


@transaction.atomic
def _settle(inquiry: Inquiry, status: str, **fields: Any) -> None:
    """Keep the answer, unless what the run was asked has been forgotten meanwhile."""
    kept = RunInput.objects.select_for_update().filter(run=inquiry.run_id).exists()
    if status == Status.ANSWERED and not kept:
        status, fields = Status.FAILED, {"failure": no_longer_kept()}
    _ours(inquiry).update(
        status=status, answered_at=clock.now(), lease_until=None, share=0, **fields
    )


class _Signs:
    """Signs of life on the question's row. Who lost the question hears Stopped."""

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry
        self._given = time.monotonic()

    def watch(self, step: str, share: float) -> None:
        if time.monotonic() - self._given < _SECONDS_BETWEEN_SIGNS:
            return
        if not _ours(self._inquiry).update(share=share, lease_until=clock.now() + _LEASE):
            raise engine.Stopped
        self._given = time.monotonic()


# --- What each kind is answered -------------------------------------------------------------------


def _pair(inquiry: Inquiry) -> tuple[str, str]:
    """The codes of mentee and mentor; empty for whom it is not about."""
    mentee, mentor = inquiry.mentee, inquiry.mentor
    return mentee.code if mentee else "", mentor.code if mentor else ""


def _how_sure(inquiry: Inquiry, run: Known, work: engine.Work) -> dict[str, Any]:
    return asdict(engine.how_sure(run.asked, run.result, work=work))


def _recruit(inquiry: Inquiry, run: Known, work: engine.Work) -> dict[str, Any]:
    """Whom to look for, and how far several more of one kind would go: each solved again."""
    told = engine.recruit(run.asked, run.result)
    named = [one.best.mentor for one in told.wanted if one.best and one.best.places]
    named += [one.mentor for one in told.like if one.places]
    more = {}
    for mentor in [*dict.fromkeys(named)][:_LIKE]:
        more[mentor] = _placed_by_more(run, mentor, work)
    return asdict(told) | {"more": more}


def _placed_by_more(run: Known, mentor: str, work: engine.Work) -> list[int]:
    """How many more mentees 1, 2, ... more seats with a mentor place; as far as each places one."""
    seats = next(one.seats for one in run.asked.mentors if one.id == mentor)
    placed: list[int] = []
    for count in range(1, _MORE + 1):
        _after, other = _edited(run, Seats(mentor, seats + count), work)
        if other.gap or other.matched - run.result.matched < count:
            break
        placed.append(other.matched - run.result.matched)
    return placed


def _audit(inquiry: Inquiry, run: Known, work: engine.Work) -> dict[str, Any]:
    return for_a_page(inquiry.run)


def _instead(inquiry: Inquiry, run: Known, work: engine.Work) -> dict[str, Any]:
    """The next mentors for a mentee, and what choosing each would cost."""
    mentee, _mentor = _pair(inquiry)
    following = engine.runners_up(run.asked, run.result, mentee)
    return {
        "next": [
            asdict(one)
            | {"why": asdict(engine.why_not(run.asked, run.result, mentee, one.mentor, work=work))}
            for one in following
        ]
    }


def _why_unmatched(inquiry: Inquiry, run: Known, work: engine.Work) -> dict[str, Any]:
    return asdict(engine.why_unmatched(run.asked, run.result, _pair(inquiry)[0], work=work))


def _why_not(inquiry: Inquiry, run: Known, work: engine.Work) -> dict[str, Any]:
    told = engine.why_not(run.asked, run.result, *_pair(inquiry), work=work)
    mentee = next(one for one in run.asked.mentees if one.id == told.mentee)
    mentor = next(one for one in run.asked.mentors if one.id == told.mentor)
    reasons = engine.reasons(mentee, mentor, run.asked.policy)
    return asdict(told) | {"reasons": [asdict(one) for one in reasons]}


def _if_forbidden(inquiry: Inquiry, run: Known, work: engine.Work) -> dict[str, Any]:
    """What it costs that a pair must not be, and where the mentee goes; no cost for no pair."""
    mentee, mentor = _pair(inquiry)
    together = pairs_of(run.result).get(mentee, ("", 0))
    told = {"mentee": mentee, "mentor": mentor, "kind": "apart", "partner": "", "points": 0}
    if (mentee, mentor) in run.asked.locked:
        return told | {"kind": "settled", "cost": None}
    if together[0] != mentor:
        return told | {"cost": None}
    _after, other = _edited(run, Forbid(mentee, mentor), work)
    solved = laid_out(run.asked, run.result, None)
    partner, points = pairs_of(other).get(mentee, ("", 0))
    told |= {"kind": "together", "partner": partner, "points": points}
    return told | {"cost": asdict(cost(solved, solved.row_of(mentee), other))}


def _edited(run: Known, edit: Edit, work: engine.Work) -> tuple[engine.Input, engine.Result]:
    """The question after an edit and its best matching; ProblemError where it cannot be."""
    edited(run.asked, edit)
    return changed(run.asked, laid_out(run.asked, run.result, None), edit, None, work)


_ANSWERS: Mapping[str, Callable[[Inquiry, Known, engine.Work], dict[str, Any]]] = {
    Kind.HOW_SURE: _how_sure,
    Kind.RECRUIT: _recruit,
    Kind.AUDIT: _audit,
    Kind.INSTEAD: _instead,
    Kind.WHY_UNMATCHED: _why_unmatched,
    Kind.WHY_NOT: _why_not,
    Kind.IF_FORBIDDEN: _if_forbidden,
}
