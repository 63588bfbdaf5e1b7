"""What is asked comes back from storage as it went in, and what cannot be asked is told."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    Input,
    Mentee,
    Mentor,
    Policy,
    PolicyError,
    ProblemError,
    check,
    scoring,
    solve,
)
from matching.engine.input import FORM
from tests.matching.engine.programs import civil_service, developers, program, turned

SAME = Policy.from_dict(
    {
        "name": "P",
        "criterion": [
            {"name": "c", "kind": "same", "mentee": "town", "mentor": "town", "points": 3}
        ],
    }
)
TOWN = {"town": "Rome"}

EVERYTHING = Input(
    (
        Mentor("m1", 2, {"town": frozenset({"Rome", "Bonn"}), "empty": "", "yes": True}, ("e1",)),
        Mentor("m0", 0, {"skills": {"Go": 3, "C": 9}, "hours": "01" * 168}),
    ),
    (
        Mentee("e1", {"utc_offsets": (60, -120), "town": "Köln"}, ("m1", "m0", "gone")),
        Mentee("e0", {"number": 7, "town": None, "no": False}),
    ),
    SAME,
    excluded=frozenset({("e0", "m0")}),
    avoided=frozenset({("e0", "m1")}),
    locked=frozenset({("e1", "m1")}),
    seed=-5,
)


# ------------------------------------------------------------------------------ stored and back


@pytest.mark.parametrize("asked", [EVERYTHING, civil_service(), developers()])
def test_an_input_comes_back_through_json(asked: Input) -> None:
    stored = json.loads(json.dumps(asked.to_dict()))
    back = Input.from_dict(stored)
    assert back.to_dict() == asked.to_dict()
    assert back.digest() == asked.digest()
    assert json.loads(asked.to_text()) == stored
    assert back.policy == asked.policy
    assert (back.excluded, back.avoided, back.locked) == (
        asked.excluded,
        asked.avoided,
        asked.locked,
    )


def test_a_stored_input_says_everything_in_one_form() -> None:
    assert EVERYTHING.to_dict() == {
        "form": FORM,
        "mentors": [
            {
                "id": "m0",
                "seats": 0,
                "facts": {"skills": {"levels": {"C": 9, "Go": 3}}, "hours": "01" * 168},
                "ranks": [],
            },
            {
                "id": "m1",
                "seats": 2,
                "facts": {"town": {"set": ["Bonn", "Rome"]}, "yes": True},
                "ranks": ["e1"],
            },
        ],
        "mentees": [
            {"id": "e0", "facts": {"number": 7, "no": False}, "ranks": []},
            {
                "id": "e1",
                "facts": {"utc_offsets": {"numbers": [60, -120]}, "town": "Köln"},
                "ranks": ["m1", "m0", "gone"],
            },
        ],
        "silent": {"mentors": [], "mentees": []},
        "policy": SAME.to_dict(),
        "excluded": [["e0", "m0"]],
        "avoided": [["e0", "m1"]],
        "locked": [["e1", "m1"]],
        "seed": -5,
    }


answers = st.one_of(
    st.none(),
    st.text(max_size=4),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.frozensets(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(1, 9), max_size=3),
    st.lists(st.integers(-720, 840), max_size=3).map(tuple),
)
facts = st.dictionaries(st.sampled_from(["town", "a", "b"]), answers, max_size=3)


@settings(max_examples=80, deadline=None)
@given(st.lists(facts, max_size=4), st.lists(facts, max_size=4), st.randoms())
def test_the_digest_is_that_of_the_content_whatever_the_order(mentors, mentees, rng) -> None:
    asked = Input(
        tuple(Mentor(f"m{j}", j, told, ("e0",)) for j, told in enumerate(mentors)),
        tuple(Mentee(f"e{i}", told) for i, told in enumerate(mentees)),
        SAME,
    )

    def shuffled(told):
        items = list(told.items())
        rng.shuffle(items)
        return dict(items)

    other = replace(
        asked,
        mentors=tuple(replace(p, facts=shuffled(p.facts)) for p in asked.mentors[::-1]),
        mentees=tuple(replace(p, facts=shuffled(p.facts)) for p in asked.mentees[::-1]),
    )
    back = Input.from_dict(json.loads(json.dumps(asked.to_dict())))
    assert other.digest() == turned(asked).digest() == back.digest() == asked.digest()
    assert back.to_text() == asked.to_text()


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
    asked = Input(
        (Mentor("m0", 2, {"s": skills, "x": None}), Mentor("m1", 1, {"s": "Go", "n": 3})),
        (Mentee("e0", {"s": skills | {" "}, "y": True}),),
        policy,
        excluded=frozenset({("e0", "m1")}),
        seed=5,
    )
    digest = "4f1891bf6f98f4e15425065d063227d0c588903bf17992136977d49448ce91b6"
    assert asked.digest() == digest
    other = Input(
        (Mentor("m1", 1, {"n": 3, "s": "Go"}), Mentor("m0", 2, {"s": skills})),
        (Mentee("e0", {"y": True, "s": skills, "z": ""}),),
        policy,
        excluded=frozenset({("e0", "m1")}),
        seed=5,
    )
    assert other.digest() == digest


def test_a_question_that_nobody_answered_can_be_asked_again() -> None:
    """A column of one's own that all left empty was asked; a misspelt one was not."""
    asked = Input((Mentor("m", 1, {"town": ""}),), (Mentee("e", {"town": None}),), SAME)
    assert asked.to_dict()["silent"] == {"mentors": ["town"], "mentees": ["town"]}
    result = solve(asked)
    back = Input.from_dict(asked.to_dict())
    check(back, result)
    assert solve(back) == result
    with pytest.raises(ProblemError, match="which no mentee was asked for"):
        solve(Input((Mentor("m", 1, TOWN),), (Mentee("e", {}),), SAME))


BROKEN = [
    {"form": 1},
    {"seed": "5"},
    {"seed": True},
    {"mentors": {}},
    {"mentors": ["m"]},
    {"mentors": [{"id": "m", "seats": 1, "facts": {}}]},
    {"mentors": [{"id": 7, "seats": 1, "facts": {}, "ranks": []}]},
    {"mentors": [{"id": "m", "seats": 1.5, "facts": {}, "ranks": []}]},
    {"mentees": [{"id": "e", "facts": [], "ranks": []}]},
    {"mentees": [{"id": "e", "facts": {"a": None}, "ranks": []}]},
    {"mentees": [{"id": "e", "facts": {"a": 1.5}, "ranks": []}]},
    {"mentees": [{"id": "e", "facts": {"a": {}}, "ranks": []}]},
    {"mentees": [{"id": "e", "facts": {"a": {"set": "abc"}}, "ranks": []}]},
    {"mentees": [{"id": "e", "facts": {"a": {"levels": {"Go": "3"}}}, "ranks": []}]},
    {"mentees": [{"id": "e", "facts": {"a": {"numbers": ["3"]}}, "ranks": []}]},
    {"mentees": [{"id": "e", "facts": {}, "ranks": [3]}]},
    {"silent": {"mentors": []}},
    {"policy": "P"},
    {"excluded": [["e", "m", "x"]]},
    {"avoided": "em"},
    {"locked": [["e", 1]]},
]


@pytest.mark.parametrize("change", BROKEN, ids=str)
def test_what_the_engine_did_not_write_is_refused(change: dict) -> None:
    with pytest.raises(ProblemError) as error:
        Input.from_dict(EVERYTHING.to_dict() | change)
    assert str(error.value) == "The stored input is not one that the engine wrote."
    for key in change:
        table = EVERYTHING.to_dict()
        del table[key]
        with pytest.raises(ProblemError, match="not one that the engine wrote"):
            Input.from_dict(table)


def test_what_was_wrong_when_it_was_stored_is_told_as_ever() -> None:
    with pytest.raises(ProblemError, match=r"^Mentor 'm' has -1 seats"):
        Input.from_dict(
            EVERYTHING.to_dict() | {"mentors": [{"id": "m", "seats": -1, "facts": {}, "ranks": []}]}
        )
    with pytest.raises(PolicyError, match="needs at least one"):
        Input.from_dict(EVERYTHING.to_dict() | {"policy": {"name": "P"}})


def test_people_may_come_as_any_sequence_and_leave_pairs_behind() -> None:
    asked = Input(
        [Mentor("m", 1, TOWN)],  # type: ignore[arg-type]
        [Mentee("e", TOWN)],  # type: ignore[arg-type]
        SAME,
        excluded=frozenset({("e", "gone"), ("gone", "m")}),
        avoided=frozenset({("gone", "gone")}),
        locked=frozenset({("e", "gone")}),
    )
    assert (asked.excluded, asked.avoided, asked.locked) == (frozenset(),) * 3
    assert asked == Input((Mentor("m", 1, TOWN),), (Mentee("e", TOWN),), SAME)


# ------------------------------------------------------------------------------ bad input

ANSWER = "must be text, a whole number up to 1000000000, yes or no, or a frozenset of texts."
M, E = Mentor("m", 1, TOWN), Mentee("e", TOWN)


@pytest.mark.parametrize(
    "mentors,mentees,sentence",
    [
        ([M, Mentor("m", 2, TOWN)], [], "The mentor 'm' is there twice."),
        ([], [E, E], "The mentee 'e' is there twice."),
        ([Mentor("", 1, TOWN)], [], "Every mentor needs an id, a text that is not empty."),
        ([], [Mentee(7, TOWN)], "Every mentee needs an id, a text that is not empty."),
        ([Mentor("m", -1, TOWN)], [], "Mentor 'm' has -1 seats; there must be 0 or more."),
        ([Mentor("m", "many", TOWN)], [], "The seats of mentor 'm' must be a whole number."),
        ([Mentor("m", True, TOWN)], [], "The seats of mentor 'm' must be a whole number."),
        ([Mentor("m", 1.5, TOWN)], [], "The seats of mentor 'm' must be a whole number."),
        ([Mentor("m", float("nan"), TOWN)], [], "The seats of mentor 'm' must be a whole number."),
        (
            [Mentor("m", 1, {"town": float("nan")})],
            [],
            f"The answer 'town' of mentor 'm' {ANSWER}",
        ),
        ([], [Mentee("e", {"town": ["Rome"]})], f"The answer 'town' of mentee 'e' {ANSWER}"),
        ([], [Mentee("e", {"x": frozenset({1})})], f"The answer 'x' of mentee 'e' {ANSWER}"),
        ([], [Mentee("e", {"x": 10**9 + 1})], f"The answer 'x' of mentee 'e' {ANSWER}"),
        ([], [Mentee("e", {"x": {"Go": 0}})], f"The answer 'x' of mentee 'e' {ANSWER}"),
        ([], [Mentee("e", {"x": {"Go": 10}})], f"The answer 'x' of mentee 'e' {ANSWER}"),
        ([], [Mentee("e", {"x": {"Go": True}})], f"The answer 'x' of mentee 'e' {ANSWER}"),
        ([], [Mentee("e", {"x": {3: 3}})], f"The answer 'x' of mentee 'e' {ANSWER}"),
        ([], [Mentee("e", {"x": (1, "2")})], f"The answer 'x' of mentee 'e' {ANSWER}"),
        ([], [Mentee("e", {"x": (10**9 + 1,)})], f"The answer 'x' of mentee 'e' {ANSWER}"),
        (
            [],
            [Mentee("e", TOWN, ("m", "m"))],
            "The ranks of mentee 'e' must name each person once, by id.",
        ),
        (
            [Mentor("m", 1, TOWN, (3,))],
            [],
            "The ranks of mentor 'm' must name each person once, by id.",
        ),
        (
            [M],
            [Mentee("e", {"twon": "Rome"})],
            "The criterion 'c' reads 'town', which no mentee was asked for.",
        ),
        (
            [Mentor("m", 1, {})],
            [E],
            "The criterion 'c' reads 'town', which no mentor was asked for.",
        ),
    ],
)
def test_bad_people_are_told_in_a_sentence(mentors, mentees, sentence) -> None:
    with pytest.raises(ProblemError) as error:
        solve(Input(tuple(mentors), tuple(mentees), SAME))
    assert str(error.value) == sentence


LOCKED = "Mentee 'e0' is locked to mentor 'm0', but"


@pytest.mark.parametrize(
    "settled,sentence",
    [
        (
            {"excluded": [("m0", "e0")]},
            "The excluded pair of 'm0' and 'e0' is the wrong way round; the mentee comes first.",
        ),
        (
            {"avoided": [("m0", "e0")]},
            "The avoided pair of 'm0' and 'e0' is the wrong way round; the mentee comes first.",
        ),
        (
            {"locked": [("m0", "e0")]},
            "The locked pair of 'm0' and 'e0' is the wrong way round; the mentee comes first.",
        ),
        (
            {"locked": [("e0", "m0")], "excluded": [("e0", "m0")]},
            f"{LOCKED} the two must not be paired.",
        ),
        (
            {"locked": [("e0", "m0")], "avoided": [("e0", "m0")]},
            f"{LOCKED} the two must not be paired.",
        ),
        (
            {"locked": [("e0", "m0"), ("e0", "m1")]},
            "Mentee 'e0' is locked to two mentors.",
        ),
        (
            {"locked": [("e0", "m0"), ("e1", "m0")]},
            "Mentor 'm0' has fewer seats than mentees locked to them.",
        ),
        (
            {"locked": [("e1", "m1")]},
            "Mentee 'e1' is locked to mentor 'm1', but the criterion 'table' rules the two out.",
        ),
        (
            {"locked": [("e0", "m2")]},
            "Mentor 'm2' has fewer seats than mentees locked to them.",
        ),
    ],
)
def test_what_was_settled_and_cannot_be_is_told_in_a_sentence(settled, sentence) -> None:
    with pytest.raises(ProblemError) as error:
        solve(program([[9, 1, 1], [1, None, 1]], [1, 1, 0], **settled))
    assert str(error.value) == sentence


def test_a_condition_that_nobody_was_asked_for_is_told_in_a_sentence() -> None:
    table = SAME.to_dict()
    table["criterion"][0]["when"] = "matters"
    with pytest.raises(ProblemError) as error:
        solve(Input((M,), (E,), Policy.from_dict(table)))
    assert str(error.value) == "The criterion 'c' reads 'matters', which no mentee was asked for."


def test_a_ready_made_fact_that_nobody_answered_is_just_unanswered() -> None:
    table = SAME.to_dict()
    table["criterion"][0] |= {"mentee": "grade", "mentor": "grade", "points": 7}
    asked = Input((Mentor("m", 1, {}),), (Mentee("e", {}),), Policy.from_dict(table))
    result = solve(asked)
    assert (result.matched, result.score) == (1, 3)


def test_sums_that_would_be_rounded_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(scoring, "MOST_PEOPLE_POINTS", 20)
    solve(Input((M,), (E,), SAME))
    with pytest.raises(ProblemError) as error:
        solve(Input((M,), tuple(Mentee(f"e{i}", TOWN) for i in range(3)), SAME))
    assert str(error.value) == (
        "So many mentees with so many points cannot be added up exactly; "
        "use smaller points in the policy."
    )


# ------------------------------------------------------------------ read again from its text


@pytest.mark.parametrize("asked", [EVERYTHING, civil_service(), program([], [])])
def test_a_text_with_its_digest_is_read_as_the_question_it_was(asked: Input) -> None:
    back = Input.from_text(asked.to_text(), asked.digest())
    assert back == Input.from_dict(asked.to_dict())
    assert (back.digest(), back.to_text()) == (asked.digest(), asked.to_text())
    assert back.changed(touched=()) == back
    assert replace(back) == back


def test_a_text_with_another_digest_is_checked_like_any_other() -> None:
    table = EVERYTHING.to_dict()
    assert Input.from_text(EVERYTHING.to_text(), "other") == Input.from_dict(table)
    table["mentors"] = [table["mentors"][0], table["mentors"][0]]
    with pytest.raises(ProblemError, match="there twice"):
        Input.from_text(json.dumps(table), EVERYTHING.digest())
    for text in (
        "[]",
        "7",
        "{}",
        '{"mentees":[],"mentors":[]}',
        '{"mentees":[{"id":1}],"mentors":[',
    ):
        with pytest.raises(ValueError, match=r"engine wrote|not a table|Expecting"):
            Input.from_text(text, EVERYTHING.digest())


def test_a_name_that_looks_like_the_text_of_a_side_confuses_nobody() -> None:
    odd = '","mentees":[{'
    asked = program([[1]], [1])
    asked = replace(asked, mentees=(Mentee(odd, asked.mentees[0].facts),), excluded={(odd, "m0")})
    assert Input.from_text(asked.to_text(), asked.digest()).mentees[0].id == odd
