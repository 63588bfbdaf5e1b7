"""Reasons and breakdowns say what was scored, and a pair reads nothing private."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import (
    Input,
    Mentee,
    Mentor,
    Pair,
    Policy,
    ProblemError,
    RunnerUp,
    breakdown,
    public,
    reasons,
    reasons_of,
    runners_up,
    sentences,
    solve,
    vetoes,
    why_not,
    why_unmatched,
)
from matching.engine.scoring import Problem
from tests.matching.engine.people import (
    HOURS,
    LANGUAGE,
    ORGANISATION,
    SKILLS,
    WISH,
    free,
    made_up,
    often,
    policy,
)
from tests.matching.engine.programs import TOTAL, civil_service, program

X = None
SEEDS = st.integers(0, 10**6)

MENTEE = Mentee(
    "e",
    {
        "skills_wanted": frozenset({"Go", "Rust", "SQL"}),
        "languages": frozenset({"English"}),
        "organisation": "Alpha",
        **free(4),
    },
)
MENTOR = Mentor(
    "m",
    1,
    {
        "skills_offered": frozenset({"Go", "SQL", "Java"}),
        "languages": frozenset({"English", "French"}),
        "organisation": "Beta",
        **free(3),
    },
)
RULES = policy(LANGUAGE, SKILLS, ORGANISATION, HOURS)


def test_reasons_say_what_each_criterion_gave_and_add_up() -> None:
    told = reasons(MENTEE, MENTOR, RULES)
    # 2 of 3 skills: 12 * 2 // 3; 3 of 4 hours: 8 * 6 // 8; most points first.
    assert [(r.criterion, r.points, r.of) for r in told] == [
        ("skills", 8, 12),
        ("hours", 6, 8),
        ("language", 3, 3),
        ("organisation", 0, 0),
    ]
    assert told[0].shared == ("Go", "SQL")
    assert (told[3].mentee, told[3].mentor) == ("Alpha", "Beta")
    result = solve(Input((MENTOR,), (MENTEE,), RULES))
    assert [pair.score for pair in result.pairs] == [17]


def test_vetoes_are_the_musts_that_do_not_fit_in_the_policys_order() -> None:
    stranger = replace(
        MENTOR, facts={**MENTOR.facts, "languages": frozenset({"French"}), "organisation": "Alpha"}
    )
    assert [c.name for c in vetoes(MENTEE, stranger, RULES)] == ["language", "organisation"]
    assert vetoes(MENTEE, MENTOR, RULES) == ()


def test_a_must_rules_out_silence_only_where_it_says_so_and_is_asked() -> None:
    strict = policy({**LANGUAGE, "must_answer": True, "when": "people_manager"})
    silent = replace(MENTOR, facts={})
    leads = replace(MENTEE, facts={**MENTEE.facts, "people_manager": True})
    assert [c.name for c in vetoes(leads, silent, strict)] == ["language"]
    assert vetoes(MENTEE, silent, strict) == ()
    assert vetoes(leads, silent, RULES) == ()


def test_what_was_not_answered_is_marked() -> None:
    silent = replace(MENTOR, facts={})
    told = {r.criterion: (r.points, r.answered) for r in reasons(MENTEE, silent, RULES)}
    assert told == {
        "skills": (6, False),
        "hours": (4, False),
        "language": (1, False),
        "organisation": (0, False),
    }


def test_a_breakdown_lists_every_pair_and_who_comes_next_by_weight() -> None:
    asked = Input(
        (
            MENTOR,
            replace(MENTOR, id="n", facts={**MENTOR.facts, **free(4)}),
            replace(MENTOR, id="o", facts={**MENTOR.facts, "languages": frozenset({"French"})}),
        ),
        (MENTEE,),
        RULES,
    )
    result = solve(asked)
    told = breakdown(Problem.of(asked), result, asked.policy)
    assert told.criteria == ("skills", "hours", "language", "organisation")
    assert told.weights.tolist() == [12, 8, 3, 0]
    assert [
        (told.mentees[r], told.mentors[c]) for r, c in zip(told.rows, told.columns, strict=True)
    ] == [
        ("e", "n"),
        ("e", "m"),
    ]
    assert told.points.tolist() == [[8, 8, 3, 0], [8, 6, 3, 0]]
    assert (told.places.tolist(), told.misses.tolist()) == ([0, 1], [0, 2])
    assert told.sure.tolist() == [True]
    assert runners_up(asked, result, "e") == (RunnerUp("m", 17, 2),)


def test_a_breakdown_of_arrays_alone_and_of_nobody() -> None:
    asked = program([[7, 5, 1], [8, 1, 1], [6, 3, 4]], [1, 1, 1])
    told = breakdown(Problem.of(asked), solve(asked), count=0)
    assert (told.criteria, told.weights.tolist(), told.private.tolist()) == (
        ("table",),
        [8],
        [False],
    )
    assert sorted(told.points[:, 0].tolist()) == [4, 5, 8]
    for nobody in (replace(asked, mentors=()), replace(asked, mentees=())):
        told = breakdown(Problem.of(nobody), solve(nobody), asked.policy, exact=True)
        assert len(told.rows) == len(told.points) == 0


def test_runners_up_by_hand() -> None:
    # Best: e0 with m1, e1 with m0, e2 with m2: 17 points. One more seat of m0 would add 2, so the
    # prices are 2, 0, 0: e0 has 5 and would have 7 - 2 with m0, 1 with m2.
    asked = program([[7, 5, 1], [8, 1, 1], [6, 3, 4]], [1, 1, 1])
    result = solve(asked)
    assert runners_up(asked, result, "e0") == (RunnerUp("m0", 7, 0), RunnerUp("m2", 1, 4))
    assert runners_up(asked, result, "e2") == (RunnerUp("m0", 6, 0), RunnerUp("m1", 3, 1))
    assert runners_up(asked, result, "e2", count=1) == (RunnerUp("m0", 6, 0),)


def test_a_locked_mentee_has_no_runner_up_and_a_mentor_without_a_seat_is_none() -> None:
    asked = program([[7, 5, 1], [8, 1, 1]], [1, 1, 0], locked=[("e0", "m1")])
    result = solve(asked)
    assert runners_up(asked, result, "e0") == ()
    # m1 is full with a locked pair, m2 has no seat.
    assert runners_up(asked, result, "e1") == ()
    told = breakdown(Problem.of(asked), result, asked.policy)
    assert told.places.tolist() == [0, 0]


def test_runners_up_of_somebody_unknown_are_refused() -> None:
    asked = program([[1]], [1])
    with pytest.raises(ProblemError, match="The mentee 'x' is not of this run"):
        runners_up(asked, solve(asked), "x")


@often
@given(SEEDS)
def test_a_breakdown_is_the_reasons_of_every_pair(seed: int) -> None:
    asked = made_up(seed)
    result = solve(asked)
    told = breakdown(Problem.of(asked), result, asked.policy)
    mentees, mentors = ({p.id: p for p in side} for side in (asked.mentees, asked.mentors))
    own = {}
    for row, column, place, points in zip(
        told.rows, told.columns, told.places, told.points.tolist(), strict=True
    ):
        one, other = mentees[told.mentees[row]], mentors[told.mentors[column]]
        given_points = {r.criterion: r.points for r in reasons(one, other, asked.policy)}
        assert dict(zip(told.criteria, points, strict=True)) == given_points
        assert not vetoes(one, other, asked.policy)
        assert (one.id, other.id) not in asked.barred
        if place == 0:
            own[one.id] = (other.id, sum(points))
    assert own == {p.mentee: (p.mentor, p.score) for p in result.pairs}


@often
@given(SEEDS, st.sampled_from(["most-mentees-then-total", TOTAL, "fair-floor", "stable"]))
def test_runners_up_one_by_one_and_in_bulk_are_the_same(seed: int, objective: str) -> None:
    asked = made_up(seed, objective)
    result = solve(asked)
    problem = Problem.of(asked)
    for kept in (result, replace(result, state=None)):
        told = breakdown(problem, kept, asked.policy, exact=True)
        for row, mentee in enumerate(told.mentees):
            at = np.flatnonzero((told.rows == row) & (told.places > 0))
            assert tuple(
                RunnerUp(told.mentors[told.columns[p]], int(told.points[p].sum()), told.misses[p])
                for p in at
            ) == runners_up(asked, kept, mentee)
        if objective != "stable":
            assert not result.gap
            assert (told.misses >= 0).all()


def test_runners_up_of_a_wide_market_are_proven_or_looked_up() -> None:
    """More mentors than are listed: what is not sure may differ, what is exact may not."""
    rng = np.random.default_rng(3)
    asked = program(rng.integers(0, 60, (30, 200)).tolist(), [1] * 200)
    result, problem = solve(asked), Problem.of(asked)
    quick = breakdown(problem, result, asked.policy)
    exact = breakdown(problem, result, asked.policy, exact=True)
    slow = breakdown(problem, replace(result, state=None), asked.policy)
    assert exact.sure.all()
    for name in ("rows", "columns", "places", "misses", "points"):
        assert np.array_equal(getattr(exact, name), getattr(slow, name))
        sure = quick.sure[quick.rows]
        assert np.array_equal(getattr(quick, name)[sure], getattr(exact, name)[sure])


# ------------------------------------------------------------------------------ what is private

CANARIES = ("canary-identity", "canary-wish", "canary-care", "canary-answer", "canary-avoided")
CARE = {
    "name": "care",
    "kind": "same",
    "mentee": "caregiver",
    "mentor": "caregiver",
    "points": 4,
    "must": True,
}
SECRET = {
    "name": "secret",
    "kind": "same",
    "mentee": "disability",
    "mentor": "disability",
    "points": 4,
    "must": True,
    "private": True,
}


def with_canaries(avoided: bool = True, seats: int = 1) -> Input:
    """e0 gets m0; m1 shares no secret with e1; `canary-avoided` is avoided by or for e1."""
    private = {
        "identities": frozenset({"canary-identity", "canary-wish"}),
        "caregiver": "canary-care",
        "disability": "canary-answer",
    }
    facts = {**MENTOR.facts, **private}
    mentors = (
        Mentor("m0", seats, facts),
        Mentor("m1", 1, {**facts, "disability": "canary-answer of another"}),
        Mentor("canary-avoided", 0, facts),
    )
    wish = {"identity_wished": "canary-wish", "identity_matters": True}
    own = {"caregiver": "canary-care", "disability": "canary-answer", **wish}
    mentees = (
        Mentee("e0", {**MENTEE.facts, **own}),
        Mentee("e1", {**MENTEE.facts, **own, "skills_wanted": frozenset({"Rust"})}),
    )
    return Input(
        mentors,
        mentees,
        policy(SKILLS, LANGUAGE, ORGANISATION, HOURS, WISH, CARE, SECRET),
        avoided=frozenset({("e1", "canary-avoided")} if avoided else ()),
    )


def readable(asked: Input) -> str:
    """All that a pair may read of a run."""
    result = solve(asked)
    told = breakdown(Problem.of(asked), result, asked.policy).public()
    by_id = {p.id: p for p in (*asked.mentors, *asked.mentees)}
    texts = [repr((told.criteria, told.weights, told.points, told.misses, told.places))]
    for pair in result.pairs:
        texts.append(repr(public(reasons(by_id[pair.mentee], by_id[pair.mentor], asked.policy))))
    return "\n".join(texts)


def test_a_pair_reads_nothing_private() -> None:
    text = readable(with_canaries())
    assert "Go" in text
    assert "skills" in text
    assert not [word for word in (*CANARIES, "wish", "care", "secret") if word in text]


def test_a_pair_reads_the_same_with_and_without_an_avoid() -> None:
    assert readable(with_canaries(avoided=True)) == readable(with_canaries(avoided=False))


def test_a_public_breakdown_holds_no_score_to_subtract_from() -> None:
    asked = with_canaries()
    told = breakdown(Problem.of(asked), solve(asked), asked.policy)
    assert {*told.criteria} - {*told.public().criteria} == {"wish", "care", "secret"}
    assert told.places.any()
    assert not told.public().places.any()
    assert not told.public().misses.any()


def test_a_criterion_over_a_sensitive_answer_is_private_whatever_it_says() -> None:
    asked = with_canaries()
    criteria = tuple(replace(c, private=False) for c in asked.policy.criteria)
    loose = replace(asked.policy, criteria=criteria)
    told = reasons(asked.mentees[0], asked.mentors[0], loose)
    assert {r.criterion for r in told if r.private} == {"wish", "care"}


def test_coordinators_read_no_private_answer_and_nothing_of_an_avoid() -> None:
    asked = with_canaries()
    result = solve(asked)
    told = [
        why_not(asked, result, "e1", "m0"),
        why_not(asked, result, "e1", "m1"),
        why_unmatched(asked, result, "e1"),
    ]
    texts = "\n".join([*map(repr, told), *(s for t in told for s in sentences(t, asked.policy))])
    assert "private answers" in texts
    assert not [word for word in CANARIES if word in texts]
    assert "canary-avoided" not in repr(runners_up(asked, result, "e1"))


def test_reasons_of_the_sample_name_no_identity() -> None:
    asked = civil_service()
    people = {p.id: p for p in (*asked.mentors, *asked.mentees)}
    told = [reasons(people[p.mentee], people[p.mentor], asked.policy) for p in solve(asked).pairs]
    private = [r for one in told for r in one if r.private]
    assert {r.criterion for r in private} == {"identity"}
    assert any(r.points == 6 for r in private)
    named = {i for m in asked.mentors for i in m.facts["identities"] if i}
    assert not [word for one in told for word in named if word in repr(public(one))]


@given(SEEDS)
def test_the_reasons_of_many_pairs_are_those_of_each(seed: int) -> None:
    asked = made_up(seed)
    pairs = solve(asked).pairs
    mentees = {one.id: one for one in asked.mentees}
    mentors = {one.id: one for one in asked.mentors}
    each = [reasons(mentees[p.mentee], mentors[p.mentor], asked.policy) for p in pairs]
    assert [*reasons_of(asked, pairs)] == each


def test_reasons_of_many_pairs_tell_yes_from_one() -> None:
    pairs = (Pair("e0", "m", 0), Pair("e1", "m", 0))
    mentees = tuple(Mentee(f"e{at}", {"said": told}) for at, told in enumerate((True, 1)))
    same = {"name": "c", "kind": "same", "mentee": "said", "mentor": "said", "points": 1}
    asked = Input(
        (Mentor("m", 2, {"said": True}),),
        mentees,
        Policy.from_dict({"name": "p", "criterion": [same]}),
    )
    (yes,), (one,) = reasons_of(asked, pairs)
    assert (yes.mentee, one.mentee) == ("yes", "1")
