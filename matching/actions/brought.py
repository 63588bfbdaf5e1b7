"""Pairs that a coordinator made by hand, brought as a list."""

from collections.abc import Sequence

from django.db import transaction

from matching.actions import decisions, matching_runs
from matching.actions.decisions import Decided
from matching.imports.pairs import MadePair, codes_of
from matching.models import MatchingRun
from programs.models import Cohort, Participant, User


@transaction.atomic
def start(cohort: Cohort, *, by: User, pairs: Sequence[MadePair], name: str) -> MatchingRun:
    """Start a run in which these pairs stay together and all others are matched around them.

    The pairs are ones that `imports.pairs.checked` let through; the engine looks at them again
    and proves the whole. Each is noted in the cohort's decisions with its reason. Raises
    RuleBroken as `matching_runs.start` does: then nothing is kept.
    """
    run = matching_runs.start(cohort, by=by, locked=codes_of(pairs), name=name)
    people = _users(run.cohort, pairs)
    decisions.note_all(
        run.cohort,
        by=by,
        kind="pair.made",
        decided=[
            Decided(
                facts={"mentee": pair.mentee, "mentor": pair.mentor, "run": run.code},
                reason=pair.reason,
                about=[people[pair.mentee], people[pair.mentor]] if pair.reason else (),
            )
            for pair in pairs
        ],
    )
    return run


def _users(cohort: Cohort, pairs: Sequence[MadePair]) -> dict[str, User]:
    """Whom the reasons may tell of, by code; nothing is asked when there is no reason."""
    codes = {code for pair in pairs if pair.reason for code in (pair.mentee, pair.mentor)}
    if not codes:
        return {}
    rows = Participant.objects.filter(cohort=cohort).select_related("user").only("code", "user")
    return {person.code: person.user for person in rows if person.code in codes}
