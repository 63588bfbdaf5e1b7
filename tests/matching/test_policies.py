"""The policies that come with the product are ones the engine takes, whatever people answered."""

import pytest

from matching.engine import FACTS, Input, Mentee, Mentor, Policy, check, solve
from matching.engine.criteria import KINDS
from matching.policies import ready_made, usual


@pytest.mark.parametrize("policy", [ready_made(), usual()], ids=["ready-made", "usual"])
def test_a_shipped_policy_reads_only_ready_made_facts(policy: Policy) -> None:
    named = {fact for c in policy.criteria for fact in (c.mentee, c.mentor, c.when) if fact}
    assert named <= FACTS.keys()


def test_every_kind_has_a_ready_made_criterion() -> None:
    assert {criterion.kind.name for criterion in ready_made().criteria} == KINDS.keys()


def test_the_ready_made_vetoes_and_wishes_do_what_they_say() -> None:
    evenings = "".join("1" if 36 <= half % 48 < 40 else "0" for half in range(336))
    clock = {"hours": evenings, "utc_offsets": (60, 120), "utc_offset": 60}
    mentee = {
        "languages": frozenset({"en"}),
        "organisation": "Acme",
        "reporting_line": frozenset({"unit 7"}),
        "skills_wanted": frozenset({"Go", "SQL"}),
        "priority": 1,
        **clock,
    }
    fits = {
        "languages": frozenset({"en", "fr"}),
        "organisation": "Other",
        "reporting_line": frozenset({"unit 8"}),
        "skills_offered": frozenset({"Go", "SQL", "Rust"}),
        **clock,
    }
    others = {
        "no language": fits | {"languages": frozenset({"fr"})},
        "one organisation": fits | {"organisation": "Acme"},
        "one line": fits | {"reporting_line": frozenset({"unit 7", "unit 9"})},
        "no hours": fits | {"hours": evenings[-24:] + evenings[:-24]},
    }
    mentors = [Mentor(name, 1, facts) for name, facts in others.items()]
    asked = Input(mentors, [Mentee("e", mentee)], ready_made())
    assert solve(asked).unmatched == ("e",)
    asked = Input([*mentors, Mentor("fits", 1, fits)], [Mentee("e", mentee)], ready_made())
    result = solve(asked)
    check(asked, result)
    assert [(p.mentee, p.mentor) for p in result.pairs] == [("e", "fits")]


def test_nobody_who_answered_nothing_is_left_out_by_a_ready_made_must() -> None:
    asked = Input([Mentor("m", 1, {})], [Mentee("e", {})], ready_made())
    assert solve(asked).matched == 1
