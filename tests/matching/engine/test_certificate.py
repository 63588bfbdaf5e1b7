"""A stored result is believed only as far as it follows from its input."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from matching.engine import (
    CertificateError,
    Mentee,
    Mentor,
    Pair,
    Policy,
    ProblemError,
    Result,
    check,
    solve,
)
from matching.engine.explain import reasons, vetoes
from matching.engine.scoring import Problem
from tests.matching.engine.programs import civil_service, program, random_scores

OTHER_INPUT = "This result was made from other people, answers, seats, exclusions, policy or seed."


@pytest.fixture(scope="module")
def run() -> tuple[list[Mentor], list[Mentee], Policy, Result]:
    mentors, mentees, policy = civil_service()
    return mentors, mentees, policy, solve(mentors, mentees, policy)


def refused(run, result: Result | None = None, **changes) -> str:
    """The sentence with which a changed result is refused."""
    mentors, mentees, policy, true = run
    with pytest.raises(CertificateError) as error:
        check(mentors, mentees, policy, replace(result or true, **changes))
    return str(error.value)


def test_a_true_result_passes(run) -> None:
    mentors, mentees, policy, result = run
    check(mentors, mentees, policy, result)
    check(mentors[::-1], mentees[::-1], policy, result)


def heavier(policy: Policy) -> Policy:
    return replace(
        policy,
        criteria=tuple(
            replace(c, points=c.points + 1) if c.name == "profession" else c
            for c in policy.criteria
        ),
    )


INPUTS: dict[str, Callable] = {
    "a weight": lambda mentors, mentees, policy: (mentors, mentees, heavier(policy), {}),
    "a mentor fewer": lambda mentors, mentees, policy: (mentors[1:], mentees, policy, {}),
    "a mentee fewer": lambda mentors, mentees, policy: (mentors, mentees[1:], policy, {}),
    "a seat more": lambda mentors, mentees, policy: (
        [replace(mentors[0], seats=2), *mentors[1:]],
        mentees,
        policy,
        {},
    ),
    "an answer": lambda mentors, mentees, policy: (
        mentors,
        [replace(mentees[0], facts={**mentees[0].facts, "grade": "AA"}), *mentees[1:]],
        policy,
        {},
    ),
    "an exclusion": lambda mentors, mentees, policy: (
        mentors,
        mentees,
        policy,
        {"excluded": [(mentees[0].id, mentors[0].id)]},
    ),
    "the seed": lambda mentors, mentees, policy: (mentors, mentees, policy, {"seed": 1}),
    "the objective": lambda mentors, mentees, policy: (
        mentors,
        mentees,
        replace(policy, objective="total"),
        {},
    ),
}


@pytest.mark.parametrize("what", INPUTS)
def test_a_changed_input_is_refused(run, what: str) -> None:
    mentors, mentees, policy, result = run
    mentors, mentees, policy, extra = INPUTS[what](mentors, mentees, policy)
    with pytest.raises(CertificateError) as error:
        check(mentors, mentees, policy, result, **extra)
    assert str(error.value) == OTHER_INPUT


@pytest.mark.parametrize("what", ["a weight", "a mentor fewer", "a mentee fewer", "a seat more"])
def test_a_changed_input_is_refused_even_with_its_own_digest(run, what: str) -> None:
    mentors, mentees, policy, result = run
    mentors, mentees, policy, extra = INPUTS[what](mentors, mentees, policy)
    digest = Problem(mentors, mentees, policy, **extra).digest()
    with pytest.raises(CertificateError):
        check(mentors, mentees, policy, replace(result, digest=digest), **extra)


def test_the_digest_of_an_input_never_changes() -> None:
    """Stored runs are recognised by it: same in every process, order, and form of silence."""
    skills = frozenset({"Go", "Rust", "C", "Zig", "Ada"})
    policy = Policy.from_dict(
        {
            "name": "P",
            "criterion": [
                {"name": "c", "kind": "overlap", "mentee": "s", "mentor": "s", "points": 3}
            ],
        }
    )
    mentors = [Mentor("m0", 2, {"s": skills, "x": None}), Mentor("m1", 1, {"s": "Go", "n": 3})]
    mentees = [Mentee("e0", {"s": skills | {" "}, "y": True})]
    digest = Problem(mentors, mentees, policy, excluded=[("e0", "m1")], seed=5).digest()
    assert digest == "14c3092d6a1b10851fe1b839ea39398c888e8945b3b211f4715ada3547a157ac"
    mentors = [Mentor("m1", 1, {"n": 3, "s": "Go"}), Mentor("m0", 2, {"s": skills})]
    mentees = [Mentee("e0", {"y": True, "s": skills, "z": ""})]
    assert Problem(mentors, mentees, policy, excluded=[("e0", "m1")], seed=5).digest() == digest


def test_an_input_that_cannot_be_matched_is_a_problem(run) -> None:
    mentors, mentees, policy, result = run
    with pytest.raises(ProblemError, match="is there twice"):
        check([*mentors, mentors[0]], mentees, policy, result)


@pytest.mark.parametrize(
    "field,words",
    [
        ("mentors", "The number of mentors"),
        ("mentees", "The number of mentees"),
        ("seats", "The number of seats"),
        ("matched", "The number of mentees matched"),
        ("matched_bound", "The most mentees that can be matched"),
        ("score", "The total score"),
        ("score_bound", "The best total score"),
        ("gap", "The gap"),
        ("unmatched_price", "The price of an unmatched mentee"),
    ],
)
@pytest.mark.parametrize("step", [-1, 1])
def test_every_number_is_held_against_the_input(run, field: str, words: str, step: int) -> None:
    true = getattr(run[3], field)
    sentence = refused(run, **{field: true + step})
    assert sentence == f"{words} is stated as {true + step}, but it is {true}."


def test_a_number_that_only_looks_equal_is_refused(run) -> None:
    assert refused(run, gap=False) == "The gap is stated as False, but it is 0."


def test_every_price_is_held_against_the_input(run) -> None:
    prices = run[3].prices
    assert 0 in prices.values()
    assert len(set(prices.values())) > 2
    for mentor, price in prices.items():
        for step in (-1, 1):
            if price + step >= 0:
                assert "is" in refused(run, prices={**prices, mentor: price + step})


def test_every_price_is_held_against_the_input_also_in_tied_programs() -> None:
    tried = 0
    for seed in range(60):
        scores, seats = random_scores(random.Random(seed))
        mentors, mentees, policy = program(scores, seats)
        result = solve(mentors, mentees, policy)
        for mentor, price in result.prices.items():
            for other in {0, price - 1, price + 1, price + 1000} - {price, -1}:
                with pytest.raises(CertificateError):
                    check(
                        mentors,
                        mentees,
                        policy,
                        replace(result, prices={**result.prices, mentor: other}),
                    )
                tried += 1
    assert tried > 300


def test_prices_that_are_none_are_refused(run) -> None:
    prices = run[3].prices
    first = next(iter(prices))
    words = "There must be one seat price for each mentor and no other."
    assert refused(run, prices={**prices, "stranger": 0}) == words
    assert refused(run, prices={m: v for m, v in prices.items() if m != first}) == words
    words = f"The seat price of mentor {first!r} is no amount of points."
    for value in (-1, True, 1.0, float("nan"), None, 2**62, 10**30):
        assert refused(run, prices={**prices, first: value}) == words


def test_pairs_that_break_a_rule_are_refused(run) -> None:
    pairs = run[3].pairs
    one, two = pairs[0], pairs[1]
    stranger = replace(one, mentee="stranger")
    assert refused(run, pairs=(stranger, *pairs[1:])) == (
        f"The pair 'stranger', {one.mentor!r} is not of this run."
    )
    assert refused(run, pairs=(one, one, *pairs[2:])) == (
        f"The mentee {one.mentee!r} is matched twice."
    )
    assert refused(run, pairs=(one, replace(two, mentor=one.mentor), *pairs[2:])) == (
        f"The mentor {one.mentor!r} has fewer seats than mentees."
    )
    assert refused(run, pairs=(two, one, *pairs[2:])) == (
        "The pairs are not in the order of their mentees."
    )


def test_a_pair_in_spite_of_a_must_is_refused(run) -> None:
    mentors, mentees, _, result = run
    free = {m.id for m in mentors} - {pair.mentor for pair in result.pairs}
    first = result.pairs[0]
    home = next(m for m in mentees if m.id == first.mentee).facts["organisation"]
    same = next(m for m in mentors if m.id in free and m.facts["organisation"] == home)
    moved = replace(first, mentor=same.id)
    assert refused(run, pairs=(moved, *result.pairs[1:])) == (
        f"{first.mentee!r} and {same.id!r} are paired although 'organisation' rules them out."
    )


def test_an_excluded_pair_is_refused() -> None:
    mentors, mentees, policy = program([[9, 1], [1, 9]], [1, 1])
    excluded = [("e0", "m0")]
    free = solve(mentors, mentees, policy)
    digest = Problem(mentors, mentees, policy, excluded=excluded).digest()
    with pytest.raises(CertificateError, match=r"^'e0' and 'm0' are paired although they are ex"):
        check(mentors, mentees, policy, replace(free, digest=digest), excluded=excluded)


def test_a_swap_of_mentors_is_refused(run) -> None:
    one, *rest = run[3].pairs
    for at, other in enumerate(rest):
        swapped = [replace(one, mentor=other.mentor), *rest]
        swapped[at + 1] = replace(other, mentor=one.mentor)
        assert refused(run, pairs=tuple(swapped))


def test_scores_and_reasons_are_recomputed(run) -> None:
    first, *rest = run[3].pairs
    who = f"{first.mentee!r} and {first.mentor!r}"
    assert refused(run, pairs=(replace(first, score=first.score + 1), *rest)) == (
        f"The score of {who} is stated as {first.score + 1}, but it is {first.score}."
    )
    words = f"The reasons given for {who} are not those of the policy."
    told = first.reasons
    assert refused(run, pairs=(replace(first, reasons=told[:-1]), *rest)) == words
    shown = tuple(replace(reason, private=False) for reason in told)
    assert refused(run, pairs=(replace(first, reasons=shown), *rest)) == words


def test_the_list_of_those_left_over_is_recomputed(run) -> None:
    left = run[3].unmatched
    assert refused(run, unmatched=left[1:]).startswith("The list of mentees without a mentor")
    assert refused(run, unmatched=left[::-1]).startswith("The list of mentees without a mentor")


def without(pairs: tuple[Pair, ...], at: int) -> tuple[Pair, ...]:
    return (*pairs[:at], *pairs[at + 1 :])


def test_an_honest_gap_passes_and_a_hidden_one_does_not(run) -> None:
    mentors, mentees, policy, true = run
    gone = true.pairs[3]
    worse = replace(
        true,
        pairs=without(true.pairs, 3),
        unmatched=tuple(sorted((*true.unmatched, gone.mentee))),
        matched=34,
        score=727 - gone.score,
    )
    gap = true.unmatched_price + gone.score
    assert refused(run, worse) == f"The gap is stated as 0, but it is {gap}."
    sentence = refused(run, worse, gap=gap)
    assert sentence.startswith("The best total score is stated as 727, but it is ")
    bound = int(sentence.rstrip(".").rsplit(" ", 1)[1])
    # 34 pairs cannot score more than the 34 mentees with the best single pairs.
    singles = sorted(
        max(
            (
                sum(r.points for r in reasons(mentee, mentor, policy))
                for mentor in mentors
                if not vetoes(mentee, mentor, policy)
            ),
            default=0,
        )
        for mentee in mentees
    )
    assert bound == sum(singles[-34:])
    check(mentors, mentees, policy, replace(worse, gap=gap, score_bound=bound))
