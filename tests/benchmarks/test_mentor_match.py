"""The rules another program is compared under: the policy says them as they are counted by hand."""

import random

import pytest

from benchmarks.peers import mentor_match
from matching.engine import Input, Mentee, Mentor, Policy, solve

POLICY = Policy.from_toml(mentor_match.POLICY.read_text())


def matched(mentors: list[dict[str, str]], mentees: list[dict[str, str]], unmatched: bool = True):
    facts = [
        Mentor(row["email address"], 1, mentor_match.mentor_facts(row, unmatched=unmatched))
        for row in mentors
    ]
    wishes = [
        Mentee(row["email address"], mentor_match.mentee_facts(row, unmatched=unmatched))
        for row in mentees
    ]
    result = solve(Input(tuple(facts), tuple(wishes), POLICY))
    return result, [(pair.mentee, pair.mentor) for pair in result.pairs]


def test_people_are_drawn_by_the_seed_and_have_addresses_of_their_own() -> None:
    mentors, mentees = mentor_match.people(60, seed=3)
    assert (mentors, mentees) == mentor_match.people(60, seed=3)
    assert mentors != mentor_match.people(60, seed=4)[0]
    assert len({row["email address"] for row in [*mentors, *mentees]}) == 120
    assert "characteristics" in mentors[0]
    assert "identity to match" in mentees[0]


def test_the_policy_allows_and_scores_every_pair_as_counted_by_hand() -> None:
    mentors, mentees = mentor_match.people(50, seed=1)
    chance = random.Random(2)
    seen: set[int | None] = set()
    for _ in range(400):
        mentor, mentee = chance.choice(mentors), chance.choice(mentees)
        result, pairs = matched([mentor], [mentee])
        if mentor_match.objection(mentor, mentee):
            assert pairs == []
            seen.add(None)
            continue
        assert result.score == mentor_match.points(mentor, mentee)
        later, _ = matched([mentor], [mentee], unmatched=False)
        assert later.score == result.score - mentor_match.UNMATCHED_POINTS
        seen.add(result.score)
    assert {None, 15, 18, 25, 28} <= seen  # forbidden, each gap, each with the profession
    assert seen & {21, 24, 31, 34}  # the identity


def test_a_whole_matching_of_ours_is_valid_under_its_rules() -> None:
    mentors, mentees = mentor_match.people(100)
    result, pairs = matched(mentors, mentees)
    assert mentor_match.tally(mentors, mentees, pairs) == (
        mentor_match.Tally(result.matched, result.score, ())
    )
    # What mentor-match 7.0.1 itself finds for these people in round one.
    assert (result.matched, result.score) == (75, 1961)


@pytest.mark.parametrize(
    "change,against",
    [
        ({"organisation": "A"}, "the same organisation"),
        ({"grade": "AA"}, "0 grades above"),
        ({"grade": "HEO"}, "3 grades above"),
        ({"email address": "stranger@example.org"}, "nobody of that address"),
    ],
)
def test_a_pair_against_the_rules_is_told_and_not_counted(
    change: dict[str, str], against: str
) -> None:
    both = {"profession": "Policy", "characteristics": "", "identity to match": ""}
    mentor = {"email address": "r@x", "organisation": "B", "grade": "AO"} | both
    mentee = {"email address": "e@x", "organisation": "A", "grade": "AA"} | both
    pairs = [("e@x", "r@x")]
    assert mentor_match.tally([mentor], [mentee], pairs) == mentor_match.Tally(1, 25, ())
    wrong = mentor_match.tally([mentor | change], [mentee], pairs)
    assert wrong == mentor_match.Tally(0, 0, (f"e@x with r@x: {against}",))


def test_nobody_counts_twice() -> None:
    mentors, mentees = mentor_match.people(50, seed=1)
    _, pairs = matched(mentors, mentees)
    (mentee, mentor), (other, _) = pairs[:2]
    told = mentor_match.tally(mentors, mentees, [(mentee, mentor), (other, mentor)])
    assert (told.matched, len(told.wrong)) == (0, 2)
