"""Meetings of a round: nobody twice at a time, nobody kept from whom they may meet, proven best."""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from matching.engine import (
    CertificateError,
    Input,
    Meeting,
    MeetingPlan,
    MeetingRound,
    Mentee,
    ProblemError,
    Stopped,
    Work,
    check_meetings,
    free_in_slots,
    plan_meetings,
)
from matching.engine.meeting_bounds import Possible, Table
from matching.engine.meeting_lp import Model, Searched
from tests.matching.engine.people import made_up
from tests.matching.engine.programs import Scores, program, set_sizes, slow_scores

X = None
Rank = tuple[int, ...]
Pairs = frozenset[tuple[int, int]]

# ------------------------------------------------------------------------------ slow and obvious


def scores_of(asked: Input) -> Scores:
    """Points of who may meet whom; None also where somebody takes no part."""
    settled = {mentee for mentee, _ in asked.locked}
    left = {m.id: m.seats - sum(m.id == at for _, at in asked.locked) for m in asked.mentors}
    return [
        [
            None if mentee.id in settled or left[mentor.id] < 1 else given
            for mentor, given in zip(asked.mentors, row, strict=True)
        ]
        for mentee, row in zip(asked.mentees, slow_scores(asked), strict=True)
    ]


def at_once(possible: list[tuple[int, int]], same: Mapping[int, int]) -> Iterator[Pairs]:
    """All sets of meetings that can be at the same time; `same` are mentees who are mentors."""
    if not possible:
        yield frozenset()
        return
    (i, j), *rest = possible
    yield from at_once(rest, same)
    free = [(a, b) for a, b in rest if a != i and b != j and same.get(i) != b and same.get(a) != j]
    for others in at_once(free, same):
        yield others | {(i, j)}


def every_plan(asked: Input, meet: MeetingRound) -> set[Pairs]:
    """Who meets whom in any plan that keeps the rules, slot after slot."""
    scores = scores_of(asked)
    row = {mentee.id: i for i, mentee in enumerate(asked.mentees)}
    column = {mentor.id: j for j, mentor in enumerate(asked.mentors)}
    same = {row[a]: column[b] for a, b in meet.same if a in row and b in column}
    plans: set[Pairs] = {frozenset()}
    for slot in range(meet.slots):
        possible = [
            (i, j)
            for i, given in enumerate(scores)
            for j, score in enumerate(given)
            if score is not None
            and meet.mentee_free[i, slot]
            and meet.mentor_free[j, slot]
            and same.get(i) != j
        ]
        together = [*at_once(possible, same)]
        plans |= {plan | more for plan in plans for more in together if not plan & more}
        plans = {plan for plan in plans if is_within(plan, meet)}
    return plans


def is_within(plan: Pairs, meet: MeetingRound) -> bool:
    mentees = [i for i, _ in plan]
    mentors = [j for _, j in plan]
    return all(mentees.count(i) <= meet.mentee_most for i in mentees) and all(
        mentors.count(j) <= meet.mentor_most for j in mentors
    )


def rank(plan: Pairs, scores: Scores, most: int) -> Rank:
    """Mentees with one meeting, with two, ..; then points."""
    counts = [sum(i == row for row, _ in plan) for i in range(len(scores))]
    served = (sum(count >= least for count in counts) for least in range(1, most + 1))
    return (*served, sum(scores[i][j] or 0 for i, j in plan))


def rank_of(plan: MeetingPlan) -> Rank:
    return tuple(goal.reached for goal in plan.goals)


def expect_kept_rules(asked: Input, meet: MeetingRound, plan: MeetingPlan) -> None:
    """Every rule by hand, without anything of the engine's."""
    scores = scores_of(asked)
    row = {mentee.id: i for i, mentee in enumerate(asked.mentees)}
    column = {mentor.id: j for j, mentor in enumerate(asked.mentors)}
    places = [(row[m.mentee], column[m.mentor], m.slot) for m in plan.meetings]
    assert is_within(frozenset((i, j) for i, j, _ in places), meet)
    assert len({(i, j) for i, j, _ in places}) == len(places)
    twins = {mentor: mentee for mentee, mentor in meet.same if mentee in row}
    people = [(f"mentee {m.mentee}", m.slot) for m in plan.meetings]
    people += [
        (f"mentee {twins[m.mentor]}" if m.mentor in twins else f"mentor {m.mentor}", m.slot)
        for m in plan.meetings
    ]
    assert len(set(people)) == len(people)
    for meeting, (i, j, slot) in zip(plan.meetings, places, strict=True):
        assert meet.mentee_free[i, slot]
        assert meet.mentor_free[j, slot]
        assert scores[i][j] == meeting.score
        assert (meeting.mentee, meeting.mentor) not in asked.barred | meet.same
    settled = {mentee for mentee, _ in asked.locked}
    met = {m.mentee for m in plan.meetings}
    assert plan.unmet == tuple(sorted(row.keys() - met - settled))


# ------------------------------------------------------------------------------ small rounds


def free(*slots: str) -> np.ndarray:
    """One text a person: "101" is free in the first and the third slot."""
    return np.array([[letter == "1" for letter in text] for text in slots], dtype=np.bool_)


def small(seed: int) -> tuple[Input, MeetingRound]:
    """Up to 4 mentees, 3 mentors and 3 slots; vetoes, wishes, locks and twins in the way."""
    rng = random.Random(seed)
    if seed % 3 == 0:
        asked = made_up(seed)
        asked = replace(asked, mentees=asked.mentees[:4], mentors=asked.mentors[:3])
    else:
        mentees, mentors = rng.randint(1, 4), rng.randint(1, 3)
        veto, most = rng.choice((0.0, 0.2, 0.5)), rng.choice((0, 3, 30))
        table = [
            [X if rng.random() < veto else rng.randint(0, most) for _ in range(mentors)]
            for _ in range(mentees)
        ]
        every = [(f"e{i}", f"m{j}") for i in range(mentees) for j in range(mentors)]
        locked = [p for p in every[:1] if table[0][0] is not X and rng.random() < 0.2]
        asked = program(
            table,
            [rng.choice((1, 1, 2, 3)) for _ in range(mentors)],
            avoided=[p for p in every[1:] if rng.random() < 0.1],
            locked=locked,
            seed=rng.randint(0, 9),
        )
    slots, often = rng.randint(1, 3), rng.choice((0.4, 0.7, 1.0))

    def some(people: int) -> np.ndarray:
        return np.array(
            [[rng.random() < often for _ in range(slots)] for _ in range(people)], dtype=np.bool_
        ).reshape(people, slots)

    twins = [(e.id, m.id) for e, m in zip(asked.mentees, asked.mentors[::-1], strict=False)]
    same = [pair for pair in twins if rng.random() < 0.15 and pair not in asked.locked]
    return asked, MeetingRound(
        some(len(asked.mentees)),
        some(len(asked.mentors)),
        rng.randint(1, 3),
        rng.randint(1, 3),
        frozenset(same),
    )


def expect_best(asked: Input, meet: MeetingRound) -> MeetingPlan:
    plan = plan_meetings(asked, meet)
    expect_kept_rules(asked, meet, plan)
    scores = scores_of(asked)
    best = max(rank(each, scores, meet.mentee_most) for each in every_plan(asked, meet))
    assert rank_of(plan) == best
    assert plan.is_proven
    assert (plan.gap, plan.served_gap, plan.score) == (0, 0, best[-1])
    check_meetings(asked, meet, plan)
    return plan


@pytest.mark.parametrize("seed", range(240))
def test_no_plan_of_all_there_are_is_better(seed: int) -> None:
    expect_best(*small(seed))


@pytest.mark.parametrize("seed", range(60))
def test_short_lists_and_shallow_searches_end_at_the_same_best(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_sizes(monkeypatch, ADDED=1, LISTED=1, FIRST_NODES=1)
    expect_best(*small(seed))


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("calls", [0, 1, 2, 5])
def test_out_of_time_the_plan_keeps_the_rules_and_its_bounds_hold(seed: int, calls: int) -> None:
    asked, meet = small(seed)
    left = iter([False] * calls)
    plan = plan_meetings(asked, meet, Work(is_late=lambda: next(left, True)))
    expect_kept_rules(asked, meet, plan)
    check_meetings(asked, meet, plan)
    expect_honest(asked, meet, plan)


def expect_honest(asked: Input, meet: MeetingRound, plan: MeetingPlan) -> None:
    """No plan that does as well by the goals before has more than a goal's bound."""
    scores = scores_of(asked)
    ranks = {rank(each, scores, meet.mentee_most) for each in every_plan(asked, meet)}
    reached = rank_of(plan)
    assert reached in ranks
    for at, goal in enumerate(plan.goals):
        others = [r[at] for r in ranks if all(r[n] >= reached[n] for n in range(at))]
        assert goal.reached <= max(others) <= goal.bound <= goal.by_prices


# ------------------------------------------------------------------------------ hard rounds


def narrow(size: int, seed: int) -> tuple[Input, MeetingRound]:
    """Everybody is free in two or three slots of three or four and may meet two or three others.

    Now and then half meetings would have more points than any whole ones.
    """
    rng = random.Random(seed)
    slots, most, few = rng.randint(3, 4), rng.choice((1, 3, 9, 60)), rng.choice((2, 3))
    table = [
        [rng.randint(0, most) if rng.random() < few / size else X for _ in range(size)]
        for _ in range(size)
    ]

    def some() -> np.ndarray:
        free = np.zeros((size, slots), dtype=np.bool_)
        for row in free:
            row[rng.sample(range(slots), 2 if rng.random() < 0.7 else slots - 1)] = True
        return free

    asked = program(table, [3] * size, seed=seed)
    return asked, MeetingRound(some(), some(), rng.randint(1, 3), 3)


def dense_rank(asked: Input, meet: MeetingRound) -> Rank:
    """The best there is, by SciPy over every possible meeting, one goal after the other."""
    scores = scores_of(asked)
    every = [
        (i, j, slot, given)
        for i, row in enumerate(scores)
        for j, given in enumerate(row)
        for slot in range(meet.slots)
        if given is not None and meet.mentee_free[i, slot] and meet.mentor_free[j, slot]
    ]
    steps = [(i, step) for i in range(len(scores)) for step in range(meet.mentee_most)]
    limits: dict[tuple[object, ...], list[int]] = {}
    for at, (i, j, slot, _) in enumerate(every):
        for what in ("mentee", i, slot), ("mentor", j, slot), ("pair", i, j), ("all", j):
            limits.setdefault(what, []).append(at)
    rows = np.zeros((len(limits), len(every) + len(steps)))
    for number, places in enumerate(limits.values()):
        rows[number, places] = 1
    highest = [meet.mentor_most if what[0] == "all" else 1 for what in limits]
    even = np.zeros((len(scores), rows.shape[1]))
    for at, (i, *_) in enumerate(every):
        even[i, at] = 1
    for at, (i, _) in enumerate(steps):
        even[i, len(every) + at] = -1
    rules = [LinearConstraint(rows, -np.inf, highest), LinearConstraint(even, 0, 0)]
    rank: list[int] = []
    for goal in range(meet.mentee_most + 1):
        worth = np.zeros(rows.shape[1])
        if goal < meet.mentee_most:
            worth[len(every) :] = [step <= goal for _, step in steps]
        else:
            worth[: len(every)] = [given for *_, given in every]
        found = milp(
            -worth,
            constraints=rules,
            integrality=np.ones(len(worth)),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0},
        )
        rank.append(round(-found.fun))
        rules.append(LinearConstraint(worth[None], rank[-1], np.inf))
    return (rank[0], *(b - a for a, b in pairwise(rank[:-1])), rank[-1])


# Half meetings would have more at these: their prices alone prove nothing.
HALVES = [(10, 350), (20, 38), (20, 405), (20, 531)]


@pytest.mark.parametrize("size, seed", [*HALVES, *((12, seed) for seed in range(20))])
@pytest.mark.parametrize("is_short", [False, True])
def test_whole_meetings_are_the_best_there_are(
    size: int, seed: int, is_short: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_short:
        set_sizes(monkeypatch, ADDED=1, LISTED=1, FIRST_NODES=1)
    asked, meet = narrow(size, seed)
    plan = plan_meetings(asked, meet)
    check_meetings(asked, meet, plan)
    expect_kept_rules(asked, meet, plan)
    assert plan.is_proven
    assert rank_of(plan) == dense_rank(asked, meet)
    if (size, seed) in HALVES:
        assert any(goal.by_prices > goal.bound for goal in plan.goals)


def test_a_search_among_no_meetings_knows_that_there_are_none() -> None:
    table = Table.of(*narrow(10, 350))
    none = np.zeros(0, dtype=np.int64)
    model = Model(table, Possible.of(table, none, none, none))
    assert model.search(1, [], 10).bound == 0
    assert model.search(2, [3], 10).bound == -np.inf


@pytest.mark.parametrize("size, seed", HALVES)
def test_a_search_that_was_cut_short_goes_deeper(
    size: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, meet = narrow(size, seed)
    whole = Model.search
    asked_for: list[int] = []

    def shallow(model: Model, goal: int, reached: list[int], nodes: int) -> Searched:
        asked_for.append(nodes)
        if nodes < 1000:
            return Searched(None, np.inf, is_done=False, is_out_of_time=False)
        return whole(model, goal, reached, nodes)

    monkeypatch.setattr(Model, "search", shallow)
    plan = plan_meetings(asked, meet)
    assert plan.is_proven
    assert rank_of(plan) == dense_rank(asked, meet)
    assert asked_for[:2] == [100, 1000]


@pytest.mark.parametrize("size, seed", HALVES)
def test_without_a_search_the_gap_is_told(
    size: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, meet = narrow(size, seed)
    set_sizes(monkeypatch, MOST_SEARCHED=0, ADDED=1, LISTED=1, ROUNDS=2)
    plan = plan_meetings(asked, meet)
    check_meetings(asked, meet, plan)
    best = dense_rank(asked, meet)
    assert rank_of(plan) <= best
    assert not plan.is_proven
    assert sum(best[:1]) <= plan.goals[0].bound


@pytest.mark.parametrize("size, seed", [*HALVES, (12, 1), (12, 2)])
def test_a_solver_that_takes_too_long_leaves_an_honest_gap(
    size: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, meet = narrow(size, seed)
    best = dense_rank(asked, meet)
    set_sizes(monkeypatch, SECONDS=0.0)
    plan = plan_meetings(asked, meet)
    check_meetings(asked, meet, plan)
    expect_kept_rules(asked, meet, plan)
    assert rank_of(plan) <= best
    assert best[0] <= plan.goals[0].bound

    def slow(model: Model, goal: int, reached: list[int], nodes: int) -> Searched:
        return Searched(None, np.inf, is_done=False, is_out_of_time=True)

    monkeypatch.undo()
    monkeypatch.setattr(Model, "search", slow)
    plan = plan_meetings(asked, meet)
    check_meetings(asked, meet, plan)
    assert rank_of(plan) <= best
    assert plan.is_proven <= (rank_of(plan) == best)


# ------------------------------------------------------------------------------ what it is for


def naive(asked: Input, meet: MeetingRound) -> set[str]:
    """Who meets somebody when each mentee in turn takes their best in the first slot that suits."""
    busy: set[tuple[str, int]] = set()
    met: set[str] = set()
    for i, row in enumerate(scores_of(asked)):
        for j in sorted(range(len(row)), key=lambda j: -(row[j] or 0)):
            for slot in range(meet.slots):
                suits = meet.mentee_free[i, slot] and meet.mentor_free[j, slot]
                clash = {(f"e{i}", slot), (f"m{j}", slot)} & busy
                if row[j] is not None and suits and not clash and f"e{i}" not in met:
                    busy |= {(f"e{i}", slot), (f"m{j}", slot)}
                    met.add(f"e{i}")
    return met


def test_a_mentee_who_can_meet_one_only_is_not_crowded_out() -> None:
    # The first would like the mentor best whom alone the second can meet, at the only hour.
    asked = program([[9, 1], [9, X]], [1, 1])
    meet = MeetingRound(free("11", "10"), free("10", "01"), 1, 1)
    assert naive(asked, meet) == {"e0"}
    plan = expect_best(asked, meet)
    assert plan.meetings == (Meeting("e1", "m0", 0, 9), Meeting("e0", "m1", 1, 1))
    assert plan.unmet == ()
    assert plan.idle == ()


def test_whoever_has_least_comes_first() -> None:
    # Two meetings of the first would have 20 points, one of each has 11.
    asked = program([[10, 10], [1, X]], [1, 1])
    plan = expect_best(asked, MeetingRound(free("11", "10"), free("10", "01"), 2, 2))
    assert {m.mentee for m in plan.meetings} == {"e0", "e1"}
    assert rank_of(plan) == (2, 0, 11)


def test_somebody_in_both_roles_is_in_one_meeting_at_a_time() -> None:
    asked = program([[9, 5], [9, 5]], [1, 1])
    meet = MeetingRound(free("1", "1"), free("1", "1"), 1, 1)
    assert len(plan_meetings(asked, meet).meetings) == 2
    # The first mentee is the second mentor.
    plan = expect_best(asked, replace(meet, same=frozenset({("e0", "m1")})))
    assert len(plan.meetings) == 1


def test_a_person_in_both_roles_who_is_not_here_says_nothing() -> None:
    asked = program([[9]], [1])
    meet = MeetingRound(free("1"), free("1"), 1, 1, frozenset({("gone", "m0")}))
    assert len(expect_best(asked, meet).meetings) == 1


def test_a_settled_mentee_and_a_full_mentor_take_no_part() -> None:
    asked = program([[9, 5], [9, 5]], [1, 1], locked=[("e0", "m0")])
    plan = expect_best(asked, MeetingRound(free("11", "11"), free("11", "11"), 2, 2))
    assert [(m.mentee, m.mentor) for m in plan.meetings] == [("e1", "m1")]
    assert plan.unmet == ()
    assert plan.idle == ()


@pytest.mark.parametrize("seed", range(0, 90, 3))
def test_nothing_tells_a_private_wish_from_an_exclusion(seed: int) -> None:
    asked, meet = small(seed)
    swapped = replace(asked, excluded=asked.avoided, avoided=asked.excluded)
    plan, other = plan_meetings(asked, meet), plan_meetings(swapped, meet)
    assert replace(other, digest=plan.digest) == plan


@pytest.mark.parametrize("seed", range(60))
def test_the_order_in_which_people_stand_changes_nothing(seed: int) -> None:
    asked, meet = small(seed)
    rng = random.Random(seed)
    mentees, mentors = [*range(len(asked.mentees))], [*range(len(asked.mentors))]
    rng.shuffle(mentees)
    rng.shuffle(mentors)
    shuffled = replace(
        asked,
        mentees=tuple(asked.mentees[i] for i in mentees),
        mentors=tuple(asked.mentors[j] for j in mentors),
    )
    turned = replace(
        meet, mentee_free=meet.mentee_free[mentees], mentor_free=meet.mentor_free[mentors]
    )
    assert plan_meetings(shuffled, turned) == plan_meetings(asked, meet)


def test_the_names_of_people_favour_nobody() -> None:
    # Two mentees who are alike, one place: over many seeds both get it.
    meet = MeetingRound(free("1", "1"), free("1"), 1, 1)
    lucky = {
        plan_meetings(program([[3], [3]], [1], seed=seed), meet).meetings[0].mentee
        for seed in range(20)
    }
    assert lucky == {"e0", "e1"}


def test_a_middling_round_is_proven() -> None:
    rng = np.random.default_rng(7)
    table = [[int(n) if n >= 0 else X for n in row] for row in rng.integers(-8, 60, (60, 25))]
    asked = program(table, [2] * 25)
    meet = MeetingRound(rng.random((60, 10)) < 0.5, rng.random((25, 10)) < 0.5, 3, 6)
    plan = plan_meetings(asked, meet)
    expect_kept_rules(asked, meet, plan)
    check_meetings(asked, meet, plan)
    assert plan.is_proven
    assert rank_of(plan)[0] == 60
    assert len(plan.meetings) <= min(60 * 3, 25 * 6)


def test_more_threads_change_nothing() -> None:
    asked, meet = small(5)
    assert plan_meetings(asked, meet, Work(threads=2)) == plan_meetings(asked, meet)


# ------------------------------------------------------------------------------ nobody, nothing


@pytest.mark.parametrize(
    "mentees, mentors, slots", [(0, 0, 0), (0, 2, 2), (2, 0, 2), (2, 2, 0), (2, 2, 2)]
)
def test_nobody_no_slot_or_nobody_free_is_no_error(mentees: int, mentors: int, slots: int) -> None:
    asked = program([[5] * mentors for _ in range(mentees)], [1] * mentors)
    nobody = MeetingRound(
        np.zeros((mentees, slots), dtype=np.bool_), np.zeros((mentors, slots), dtype=np.bool_), 2, 2
    )
    plan = plan_meetings(asked, nobody)
    check_meetings(asked, nobody, plan)
    assert plan.meetings == ()
    assert plan.is_proven
    assert plan.unmet == tuple(f"e{i}" for i in range(mentees))
    assert plan.idle == tuple(f"m{j}" for j in range(mentors))


def test_two_who_must_not_meet_do_not() -> None:
    plan = expect_best(program([[X]], [1]), MeetingRound(free("11"), free("11"), 2, 2))
    assert plan.meetings == ()


@pytest.mark.parametrize(
    "make, told",
    [
        (lambda: MeetingRound(free("1"), free("11"), 1, 1), "the same slots"),
        (lambda: MeetingRound(free("1"), free("1"), 0, 1), "meetings of a mentee"),
        (lambda: MeetingRound(free("1"), free("1"), 1, 51), "meetings of a mentor"),
        (lambda: MeetingRound(free("1")[0], free("1"), 1, 1), "people by slots"),
        (
            lambda: MeetingRound(free("1"), free("1"), 1, 1, frozenset({("a", "b"), ("a", "c")})),
            "two others",
        ),
        (
            lambda: plan_meetings(
                program([[1]], [1]), MeetingRound(free("1", "1"), free("1"), 1, 1)
            ),
            "each mentee",
        ),
    ],
)
def test_a_question_that_cannot_be_planned_is_refused(
    make: Callable[[], object], told: str
) -> None:
    with pytest.raises(ProblemError, match=told):
        make()


def test_whoever_cancels_stops_it_and_progress_never_goes_back() -> None:
    asked, meet = small(4)
    told: list[tuple[str, float]] = []
    plan_meetings(asked, meet, Work(watch=lambda step, share: told.append((step, share))))
    assert {step for step, _ in told} == {"meetings"}
    assert all(a <= b for (_, a), (_, b) in pairwise(told))
    assert told[0][1] == 0

    def stop(step: str, share: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        plan_meetings(asked, meet, Work(watch=stop))


# ------------------------------------------------------------------------------ the check

QUESTION = program([[9, 5, 2], [4, X, 3]], [1, 1, 1], avoided=[("e0", "m2")])
SLOTS = MeetingRound(free("111", "110"), free("110", "111", "011"), 2, 1)


def moved(plan: MeetingPlan, **changes: object) -> MeetingPlan:
    first, *others = plan.meetings
    return replace(plan, meetings=(replace(first, **changes), *others))


def goal_of(plan: MeetingPlan, at: int, **changes: object) -> MeetingPlan:
    goals = [*plan.goals]
    goals[at] = replace(goals[at], **changes)
    return replace(plan, goals=tuple(goals))


def priced(plan: MeetingPlan, number: int) -> MeetingPlan:
    prices = plan.goals[-1].prices
    mentors = {m: (number, *rest) for m, (_, *rest) in prices.mentors.items()}
    return goal_of(plan, -1, prices=replace(prices, mentors=mentors))


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: replace(plan, digest="0" * 64),
        lambda plan: replace(plan, meetings=plan.meetings[1:]),
        lambda plan: replace(plan, meetings=plan.meetings[::-1]),
        lambda plan: replace(plan, meetings=(*plan.meetings, plan.meetings[-1])),
        lambda plan: replace(plan, meetings=(*plan.meetings, Meeting("e0", "m2", 2, 2))),
        lambda plan: replace(plan, meetings=(*plan.meetings, Meeting("e1", "m1", 2, 0))),
        lambda plan: replace(plan, unmet=("e0",)),
        lambda plan: replace(plan, idle=("m0",)),
        lambda plan: moved(plan, score=99),
        lambda plan: moved(plan, mentor="nobody"),
        lambda plan: moved(plan, slot=3),
        lambda plan: moved(plan, slot=-1),
        lambda plan: replace(plan, goals=plan.goals[::-1]),
        lambda plan: goal_of(plan, -1, reached=99),
        lambda plan: goal_of(plan, -1, bound=0),
        lambda plan: goal_of(plan, -1, bound=999),
        lambda plan: goal_of(plan, -1, by_prices=0),
        lambda plan: goal_of(plan, 0, reached=1),
        lambda plan: priced(plan, -(2**20)),
        lambda plan: priced(plan, 2**50),
        lambda plan: goal_of(plan, -1, prices=replace(plan.goals[-1].prices, mentees={})),
    ],
)
def test_the_check_refuses_a_plan_that_was_changed(
    change: Callable[[MeetingPlan], MeetingPlan],
) -> None:
    plan = expect_best(QUESTION, SLOTS)
    with pytest.raises(CertificateError):
        check_meetings(QUESTION, SLOTS, change(plan))


OPEN = program([[1, 1], [1, 1]], [1, 1])
TIGHT = MeetingRound(free("11", "11"), free("11", "10"), 1, 1)


@pytest.mark.parametrize(
    "meetings, told",
    [
        ((Meeting("e0", "m0", 0, 1), Meeting("e1", "m0", 0, 1)), "A mentor has more meetings"),
        ((Meeting("e0", "m0", 0, 1), Meeting("e0", "m1", 0, 1)), "A mentee has more meetings"),
        ((Meeting("e0", "m0", 0, 1), Meeting("e0", "m0", 1, 1)), "meet twice"),
        ((Meeting("e0", "m1", 1, 1),), "not free"),
    ],
)
def test_the_check_names_the_rule_that_is_broken(meetings: tuple[Meeting, ...], told: str) -> None:
    with pytest.raises(CertificateError, match=told):
        check_meetings(OPEN, TIGHT, replace(plan_meetings(OPEN, TIGHT), meetings=meetings))


def test_the_check_sees_two_meetings_in_one_slot() -> None:
    wide = replace(TIGHT, mentee_most=2, mentor_most=2)
    both = (Meeting("e0", "m0", 0, 1), Meeting("e0", "m1", 0, 1))
    with pytest.raises(CertificateError, match="two meetings in one slot"):
        check_meetings(OPEN, wide, replace(plan_meetings(OPEN, wide), meetings=both))


def test_the_check_loads_no_solver() -> None:
    root = Path(__file__).resolve().parents[3]
    code = (
        "import sys, types; bare = types.ModuleType('matching.engine'); "
        f"bare.__path__ = [{str(root / 'matching' / 'engine')!r}]; import matching; "
        "sys.modules['matching.engine'] = bare; import matching.engine.meeting_check; "
        "print('scipy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"


# ------------------------------------------------------------------------------ weekly hours

MONDAY, TUESDAY = 0, 24 * 60


def week(*half_hours: int) -> str:
    return "".join("1" if at in half_hours else "0" for at in range(336))


def person(**facts: object) -> list[Mentee]:
    return [Mentee("e", facts)]  # type: ignore[arg-type]


def test_a_slot_is_read_on_the_persons_own_clock() -> None:
    # Free on Tuesday from 18:00 to 19:00 in a place one hour east of UTC.
    berlin = person(hours=week(48 + 36, 48 + 37), utc_offsets=(60,))
    slots = [(TUESDAY + 17 * 60 + at, 30) for at in (-30, 0, 15, 30, 45, 60)]
    assert free_in_slots(berlin, slots).tolist() == [[False, True, True, True, False, False]]


def test_a_slot_suits_only_where_every_half_hour_it_touches_is_free() -> None:
    one = person(hours=week(20), utc_offsets=(0,))
    slots = [(10 * 60, 30), (10 * 60, 31), (10 * 60 + 10, 20), (10 * 60 - 1, 20)]
    assert free_in_slots(one, slots).tolist() == [[True, False, True, False]]


def test_a_slot_must_suit_in_every_period_unless_the_weeks_own_clock_is_given() -> None:
    one = person(hours=week(36, 37), utc_offsets=(60, 120))
    slots = [(16 * 60, 30), (16 * 60 + 30, 30), (17 * 60, 30)]
    assert free_in_slots(one, slots).tolist() == [[False, False, False]]
    assert free_in_slots(one, slots, {"e": 120}).tolist() == [[True, True, False]]
    assert free_in_slots(one, slots, {"e": 60}).tolist() == [[False, False, True]]


def test_weeks_run_into_each_other_and_repeat() -> None:
    one = person(hours=week(0, 1, 335), utc_offsets=(60,))
    sunday = 6 * 24 * 60
    slots = [(sunday + 23 * 60, 60), (sunday + 22 * 60 + 30, 90), (sunday + 30 * 60, 30), (-60, 60)]
    assert free_in_slots(one, slots).tolist() == [[True, True, False, True]]


def test_clocks_half_an_hour_apart_are_read_to_the_minute() -> None:
    kolkata = person(hours=week(36), utc_offsets=(330,))
    assert free_in_slots(kolkata, [(12 * 60 + 30, 30), (13 * 60, 30)]).tolist() == [[True, False]]
    kathmandu = person(hours=week(36), utc_offsets=(345,))
    assert free_in_slots(kathmandu, [(12 * 60 + 15, 30), (12 * 60 + 30, 30)]).tolist() == [
        [True, False]
    ]


@pytest.mark.parametrize(
    "facts, offset",
    [
        ({"utc_offsets": (60,)}, 60),
        ({"utc_offset": 60}, 60),
        ({}, 0),
        ({"hours": week(1)}, 0),
        ({"hours": " ", "utc_offset": 60}, 60),
    ],
)
def test_whoever_told_no_hours_is_free_from_eight_to_eight(
    facts: Mapping[str, object], offset: int
) -> None:
    local = [7 * 60 + 45, 8 * 60, 12 * 60, 19 * 60 + 30, 19 * 60 + 45, 20 * 60]
    slots = [(day * 24 * 60 + at - offset, 30) for day in (0, 6) for at in local]
    day = [False, True, True, True, False, False]
    assert free_in_slots(person(**facts), slots).tolist() == [day + day]


def test_hours_that_are_no_week_and_slots_without_a_length_are_refused() -> None:
    with pytest.raises(ProblemError, match="336"):
        free_in_slots(person(hours="101", utc_offset=0), [(0, 30)])
    with pytest.raises(ProblemError, match="a minute at least"):
        free_in_slots(person(), [(0, 0)])
    assert free_in_slots([], [(0, 30)]).shape == (0, 1)
