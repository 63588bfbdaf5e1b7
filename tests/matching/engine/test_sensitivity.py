"""How sure pairs are: weights that decide are found, those that do not are not blamed."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import (
    Input,
    Mentee,
    Mentor,
    Stopped,
    Sure,
    Work,
    how_sure,
    solve,
    solved,
    ties,
)
from matching.engine.sensitivity import DOWN, STAYS, UP, joint_moves, single_moves, weighed
from tests.matching.engine.people import made_up, often, policy
from tests.matching.engine.programs import MOST_MENTEES, TOTAL, program

OBJECTIVES = (MOST_MENTEES, TOTAL, "fair-floor", "stable")


FACTS = {"skill": "industry", "place": "country", "nothing": "work_mode"}


def same(name: str, points: int) -> dict[str, object]:
    return {
        "name": name,
        "kind": "same",
        "mentee": FACTS[name],
        "mentor": FACTS[name],
        "points": points,
        "unanswered": 0,
    }


def one_of_two(skill: int, place: int) -> Input:
    """e0 shares skills with m0 and the place with m1; only e0 is to be placed."""
    return Input(
        (Mentor("m0", 1, {"industry": "IT"}), Mentor("m1", 1, {"country": "DE"})),
        (Mentee("e0", {"industry": "IT", "country": "DE"}),),
        policy(same("skill", skill), same("place", place), same("nothing", 5)),
    )


def test_a_weight_that_decides_is_found() -> None:
    # 10 against 9: 8 (skill lowered) or 10.8 (place raised) turn it over, nothing else alone does.
    asked = one_of_two(10, 9)
    told = how_sure(asked, solve(asked))
    (sure,) = told.pairs
    alone = [move for move in told.moves if move.alone]
    assert [(m.raised, m.lowered, m.dropped) for m in alone] == [
        (("skill",), (), 0),
        ((), ("skill",), 1),
        (("place",), (), 1),
        ((), ("place",), 0),
        (("nothing",), (), 0),
        ((), ("nothing",), 0),
    ]
    assert sure.decided_by == ("skill", "place")
    # Of all six joint moves of three weights the two with skill down and place up turn it over.
    assert len(told.moves) == 12
    assert sure == Sure("e0", "m0", 8, 12, ("skill", "place"))
    assert sure.share == pytest.approx(2 / 3)


def test_a_pair_far_ahead_is_sure() -> None:
    asked = one_of_two(10, 4)
    told = how_sure(asked, solve(asked))
    assert told.pairs == (Sure("e0", "m0", 12, 12, ()),)
    assert {move.dropped for move in told.moves} == {0}
    assert {move.matched for move in told.moves} == {1}


def test_the_least_sure_pairs_come_first() -> None:
    close = one_of_two(10, 9)
    asked = replace(
        close,
        mentors=(*close.mentors, Mentor("m2", 1, {"work_mode": "remote"})),
        mentees=(*close.mentees, Mentee("a", {"work_mode": "remote"})),
    )
    told = how_sure(asked, solve(asked))
    assert [(sure.mentee, sure.kept) for sure in told.pairs] == [("e0", 8), ("a", 12)]


def test_ties_change_nothing_by_accident() -> None:
    """Two mentors are alike in everything: hashes choose, in the run and in every re-solve."""
    asked = Input(
        tuple(Mentor(f"m{j}", 1, {"industry": "IT", "country": "DE"}) for j in range(4)),
        tuple(Mentee(f"e{i}", {"industry": "IT", "country": "DE"}) for i in range(3)),
        policy(same("skill", 10), same("place", 9)),
    )
    for seed in range(5):
        told = how_sure(replace(asked, seed=seed), solve(replace(asked, seed=seed)))
        assert {sure.share for sure in told.pairs} == {1.0}


def test_a_single_weight_cannot_be_moved_against_others() -> None:
    asked = program([[3, 2], [2, 3]], [1, 1])
    told = how_sure(asked, solve(asked))
    assert told.moves == ()
    assert {sure.share for sure in told.pairs} == {1.0}


def test_moves_are_whole_and_the_same_for_a_seed() -> None:
    names = ("a", "b", "c", "d", "e")
    assert (UP, DOWN, STAYS) == (6, 4, 5)
    assert single_moves(("a", "b")) == [{"a": 6}, {"a": 4}, {"b": 6}, {"b": 4}]
    joint = joint_moves(names, 7)
    assert joint == joint_moves(names, 7)
    assert joint != joint_moves(names, 8)
    assert len(joint) == 8
    for number, times in enumerate(joint):
        assert tuple(times) == names
        assert set(times.values()) == {UP, DOWN}
        assert times not in joint[:number]
    assert joint_moves(("a", "b"), 7) in (
        [{"a": 6, "b": 4}, {"a": 4, "b": 6}],
        [{"a": 4, "b": 6}, {"a": 6, "b": 4}],
    )


@pytest.mark.parametrize("objective", OBJECTIVES)
@often
@given(seed=st.integers(0, 10**6))
def test_every_move_is_a_run_under_the_moved_policy(objective: str, seed: int) -> None:
    asked = made_up(seed, objective)
    result = solve(asked)
    told = how_sure(asked, result)
    assert [m.alone for m in told.moves] == [True] * 6 + [False] * 6
    assert {(s.mentee, s.mentor) for s in told.pairs} == {
        (p.mentee, p.mentor) for p in result.pairs
    }
    assert sum(len(result.pairs) - move.dropped for move in told.moves) == sum(
        sure.kept for sure in told.pairs
    )
    assert all(sure.of == 12 for sure in told.pairs)
    assert weighed(asked.policy) == ("skills", "hours", "language")


def test_locked_pairs_are_sure() -> None:
    asked = replace(one_of_two(10, 9), locked=frozenset({("e0", "m1")}))
    told = how_sure(asked, solve(asked))
    assert [sure.share for sure in told.pairs] == [1.0]


def test_it_tells_how_far_it_is_and_can_be_stopped() -> None:
    asked = one_of_two(10, 9)
    shares = []

    def watch(step: str, share: float) -> None:
        shares.append((step, share))
        if share > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        how_sure(asked, solve(asked), work=Work(watch=watch))
    assert {step for step, _ in shares} == {"sensitivity"}
    assert [share for _, share in shares] == sorted(share for _, share in shares)


def test_when_it_is_late_the_moves_made_by_then_are_told() -> None:
    asked = one_of_two(10, 9)
    result = solve(asked)
    assert how_sure(asked, result, work=Work(is_late=lambda: True)).moves == ()
    calls = iter([False] * 12)
    told = how_sure(asked, result, work=Work(is_late=lambda: next(calls, True)))
    assert 0 < len(told.moves) < 12
    assert {sure.of for sure in told.pairs} == {len(told.moves)}


def test_a_market_too_large_for_hashes_keeps_what_it_can(monkeypatch) -> None:
    """Where a solver's choice among equals would look like change."""
    rng = random.Random(5)
    kinds = ("IT", "Law"), ("DE", "FR")

    def facts() -> dict[str, str]:
        return {"industry": rng.choice(kinds[0]), "country": rng.choice(kinds[1])}

    asked = Input(
        tuple(Mentor(f"m{j}", 1, facts()) for j in range(30)),
        tuple(Mentee(f"e{i}", facts()) for i in range(40)),
        policy(same("skill", 10), same("place", 4)),
    )
    monkeypatch.setattr(ties, "MOST_PAIRS", 0)
    monkeypatch.setattr(solved, "MOST_PAIRS", 0)
    result = solve(asked)
    told = how_sure(asked, result)
    # All weights keep their order, so some best matching keeps every pair.
    assert {sure.share for sure in told.pairs} == {1.0}


def test_a_move_that_is_not_proven_in_time_is_not_told() -> None:
    asked = one_of_two(10, 9)
    result = solve(asked)
    answers = iter([replace(result, gap=1)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matching.engine.sensitivity.solve_problem", lambda *_, **__: next(answers))
        assert how_sure(asked, result).moves == ()
