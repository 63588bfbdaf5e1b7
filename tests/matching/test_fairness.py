"""What an audit shows of a matching, how sure its figures are, and what nobody can work out."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from math import inf, isclose, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import matching.fairness
from matching.fairness import SMALLEST_GROUP, Dimension, Group, Interval, Person, audit, tables
from matching.fairness.hiding import hide
from matching.fairness.intervals import bound_mean, bound_rate, bound_ratio

FOLDER = Path(matching.fairness.__file__).parent
ROOT = FOLDER.parents[1]


# --- It stands alone ------------------------------------------------------------------------------


def test_the_audit_loads_neither_django_nor_another_app() -> None:
    names = "print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, matching.fairness; {names}"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert {"matching", "numpy", "scipy"} <= loaded
    assert not loaded & {"django", "celery", "programs", "feedback", "mentorship"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_the_audit_asks_no_clock_and_no_chance(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(node.module)
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
    assert not names & {"time", "datetime", "random", "secrets", "uuid", "os", "engine"}


# --- A rate ---------------------------------------------------------------------------------------

rates = st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@settings(deadline=None)
@given(rates)
def test_a_rates_interval_is_clopper_and_pearsons(rate: tuple[int, int]) -> None:
    hits, of = rate
    theirs = stats.binomtest(hits, of).proportion_ci(0.95, method="exact")
    ours = bound_rate(hits, of)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert ours.holds(hits / of)


def test_none_of_five_by_hand() -> None:
    # (1 - p)^5 = 0.025
    assert bound_rate(0, 5).high == pytest.approx(1 - 0.025 ** (1 / 5))
    assert bound_rate(0, 5).low == 0
    assert bound_rate(5, 5).low == pytest.approx(0.025 ** (1 / 5))
    assert bound_rate(5, 5).high == 1


@pytest.mark.parametrize("hits, of", [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_rate_is_refused(hits: int, of: int) -> None:
    with pytest.raises(ValueError, match="is not a rate"):
        bound_rate(hits, of)
    with pytest.raises(ValueError, match="is not a rate"):
        bound_ratio(hits, of, 1, 2)
    with pytest.raises(ValueError, match="is not a rate"):
        bound_ratio(1, 2, hits, of)


# --- The ratio of two rates -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "of, low",
    [
        # One of one against none of one: no other result points as high. Its chance under the
        # ratio r is r p (1 - p), at most r / 4; what counts is 0.025 less the nuisance's 0.001.
        (1, 4 * 0.024),
        # Two of two against none of two: r^2 p^2 (1 - p)^2, at most r^2 / 16.
        (2, 4 * sqrt(0.024)),
    ],
)
def test_all_against_none_by_hand(of: int, low: float) -> None:
    interval = bound_ratio(of, of, 0, of)
    assert interval.low == pytest.approx(low, rel=1e-2)
    assert interval.low <= low, "in doubt outwards"
    assert interval.high == inf


def test_none_at_all_leaves_everything_open() -> None:
    assert bound_ratio(0, 5, 0, 7) == Interval(0, inf)


small_rates = st.integers(1, 40).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@settings(deadline=None)
@given(small_rates, small_rates)
def test_a_ratios_interval_holds_the_ratio_and_turns_with_it(
    rate: tuple[int, int], base: tuple[int, int]
) -> None:
    interval, turned = bound_ratio(*rate, *base), bound_ratio(*base, *rate)
    if base[0]:
        assert interval.holds(rate[0] / rate[1] * base[1] / base[0])
    if interval.low:
        assert turned.high == 1 / interval.low
    if rate[0] == 0:
        assert interval.low == 0


@pytest.mark.parametrize("of, base_of", [(5, 5), (4, 9), (10, 6)])
def test_a_ratios_interval_covers_in_19_of_20_cases_whatever_the_chances(
    of: int, base_of: int
) -> None:
    """All results, weighed by their chance under many pairs of chances."""
    bounds = {
        (hits, base): bound_ratio(hits, of, base, base_of)
        for hits, base in product(range(of + 1), range(base_of + 1))
    }
    low = np.array([[bounds[h, b].low for b in range(base_of + 1)] for h in range(of + 1)])
    high = np.array([[bounds[h, b].high for b in range(base_of + 1)] for h in range(of + 1)])
    for chance, base_chance in product(np.linspace(0.01, 1, 100), repeat=2):
        weight = np.outer(
            stats.binom.pmf(range(of + 1), of, chance),
            stats.binom.pmf(range(base_of + 1), base_of, base_chance),
        )
        ratio = chance / base_chance
        assert weight[(low <= ratio) & (ratio <= high)].sum() >= 0.95


@pytest.mark.parametrize(
    "result", [(3, 10, 9, 10), (40, 50, 48, 50), (10, 10, 10, 10), (2, 30, 25, 60)]
)
def test_a_ratios_limit_is_where_the_test_turns(result: tuple[int, int, int, int]) -> None:
    """The lower limit once more, slowly: every table, Koopman's limit by its definition."""
    hits, of, base_hits, base_of = result
    koopman = _koopman(of, base_of)
    as_high = koopman >= koopman[hits, base_hits] * (1 - 1e-9)
    base = stats.binomtest(base_hits, base_of).proportion_ci(0.999, method="exact")

    def worst(ratio: float) -> float:
        return max(
            float(
                np.outer(
                    stats.binom.pmf(range(of + 1), of, min(1, ratio * p)),
                    stats.binom.pmf(range(base_of + 1), base_of, p),
                )[as_high].sum()
            )
            for p in np.linspace(base.low, base.high, 400)
        )

    low = bound_ratio(*result).low
    assert worst(low) <= 0.024
    assert worst(low * 1.01) > 0.024


def _koopman(of: int, base_of: int) -> np.ndarray:
    """For every table the least ratio that the score test at 1.96 does not refuse, by halving."""
    hits, base_hits = np.meshgrid(range(of + 1), range(base_of + 1), indexing="ij")

    def distance(ratio: np.ndarray) -> np.ndarray:
        # the likeliest base chance where the ratio holds: there the likelihood's slope turns
        low, high = np.zeros(ratio.shape), np.minimum(1, 1 / ratio)
        for _ in range(60):
            p = (low + high) / 2
            left, right = 1 - ratio * p, 1 - p
            slope = (hits + base_hits) * left * right - ratio * p * (of - hits) * right
            rises = slope - p * (base_of - base_hits) * left > 0
            low, high = np.where(rises, p, low), np.where(rises, high, p)
        spread = ratio * p * (1 - ratio * p) / of + ratio**2 * p * (1 - p) / base_of
        gap = hits / of - ratio * base_hits / base_of
        return gap / np.sqrt(np.maximum(spread, 1e-30))

    low, high = np.full(hits.shape, 1e-5), np.full(hits.shape, 1e5)
    for _ in range(50):
        middle = np.sqrt(low * high)
        refused = distance(middle) >= stats.norm.ppf(0.975)
        low, high = np.where(refused, middle, low), np.where(refused, high, middle)
    return np.where(hits == 0, 0, low)


# --- A mean ---------------------------------------------------------------------------------------


def test_a_means_interval_by_hand() -> None:
    # mean 3, standard deviation sqrt(2.5), so a standard error of sqrt(0.5); t(4) = 2.776
    interval = bound_mean([1, 2, 3, 4, 5])
    assert interval.low == pytest.approx(3 - 2.776 * sqrt(0.5), abs=1e-3)
    assert interval.high == pytest.approx(3 + 2.776 * sqrt(0.5), abs=1e-3)
    assert bound_mean([7, 7]) == Interval(7, 7)
    with pytest.raises(ValueError, match="two values"):
        bound_mean([7])


@given(st.lists(st.integers(0, 200), min_size=2, max_size=30).filter(lambda v: len(set(v)) > 1))
def test_a_means_interval_is_students(values: list[int]) -> None:
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    ours = bound_mean(values)
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=1e-6)
    assert ours.holds(sum(values) / len(values))


# --- What is hidden -------------------------------------------------------------------------------

Sizes = Mapping[str | None, int]
Rule = Callable[[Sizes], frozenset[str | None]]


@pytest.mark.parametrize(
    "sizes, hidden",
    [
        ({"a": 5, "b": 9, None: 7}, set()),
        # "not told" goes with whoever is hidden
        ({"a": 4, "b": 9, None: 7}, {"a", None}),
        ({"a": 4, "b": 4, "c": 9, None: 7}, {"a", "b", None}),
        # and is a group like the others
        ({"a": 8, "b": 9, None: 4}, {"a", None}),
        # where all told, the first by name, whatever its size
        ({"a": 90, "b": 4, "c": 9}, {"a", "b"}),
        ({"a": 4, "b": 90, "c": 9}, {"a", "b"}),
        # not five together: another
        ({"a": 1, "b": 9, "c": 9, None: 2}, {"a", "b", None}),
        ({"a": 1, None: 99}, {"a", None}),
        ({"a": 3}, {"a"}),
        ({}, set()),
    ],
)
def test_small_groups_are_hidden_and_never_alone(sizes: Sizes, hidden: set[str | None]) -> None:
    assert hide(sizes) == hidden


def test_a_part_is_hidden_with_its_whole() -> None:
    sizes = {"a": 6, "b": 7, "c": 8, None: 0}
    before = frozenset({"b", None})
    assert hide(sizes, hidden_before=before) == before
    assert hide(sizes | {"b": 2}, hidden_before=before) == before | {"a"}
    nobody = hide(sizes | {"b": 0}, hidden_before=before)
    assert nobody == before, "of none there is nothing to work out"


def only_the_small(sizes: Sizes) -> frozenset[str | None]:
    return frozenset(group for group, size in sizes.items() if size < SMALLEST_GROUP)


def with_the_next_smallest(sizes: Sizes) -> frozenset[str | None]:
    """The usual rule."""
    hidden = only_the_small(sizes)
    for group in sorted(sizes, key=lambda group: (sizes[group], group or "")):
        people = sum(sizes[one] for one in hidden)
        if hidden and (len(hidden) < 2 or people < SMALLEST_GROUP):
            hidden |= {group}
    return hidden


def told_by_the_rule(rule: Rule, names: Sequence[str | None], people: int) -> list[Sizes]:
    """The tables of `people` in which a hidden group's size can be worked out.

    The reader knows the rule, all names there may be, and how many people there are; a table
    of which nothing is shown says nothing.
    """
    alike: dict[object, list[tuple[Sizes, frozenset[str | None]]]] = defaultdict(list)
    for sizes in _ways(names, people):
        hidden = rule(sizes)
        shown = {group: size for group, size in sizes.items() if group not in hidden}
        if shown:
            alike[frozenset(shown.items())].append((sizes, hidden))
    return [
        worlds[0][0]
        for worlds in alike.values()
        for group in names
        if any(group in hidden for _, hidden in worlds)
        and len({sizes.get(group, 0) for sizes, _ in worlds}) == 1
    ]


def _ways(names: Sequence[str | None], people: int) -> Iterator[Sizes]:
    for sizes in product(range(people + 1), repeat=len(names) - 1):
        if sum(sizes) <= people:
            counts = zip(names, (people - sum(sizes), *sizes), strict=True)
            yield {name: size for name, size in counts if size}


NAMES = ((None, "a"), (None, "a", "b"), (None, "a", "b", "c"), ("a", "b", "c"))
TABLES = [(names, people) for names in NAMES for people in (6, 13, 14, 17, 18, 22)]


@pytest.mark.parametrize("names, people", TABLES)
def test_who_knows_the_rule_and_all_names_works_out_no_hidden_group(
    names: Sequence[str | None], people: int
) -> None:
    assert told_by_the_rule(hide, names, people) == []


@pytest.mark.parametrize("rule", [only_the_small, with_the_next_smallest])
def test_simpler_rules_are_worked_out(rule: Rule) -> None:
    found = [sizes for names, people in TABLES for sizes in told_by_the_rule(rule, names, people)]
    assert found != []


# --- The table ------------------------------------------------------------------------------------


def people_of(group: str | None, count: int, matched: int, **fields: Any) -> list[Person]:
    groups = {"gender": group} if group else {}
    return [
        Person(f"{group}{n}", groups, n < matched, **{k: v[n] for k, v in fields.items()})
        for n in range(count)
    ]


def table_of(*people: list[Person]) -> Mapping[str | None, Group]:
    (dimension,) = audit([one for group in people for one in group], []).mentees
    return {group.name: group for group in dimension.groups}


def test_a_table_by_hand() -> None:
    women = people_of(
        "woman",
        10,
        6,
        score=[10, 20, 20, 20, 20, 33, None, None, None, None],
        got_first_choice=[True, True, False, None, None, None, None, None, False, False],
    )
    men = people_of("man", 20, 18)
    silent = people_of(None, 6, 6)
    found = table_of(women, men, silent)
    assert list(found) == [None, "man", "woman"]
    woman = found["woman"]
    assert (woman.people, woman.matched.hits, woman.matched.of) == (10, 6, 10)
    assert woman.matched.share == 0.6
    assert woman.matched.interval == bound_rate(6, 10)
    # against those who told nothing, of whom all are matched
    assert found[None].impact is None
    assert woman.impact is not None
    assert woman.impact.ratio == 0.6
    assert woman.impact.is_low
    assert woman.impact.interval == bound_ratio(6, 10, 6, 6)
    assert not woman.impact.differs, "10 against 6 people are too few to tell"
    # 123 points of 6 pairs are 20.5; half a point goes to the even number
    assert woman.score is not None
    assert (woman.score.of, woman.score.points) == (6, 20)
    exact = bound_mean([10, 20, 20, 20, 20, 33])
    assert isclose(exact.low, 12.8, abs_tol=0.1)
    assert woman.score.interval == Interval(12, 29)
    # two of five who ranked anybody
    assert woman.first_choice is not None
    assert (woman.first_choice.hits, woman.first_choice.of) == (2, 5)
    assert found["man"].score is None
    assert found["man"].first_choice is None


def test_four_fifths_is_not_below_four_fifths() -> None:
    found = table_of(people_of("a", 10, 8), people_of("b", 10, 10), people_of("c", 100, 79))
    assert [g.impact and (g.impact.ratio, g.impact.is_low) for g in found.values()] == [
        (0.8, False),
        None,
        (0.79, True),
    ]


def test_a_clear_difference_is_told_from_chance() -> None:
    found = table_of(people_of("a", 60, 30), people_of("b", 60, 54))
    assert found["a"].impact is not None
    assert found["a"].impact.differs
    assert not found["a"].impact.interval.holds(1)


def test_where_nobody_is_matched_no_group_stands_behind() -> None:
    found = table_of(people_of("a", 6, 0), people_of("b", 7, 0))
    assert [group.impact for group in found.values()] == [None, None]
    assert found["a"].matched.interval.low == 0


def test_of_equal_rates_the_larger_group_is_the_measure() -> None:
    found = table_of(people_of("a", 6, 6), people_of("b", 30, 30))
    assert found["b"].impact is None
    assert found["a"].impact is not None
    assert found["a"].impact.ratio == 1


def test_blank_is_not_told_and_spaces_around_do_not_count() -> None:
    found = table_of(people_of(" a ", 3, 1), people_of("a", 3, 1), people_of(" ", 9, 2))
    assert {name: group.people for name, group in found.items()} == {"a": 6, None: 9}


def test_a_hidden_group_is_not_named_and_nobody_is() -> None:
    everybody = [
        *people_of("woman", 10, 6),
        *people_of("man", 20, 18),
        *people_of("two-spirit", 1, 0),
        *people_of(None, 8, 8),
    ]
    found = audit(everybody, everybody)
    assert [group.name for group in found.mentees[0].groups] == ["man", "woman"]
    assert found.mentees[0].others == 9
    assert found.mentees == found.mentors
    assert "two-spirit" not in repr(found)
    assert not any(repr(person.id) in repr(found) for person in everybody)


def test_a_hidden_group_is_no_measure_for_others() -> None:
    found = table_of(people_of("a", 10, 5), people_of("b", 10, 4), people_of("c", 4, 4))
    assert list(found) == ["b"]
    assert found["b"].impact is None


def test_a_dimension_of_which_nothing_may_be_shown_is_not_named() -> None:
    told = [Person("x", {"faith": "Bahá'í"}, True), *people_of(None, 30, 30)]
    assert audit(told, []).mentees == ()
    assert audit([], []).mentees == ()


def test_points_of_few_pairs_are_hidden_in_a_shown_group_and_so_are_anothers() -> None:
    few = people_of("b", 8, 4, score=[9] * 4 + [None] * 4)
    many = [people_of(name, 6, 6, score=[9] * 6) for name in ("a", "c", "d")]
    found = table_of(few, *many)
    assert {name: group.score is not None for name, group in found.items()} == {
        "a": False,
        "b": False,
        "c": True,
        "d": True,
    }


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        audit([Person("x", {}, True), Person("x", {}, True)], [])
    with pytest.raises(ValueError, match="without a pair"):
        audit([], [Person("x", {}, False, score=3)])


# --- A reader who solves equations ----------------------------------------------------------------

FIGURES = ("people", "matched", "points", "ranked", "first")
Unknown = tuple[str, str | None, str]
"""Dimension, group, figure."""


def _figures(people: Sequence[Person]) -> dict[str, int]:
    ranked = [p.got_first_choice for p in people if p.got_first_choice is not None]
    return {
        "people": len(people),
        "matched": sum(p.matched for p in people),
        "points": sum(p.score or 0 for p in people),
        "ranked": len(ranked),
        "first": sum(ranked),
    }


def worked_out(dimensions: Sequence[Dimension], people: Sequence[Person]) -> set[Unknown]:
    """What linear equations tell of groups that are not shown.

    The reader knows the names of all groups that are there and every total; from a table they
    read all figures, the mean as if it were exact.
    """
    names = {d.name: sorted({p.groups.get(d.name) for p in people}, key=str) for d in dimensions}
    unknowns = [(d, g, f) for d, groups in names.items() for g in groups for f in FIGURES]
    place = {unknown: n for n, unknown in enumerate(unknowns)}
    equations = [
        {place[d, g, f] for g in groups} for d, groups in names.items() for f in FIGURES
    ] + [{place[d.name, g.name, f]} for d in dimensions for g in d.groups for f in _read(g)]
    matrix = np.zeros((len(equations), len(unknowns)))
    for row, equation in enumerate(equations):
        matrix[row, list(equation)] = 1
    # An unknown is told where no solution of the homogeneous equations moves it.
    _, sizes, directions = np.linalg.svd(matrix)
    free = directions[(sizes > 1e-9).sum() :]
    told = {u for u, n in place.items() if np.allclose(free[:, n], 0, atol=1e-9)}
    told -= {(d.name, g.name, f) for d in dimensions for g in d.groups for f in _read(g)}
    return {(d, g, f) for d, g, f in told if _tells_of_somebody(d, g, f, people)}


def _tells_of_somebody(
    dimension: str, group: str | None, figure: str, people: Sequence[Person]
) -> bool:
    """Whether anybody stands behind a figure: that of a group's no pairs are 0 points is known."""
    has_part = {"points": _PARTS[1][0], "ranked": _PARTS[2][0], "first": _PARTS[2][0]}
    those = [person for person in people if person.groups.get(dimension) == group]
    return any(has_part.get(figure, lambda person: True)(person) for person in those)


def _read(group: Group) -> list[str]:
    return [
        *("people", "matched"),
        *(["points"] if group.score else []),
        *(["ranked", "first"] if group.first_choice else []),
    ]


@st.composite
def cohorts(draw: st.DrawFn) -> list[Person]:
    """Up to 60 people of two dimensions, some groups small."""
    people: list[Person] = []
    kinds = draw(st.lists(st.tuples(st.sampled_from("abcd "), st.sampled_from("xyz ")), max_size=9))
    for first, second in kinds:
        groups = {"one": first, "two": second}
        for _ in range(draw(st.integers(1, 9))):
            matched = draw(st.booleans())
            score = draw(st.integers(0, 40)) if matched else None
            choice = draw(st.sampled_from([None, False, matched]))
            told = {name: group for name, group in groups.items() if group.strip()}
            people.append(Person(str(len(people)), told, matched, score, choice))
    return people


@settings(deadline=None, max_examples=150)
@given(cohorts())
def test_equations_tell_nothing_of_hidden_groups(people: list[Person]) -> None:
    dimensions = audit(people, []).mentees
    if all(len({p.groups.get(d.name) for p in people}) > 1 for d in dimensions):
        assert worked_out(dimensions, people) == set()
    for dimension in dimensions:
        shown = {group.name for group in dimension.groups}
        for ask, wanted in _PARTS:
            open_to = {group.name for group in dimension.groups if wanted in _read(group)}
            left = [p for p in people if p.groups.get(dimension.name) not in open_to and ask(p)]
            assert not left or len(left) >= SMALLEST_GROUP or not open_to
        assert all(group.people >= SMALLEST_GROUP for group in dimension.groups)
        assert dimension.others == sum(p.groups.get(dimension.name) not in shown for p in people)


_PARTS: tuple[tuple[Callable[[Person], object], str], ...] = (
    (lambda person: True, "people"),
    (lambda person: person.matched, "points"),
    (lambda person: person.got_first_choice is not None, "first"),
)


def test_the_reader_works_out_what_a_lone_hidden_group_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        tables,
        "hide",
        lambda sizes, hidden_before=frozenset(): hidden_before | only_the_small(sizes),
    )
    people = [*people_of("a", 9, 6), *people_of("b", 8, 8), *people_of("c", 3, 1)]
    found = worked_out(audit(people, []).mentees, people)
    assert {("gender", "c", "people"), ("gender", "c", "matched")} <= found
