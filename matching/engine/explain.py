"""Why a pair: what each criterion gave, from the same kinds that scored it."""

from collections.abc import Sequence

from matching.engine.criteria import answered
from matching.engine.policy import Criterion, Policy
from matching.engine.scoring import asks
from matching.engine.types import Fact, Mentee, Mentor, Reason


def reasons(mentee: Mentee, mentor: Mentor, policy: Policy) -> tuple[Reason, ...]:
    """Every criterion's reason, most points first, then the heavier one, then the policy's order.

    The points add up to the score of the pair.
    """
    told = [reason(mentee, mentor, criterion) for criterion in policy.criteria]
    return tuple(sorted(told, key=lambda r: (-r.points, -r.of)))


def reason(mentee: Mentee, mentor: Mentor, criterion: Criterion) -> Reason:
    """What one criterion gave."""
    left, right = answers(mentee, mentor, criterion)
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
        private=criterion.private,
    )


def vetoes(mentee: Mentee, mentor: Mentor, policy: Policy) -> tuple[Criterion, ...]:
    """The musts that rule the pair out, in the policy's order."""
    return tuple(c for c in policy.criteria if c.must and is_ruled_out(mentee, mentor, c))


def is_ruled_out(mentee: Mentee, mentor: Mentor, criterion: Criterion) -> bool:
    if not asks(mentee, criterion):
        return False
    left, right = answers(mentee, mentor, criterion)
    if left is None or right is None:
        return criterion.must_answer
    return not criterion.kind.verdict(left, right, criterion.points).fits


def answers(mentee: Mentee, mentor: Mentor, criterion: Criterion) -> tuple[Fact, Fact]:
    blank = frozenset(criterion.blank)
    return (
        answered(mentee.facts.get(criterion.mentee), blank),
        answered(mentor.facts.get(criterion.mentor), blank),
    )


def total(told: Sequence[Reason]) -> int:
    """The score that reasons add up to."""
    return sum(r.points for r in told)
