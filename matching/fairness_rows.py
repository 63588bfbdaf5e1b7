"""Between the rows and the audit: the only reader of what people tell about themselves."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from matching import bridge, engine, fairness
from matching.models import Inquiry, MatchingRun, Suggestion
from mentorship.shared.base.rules import RuleBroken
from programs.models import Participant, SelfIdentification

# Two audits that are shown differ in so many people at least, or in nobody.
FEWEST_BETWEEN = fairness.SMALLEST_GROUP


def for_a_page(run: MatchingRun) -> dict[str, Any]:
    """The audit of a run as plain data, where it tells of no single person. RuleBroken elsewhere.

    Whoever may try out pairs could look at two audits and learn from the difference what one
    person told of themself. So there is none for runs with pairs that were settled by hand, and
    none that is closer to an earlier one of the cohort than five people: in who was asked about,
    in who is with whom, or in the size of any group. The same pairs get the same audit again.
    """
    if run.locked or run.only or run.kind != MatchingRun.Kind.ASKED:
        raise RuleBroken(
            _(
                "Groups are looked at in runs about everybody only, without pairs that were "
                "settled by hand: whoever tries out single pairs could tell what single people "
                "said of themselves."
            )
        )
    ours = _pairs(run)
    earlier = _given_before(run)
    for other, answer in earlier:
        theirs = _pairs(other)
        if theirs == ours:
            return answer
        if _apart(ours, theirs) < FEWEST_BETWEEN:
            raise _too_close()
    told = _without_what_names_tell(_told(run))
    if any(_sizes_are_close(told, answer) for _run, answer in earlier):
        raise _too_close()
    return told


def _told(run: MatchingRun) -> dict[str, Any]:
    return asdict(audit_of(run))


def _given_before(run: MatchingRun) -> list[tuple[MatchingRun, dict[str, Any]]]:
    """The audits of this cohort that coordinators have seen, with their runs."""
    seen = Inquiry.objects.filter(kind=Inquiry.Kind.AUDIT, status=Inquiry.Status.ANSWERED)
    rows = seen.filter(run__cohort=run.cohort_id).exclude(run=run).select_related("run")
    return [(inquiry.run, inquiry.answer or {}) for inquiry in rows]


def _pairs(run: MatchingRun) -> dict[int, int | None]:
    """Whom every mentee of the run is with, by their numbers."""
    placed = dict(run.suggestions.values_list("mentee", "mentor"))
    return {**dict.fromkeys(run.left_over.values_list("mentee", flat=True)), **placed}


def _apart(one: Mapping[int, int | None], other: Mapping[int, int | None]) -> int:
    """By how many people the two differ at the least, where they differ at all.

    In who was asked about, in which mentees have somebody, in which mentors do, and in whom a
    mentee is with: coordinators know the names of all of these.
    """
    sides = (
        one.keys() ^ other.keys(),
        {m for m, mentor in one.items() if mentor} ^ {m for m, mentor in other.items() if mentor},
        {mentor for mentor in one.values() if mentor} ^ {m for m in other.values() if m},
        {m for m in one.keys() & other.keys() if one[m] != other[m]},
    )
    return min((len(side) for side in sides if side), default=0)


def _without_what_names_tell(told: Mapping[str, Any]) -> dict[str, Any]:
    """The audit without dimensions in which a rate would tell the group of somebody by name.

    Coordinators read who is left over. So nothing is told while a few are, or a few are not; and
    nothing of a dimension in which a group has all or none of those who are.
    """
    return {
        side: [one for one in told[side] if _is_harmless(one)] for side in ("mentees", "mentors")
    }


def _is_harmless(dimension: Mapping[str, Any]) -> bool:
    groups = dimension["groups"]
    without = [group["people"] - group["matched"]["hits"] for group in groups]
    with_one = [group["matched"]["hits"] for group in groups]
    if not sum(without) or not sum(with_one):
        return True  # everybody has somebody, or nobody: that tells of no group
    few = min(sum(without), sum(with_one)) < FEWEST_BETWEEN
    return not few and all(without) and all(with_one)


def _sizes_are_close(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether some group has a few people more or fewer in one than in the other."""
    sizes, others = _sizes(one), _sizes(other)
    if sizes.keys() != others.keys():
        return True
    return any(0 < abs(sizes[group] - others[group]) < FEWEST_BETWEEN for group in sizes)


def _sizes(told: Mapping[str, Any]) -> dict[tuple[str, str, str | None], int]:
    """How many people are in each group that is shown, and in all those that are not."""
    return {
        (side, dimension["name"], group["name"]): group["people"]
        for side in ("mentees", "mentors")
        for dimension in told.get(side, ())
        for group in (*dimension["groups"], {"name": "", "people": dimension["others"]})
    }


def _too_close() -> RuleBroken:
    return RuleBroken(
        _(
            "This run is too close to another whose groups were looked at already. The difference "
            "could tell what single people said of themselves."
        )
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The run's pairs, by the participants' codes."""

    mentor_of: Mapping[str, str]
    score_of: Mapping[str, int]


def audit_of(run: MatchingRun) -> fairness.Audit:
    """A finished run's pairs by the groups its people count themselves to, small ones hidden.

    Groups are as told now, everything else is as the run found it. Raises RuleBroken for a run
    without an answer, and for
    one of which it is no longer kept, or not readable, whom it was asked about.
    """
    if not run.is_answered:
        raise RuleBroken(_("This run has no answer that could be looked at."))
    try:
        asked = bridge.asked_of(run)
    except engine.EngineError as error:
        raise RuleBroken(str(error)) from error
    if asked is None:
        raise RuleBroken(_("It is no longer kept whom this run was asked about."))
    groups, outcome = _groups(run), _outcome(run)
    mentees = [_mentee(one, groups[one.id], outcome) for one in asked.mentees]
    with_mentee = frozenset(outcome.mentor_of.values())
    mentors = [
        fairness.Person(one.id, groups[one.id], matched=one.id in with_mentee)
        for one in asked.mentors
    ]
    return fairness.audit(mentees, mentors)


def _outcome(run: MatchingRun) -> _Outcome:
    rows = Suggestion.objects.filter(run=run).values_list("mentee__code", "mentor__code", "score")
    pairs = list(rows)
    return _Outcome(
        {mentee: mentor for mentee, mentor, _points in pairs},
        {mentee: points for mentee, _mentor, points in pairs},
    )


def _groups(run: MatchingRun) -> Mapping[str, Mapping[str, str]]:
    """What each participant of the run's cohort told, by code and dimension."""
    people = Participant.objects.filter(cohort=run.cohort_id)
    told: dict[int, dict[str, str]] = defaultdict(dict)
    rows = SelfIdentification.objects.filter(user__in=people.values("user"))
    for user_id, dimension, group in rows.values_list("user_id", "dimension", "group"):
        told[user_id][dimension] = group
    return {code: told[user_id] for code, user_id in people.values_list("code", "user_id")}


def _mentee(asked: engine.Mentee, groups: Mapping[str, str], outcome: _Outcome) -> fairness.Person:
    mentor = outcome.mentor_of.get(asked.id)
    return fairness.Person(
        asked.id,
        groups,
        matched=mentor is not None,
        score=outcome.score_of.get(asked.id),
        got_first_choice=mentor == asked.ranks[0] if asked.ranks else None,
    )
