"""What each kind gives, worked out by hand, and that tiles and reasons never disagree."""

import random

import numpy as np
import pytest

from matching.engine import Fact, Mentee, Mentor, Policy, ProblemError, solve
from matching.engine.explain import reasons, vetoes
from matching.engine.scoring import VETOED, Problem
from tests.matching.engine.programs import civil_service, developers

SKILLS = {"name": "c", "kind": "overlap", "mentee": "wants", "mentor": "has", "points": 10}
SAME = {"name": "c", "kind": "same", "mentee": "wants", "mentor": "has", "points": 10}
GRADE = {
    "name": "c",
    "kind": "ladder",
    "mentee": "wants",
    "mentor": "has",
    "steps": ["AA", "AO", "EO", "HEO"],
    "gaps": {"1": 9, "2": 12},
}
YEARS = {
    "name": "c",
    "kind": "ladder",
    "mentee": "wants",
    "mentor": "has",
    "gaps": {"..-1": 1, "3..5": 4, "6..": 7},
}
PAIRS = {
    "name": "c",
    "kind": "table",
    "mentee": "wants",
    "mentor": "has",
    "pairs": [["grow", "yes", 8], ["grow", "no", 3], ["7", "no", 5]],
}
CLOCK = {
    "name": "c",
    "kind": "zone",
    "mentee": "wants",
    "mentor": "has",
    "points": 10,
    "full_hours": 2,
    "none_hours": 6,
}
WISH = SAME | {"kind": "wish", "when": "matters"}


def policy(*criteria: dict) -> Policy:
    return Policy.from_dict({"name": "one", "criterion": list(criteria)})


def score(criterion: dict, wants: Fact, has: Fact, **facts: Fact) -> int | None:
    """The score of one mentee and one mentor, None for a veto; tile and reason must agree."""
    mentee, mentor = Mentee("e", {"wants": wants, **facts}), Mentor("m", 1, {"has": has})
    rules = policy(criterion)
    by_tile = int(Problem([mentor], [mentee], rules).score_tile(np.array([0]))[0, 0])
    if vetoes(mentee, mentor, rules):
        assert by_tile == VETOED
        return None
    assert by_tile == sum(reason.points for reason in reasons(mentee, mentor, rules))
    return by_tile


def names(*values: str) -> frozenset[str]:
    return frozenset(values)


@pytest.mark.parametrize(
    "criterion,wants,has,points",
    [
        (SKILLS | {"enough": 3}, names("a", "b", "c", "d"), names("a", "b", "c"), 10),
        (SKILLS | {"enough": 3}, names("a", "b", "c", "d"), names("a", "b", "x"), 6),
        (SKILLS | {"enough": 3}, names("a", "b", "c", "d"), names("a"), 3),
        (SKILLS | {"enough": 3}, names("a", "b", "c", "d"), names("x"), 0),
        (SKILLS | {"enough": 3}, names("a"), names("a", "x"), 10),
        (SKILLS, names("a", "b", "c", "d"), names("a", "b", "c"), 7),
        (SKILLS, "a", names("a", "x"), 10),
        (SKILLS | {"must": True}, names("a"), names("x"), None),
        (SAME, "law", "law", 10),
        (SAME, "law", "art", 0),
        (SAME, 7, 7, 10),
        (SAME, True, True, 10),
        (SAME, True, False, 0),
        (SAME, names("a", "b"), names("b", "c"), 10),
        (SAME, names("a", "b"), "b", 10),
        (SAME | {"must": True}, "law", "art", None),
        (SAME | {"kind": "different"}, "law", "art", 10),
        (SAME | {"kind": "different"}, "law", "law", 0),
        (SAME | {"kind": "different", "must": True}, "law", "law", None),
        (SAME | {"kind": "different", "must": True}, names("a", "b"), names("b"), None),
        (GRADE, "AA", "AO", 9),
        (GRADE, "AA", "EO", 12),
        (GRADE, "AA", "HEO", 0),
        (GRADE, "EO", "AO", 0),
        (GRADE | {"must": True}, "EO", "AO", None),
        (GRADE | {"must": True}, "AA", "HEO", None),
        (YEARS, 10, 3, 1),
        (YEARS, 10, 10, 0),
        (YEARS, 10, 12, 0),
        (YEARS, 10, 13, 4),
        (YEARS, 10, 15, 4),
        (YEARS, 10, 16, 7),
        (YEARS, 0, 10**9, 7),
        (YEARS | {"must": True}, 10, 12, None),
        (PAIRS, "grow", True, 8),
        (PAIRS, "grow", False, 3),
        (PAIRS, 7, "no", 5),
        (PAIRS, "stay", "yes", 0),
        (PAIRS | {"must": True}, "stay", "yes", None),
        (CLOCK, 60, 180, 10),
        (CLOCK, 60, 181, 9),
        (CLOCK, 0, 240, 5),
        (CLOCK, 0, -360, 0),
        (CLOCK, 0, 600, 0),
        (CLOCK | {"must": True}, 0, 360, 0),
        (CLOCK | {"must": True}, 0, 361, None),
        (CLOCK | {"must": True}, 780, -660, 10),
        (WISH, "Gay", names("Gay", "Asexual"), 0),
    ],
)
def test_each_kind_gives_what_its_page_says(
    criterion: dict, wants: Fact, has: Fact, points: int | None
) -> None:
    facts: dict[str, Fact] = {"matters": False} if criterion["kind"] == "wish" else {}
    assert score(criterion, wants, has, **facts) == points


@pytest.mark.parametrize(
    "matters,wants,has,points",
    [
        (True, "Gay", names("Gay", "Asexual"), 10),
        (True, "Gay", names("Asexual"), 0),
        (True, "", names("Gay"), 5),
        (True, "Gay", names(), 5),
        (False, "", names(), 0),
        (None, "Gay", names("Gay"), 0),
        (None, "Gay", None, 0),
    ],
)
def test_a_wish_speaks_only_for_those_who_said_yes(
    matters: Fact, wants: Fact, has: Fact, points: int
) -> None:
    assert score(WISH, wants, has, matters=matters) == points


def test_a_wish_as_a_must_rules_out_only_for_those_who_said_yes() -> None:
    must = WISH | {"must": True, "must_answer": True}
    assert score(must, "Gay", names("Asexual"), matters=True) is None
    assert score(must, "Gay", None, matters=True) is None
    assert score(must, "Gay", names("Asexual"), matters=False) == 0
    assert score(must, "Gay", None, matters=False) == 0


@pytest.mark.parametrize("silence", [None, "", "  ", frozenset(), frozenset({"", " "})])
@pytest.mark.parametrize("criterion", [SKILLS, SAME, CLOCK, PAIRS, YEARS, GRADE])
def test_unanswered_is_half_the_points_rounded_down(criterion: dict, silence: Fact) -> None:
    most = policy(criterion).most_points
    spoken: Fact = {"zone": 0, "ladder": 4}.get(criterion["kind"], "grow")
    if criterion is GRADE:
        spoken = "AA"
    assert score(criterion, silence, spoken) == most // 2
    assert score(criterion, spoken, silence) == most // 2
    assert score(criterion, silence, silence) == most // 2
    assert score(criterion | {"unanswered": 2}, silence, spoken) == 2
    assert score(criterion | {"unanswered": 0}, spoken, silence) == 0


def test_a_silent_mentee_ranks_all_mentors_by_the_other_criteria() -> None:
    other = SAME | {"name": "other", "mentee": "town", "mentor": "town", "points": 3}
    facts = [("law", "Rome"), ("art", "Bonn"), (None, "Rome"), (None, "Bonn")]
    mentors = [Mentor(f"m{j}", 1, {"has": h, "town": t}) for j, (h, t) in enumerate(facts)]
    mentee = Mentee("e", {"wants": None, "town": "Rome"})
    both = [sum(r.points for r in reasons(mentee, m, policy(SAME, other))) for m in mentors]
    alone = [sum(r.points for r in reasons(mentee, m, policy(other))) for m in mentors]
    assert [b - a for a, b in zip(alone, both, strict=True)] == [5, 5, 5, 5]


def test_a_silent_mentor_stands_between_a_full_fit_and_none() -> None:
    assert [score(SAME, "law", has) for has in ("law", None, "", "art")] == [10, 5, 5, 0]


@pytest.mark.parametrize("criterion", [SKILLS, SAME, SAME | {"kind": "different"}, CLOCK])
def test_a_must_rules_nobody_out_for_silence_unless_it_says_so(criterion: dict) -> None:
    spoken: Fact = 0 if criterion is CLOCK else "law"
    assert score(criterion | {"must": True}, None, spoken) == 5
    assert score(criterion | {"must": True, "must_answer": True}, None, spoken) is None
    assert score(criterion | {"must": True, "must_answer": True}, spoken, None) is None


def test_values_listed_as_blank_are_no_answer() -> None:
    blank = SAME | {"blank": ["Other"]}
    assert score(blank, "Other", "Other") == 5
    assert score(blank, names("Other", "law"), names("Other", "law")) == 10
    assert score(blank, names("Other", "law"), names("Other", "art")) == 0


@pytest.mark.parametrize(
    "criterion,fact,sentence",
    [
        (YEARS, "ten", "must be a whole number"),
        (YEARS, True, "must be a whole number"),
        (GRADE, "CEO", "must be one of the steps of the ladder, which has no 'CEO'"),
        (GRADE, 3, "must be one of the steps of the ladder"),
        (CLOCK, 1440, "must be minutes east of UTC, between -1439 and 1439"),
        (CLOCK, "Europe/Rome", "must be a whole number"),
        (PAIRS, frozenset({"a"}), "must be a single value, not a set"),
    ],
)
def test_a_fact_of_the_wrong_type_is_refused(criterion: dict, fact: Fact, sentence: str) -> None:
    with pytest.raises(ProblemError) as error:
        solve([Mentor("m", 1, {"has": None})], [Mentee("e", {"wants": fact})], policy(criterion))
    assert str(error.value) == (
        f"The answer 'wants' of mentee 'e' {sentence}, as the criterion 'c' reads it."
    )


def test_a_condition_must_be_yes_or_no() -> None:
    with pytest.raises(ProblemError, match=r"^The answer 'matters' of mentee 'e' must be yes or"):
        score(WISH, "Gay", names("Gay"), matters="yes")


def random_fact(rng: random.Random, kind: str) -> Fact:
    if rng.random() < 0.2:
        return rng.choice((None, "", frozenset()))
    if kind == "ladder":
        return rng.randint(-3, 12)
    if kind == "zone":
        return rng.randrange(-720, 841, 15)
    if kind == "table":
        return rng.choice(("grow", "yes", "no", True, False, 7))
    if kind == "set":
        return frozenset(rng.sample("abcdef", rng.randint(1, 4)))
    return rng.choice("abc")


@pytest.mark.parametrize("seed", range(20))
def test_tiles_and_reasons_agree_on_every_pair(seed: int) -> None:
    rng = random.Random(seed)
    kinds = {"skills": "set", "town": "text", "years": "ladder", "goal": "table", "clock": "zone"}

    def facts() -> dict[str, Fact]:
        found = {name: random_fact(rng, kind) for name, kind in kinds.items()}
        return found | {"asks": rng.choice((True, False, None))}

    def on(criterion: dict, fact: str, **extra: object) -> dict:
        return criterion | {"name": f"{fact} {extra}", "mentee": fact, "mentor": fact} | extra

    rules = policy(
        on(SKILLS, "skills", enough=rng.randint(1, 5), must=rng.random() < 0.3),
        on(SAME, "town"),
        on(SAME, "skills", must_answer=True, must=True),
        on(SAME, "town", kind="different", must=True),
        on(YEARS, "years", must=rng.random() < 0.3, unanswered=1),
        on(PAIRS, "goal"),
        on(CLOCK, "clock", must=True),
        on(WISH, "skills", when="asks", must=rng.random() < 0.5),
    )
    mentees = [Mentee(f"e{i}", facts()) for i in range(12)]
    mentors = [Mentor(f"m{j}", 1, facts()) for j in range(15)]
    assert_agreement(mentors, mentees, rules)


@pytest.mark.parametrize("sample", [civil_service, developers])
def test_tiles_and_reasons_agree_on_the_samples(sample) -> None:
    mentors, mentees, rules = sample()
    assert_agreement(mentors[:60], mentees[:60], rules)


def assert_agreement(mentors: list[Mentor], mentees: list[Mentee], rules: Policy) -> None:
    problem = Problem(mentors, mentees, rules)
    by_tile = problem.score_tile(np.arange(len(mentees)))
    slow = [
        [
            VETOED if vetoes(e, m, rules) else sum(r.points for r in reasons(e, m, rules))
            for m in problem.mentors
        ]
        for e in problem.mentees
    ]
    assert by_tile.tolist() == slow
    assert VETOED in by_tile
    assert len(np.unique(by_tile)) > 3
