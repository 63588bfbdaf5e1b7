"""Why a pair: what each criterion gave, from the same kinds that scored it.

`breakdowns` tells whole runs, `why` answers why somebody is not with somebody.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Final

from matching.engine.criteria import Answer
from matching.engine.input import Input, answer_of, answers_of, asks
from matching.engine.policy import Criterion, Policy
from matching.engine.types import SENSITIVE_FACTS, Mentee, Mentor, Pair, Reason

ALIKE: Final = 4096
"""So many judgements of a criterion are remembered."""

AT_A_TIME: Final = 1024
"""Pairs whose answers are in memory together."""


def reasons(mentee: Mentee, mentor: Mentor, policy: Policy) -> tuple[Reason, ...]:
    """Every criterion's reason, most points first, then the heavier one, then the policy's order.

    The points add up to the score of the pair.
    """
    told = [reason(mentee, mentor, criterion) for criterion in policy.criteria]
    return tuple(sorted(told, key=lambda r: (-r.points, -r.of)))


def public(told: Sequence[Reason]) -> tuple[Reason, ...]:
    """The reasons the two may read.

    Do not show them the score beside these: the difference would tell the private points.
    """
    return tuple(reason for reason in told if not reason.private)


def reasons_of(asked: Input, pairs: Sequence[Pair]) -> Iterator[tuple[Reason, ...]]:
    """The `reasons` of each of many pairs; what two pairs have alike is judged once."""
    mentees = {mentee.id: mentee for mentee in asked.mentees}
    mentors = {mentor.id: mentor for mentor in asked.mentors}
    # The heavier criterion first, so that only the points are left to sort by.
    heavy = sorted(asked.policy.criteria, key=lambda criterion: -criterion.points)
    judges = [lru_cache(ALIKE)(partial(between, criterion)) for criterion in heavy]
    for start in range(0, len(pairs), AT_A_TIME):
        some = pairs[start : start + AT_A_TIME]
        left, right = [mentees[p.mentee] for p in some], [mentors[p.mentor] for p in some]
        told = [judged(left, right, *both) for both in zip(heavy, judges, strict=True)]
        for those in zip(*told, strict=True):
            yield tuple(sorted(those, key=lambda r: -r.points))


def reason(mentee: Mentee, mentor: Mentor, criterion: Criterion) -> Reason:
    """What one criterion gave."""
    return judged([mentee], [mentor], criterion, partial(between, criterion))[0]


Between = Callable[[bool, Answer | None, Answer | None, type, type], Reason]


def judged(
    mentees: Sequence[Mentee], mentors: Sequence[Mentor], criterion: Criterion, judge: Between
) -> list[Reason]:
    """What one criterion gave pairs, by somebody who may remember what was judged before."""
    left, right = answers_of(mentees, criterion), answers_of(mentors, criterion)
    spoken = [asks(mentee, criterion) for mentee in mentees]
    # The types tell yes from 1, which Python holds equal.
    return [*map(judge, spoken, left, right, map(type, left), map(type, right))]


def between(
    criterion: Criterion,
    is_asked: bool,
    left: Answer | None,
    right: Answer | None,
    *types: type,
) -> Reason:
    """What one criterion gives two answers."""
    shared: tuple[str, ...] = ()
    points, said = criterion.points_unanswered, False
    if not is_asked:
        points, said = 0, True
    elif left is not None and right is not None:
        verdict = criterion.kind.verdict(left, right, criterion.points)
        points, shared, said = verdict.points, verdict.shared, True
    return Reason(
        criterion=criterion.name,
        kind=criterion.kind.name,
        points=points,
        of=criterion.points,
        shared=shared,
        mentee=criterion.kind.text(left),
        mentor=criterion.kind.text(right),
        answered=said,
        private=is_private(criterion),
    )


def is_private(criterion: Criterion) -> bool:
    """Whether a pair never reads this criterion's reason, also where a policy forgot to say so."""
    facts = {criterion.mentee, criterion.mentor, criterion.when, *criterion.kind.facts_beside()}
    return criterion.private or not SENSITIVE_FACTS.isdisjoint(facts)


def vetoes(mentee: Mentee, mentor: Mentor, policy: Policy) -> tuple[Criterion, ...]:
    """The musts that rule the pair out, in the policy's order."""
    return tuple(c for c in policy.criteria if c.must and is_ruled_out(mentee, mentor, c))


def is_ruled_out(mentee: Mentee, mentor: Mentor, criterion: Criterion) -> bool:
    if not asks(mentee, criterion):
        return False
    left, right = answer_of(mentee, criterion), answer_of(mentor, criterion)
    if left is None or right is None:
        return criterion.must_answer
    return not criterion.kind.verdict(left, right, criterion.points).fits
