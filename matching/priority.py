"""Who goes first when places are few: what a program owes to whoever it left waiting.

Bounded, seen by the person and the coordinators, and taken back a little by letting others wait.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import CharField, Expression, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import ngettext

from matching.models import Answer, EndKind, Introduction, Match, MatchingRun, Place, Unmatched
from programs.models import Role

# Nobody has more points than this, however long they waited.
MOST = 5


class Cause(StrEnum):
    """What changes somebody's points."""

    LEFT_OVER = "left-over"
    LET_DOWN = "let-down"
    PARTED = "parted"
    NO_ANSWER = "no-answer"
    SILENT = "silent"


GIVES: Mapping[Cause, int] = {
    Cause.LEFT_OVER: 1,
    Cause.LET_DOWN: 1,
    Cause.PARTED: 1,
    Cause.NO_ANSWER: -1,
    Cause.SILENT: -1,
}


@dataclass(frozen=True, slots=True)
class Priority:
    """Points between 0 and `MOST`, and how often each cause came up."""

    points: int = 0
    causes: tuple[tuple[Cause, int], ...] = ()

    @property
    def most(self) -> int:
        return MOST

    @property
    def reasons(self) -> list[str]:
        """Why, in plain sentences that the person and the coordinators read."""
        return [_sentence(cause, times) for cause, times in self.causes]


def points_for(causes: Iterable[Cause]) -> Priority:
    """What these causes come to. The order does not matter."""
    times = Counter(causes)
    told = tuple((cause, times[cause]) for cause in Cause if times[cause])
    total = sum(GIVES[cause] * often for cause, often in told)
    return Priority(min(max(total, 0), MOST), told)


def of_program(program: int, users: Iterable[int] | None = None) -> dict[int, Priority]:
    """The priority of everybody as a mentee of the program, in any of its cohorts, by user.

    Whoever is missing in it has none. With `users` only theirs. One query.
    """
    return {user: found for (_, user), found in of_programs([program], users).items()}


def of_programs(
    programs: Collection[int], users: Iterable[int] | None = None
) -> dict[tuple[int, int], Priority]:
    """The same for several programs, by program and user. One query, none for no program."""
    if not programs:
        return {}
    only = None if users is None else set(users)
    rows = [kind(programs, only) for kind in (_left_over, _introduced, _matched)]
    causes: dict[tuple[int, int], list[Cause]] = defaultdict(list)
    for program, user, cause_of, *told in rows[0].union(*rows[1:], all=True):
        cause = _CAUSES[cause_of](user, *told)
        if cause is not None:
            causes[program, user].append(cause)
    return {whose: points_for(found) for whose, found in causes.items()}


def _rows(
    found: QuerySet[Any], program: str, user: str, only: set[int] | None, kind: str, *told: str
) -> QuerySet[Any]:
    """Rows of one kind in the columns that all kinds share, so that one query reads them all."""
    if only is not None:
        found = found.filter(**{f"{user}__in": only})
    texts: list[Expression] = [Cast(name, CharField()) for name in told]
    texts += [Value("", CharField()) for _ in range(3 - len(told))]
    return found.order_by().values_list(F(program), F(user), Value(kind, CharField()), *texts)


def _left_over(programs: Collection[int], only: set[int] | None) -> QuerySet[Any]:
    """Published runs that found nobody. One that nobody published left nobody out."""
    rows = Unmatched.objects.filter(
        run__status=MatchingRun.Status.PUBLISHED, run__cohort__program__in=programs
    )
    return _rows(rows, "run__cohort__program", "mentee__user", only, "left over")


def _introduced(programs: Collection[int], only: set[int] | None) -> QuerySet[Any]:
    """Introductions that came to nothing.

    An ask is not among them: whoever asks often would go first for it, and a mentor who does not
    answer an ask says nothing about the mentee.
    """
    by_itself = Q(status=Introduction.Status.WITHDRAWN, mentor__left_at__lte=F("closed_at"))
    rows = Introduction.objects.filter(
        Q(status__in=Introduction.CAME_TO_NOTHING) | by_itself, cohort__program__in=programs
    ).exclude(origin=Introduction.Origin.ASK)
    told = ("status", "mentee_answer")
    return _rows(rows, "cohort__program", "mentee__user", only, "introduced", *told)


def _matched(programs: Collection[int], only: set[int] | None) -> QuerySet[Any]:
    """Matches that ended while they were in it. Leaving one is everybody's right and costs none."""
    rows = Place.objects.filter(
        role=Role.MENTEE,
        match__status=Match.Status.ENDED,
        match__cohort__program__in=programs,
        until_at=F("match__ended_at"),
    )
    told = ("match__end_kind", "match__ended_side", "match__ended_by")
    return _rows(rows, "match__cohort__program", "participant__user", only, "matched", *told)


def _cause_of_introduction(user: int, status: str, answer: str, _none: str) -> Cause | None:
    if _is_let_down(status, answer):
        return Cause.LET_DOWN
    is_silent = status == Introduction.Status.LAPSED and not answer
    return Cause.NO_ANSWER if is_silent else None


def _is_let_down(status: str, mentee_answer: str) -> bool:
    """Whether it came to nothing through the mentor: a no, no answer to a yes, or leaving."""
    if status == Introduction.Status.LAPSED:
        return mentee_answer == Answer.YES
    return mentee_answer != Answer.NO


def _cause_of_end(user: int, kind: str, side: str, by: str | None) -> Cause | None:
    if side == Role.MENTOR:
        return Cause.PARTED
    if kind != EndKind.NO_CONTACT:
        return None
    if side == Role.MENTEE or not by:
        return Cause.SILENT  # warned, and nobody or only the mentor answered
    # who answers a silence is not the one who let it happen; a coordinator's end is nobody's doing
    return Cause.PARTED if by == str(user) else None


# What becomes of a row of each kind, by the person and what the row tells.
_CAUSES: Mapping[str, Callable[..., Cause | None]] = {
    "left over": lambda user, *told: Cause.LEFT_OVER,
    "introduced": _cause_of_introduction,
    "matched": _cause_of_end,
}


def _sentence(cause: Cause, times: int) -> str:
    if cause == Cause.LEFT_OVER:
        told = ngettext("a matching found no mentor", "%(times)d matchings found no mentor", times)
    elif cause == Cause.LET_DOWN:
        told = ngettext(
            "an introduction did not work out through no doing of their own",
            "%(times)d introductions did not work out through no doing of their own",
            times,
        )
    elif cause == Cause.PARTED:
        told = ngettext(
            "a match ended through no doing of their own",
            "%(times)d matches ended through no doing of their own",
            times,
        )
    elif cause == Cause.NO_ANSWER:
        told = ngettext(
            "one less, because an introduction got no answer",
            "%(times)d less, because introductions got no answer",
            times,
        )
    else:
        told = ngettext(
            "one less, because a match was closed after no sign of life",
            "%(times)d less, because matches were closed after no sign of life",
            times,
        )
    return told % {"times": times}
