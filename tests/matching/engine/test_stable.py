"""Nobody would rather leave, no stable matching suits any mentee better, and nobody gains by lying.

The reference is the textbook's own loop, in plain Python, with orders of its own making.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    CertificateError,
    Input,
    Mentee,
    Mentor,
    Pair,
    Policy,
    Result,
    Work,
    check,
    reasons,
    solve,
    stable,
    vetoes,
)
from tests.matching.engine.people import LANGUAGE, made_up, policy
from tests.matching.engine.programs import matchings, program, random_scores, turned

STABLE = "stable"
X = None

Matching = Mapping[str, str]

# --------------------------------------------------------------------------- the reference


def word(seed: int, side: str, person: str) -> int:
    return int.from_bytes(sha256(f"{seed}\n{side}\n{person}".encode()).digest()[:8], "big")


def pair_word(seed: int, mentee: str, mentor: str) -> int:
    """splitmix64 over both words."""
    whole = 2**64 - 1
    x = word(seed, "mentee", mentee) + word(seed, "mentor", mentor) * 0x9E3779B97F4A7C15 & whole
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & whole
    x = (x ^ x >> 27) * 0x94D049BB133111EB & whole
    return x ^ x >> 31


Order = dict[str, list[str]]
"""Everybody of one side with whom they would have, best first; who must not be is not there."""


def orders(asked: Input) -> tuple[Order, Order]:
    """Both sides' orders: own ranks, then points that are not for ranks, then hashes."""

    def points(mentee: Mentee, mentor: Mentor) -> int:
        told = reasons(mentee, mentor, asked.policy)
        return sum(reason.points for reason in told if reason.kind != "ranks")

    def place(ranks: Sequence[str], other: str) -> int:
        return ranks.index(other) if other in ranks else len(ranks)

    allowed = {
        (e.id, m.id): points(e, m)
        for e in asked.mentees
        for m in asked.mentors
        if (e.id, m.id) not in asked.barred and not vetoes(e, m, asked.policy)
    }

    def of_mentee(mentee: Mentee) -> list[str]:
        return sorted(
            (m.id for m in asked.mentors if (mentee.id, m.id) in allowed),
            key=lambda m: (
                place(mentee.ranks, m),
                -allowed[mentee.id, m],
                -pair_word(asked.seed, mentee.id, m),
            ),
        )

    def of_mentor(mentor: Mentor) -> list[str]:
        return sorted(
            (e.id for e in asked.mentees if (e.id, mentor.id) in allowed),
            key=lambda e: (
                place(mentor.ranks, e),
                -allowed[e, mentor.id],
                -word(asked.seed, "mentee", e),
            ),
        )

    return (
        {mentee.id: of_mentee(mentee) for mentee in asked.mentees},
        {mentor.id: of_mentor(mentor) for mentor in asked.mentors},
    )


def free_seats(asked: Input) -> dict[str, int]:
    taken = [mentor for _, mentor in asked.locked]
    return {mentor.id: mentor.seats - taken.count(mentor.id) for mentor in asked.mentors}


def gale_shapley(asked: Input) -> Matching:
    """One mentee after the other asks the next mentor; a full mentor sends away the last."""
    wishes, likes = orders(asked)
    seats, locked = free_seats(asked), dict(asked.locked)
    asking = [mentee.id for mentee in asked.mentees if mentee.id not in locked]
    held: dict[str, list[str]] = {mentor.id: [] for mentor in asked.mentors}
    while asking:
        mentee = asking.pop()
        if not wishes[mentee]:
            continue
        mentor = wishes[mentee].pop(0)
        held[mentor].append(mentee)
        held[mentor].sort(key=likes[mentor].index)
        if len(held[mentor]) > seats[mentor]:
            asking.append(held[mentor].pop())
    return locked | {mentee: mentor for mentor, mentees in held.items() for mentee in mentees}


def blocking(asked: Input, matching: Matching) -> set[tuple[str, str]]:
    """Free pairs who would both rather leave for each other."""
    wishes, likes = orders(asked)
    seats, locked = free_seats(asked), dict(asked.locked)
    held = {
        mentor.id: [e for e, m in matching.items() if m == mentor.id and e not in locked]
        for mentor in asked.mentors
    }
    return {
        (mentee, mentor)
        for mentee in wishes
        if mentee not in locked
        for mentor in before(wishes[mentee], matching.get(mentee))
        if len(held[mentor]) < seats[mentor]
        or any(mentee in before(likes[mentor], other) for other in held[mentor])
    }


def before(order: Sequence[str], person: str | None) -> Sequence[str]:
    """Whom somebody would rather have than that person, or than nobody."""
    return order if person is None else order[: order.index(person)]


def matched(result: Result) -> dict[str, str]:
    return {pair.mentee: pair.mentor for pair in result.pairs}


def found(asked: Input) -> dict[str, str]:
    return matched(solve(asked))


# --------------------------------------------------------------------------- made-up programs


def with_ranks(
    asked: Input,
    mentees: Mapping[str, Sequence[str]] | None = None,
    mentors: Mapping[str, Sequence[str]] | None = None,
) -> Input:
    """The same people with other ranks."""
    mentees, mentors = mentees or {}, mentors or {}
    return replace(
        asked,
        mentees=tuple(replace(e, ranks=tuple(mentees.get(e.id, e.ranks))) for e in asked.mentees),
        mentors=tuple(replace(m, ranks=tuple(mentors.get(m.id, m.ranks))) for m in asked.mentors),
    )


def with_points_for_ranks(asked: Input, **more: object) -> Input:
    """The same where being ranked gives points, too."""
    table = asked.policy.to_dict()
    criteria = [
        {"name": side, "kind": "ranks", "side": side, "points": 9, "of": 3, **more}
        for side in ("mentee", "mentor")
    ]
    return replace(
        asked,
        policy=Policy.from_dict(table | {"criterion": [*table["criterion"], *criteria]}),
    )


@st.composite
def programs(draw: st.DrawFn) -> Input:
    """Up to 5 mentees and 4 mentors who ranked some of each other; ties, vetoes, locks, points."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    scores, seats = random_scores(rng)
    mentees, mentors = [f"e{i}" for i in range(len(scores))], [f"m{j}" for j in range(len(seats))]
    allowed = [
        (f"e{i}", f"m{j}") for i, row in enumerate(scores) for j, s in enumerate(row) if s is not X
    ]
    left = dict(zip(mentors, seats, strict=True))
    locked = {}
    for mentee, mentor in allowed:
        if rng.random() < 0.1 and mentee not in locked and left[mentor]:
            locked[mentee] = mentor
            left[mentor] -= 1
    barred = [p for p in allowed if p[0] not in locked and rng.random() < 0.1]
    asked = program(
        scores,
        seats,
        STABLE,
        excluded=barred[::2],
        avoided=barred[1::2],
        locked=locked.items(),
        seed=rng.randint(0, 9),
    )

    def some(people: list[str]) -> list[str]:
        return rng.sample(people, rng.randint(0, len(people)))

    asked = with_ranks(
        asked, {e: some(mentors) for e in mentees}, {m: some(mentees) for m in mentors}
    )
    return with_points_for_ranks(asked) if rng.random() < 0.5 else asked


# --------------------------------------------------------------------------- worked by hand


@pytest.mark.parametrize(
    "mentees,mentors,pairs",
    [
        # Gale and Shapley (1962), first example: three stable matchings, the first choices of
        # those who ask are the one that is best for them.
        (["ABC", "BCA", "CAB"], ["bca", "cab", "abc"], "aA bB cC"),
        # The same the other way round.
        (["bca", "cab", "abc"], ["ABC", "BCA", "CAB"], "Ab Bc Ca"),
        # Their second example, which has only one.
        (["ABCD", "ADCB", "BACD", "DBCA"], ["dcab", "bdac", "dabc", "cbad"], "aC bD cA dB"),
        # Everybody likes the same: served in the order of the mentors.
        (["ABC", "ABC", "ABC"], ["cab", "cab", "cab"], "aB bC cA"),
        # c asks B, who sends b away, who takes a's place with A, who goes to C.
        (["ABC", "BAC", "BAC"], ["bac", "cba", "abc"], "aC bA cB"),
    ],
)
def test_textbook_examples(mentees: list[str], mentors: list[str], pairs: str) -> None:
    left = sorted(set("".join(mentors)))
    right = sorted(set("".join(mentees)))
    asked = Input(
        tuple(Mentor(m, 1, {}, tuple(ranks)) for m, ranks in zip(right, mentors, strict=True)),
        tuple(Mentee(e, {}, tuple(ranks)) for e, ranks in zip(left, mentees, strict=True)),
        policy(LANGUAGE, objective=STABLE),
    )
    result = solve(asked)
    assert sorted(e + m for e, m in matched(result).items()) == pairs.split()
    assert (result.gap, result.unmatched) == (0, ())
    check(asked, result)


@pytest.mark.parametrize(
    "scores,seats,pairs",
    [
        # The best total is 17; but e1 and m0 like each other best.
        ([[7, 5, 1], [8, 1, 1], [6, 3, 4]], [1, 1, 1], "m1 m0 m2"),
        # The most mentees would be three; stability keeps e0 and m0 together and leaves e2 out.
        ([[9, 1, X], [X, 6, 2], [4, X, X]], [1, 1, 1], "m0 m1 -"),
        # Two seats for the two who score best there.
        ([[9, 1, 1], [8, 2, 1], [7, 5, 1]], [2, 1, 1], "m0 m0 m1"),
        # e2 asks m0, m0 sends e1 away, m1 sends e0 away.
        ([[4, 6, 5], [8, 7, 1], [9, 1, 1]], [1, 1, 1], "m2 m1 m0"),
        ([[3], [5], [4]], [1], "- m0 -"),
        ([[X, X], [X, X]], [1, 1], "- -"),
        ([[3, 3]], [0, 0], "-"),
        ([[3, 2]], [0, 1], "m1"),
    ],
)
def test_small_tables_come_out_as_worked_by_hand(scores, seats, pairs) -> None:
    asked = program(scores, seats, STABLE)
    result = solve(asked)
    chosen = matched(result)
    assert [chosen.get(f"e{i}", "-") for i in range(len(scores))] == pairs.split()
    check(asked, result)


def test_a_result_says_everything() -> None:
    asked = program([[9, 4, X], [8, X, X], [7, X, 2]], [1, 0, 1], STABLE, locked=[("e1", "m0")])
    result = solve(asked)
    assert result.pairs == (Pair("e1", "m0", 8), Pair("e2", "m2", 2))
    assert (result.objective, result.unmatched) == (STABLE, ("e0",))
    assert (result.mentors, result.mentees, result.seats) == (3, 3, 2)
    assert (result.matched, result.matched_bound, result.score) == (2, 2, 10)
    assert (result.score_bound, result.gap) == (0, 0)
    assert (result.prices, result.unmatched_price) == ({}, 0)
    assert (result.floor, result.state) == (None, None)
    assert result.solver.startswith("deferred acceptance, numpy ")
    assert result.digest == asked.digest()


@pytest.mark.parametrize("mentors,mentees", [(0, 0), (2, 0), (0, 2)])
def test_nobody_on_a_side_is_no_error(mentors: int, mentees: int) -> None:
    people = program([[1, 2], [3, 4]], [1, 1], STABLE)
    asked = replace(people, mentors=people.mentors[:mentors], mentees=people.mentees[:mentees])
    result = solve(asked)
    assert (result.matched, result.matched_bound, result.gap) == (0, 0, 0)
    check(asked, result)


def test_ranks_come_before_every_score() -> None:
    scores = [[0, 10_000], [10_000, 0]]
    asked = with_ranks(program(scores, [1, 1], STABLE), {"e0": ["m0"], "e1": ["m1"]})
    assert found(asked) == {"e0": "m0", "e1": "m1"}
    # m0 would have nobody so well as e0, whom it ranked, though e1 scores more and asks as well.
    asked = with_ranks(program([[1, 1], [9, 1]], [1, 1], STABLE), mentors={"m0": ["e0"]})
    asked = with_ranks(asked, {"e0": ["m0"], "e1": ["m0"]})
    assert found(asked) == {"e0": "m0", "e1": "m1"}


def test_ranks_name_people_who_are_not_here_or_must_not_be() -> None:
    asked = with_ranks(program([[X, 2], [3, 1]], [1, 1], STABLE), {"e0": ["m9", "m0"]})
    result = solve(with_ranks(asked, mentors={"m0": ["e9", "e0", "e1"]}))
    assert matched(result) == {"e0": "m1", "e1": "m0"}


def test_points_for_ranks_are_shown_but_move_no_order() -> None:
    """e1 ranks m0 first: with those points e1 would push e0 out of m0's only seat."""
    asked = with_ranks(program([[5, 1], [4, 1]], [1, 1], STABLE), {"e1": ["m0"]})
    asked = with_points_for_ranks(asked)
    result = solve(asked)
    # 5 and half of the mentor's 9 points; 1, those, and none of the mentee's.
    assert result.pairs == (Pair("e0", "m0", 5 + 4 + 4), Pair("e1", "m1", 1 + 4))
    check(asked, result)


def test_whom_a_must_on_ranks_rules_out_stays_out() -> None:
    asked = with_ranks(
        program([[9, 5], [8, 4]], [1, 1], STABLE), {"e0": ["m1"], "e1": ["m1"]}, {"m1": ["e1"]}
    )
    asked = with_points_for_ranks(asked, must=True)
    result = solve(asked)
    assert matched(result) == {"e1": "m1"}
    assert result.unmatched == ("e0",)
    check(asked, result)


def test_a_locked_seat_is_not_to_be_had_and_a_locked_mentee_does_not_leave() -> None:
    asked = program([[1, 9], [8, 7]], [1, 1], STABLE, locked=[("e0", "m0")])
    result = solve(asked)
    assert matched(result) == {"e0": "m0", "e1": "m1"}
    assert result.gap == 0
    check(asked, result)


# --------------------------------------------------------------------------- by trying them all


@settings(max_examples=150, deadline=None)
@given(programs())
def test_it_is_stable_and_no_stable_matching_suits_any_mentee_better(asked: Input) -> None:
    wishes, _ = orders(asked)
    result = solve(asked)
    ours = matched(result)
    assert blocking(asked, ours) == set()
    assert result.gap == 0
    places = {e: len(before(wishes[e], ours.get(e))) for e in wishes}
    for other in every_matching(asked):
        if not blocking(asked, other):
            assert all(places[e] <= len(before(wishes[e], other.get(e))) for e in wishes)


def every_matching(asked: Input) -> Iterator[Matching]:
    """Those that hold every lock and break no veto."""
    wishes, _ = orders(asked)
    table = [[0 if m.id in wishes[e.id] else X for m in asked.mentors] for e in asked.mentees]
    for chosen in matchings(table, [m.seats for m in asked.mentors]):
        matching = {
            e.id: asked.mentors[j].id
            for e, j in zip(asked.mentees, chosen, strict=True)
            if j is not None
        }
        if asked.locked <= matching.items():
            yield matching


@settings(max_examples=200, deadline=None)
@given(programs())
def test_it_is_what_the_textbooks_loop_finds(asked: Input) -> None:
    result = solve(asked)
    assert matched(result) == gale_shapley(asked)
    check(asked, result)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_so_it_is_with_musts_hours_and_private_wishes(seed: int) -> None:
    asked = made_up(seed, STABLE)
    result = solve(asked)
    assert matched(result) == gale_shapley(asked)
    assert blocking(asked, matched(result)) == set()
    check(asked, result)


def crowd(seed: int, mentees: int, mentors: int, *, most: int) -> Input:
    """A larger program: some vetoes, some ranks, many ties where `most` is small."""
    rng = random.Random(seed)
    left, right = [f"e{i}" for i in range(mentees)], [f"m{j}" for j in range(mentors)]
    scores = [[X if rng.random() < 0.2 else rng.randint(0, most) for _ in right] for _ in left]
    seats = [rng.choice((0, 1, 1, 2, 4)) for _ in right]
    asked = program(scores, seats, STABLE, seed=seed)
    return with_ranks(
        asked,
        {e: rng.sample(right, 3) for e in left if rng.random() < 0.4},
        {m: rng.sample(left, 3) for m in right if rng.random() < 0.4},
    )


SIZES = [(30, 12), (24, 24), (9, 30)]


@pytest.mark.parametrize("mentees,mentors", SIZES)
@pytest.mark.parametrize("most", [0, 2, 100])
@pytest.mark.parametrize("seed", range(3))
def test_more_mentees_than_seats_and_the_reverse(
    seed: int, most: int, mentees: int, mentors: int
) -> None:
    asked = crowd(seed, mentees, mentors, most=most)
    result = solve(asked)
    assert matched(result) == gale_shapley(asked)
    assert result.gap == 0
    check(asked, result)


@pytest.mark.parametrize("mentees,mentors", SIZES)
@pytest.mark.parametrize("most", [0, 2, 100])
@pytest.mark.parametrize("listed", [1, 2])
def test_however_short_the_lists_are(
    monkeypatch: pytest.MonkeyPatch, listed: int, most: int, mentees: int, mentors: int
) -> None:
    asked = crowd(7, mentees, mentors, most=most)
    long = solve(asked)
    monkeypatch.setattr(stable, "LISTED", listed)
    assert solve(asked) == long
    monkeypatch.setattr(stable, "MOST_TIES", 1)
    monkeypatch.setattr(stable, "MOST_LISTED", listed)
    assert solve(asked) == long


@settings(max_examples=60, deadline=None)
@given(programs())
def test_neither_order_of_arrival_nor_threads_change_anything(asked: Input) -> None:
    result = solve(asked)
    assert solve(turned(asked)) == result
    check(turned(asked), result)
    assert solve(asked, work=Work(threads=2)) == result


def test_equal_people_are_told_apart_by_the_seed() -> None:
    same = program([[5, 5, 5]] * 3, [1, 1, 1], STABLE)
    answers = [found(replace(same, seed=seed)) for seed in range(40)]
    # All six ways to sit, and everybody sits.
    assert len({tuple(sorted(answer.items())) for answer in answers}) == 6
    few = program([[5]] * 3, [1], STABLE)
    assert {e for seed in range(40) for e in found(replace(few, seed=seed))} == {"e0", "e1", "e2"}


# --------------------------------------------------------------------------- what nobody gains


def all_ranks(people: Sequence[str], most: int) -> Iterator[tuple[str, ...]]:
    """Every way to rank up to so many of them."""
    for size in range(most + 1):
        yield from permutations(people, size)


@settings(max_examples=40, deadline=None)
@given(programs(), st.data())
def test_no_mentee_gains_by_ranking_otherwise_than_they_feel(
    asked: Input, data: st.DataObject
) -> None:
    """Every permutation and every truncation, whether or not ranks give points as well."""
    wishes, _ = orders(asked)
    mentee = data.draw(st.sampled_from([e.id for e in asked.mentees]))
    truth = len(before(wishes[mentee], found(asked).get(mentee)))
    for ranks in all_ranks([m.id for m in asked.mentors], 4):
        mentor = found(with_ranks(asked, {mentee: ranks})).get(mentee)
        assert truth <= len(before(wishes[mentee], mentor))


@settings(max_examples=100, deadline=None)
@given(programs(), st.data())
def test_rising_in_a_mentors_order_never_hurts_a_mentee(asked: Input, data: st.DataObject) -> None:
    wishes, _ = orders(asked)
    mentee = data.draw(st.sampled_from([e.id for e in asked.mentees]))
    mentor = data.draw(st.sampled_from(asked.mentors))
    # As a whole order, so that rising moves nobody else past each other.
    order = orders(asked)[1][mentor.id]
    if mentee not in order:
        return
    at = order.index(mentee)
    to = data.draw(st.integers(0, at))
    risen = [*order[:to], mentee, *order[to:at], *order[at + 1 :]]
    asked = with_ranks(asked, mentors={mentor.id: order})
    then = found(asked).get(mentee)
    now = found(with_ranks(asked, mentors={mentor.id: risen})).get(mentee)
    assert len(before(wishes[mentee], now)) <= len(before(wishes[mentee], then))


# --------------------------------------------------------------------------- late, and tampered


def test_what_came_too_late_says_how_many_pairs_block_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stable, "LISTED", 1)
    monkeypatch.setattr(stable, "MOST_TIES", 1)
    gaps = []
    for seed in range(20):
        asked = crowd(seed, 20, 8, most=100)
        result = solve(asked, work=Work(is_late=lambda: True))
        assert result.gap == len(blocking(asked, matched(result)))
        check(asked, result)
        gaps.append(result.gap)
    assert max(gaps) > 0


Change = Callable[[Result], Result]


def swapped(result: Result) -> Result:
    """e0 and e1 change seats; both pairs may be, and their scores are right."""
    pairs = (Pair("e0", "m1", 2), Pair("e1", "m0", 8))
    return replace(result, pairs=pairs, score=10)


def left_out(result: Result) -> Result:
    """e1 gets no mentor although m1 has a seat."""
    return replace(result, pairs=result.pairs[:1], unmatched=("e1", "e2"), matched=1, score=9)


@pytest.mark.parametrize(
    "change,said",
    [
        (swapped, "rather leave"),
        (left_out, "rather leave"),
        (lambda r: replace(r, gap=1), "rather leave"),
        (lambda r: replace(r, prices={"m0": 0, "m1": 0}), "no seat prices and no floor"),
        (lambda r: replace(r, unmatched_price=1), "price of an unmatched mentee"),
        (lambda r: replace(r, score_bound=11), "best total score"),
        (lambda r: replace(r, matched_bound=3), "most mentees"),
        (lambda r: replace(r, score=12), "total score"),
        (lambda r: replace(r, objective="total"), "objective"),
    ],
)
def test_a_tampered_result_is_refused(change: Change, said: str) -> None:
    asked = program([[9, 2], [8, 2], [X, 1]], [1, 1], STABLE)
    result = solve(asked)
    assert result.pairs == (Pair("e0", "m0", 9), Pair("e1", "m1", 2))
    with pytest.raises(CertificateError, match=said):
        check(asked, change(result))


def test_the_checker_respects_ranks() -> None:
    """By score alone the other matching would be the stable one."""
    plain = program([[9, 2], [2, 9]], [1, 1], STABLE)
    asked = with_ranks(plain, {"e0": ["m1"]}, {"m1": ["e0"]})
    result = solve(asked)
    check(asked, result)
    with pytest.raises(CertificateError, match="rather leave"):
        check(asked, replace(solve(plain), digest=asked.digest()))
