"""Between the rows and the audit: the only reader of what people tell about themselves."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from matching import bridge, engine, fairness
from matching.models import MatchingRun, Suggestion
from mentorship.shared.base.rules import RuleBroken
from programs.models import Participant, SelfIdentification


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
