"""Policies that come with the product, and what a cohort makes of one."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from matching.engine import Criterion, Policy
from programs.models import Choice, Cohort

# What a coordinator may begin with, by the name that stands in an address.
PRESETS: Final[Mapping[str, str]] = {
    "skills-first": "usual.toml",
    "same-hours": "same_hours.toml",
    "career-change": "career_change.toml",
}


@cache
def _shipped(file: str) -> Policy:
    return Policy.from_toml(Path(__file__).with_name(file).read_text(encoding="utf-8"))


def usual() -> Policy:
    """What a cohort without a policy of its own is matched by."""
    return _shipped("usual.toml")


def ready_made() -> Policy:
    """Every ready-made criterion once, for coordinators to take from."""
    return _shipped("ready.toml")


def presets() -> dict[str, Policy]:
    """The policies to begin with, by the name that stands in an address."""
    return {name: _shipped(file) for name, file in PRESETS.items()}


def keep_private(policy: Policy, facts: Collection[str]) -> Policy:
    """The policy with every criterion over one of these facts kept from the pair.

    That somebody went without a match before is nobody else's to read either.
    """
    facts = {*facts, "priority"}
    return replace(
        policy,
        criteria=tuple(
            replace(c, private=c.private or not facts.isdisjoint({c.mentee, c.mentor, c.when}))
            for c in policy.criteria
        ),
    )


def policy_of(cohort: Cohort) -> Policy:
    """The cohort's own policy, or the usual one. Raises PolicyError when its own is not valid."""
    own: dict[str, Any] = cohort.policy
    return Policy.from_dict(own) if own else usual()


def for_cohort(policy: Policy, cohort: Cohort) -> Policy:
    """The policy as this cohort is matched by it.

    Where people choose, their choices count (`missing_choices`); what only coordinators may read
    stays private. Raises PolicyError when the choices do not fit in beside the rest.
    """
    missing = missing_choices(policy, cohort)
    if missing:
        sides = {one.kind.parameters()["side"] for one in missing}
        kept = [one for one in policy.criteria if _side_chosen(one) not in sides]
        table = replace(policy, criteria=(*kept, *_renamed(missing, kept))).to_dict()
        policy = Policy.from_dict(table)
    return keep_private(policy, cohort.sensitive_facts())


def missing_choices(policy: Policy, cohort: Cohort) -> list[Criterion]:
    """The ready-made criteria that make choices count, as far as this cohort needs and lacks them.

    A criterion that gives no points and is no must counts nobody's choice.
    """
    if cohort.choice != Choice.RANKED:
        return []
    there = {_side_chosen(one) for one in policy.criteria if one.points or one.must}
    made = [one for one in ready_made().criteria if _side_chosen(one)]
    return [one for one in made if _side_chosen(one) not in there]


def _side_chosen(criterion: Criterion) -> object:
    """Whose choices it reads; None for any other criterion."""
    return criterion.kind.parameters()["side"] if criterion.kind.name == "ranks" else None


def _renamed(new: Collection[Criterion], known: Collection[Criterion]) -> list[Criterion]:
    """The new ones under names that no other has."""
    names = {one.name for one in known}
    found = []
    for one in new:
        name = one.name
        while name in names:
            name += " (2)"
        names.add(name)
        found.append(replace(one, name=name))
    return found
