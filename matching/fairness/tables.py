"""From people to a table of groups that may be shown to a coordinator."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final, TypeVar

from matching.fairness.hiding import GroupName, hide, order
from matching.fairness.intervals import Interval, bound_mean, bound_rate, bound_ratio

FOUR_FIFTHS: Final = Fraction(4, 5)
"""Below this ratio of rates the US agencies see evidence of adverse impact: 29 CFR 1607.4(D)."""

_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a run asked about, by an opaque id.

    `groups`: the person's own words by dimension; a missing dimension or blank text is "not
    told". `score`: the pair's points (0 or more), None without a pair or for a mentor.
    `got_first_choice`: None for those who ranked nobody.
    """

    id: str
    groups: Mapping[str, str]
    matched: bool
    score: int | None = None
    got_first_choice: bool | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of` people, as a share from 0 to 1, with its Clopper-Pearson interval."""

    hits: int
    of: int
    share: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Score:
    """The mean points of `of` people's pairs, with Student's t interval.

    In whole points, the interval rounded outwards: a coordinator knows the points of every
    pair, and an exact sum could tell whose they are.
    """

    of: int
    points: int
    interval: Interval


@dataclass(frozen=True, slots=True)
class Impact:
    """The group's match rate over the highest one shown, with an exact interval.

    `is_low`: below four fifths. `differs`: the interval leaves out 1, so that chance alone
    hardly explains it. The highest rate was picked after looking, and from several, so chance
    alone does that somewhat more often than once in twenty.
    """

    ratio: float
    interval: Interval
    is_low: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A group that may be shown. `name` is None for "not told".

    `impact` is None for the group the others are held against, and where nobody is matched;
    `score` and `first_choice` where too few people have one, or to cover another group.
    """

    name: GroupName
    people: int
    matched: Rate
    impact: Impact | None
    score: Score | None
    first_choice: Rate | None


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing people told about themselves; `others` are people in groups not shown."""

    name: str
    groups: tuple[Group, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Audit:
    """A matching by groups. A dimension of which no group may be shown is left out."""

    mentees: tuple[Dimension, ...]
    mentors: tuple[Dimension, ...]


def audit(mentees: Sequence[Person], mentors: Sequence[Person]) -> Audit:
    """How a matching went for the groups that people count themselves to.

    A mentor is matched with one mentee or more. Every figure passes `hiding.hide`. It guards
    one audit: two of nearly the same people, held against each other, can still tell who came
    or went.

    Raises ValueError for an id given twice, or points without a pair.
    """
    return Audit(_dimensions(mentees), _dimensions(mentors))


def _dimensions(people: Sequence[Person]) -> tuple[Dimension, ...]:
    _refuse_impossible(people)
    names = sorted({name for person in people for name in person.groups})
    dimensions = (_dimension(name, people) for name in names)
    return tuple(dimension for dimension in dimensions if dimension.groups)


def _refuse_impossible(people: Sequence[Person]) -> None:
    if len({person.id for person in people}) < len(people):
        raise ValueError("A person is given twice.")
    if any(person.score is not None and not person.matched for person in people):
        raise ValueError("A person without a pair has points.")


def _dimension(name: str, people: Iterable[Person]) -> Dimension:
    members: dict[GroupName, list[Person]] = defaultdict(list)
    for person in people:
        members[person.groups.get(name, "").strip() or None].append(person)
    hidden = hide({group: len(those) for group, those in members.items()})
    rates = {
        group: _rate([person.matched for person in those])
        for group, those in members.items()
        if group not in hidden
    }
    impacts = _impacts(rates)
    scores = _shown(members, hidden, lambda person: person.score)
    choices = _shown(members, hidden, lambda person: person.got_first_choice)
    groups = (
        Group(
            name=group,
            people=len(members[group]),
            matched=rates[group],
            impact=impacts.get(group),
            score=_score(scores[group]) if group in scores else None,
            first_choice=_rate(choices[group]) if group in choices else None,
        )
        for group in order(rates)
    )
    return Dimension(name, tuple(groups), sum(len(members[group]) for group in hidden))


def _shown(
    members: Mapping[GroupName, Iterable[Person]],
    hidden: frozenset[GroupName],
    ask: Callable[[Person], _Told | None],
) -> dict[GroupName, list[_Told]]:
    """What the people of each group have to tell, of the groups where it may be shown."""
    told = {
        group: [what for person in those if (what := ask(person)) is not None]
        for group, those in members.items()
    }
    sizes = {group: len(those) for group, those in told.items()}
    hidden = hide(sizes, hidden_before=hidden)
    return {group: those for group, those in told.items() if group not in hidden}


def _rate(outcomes: Sequence[bool]) -> Rate:
    hits, of = sum(outcomes), len(outcomes)
    return Rate(hits, of, hits / of, bound_rate(hits, of))


def _score(points: Sequence[int]) -> Score:
    interval = bound_mean(points)
    outwards = Interval(max(0, floor(interval.low)), ceil(interval.high))
    return Score(len(points), round(sum(points) / len(points)), outwards)


def _impacts(rates: Mapping[GroupName, Rate]) -> dict[GroupName, Impact]:
    """Each group's rate against the highest; of several equal ones, against the largest group."""
    if not any(rate.hits for rate in rates.values()):
        return {}
    highest = max(order(rates), key=lambda group: (_exact(rates[group]), rates[group].of))
    return {
        group: _impact(rate, rates[highest]) for group, rate in rates.items() if group != highest
    }


def _impact(rate: Rate, highest: Rate) -> Impact:
    ratio = _exact(rate) / _exact(highest)
    interval = bound_ratio(rate.hits, rate.of, highest.hits, highest.of)
    return Impact(float(ratio), interval, ratio < FOUR_FIFTHS, not interval.holds(1))


def _exact(rate: Rate) -> Fraction:
    return Fraction(rate.hits, rate.of)
