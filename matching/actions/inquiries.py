from collections.abc import Iterable
from time import monotonic

from django.db import transaction
from django.utils.translation import gettext as _

from matching import inquiring, tasks
from matching.models import Inquiry, MatchingRun, RunInput
from mentorship.shared.audit.models import record
from mentorship.shared.base.nudge import nudge
from mentorship.shared.base.rules import RuleBroken
from programs.models import Participant, User

Kind, Status = Inquiry.Kind, Inquiry.Status

# Solves the run some twenty times over: done at once only for very small ones.
_LONG = frozenset({Kind.HOW_SURE})
_AT_ONCE_LONG = 2_500

# How long a page that asks for many waits for those that can be answered at once.
_SECONDS = 1.0


def ask(
    run: MatchingRun,
    kind: str,
    *,
    mentee: Participant | None = None,
    mentor: Participant | None = None,
    by: User | None,
) -> Inquiry:
    """The question and, where the run is small enough, its answer; else a worker answers it.

    A question is asked once: whoever asks again gets the same row, except that one which failed is
    asked anew. `by` is None for what a page asks by itself. Raises RuleBroken for a run without an
    answer, or one whose question is no longer kept.
    """
    inquiry = _asked(run, kind, mentee, mentor, by)
    if inquiry.status == Status.WAITING and _is_short(run, kind):
        inquiring.answer(inquiry.pk)
        inquiry.refresh_from_db()
    return inquiry


def look(run: MatchingRun, kind: str, *, mentee: Participant | None = None) -> Inquiry | None:
    """What a page asks by itself on first sight; None when nothing can be asked (any more)."""
    return look_all(run, kind, [mentee])[0]


def look_all(
    run: MatchingRun, kind: str, mentees: Iterable[Participant | None]
) -> list[Inquiry | None]:
    """The same about many, in three queries once all is answered.

    Those that can be answered at once are, for as long as a page may wait; workers get the rest.
    """
    asked = list(mentees)
    keys = [Inquiry.key_of(run, kind, one, None) for one in asked]
    found = {one.key: one for one in Inquiry.objects.filter(key__in=keys)}
    if any(key not in found for key in keys):
        if not run.is_answered or not RunInput.objects.filter(run=run).exists():
            return [found.get(key) for key in keys]
        found |= _all_asked(run, kind, dict(zip(keys, asked, strict=True)))
    waiting = [one for one in found.values() if one.status == Status.WAITING]
    if waiting and _is_short(run, kind):
        until = monotonic() + _SECONDS
        for one in waiting:
            if monotonic() < until and inquiring.answer(one.pk):
                one.refresh_from_db()
    return [found[key] for key in keys]


@transaction.atomic
def _all_asked(
    run: MatchingRun, kind: str, mentees: dict[str, Participant | None]
) -> dict[str, Inquiry]:
    rows = [Inquiry(run=run, kind=kind, key=key, mentee=one) for key, one in mentees.items()]
    Inquiry.objects.bulk_create(rows, ignore_conflicts=True)
    found = {one.key: one for one in Inquiry.objects.filter(key__in=list(mentees))}
    if not _is_short(run, kind):
        for one in found.values():
            nudge(tasks.answer_inquiry, one.pk)
    return found


@transaction.atomic
def _asked(
    run: MatchingRun,
    kind: str,
    mentee: Participant | None,
    mentor: Participant | None,
    by: User | None,
) -> Inquiry:
    if not run.is_answered:
        raise RuleBroken(_("This run has no answer that could be asked about."))
    key = Inquiry.key_of(run, kind, mentee, mentor)
    Inquiry.objects.filter(key=key, status=Status.FAILED).delete()
    inquiry = Inquiry.objects.filter(key=key).first()
    if inquiry is not None:
        return inquiry
    if not RunInput.objects.filter(run=run).exists():
        raise RuleBroken(inquiring.no_longer_kept())
    inquiry, is_new = Inquiry.objects.get_or_create(
        key=key, defaults={"run": run, "kind": kind, "mentee": mentee, "mentor": mentor}
    )
    if is_new and by is not None:
        record(by=by, verb="run.questioned", subject=run, program=run.cohort.program)
    if is_new and not _is_short(run, kind):
        nudge(tasks.answer_inquiry, inquiry.pk)
    return inquiry


def _is_short(run: MatchingRun, kind: str) -> bool:
    """Whether somebody who waits for the page can wait for the answer."""
    return run.is_small and (kind not in _LONG or run.mentees * run.mentors <= _AT_ONCE_LONG)
