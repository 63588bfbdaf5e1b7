"""A kind's rule, its listed pairs and its tiles never disagree, whatever people answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine import Fact, Input, Mentee, Mentor, Policy, columns, criteria, scoring
from matching.engine.columns import Barred, Linear, codes_of
from matching.engine.scoring import Problem
from tests.matching.engine.programs import civil_service, developers, slow_points, slow_scores

ids = st.sampled_from([f"{letter}{number}" for letter in "em" for number in range(8)])
letters = st.sampled_from("abcdefgh")
silence: st.SearchStrategy[Fact] = st.sampled_from([None, "", " ", frozenset(), "?", {}])
"""Not answered, in all its forms; "?" is listed as blank."""

sets = st.one_of(
    st.frozensets(st.one_of(letters, st.just("?")), min_size=1, max_size=5),
    st.dictionaries(letters, st.integers(1, 9), min_size=1, max_size=5),
    letters,
    st.booleans(),
    st.integers(0, 2),
)
single = st.one_of(letters, st.booleans(), st.integers(-1, 2), st.integers(-900, 900))
few_weeks = ["0" * 336, "1" * 336, "0" * 84 + "1" * 30 + "0" * 222, "01" * 168]
weeks = st.one_of(
    st.sampled_from(few_weeks), st.integers(0, 2**336 - 1).map(lambda bits: f"{bits:0336b}")
)
clocks = st.sampled_from([(0, 0), (60, 120), (60, 60), (-300, -240), (345, 345), None, ()])

points = st.one_of(st.sampled_from([0, 1, 7, 10]), st.integers(0, 10_000))
pairs_of_values = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "yes", "no", "1", "c"]), st.sampled_from("abcdefgh")),
    st.integers(0, 60),
    min_size=1,
    max_size=12,
)


@st.composite
def gaps(draw: st.DrawFn) -> dict[str, object]:
    """A ladder over numbers or steps; spans that do not touch."""
    edges = sorted(draw(st.sets(st.integers(-30, 30), min_size=2, max_size=8)))
    spans = [
        f"{a}..{b}" if a < b else str(a) for a, b in zip(edges[::2], edges[1::2], strict=False)
    ]
    if draw(st.booleans()):
        spans[0] = f"..{spans[0].rsplit('..', 1)[-1]}"
    if len(spans) > 1 and draw(st.booleans()):
        spans[-1] = f"{spans[-1].split('..')[0]}.."
    table = {span: draw(st.integers(0, 40)) for span in spans}
    steps = {"steps": [*"abcdefgh"]} if draw(st.booleans()) else {}
    return {"gaps": table, **steps}


@dataclass(frozen=True)
class Shape:
    """What a criterion of a kind may look like, and what people may answer to it."""

    parameters: st.SearchStrategy[dict[str, object]]
    mentee: Callable[[Mapping[str, object]], st.SearchStrategy[Fact]]
    mentor: Callable[[Mapping[str, object]], st.SearchStrategy[Fact]]


def weighed(**more: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({"points": points, **more})


def both(
    parameters: st.SearchStrategy[dict[str, object]],
    answers: Callable[[Mapping[str, object]], st.SearchStrategy[Fact]],
) -> Shape:
    return Shape(parameters, answers, answers)


SHAPES: dict[str, Shape] = {
    "overlap": both(
        st.one_of(
            weighed(),
            weighed(enough=st.integers(1, 5)),
            weighed(full_level=st.integers(1, 9)),
            weighed(enough=st.integers(1, 5), full_level=st.integers(1, 9)),
        ),
        lambda _: sets,
    ),
    "same": both(weighed(), lambda _: sets),
    "different": both(weighed(), lambda _: sets),
    "wish": both(weighed(), lambda _: sets),
    "ladder": both(gaps(), lambda rule: letters if "steps" in rule else st.integers(-20, 20)),
    "table": both(
        pairs_of_values.map(lambda rows: {"pairs": [[*key, given] for key, given in rows.items()]}),
        lambda _: single,
    ),
    "zone": both(
        st.integers(0, 12).flatmap(
            lambda full: weighed(full_hours=st.just(full), none_hours=st.integers(full + 1, 13))
        ),
        lambda _: st.integers(-1439, 1439),
    ),
    "hours": both(
        weighed(full_hours=st.integers(1, 168), least_hours=st.integers(1, 168)), lambda _: weeks
    ),
    "ranks": both(
        weighed(side=st.sampled_from(["mentee", "mentor"]), of=st.integers(1, 5)),
        lambda _: st.none(),
    ),
    "priority": both(weighed(full=st.integers(1, 4)), lambda _: st.integers(0, 5)),
}


@st.composite
def rules(draw: st.DrawFn, kind: str, fact: str) -> dict[str, object]:
    """A criterion of this kind over this fact."""
    rule = {"name": fact, "kind": kind, **draw(SHAPES[kind].parameters)}
    for side in criteria.KINDS[kind].sides:
        rule[side] = fact
    most = rule.get("points")
    if isinstance(most, int) and draw(st.booleans()):
        rule["unanswered"] = draw(st.integers(0, most))
    if draw(st.booleans()):
        rule |= {"must": True, "must_answer": draw(st.booleans())}
    if draw(st.booleans()):
        rule["when"] = "asks"
    return rule | {"blank": ["?"]}


# Points of its own, so that a policy whose other points are all 0 is one.
BASE = {"name": "base", "kind": "same", "mentee": "grade", "mentor": "grade", "points": 1}


@st.composite
def questions(draw: st.DrawFn, kinds: Sequence[str]) -> Input:
    """A few people who answered, or not, to a criterion of each of these kinds."""
    drawn = {f"{kind} {n}": draw(rules(kind, f"{kind} {n}")) for n, kind in enumerate(kinds)}

    def facts(side: str) -> dict[str, Fact]:
        told: dict[str, Fact] = {"asks": draw(st.sampled_from([True, False, None]))}
        told["utc_offsets"] = draw(clocks)
        for fact, rule in drawn.items():
            kind = str(rule["kind"])
            answers = getattr(SHAPES[kind], side)(rule)
            is_told = draw(st.integers(0, 4)) > 0
            told[fact] = draw(answers) if is_told else draw(silence)
        return told

    def ranks() -> tuple[str, ...]:
        return tuple(draw(st.lists(ids, unique=True, max_size=6)))

    mentees = [Mentee(f"e{i}", facts("mentee"), ranks()) for i in range(draw(st.integers(1, 7)))]
    mentors = [Mentor(f"m{j}", 1, facts("mentor"), ranks()) for j in range(draw(st.integers(1, 7)))]
    everyone = [(e.id, m.id) for e in mentees for m in mentors]
    return Input(
        tuple(mentors),
        tuple(mentees),
        Policy.from_dict({"name": "P", "criterion": [*drawn.values(), BASE]}),
        excluded=frozenset(draw(st.lists(st.sampled_from(everyone), max_size=3))),
        seed=draw(st.integers(0, 3)),
    )


LIMITS = [
    (criteria, "JUDGED_ONE_BY_ONE"),
    (criteria, "JUDGED_AT_ONCE"),
    (columns, "MOST_FEATURES"),
    (scoring, "COLUMNS"),
]
"""Sizes at which something is done in another way."""


@st.composite
def sizes(draw: st.DrawFn) -> dict[str, int]:
    """Sizes as they are, or so small that a few people are many."""
    drawn = {name: draw(st.sampled_from([0, 1, 3, getattr(where, name)])) for where, name in LIMITS}
    return drawn | {"COLUMNS": draw(st.sampled_from([1, 3, scoring.COLUMNS]))}


@st.composite
def some(draw: st.DrawFn, size: int) -> slice | np.ndarray:
    """Some of so many rows or columns: a slice, or numbers in any order."""
    if draw(st.booleans()):
        start = draw(st.integers(0, size))
        return slice(start, draw(st.integers(start, size)))
    order = draw(st.permutations(range(size)))
    return np.array(order[: draw(st.integers(0, size))], dtype=np.int64)


def by_order(asked: Input) -> Input:
    """The same, people in the engine's order."""
    problem = Problem.of(asked)
    mentors = {mentor.id: mentor for mentor in asked.mentors}
    mentees = {mentee.id: mentee for mentee in asked.mentees}
    return replace(
        asked,
        mentors=tuple(mentors[person] for person in problem.mentor_ids),
        mentees=tuple(mentees[person] for person in problem.mentee_ids),
    )


def slow(asked: Input, times: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Points by criterion of every pair, by reasons, and which pairs may be."""
    given = np.array(slow_points(asked)).reshape(len(asked.mentees), len(asked.mentors), -1)
    scale = [times.get(criterion.name, 1) for criterion in asked.policy.criteria]
    allowed = np.array([[s is not None for s in row] for row in slow_scores(asked)])
    return given * np.array(scale), allowed


def assert_agreement(
    asked: Input,
    data: st.DataObject,
    times: Mapping[str, int],
) -> None:
    asked = by_order(asked)
    by_criterion, allowed = slow(asked, times)
    expected = by_criterion.sum(axis=2)
    problem = Problem.of(asked, times)
    rows, to = np.indices(expected.shape).reshape(2, -1)
    scores, may = problem.pairs(rows, to)
    assert scores.tolist() == expected.ravel().tolist()
    assert may.tolist() == allowed.ravel().tolist()
    assert problem.breakdown(rows, to).tolist() == by_criterion.reshape(len(rows), -1).tolist()
    scorer = problem.scorer.clone()
    for _ in range(2):
        here, there = data.draw(some(len(expected))), data.draw(some(expected.shape[1]))
        for tile in (problem.tile(here, there), problem.tile_by(scorer, here, there)):
            assert tile.dtype == np.float32
            want, ok = expected[here][:, there], allowed[here][:, there]
            assert ((tile < 0) == ~ok).all()
            assert (tile[ok] == want[ok]).all()
    assert (
        problem.tile(slice(None)) == np.where(allowed, expected, problem.tile(slice(None)))
    ).all()


often = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("kind", sorted(criteria.KINDS))
@often
@given(st.data(), sizes(), st.sampled_from([1, 1, 2]))
def test_rule_pairs_and_tiles_of_every_kind_agree(
    kind: str, data: st.DataObject, small: dict[str, int], times: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for where, name in LIMITS:
            patch.setattr(where, name, small[name])
        assert_agreement(data.draw(questions([kind])), data, {f"{kind} 0": times})


@often
@given(
    st.data(), sizes(), st.lists(st.sampled_from(sorted(criteria.KINDS)), min_size=2, max_size=5)
)
def test_rule_pairs_and_tiles_of_a_whole_policy_agree(
    data: st.DataObject, small: dict[str, int], kinds: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for where, name in LIMITS:
            patch.setattr(where, name, small[name])
        assert_agreement(data.draw(questions(kinds)), data, {})


@pytest.mark.parametrize("sample", [civil_service, developers])
@pytest.mark.parametrize("small", [True, False])
def test_rule_pairs_and_tiles_agree_on_the_samples(
    sample: Callable[[], Input], small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if small:
        for where, name in LIMITS:
            monkeypatch.setattr(where, name, 7)
    asked = sample()
    asked = by_order(replace(asked, mentors=asked.mentors[:60], mentees=asked.mentees[:60]))
    by_criterion, allowed = slow(asked, {})
    tile = Problem.of(asked).tile(slice(None))
    assert ((tile >= 0) == allowed).all()
    assert (tile[allowed] == by_criterion.sum(axis=2)[allowed]).all()
    assert not allowed.all()
    assert len(np.unique(tile)) > 3


def test_every_kind_is_drawn() -> None:
    assert SHAPES.keys() == criteria.KINDS.keys()


def test_a_must_each_for_fifty_criteria_still_leaves_no_ruled_out_pair_above_nothing() -> None:
    rule = {"kind": "same", "mentee": "town", "mentor": "town", "points": 2_000, "must": True}
    table = {"name": "P", "criterion": [rule | {"name": f"{n}"} for n in range(50)]}
    people = Mentor("m", 1, {"town": "Rome"}), Mentee("e", {"town": "Bonn"})
    problem = Problem.of(Input((people[0],), (people[1],), Policy.from_dict(table)))
    assert problem.tile(slice(None))[0, 0] < 0


@pytest.mark.parametrize("given", [1, 7, 10, 97, 100, 9_999, 10_000])
@pytest.mark.parametrize("times", [1, 3])
def test_shares_that_come_out_whole_are_not_rounded_down(
    given: int, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirds and sevenths have no exact float32; their sums must not end just below."""
    monkeypatch.setattr(criteria, "JUDGED_ONE_BY_ONE", 0)
    skills = [f"{n:02}" for n in range(40)]
    rule = {"name": "c", "kind": "overlap", "mentee": "skills", "mentor": "skills"}
    asked = by_order(
        Input(
            tuple(Mentor(f"m{n}", 1, {"skills": frozenset(skills[:n])}) for n in range(1, 41)),
            tuple(Mentee(f"e{n}", {"skills": frozenset(skills[:n])}) for n in range(1, 41)),
            Policy.from_dict({"name": "P", "criterion": [rule | {"points": given}]}),
        )
    )
    expected = [
        [
            times * (given * min(int(e.id[1:]), int(m.id[1:])) // int(e.id[1:]))
            for m in asked.mentors
        ]
        for e in asked.mentees
    ]
    assert Problem.of(asked, {"c": times}).tile(slice(None)).tolist() == expected


def test_codes_tell_yes_from_one() -> None:
    assert codes_of([True, 1, None, "1", True]) == ([True, 1, "1"], [0, 1, None, 2, 0])


# ------------------------------------------------------------------ columns laid out by hand


def test_whole_rows_and_barred_groups_score_as_they_say() -> None:
    left = np.array([[1, 0, 2], [0, 3, 1]], dtype=np.float32)
    right = np.array([[4, 1, 0], [0, 2, 5], [1, 1, 1]], dtype=np.float32)
    team = np.array([7, 8]), np.array([8, 9, 7])
    speaks = np.array([0b01, 0b11]), np.array([0b10, 0b01, 0b11])
    problem = Problem(
        ["e0", "e1"],
        ["m0", "m1", "m2"],
        np.array([1, 1, 1]),
        {
            "rows": Linear(left, right),
            "team": Barred(*team, is_shared=False),
            "language": Barred(*speaks, is_shared=True),
        },
        most=17,
    )
    expected = [[None, 10, None], [None, 11, 4]]
    tile = problem.tile(slice(None))
    assert [[None if s < 0 else int(s) for s in row] for row in tile] == expected
    rows, to = np.indices((2, 3)).reshape(2, -1)
    scores, may = problem.pairs(rows, to)
    assert scores.tolist() == [4, 10, 3, 3, 11, 4]
    assert may.tolist() == [False, True, False, False, True, True]
    assert problem.breakdown(rows, to)[:, 1:].any() == np.False_
