"""Several runs of a cohort side by side: what each comes to, and who moves between them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, F, Max, Min, QuerySet
from django.utils.translation import gettext as _

from matching.models import MatchingRun, Suggestion
from programs.models import Participant

_STEPS = 10


@dataclass(frozen=True, slots=True)
class Column:
    """A run among those compared, under a letter that names it throughout the page."""

    letter: str
    run: MatchingRun
    name: str
    lowest: int | None
    mean: float | None
    mentors: int
    settled: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A mentee and whom each run puts them with, in the order of the runs; None for nobody."""

    mentee: Participant
    partners: tuple[tuple[Participant, int] | None, ...]


def columns(runs: Sequence[MatchingRun]) -> list[Column]:
    """What each run comes to; one query for all of them."""
    rows = (
        Suggestion.objects.filter(run__in=runs)
        .order_by()
        .values("run")
        .annotate(lowest=Min("score"), mean=Avg("score"), mentors=Count("mentor", distinct=True))
    )
    told: dict[int, Mapping[str, Any]] = {row["run"]: row for row in rows}
    return [
        _column(letter, run, told.get(run.pk, {}))
        for letter, run in zip("ABCD", runs, strict=False)
    ]


def _column(letter: str, run: MatchingRun, told: Mapping[str, Any]) -> Column:
    return Column(
        letter=letter,
        run=run,
        name=run.name or str(run.policy.get("name", "")),
        lowest=told.get("lowest"),
        mean=told.get("mean"),
        mentors=told.get("mentors", 0),
        settled=len(run.locked),
    )


def distributions(runs: Sequence[MatchingRun]) -> list[tuple[str, list[int]]]:
    """How many pairs of each run have how many points, in the same steps for all of them."""
    suggestions = Suggestion.objects.filter(run__in=runs).order_by()
    most = suggestions.aggregate(most=Max("score"))["most"]
    if most is None:
        return []
    step = max(1, -(-(most + 1) // _STEPS))
    rows = suggestions.annotate(step=F("score") / step).values("run", "step")
    tally: Counter[tuple[int, int]] = Counter()
    for run, at, pairs in rows.annotate(pairs=Count("pk")).values_list("run", "step", "pairs"):
        tally[run, at] = pairs
    steps = [at for _run, at in tally]
    return [
        (_points(at, step), [tally[run.pk, at] for run in runs])
        for at in range(min(steps), max(steps) + 1)
    ]


def _points(at: int, step: int) -> str:
    return f"{at * step}-{at * step + step - 1}" if step > 1 else str(at)


def moving(runs: Sequence[MatchingRun]) -> QuerySet[Participant]:
    """The mentees whom the runs do not all put with the same mentor, by name.

    One who is left over in all of them does not move.
    """
    moved = (
        Suggestion.objects.filter(run__in=runs)
        .order_by()
        .values("mentee")
        .annotate(runs=Count("pk"), mentors=Count("mentor", distinct=True))
        .exclude(runs=len(runs), mentors=1)
    )
    people = Participant.objects.filter(pk__in=moved.values("mentee")).select_related("user")
    return people.order_by("user__name", "pk")


def moves_of(mentees: Iterable[Participant], runs: Sequence[MatchingRun]) -> list[Moved]:
    """Whom each run puts these mentees with; one query."""
    people = list(mentees)
    rows = Suggestion.objects.filter(run__in=runs, mentee__in=people).defer("reasons")
    found: Mapping[int, dict[int, tuple[Participant, int]]] = defaultdict(dict)
    for one in rows.select_related("mentor__user"):
        found[one.mentee_id][one.run_id] = (one.mentor, one.score)
    return [Moved(mentee, tuple(found[mentee.pk].get(run.pk) for run in runs)) for mentee in people]


def verdict(compared: Sequence[Column]) -> list[str]:
    """The comparison in a sentence or two.

    Points are held against each other only where all runs weigh alike.
    """
    most = max(one.run.matched for one in compared)
    first = [one for one in compared if one.run.matched == most]
    if len(first) == len(compared):
        told = [_("All of them place as many mentees: %(matched)d.") % {"matched": most}]
    else:
        told = [
            _("%(runs)s: the most mentees have a match, %(matched)d.")
            % {"runs": _letters(first), "matched": most}
        ]
    if any(one.run.policy != compared[0].run.policy for one in compared):
        weights = _("They weigh differently, so their points cannot be held against each other.")
        return [*told, weights]
    points = max(one.run.score for one in first)
    best = [one for one in first if one.run.score == points]
    if len(best) == len(first):
        return told
    words = _("Of these, %(runs)s: the most points, %(points)d.")
    return [*told, words % {"runs": _letters(best), "points": points}]


def _letters(compared: Iterable[Column]) -> str:
    return ", ".join(one.letter for one in compared)
