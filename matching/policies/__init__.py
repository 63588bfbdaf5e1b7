"""Policies that come with the product."""

from collections.abc import Collection
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from matching.engine import Policy
from programs.models import Cohort


@cache
def usual() -> Policy:
    """What a cohort without a policy of its own is matched by."""
    return Policy.from_toml(Path(__file__).with_name("usual.toml").read_text(encoding="utf-8"))


@cache
def ready_made() -> Policy:
    """Every ready-made criterion once, for coordinators to take from."""
    return Policy.from_toml(Path(__file__).with_name("ready.toml").read_text(encoding="utf-8"))


def keep_private(policy: Policy, facts: Collection[str]) -> Policy:
    """The policy with every criterion over one of these facts kept from the pair.

    That somebody went without a match before is nobody else's to read either.
    """
    facts = {*facts, "priority"}
    return replace(
        policy,
        criteria=tuple(
            replace(c, private=c.private or c.mentee in facts or c.mentor in facts)
            for c in policy.criteria
        ),
    )


def policy_of(cohort: Cohort) -> Policy:
    """The cohort's own policy, or the usual one. Raises PolicyError when its own is not valid."""
    own: dict[str, Any] = cohort.policy
    return Policy.from_dict(own) if own else usual()
