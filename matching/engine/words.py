"""Answers of `why` and `unplaced` in plain English, for coordinators. Ids stand for people."""

from collections.abc import Iterator, Mapping

from matching.engine.policy import Policy
from matching.engine.solved import NONE
from matching.engine.unplaced import Change, Remedy, Unplaced, WhyUnmatched
from matching.engine.why import Apart, Cost, Move, WhyNot


def sentences(told: WhyNot | WhyUnmatched, policy: Policy) -> tuple[str, ...]:
    """The answer, one thought a sentence, with the labels of the policy."""
    labels = {criterion.name: criterion.label for criterion in policy.criteria}
    if isinstance(told, WhyNot):
        return tuple(not_together(told, labels))
    return tuple(not_placed(told, labels))


def not_together(told: WhyNot, labels: Mapping[str, str]) -> Iterator[str]:
    who = f"{told.mentee} and {told.mentor}"
    if told.kind == Apart.TOGETHER:
        yield f"{who} are together."
    if told.kind == Apart.SETTLED:
        yield f"{told.mentee} is settled with {told.partner}."
    if told.kind == Apart.NO_SEAT:
        yield f"{told.mentor} has no seat that is not settled already."
    if told.kind == Apart.BARRED:
        yield f"{who} must not be together: there is an exclusion or somebody's private wish."
    for veto in told.vetoes:
        answers = ": private answers" if veto.private else ""
        if veto.mentee or veto.mentor:
            answers = f": {veto.mentee or 'no answer'} and {veto.mentor or 'no answer'}"
        yield f"The rule “{labels[veto.criterion]}” keeps {who} apart{answers}."
    if told.kind == Apart.POSSIBLE:
        yield f"{who} would give {points(told.score or 0)}."
    if told.cost is not None:
        yield from costs(told.cost)


def costs(cost: Cost) -> Iterator[str]:
    if cost.places:
        fewer = "fewer" if cost.places > 0 else "more"
        yield f"{people(abs(cost.places))} {fewer} would have a mentor."
    if cost.points:
        fewer = "fewer" if cost.points > 0 else "more"
        yield f"All pairs together would give {points(abs(cost.points), fewer)}."
    if not cost.places and not cost.points:
        yield "It would cost nothing: as many mentees and as many points."
    if cost.gap:
        yield "Time ran out; it may cost less than that."
    for move in cost.moves:
        yield moved(move)


def moved(move: Move) -> str:
    if move.after == NONE:
        return f"{move.mentee} would lose {move.before} ({points(move.points_before)})."
    change = f"{move.mentee} would be with {move.after} ({points(move.points_after)})"
    if move.before == NONE:
        return f"{change} instead of without a mentor."
    return f"{change} instead of {move.before} ({points(move.points_before)})."


def not_placed(told: WhyUnmatched, labels: Mapping[str, str]) -> Iterator[str]:
    if told.kind == Unplaced.NO_MENTORS:
        yield "There are no mentors."
    if told.kind == Unplaced.NONE_FITS:
        yield f"None of {told.mentors} mentors fits {told.mentee} by the rules."
    if told.kind == Unplaced.NO_SEATS:
        yield f"The mentors who fit {told.mentee} ({told.fitting}) have no seat to give."
    if told.kind == Unplaced.SEATS_WENT:
        yield (
            f"By the rules {told.fitting} of {told.mentors} mentors fit {told.mentee}, but their "
            "seats are worth more with others, or the two must not be together."
        )
    for must in told.musts:
        yield f"The rule “{labels[must.criterion]}” rules out {must.mentors}."
    for change in told.changes:
        yield changed(told.mentee, change, labels)


def changed(mentee: str, change: Change, labels: Mapping[str, str]) -> str:
    what = {
        Remedy.SEAT: f"One more seat with {change.mentor}",
        Remedy.HELD_SEAT: f"One more seat with {change.mentor}, kept for {mentee},",
        Remedy.EXCLUSION: f"Lifting the exclusion of {mentee} and {change.mentor}",
    }.get(change.kind)
    label = labels.get(change.criterion, change.criterion)
    if change.kind == Remedy.LEAST_HOURS:
        hours = "1 hour" if change.hours == 1 else f"{change.hours} hours"
        what = f"Asking for {hours} only in the rule “{label}”"
    if what is None:
        what = f"Making the rule “{label}” a preference"
    return (
        f"{what} would place {mentee} with {change.partner} ({points(change.points)}), "
        "and nobody would lose their place."
    )


def points(count: int, fewer: str = "") -> str:
    unit = "point" if count == 1 else "points"
    return f"{count} {fewer} {unit}" if fewer else f"{count} {unit}"


def people(count: int) -> str:
    return "1 mentee" if count == 1 else f"{count} mentees"
