"""Why a pair: what each criterion gave, from the same kinds that scored it.

`breakdowns` tells whole runs, `why` answers why somebody is not with somebody.
"""

from collections.abc import Sequence

from matching.engine.input import answer_of, asks
from matching.engine.policy import Criterion, Policy
from matching.engine.types import SENSITIVE_FACTS, Mentee, Mentor, Reason


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


def reason(mentee: Mentee, mentor: Mentor, criterion: Criterion) -> Reason:
    """What one criterion gave."""
    left, right = answer_of(mentee, criterion), answer_of(mentor, criterion)
    shared: tuple[str, ...] = ()
    points, said = criterion.points_unanswered, False
    if not asks(mentee, criterion):
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
