"""What a run came to, in figures: asked of the database, so that large runs cost no more."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching.models import Inquiry, MatchingRun, Suggestion
from programs.models import Participant, Role

# Pairs that fewer re-solves than this share kept are to be looked at first.
UNSURE = 2 / 3
_BARS = 10
_MOST_LOAD = 8
_WEAKEST = 5
_LOOK_FIRST = 8

Bars = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Sides:
    """How many of each side have a match; `seats` are the places, `taken` those somebody has."""

    mentees: int
    matched: int
    unmatched: int
    mentors: int
    with_mentee: int
    without_mentee: int
    seats: int
    taken: int


@dataclass(frozen=True, slots=True)
class Sure:
    """How many re-solves of how many kept a pair, and the criteria that decide it."""

    kept: int
    of: int
    decided_by: tuple[str, ...]

    @property
    def share(self) -> float:
        return self.kept / self.of if self.of else 1.0


def sides(run: MatchingRun, load: Mapping[int, int]) -> Sides:
    """Of both sides who has a match; `load` as `load_of` gives it."""
    return Sides(
        mentees=run.mentees,
        matched=run.matched,
        unmatched=run.unmatched,
        mentors=run.mentors,
        with_mentee=len(load),
        without_mentee=max(run.mentors - len(load), 0),
        seats=run.seats,
        taken=run.matched,
    )


def load_of(run: MatchingRun) -> dict[int, int]:
    """How many mentees each mentor with any has, by the mentor's number."""
    rows = run.suggestions.order_by().values("mentor").annotate(taken=Count("pk"))
    return dict(rows.values_list("mentor", "taken"))


def load_bars(run: MatchingRun, load: Mapping[int, int]) -> Bars:
    """How many mentors have how many mentees."""
    tally = Counter(min(taken, _MOST_LOAD) for taken in load.values())
    tally[0] = max(run.mentors - len(load), 0)
    most = max(tally)
    return [
        (_load_label(count, is_last=count == _MOST_LOAD), tally[count]) for count in range(most + 1)
    ]


def _load_label(count: int, *, is_last: bool) -> str:
    if is_last:
        return _("%(count)d mentees or more") % {"count": count}
    return ngettext("%(count)d mentee", "%(count)d mentees", count) % {"count": count}


def distribution(run: MatchingRun) -> Bars:
    """How many pairs have how many points, in at most ten steps."""
    most = run.suggestions.aggregate(most=Max("score"))["most"]
    if most is None:
        return []
    step = max(1, -(-(most + 1) // _BARS))
    rows = run.suggestions.order_by().annotate(step=F("score") / step).values("step")
    tally = dict(rows.annotate(pairs=Count("pk")).values_list("step", "pairs"))
    return [
        (f"{n * step}-{n * step + step - 1}" if step > 1 else str(n), tally.get(n, 0))
        for n in range(min(tally), max(tally) + 1)
    ]


def weakest(run: MatchingRun) -> list[Suggestion]:
    """The pairs with the fewest points, the fewest first."""
    rows = run.suggestions.select_related("mentor__user", "mentee__user").defer("reasons")
    return list(rows.order_by("score", "pk")[:_WEAKEST])


def sureness(inquiry: Inquiry | None) -> dict[str, Sure]:
    """How sure each pair is, by the mentee's code; empty until that is known."""
    if inquiry is None or inquiry.answer is None:
        return {}
    return {
        one["mentee"]: Sure(one["kept"], one["of"], tuple(one["decided_by"]))
        for one in inquiry.answer["pairs"]
    }


def look_first(run: MatchingRun, sure: Mapping[str, Sure]) -> list[dict[str, Any]]:
    """The pairs that are least sure, the least first, with the criteria that decide them."""
    shaky = sorted((one.share, code) for code, one in sure.items() if one.share < UNSURE)
    codes = [code for _share, code in shaky[:_LOOK_FIRST]]
    rows = run.suggestions.filter(mentee__code__in=codes).defer("reasons")
    pairs = {one.mentee.code: one for one in rows.select_related("mentor__user", "mentee__user")}
    labels = {c["name"]: c.get("label") or c["name"] for c in run.policy.get("criterion", ())}
    return [
        {
            "pair": pairs[code],
            "share": sure[code].share,
            "decided_by": ", ".join(labels.get(name, name) for name in sure[code].decided_by),
        }
        for code in codes
        if code in pairs
    ]


def shaky_count(sure: Mapping[str, Sure]) -> int:
    """How many pairs are to be looked at first."""
    return sum(one.share < UNSURE for one in sure.values())


def mentors_without(run: MatchingRun) -> "QuerySet[Participant]":
    """The mentors who were asked about and have no mentee, by name."""
    mentors = Participant.objects.filter(cohort=run.cohort_id, role=Role.MENTOR)
    # A price for every mentor who was asked about; a stable run has none.
    mentors = mentors.filter(code__in=list(run.prices)) if run.prices else mentors.present()
    with_mentee = run.suggestions.order_by().values("mentor")
    return mentors.exclude(pk__in=with_mentee).select_related("user").order_by("user__name", "pk")


def zones_of_unmatched(run: MatchingRun) -> list[tuple[str, int]]:
    """Where the mentees without a match live, by clock, the most first."""
    rows = run.left_over.order_by().values("mentee__time_zone").annotate(people=Count("pk"))
    found = rows.values_list("mentee__time_zone", "people")
    return sorted(found, key=lambda row: (-row[1], row[0]))
