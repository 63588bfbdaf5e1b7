"""One change to a solved run ends where solving anew ends, with a proof of its own."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from matching.engine import (
    Input,
    Mentee,
    Mentor,
    Policy,
    ProblemError,
    assignment,
    candidates,
    check,
    edits,
    solve,
)
from matching.engine.edits import Edit, Forbid, Late, Lock, Seats, Withdrawal, edited, resolve
from matching.engine.result import State
from matching.engine.scoring import Problem
from tests.matching.engine.programs import developers

SHORT = {
    (candidates, "LISTED"): 3,
    (candidates, "MOST_LISTED"): 4,
    (candidates, "WORTH_A_SAMPLE"): 0,
    (candidates, "SOLVED_WITH"): 2,
    (candidates, "SAMPLE_LISTED"): 2,
    (candidates, "SAMPLE"): 2,
    (assignment, "ADDED"): 2,
}


def facts(rng: random.Random, side: str) -> dict:
    return {
        "team": rng.choice("abc"),
        "town": rng.choice("pq"),
        side: frozenset(rng.sample("ABCDEF", rng.randint(1, 4))),
    }


def question(rng: random.Random) -> Input:
    """A small program with a must, exclusions and mentors without a seat."""
    mentees, mentors = rng.randint(1, 10), rng.randint(1, 6)
    criteria = [
        {"name": "skills", "kind": "overlap", "mentee": "wants", "mentor": "has"},
        {"name": "team", "kind": "different", "mentee": "team", "mentor": "team", "must": True},
        {"name": "town", "kind": "same", "mentee": "town", "mentor": "town"},
    ]
    criteria[0]["points"], criteria[2]["points"] = rng.choice([1, 3, 30]), rng.choice([0, 2, 7])
    objective = rng.choice(["most-mentees-then-total", "total"])
    pairs = [(f"e{rng.randrange(mentees)}", f"m{rng.randrange(mentors)}") for _ in range(3)]
    return Input(
        [
            Mentor(f"m{i}", rng.choice([0, 1, 1, 1, 2, 3]), facts(rng, "has"))
            for i in range(mentors)
        ],
        [Mentee(f"e{i}", facts(rng, "wants")) for i in range(mentees)],
        Policy.from_dict({"name": "p", "objective": objective, "criterion": criteria}),
        excluded=frozenset(pairs[: rng.randint(0, 3)]),
        seed=rng.randrange(99),
    )


def some_edit(rng: random.Random, asked: Input, name: str) -> Edit:
    mentor = rng.choice(asked.mentors)
    kinds = [Late, Seats, Withdrawal, Lock, Forbid] if asked.mentees else [Late, Seats]
    kind = rng.choice(kinds)
    if kind is Late:
        return Late(Mentee(name, facts(rng, "wants")))
    if kind is Seats:
        return Seats(mentor.id, max(0, mentor.seats + rng.choice([1, 1, -1])))
    mentee = rng.choice(asked.mentees).id
    return Withdrawal(mentee) if kind is Withdrawal else kind(mentee, mentor.id)


@pytest.mark.parametrize("short", [False, True], ids=["all pairs listed", "few pairs listed"])
@pytest.mark.parametrize("block", range(4))
def test_edit_after_edit_equals_solving_anew(block: int, short: bool, monkeypatch) -> None:
    for (module, name), value in SHORT.items() if short else ():
        monkeypatch.setattr(module, name, value)
    anew: Counter[bool] = Counter()
    standing = edits.Standing.result

    def counted(self, *args):
        answer = standing(self, *args)
        anew[answer is None] += 1
        return answer

    monkeypatch.setattr(edits.Standing, "result", counted)
    for seed in range(block * 25, block * 25 + 25):
        rng = random.Random(seed)
        asked = question(rng)
        result = solve(asked)
        problem = Problem.of(asked) if seed % 2 else None
        for step in range(5):
            try:
                edit = some_edit(rng, asked, f"late{step}")
                after, answer = resolve(asked, result, edit, problem=problem)
            except ProblemError:
                continue  # such as a lock that a must rules out: nothing has changed
            check(after, answer)
            full = solve(after)
            # Among equal totals the number matched may differ where the total comes first.
            assert answer.score == full.score
            if after.policy.objective != "total":
                assert answer.matched == full.matched
            assert answer.gap == 0
            asked, result, problem = after, answer, None
    # What is tested is mending, not the way out of it.
    assert anew[False] > 20 * anew[True]


def test_an_edit_goes_on_from_what_was_stored() -> None:
    asked = developers()
    result = solve(asked)
    stored = replace(result, state=State.unpack(result.state.pack()))
    gone = result.pairs[0].mentee
    after, answer = resolve(asked, stored, Withdrawal(gone))
    check(after, answer)
    assert answer.matched == result.matched - 1
    assert gone not in {pair.mentee for pair in answer.pairs}
    assert answer.score == solve(after).score


def test_an_edit_moves_nobody_without_need() -> None:
    asked = developers()
    result = solve(asked)
    before = {pair.mentee: pair.mentor for pair in result.pairs}
    pair = result.pairs[3]
    _, answer = resolve(asked, result, Forbid(pair.mentee, pair.mentor))
    moved = [p.mentee for p in answer.pairs if before[p.mentee] != p.mentor]
    assert pair.mentee in moved
    assert len(moved) < len(before) / 10


@pytest.mark.parametrize(
    "edit,sentence",
    [
        (Withdrawal("x"), "There is no mentee 'x' in this run."),
        (Lock("e0", "x"), "There is no mentor 'x' in this run."),
        (Forbid("x", "m0"), "There is no mentee 'x' in this run."),
        (Seats("x", 1), "There is no mentor 'x' in this run."),
        (Seats("m0", -1), "Mentor 'm0' has -1 seats; there must be 0 or more."),
        (Late(Mentee("e0", {})), "The mentee 'e0' is there twice."),
        (Lock("e1", "m0"), "Mentor 'm0' has fewer seats than mentees locked to them."),
        (
            Lock("e0", "m1"),
            "Mentee 'e0' is locked to mentor 'm1', but the criterion 'team' rules the two out.",
        ),
        (
            Forbid("e2", "m0"),
            "Mentee 'e2' is locked to mentor 'm0', but the two must not be paired.",
        ),
    ],
)
def test_an_edit_that_cannot_be_is_told_in_a_sentence(edit: Edit, sentence: str) -> None:
    team = {"name": "team", "kind": "different", "mentee": "team", "mentor": "team"}
    policy = Policy.from_dict({"name": "p", "criterion": [team | {"must": True, "points": 1}]})
    asked = Input(
        [Mentor("m0", 1, {"team": "b"}), Mentor("m1", 1, {"team": "a"})],
        [Mentee(f"e{i}", {"team": "a"}) for i in range(3)],
        policy,
        locked=frozenset({("e2", "m0")}),
    )
    result = solve(asked)
    with pytest.raises(ProblemError) as error:
        resolve(asked, result, edit)
    assert str(error.value) == sentence


@pytest.mark.parametrize("objective", ["stable", "fair-floor"])
def test_other_objectives_are_solved_anew(objective: str) -> None:
    asked = question(random.Random(7))
    asked = replace(asked, policy=replace(asked.policy, objective=objective))
    result = solve(asked)
    after, answer = resolve(asked, result, Withdrawal(asked.mentees[0].id))
    assert answer == solve(after)


def test_the_question_after_an_edit_is_the_one_asked_from_nothing() -> None:
    asked = question(random.Random(3))
    asked.digest()
    late = Late(Mentee("late", facts(random.Random(1), "wants")))
    seats = Seats(asked.mentors[0].id, 7)
    after = edited(edited(asked, late), seats)
    anew = Input(
        after.mentors, after.mentees, after.policy, excluded=asked.excluded, seed=asked.seed
    )
    assert after == anew
    assert after.digest() == anew.digest() != asked.digest()
