"""What each kind gives, worked out by hand. That tiles give the same stands in `test_columns`."""

import pytest

from matching.engine import (
    Fact,
    Input,
    Mentee,
    Mentor,
    Policy,
    ProblemError,
    reasons,
    solve,
    vetoes,
)
from matching.engine.criteria import Hours, WrongFactError
from matching.engine.scoring import Problem

SKILLS = {"name": "c", "kind": "overlap", "mentee": "wants", "mentor": "has", "points": 10}
SAME = {"name": "c", "kind": "same", "mentee": "wants", "mentor": "has", "points": 10}
GRADE = {
    "name": "c",
    "kind": "ladder",
    "mentee": "wants",
    "mentor": "has",
    "steps": ["AA", "AO", "EO", "HEO"],
    "gaps": {"1": 9, "2": 12},
}
YEARS = {
    "name": "c",
    "kind": "ladder",
    "mentee": "wants",
    "mentor": "has",
    "gaps": {"..-1": 1, "3..5": 4, "6..": 7},
}
PAIRS = {
    "name": "c",
    "kind": "table",
    "mentee": "wants",
    "mentor": "has",
    "pairs": [["grow", "yes", 8], ["grow", "no", 3], ["7", "no", 5]],
}
CLOCK = {
    "name": "c",
    "kind": "zone",
    "mentee": "wants",
    "mentor": "has",
    "points": 10,
    "full_hours": 2,
    "none_hours": 6,
}
WISH = SAME | {"kind": "wish", "when": "matters"}


WEEK = {
    "name": "c",
    "kind": "hours",
    "mentee": "wants",
    "mentor": "has",
    "points": 10,
    "full_hours": 4,
    "least_hours": 2,
}
FIRST = {"name": "c", "kind": "ranks", "side": "mentee", "of": 3, "points": 10}
WAITED = {"name": "c", "kind": "priority", "mentee": "wants", "points": 10, "full": 2}


def policy(*criteria: dict) -> Policy:
    return Policy.from_dict({"name": "one", "criterion": list(criteria)})


def pair(
    criterion: dict,
    wants: Fact,
    has: Fact,
    *,
    offsets: tuple[Fact, Fact] = (None, None),
    ranks: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    **facts: Fact,
) -> Input:
    """One mentee "e" and one mentor "m", and one criterion over them."""
    mentor = Mentor("m", 1, {"has": has, "utc_offsets": offsets[1]}, ranks[1])
    mentee = Mentee("e", {"wants": wants, "utc_offsets": offsets[0], **facts}, ranks[0])
    return Input((mentor,), (mentee,), policy(criterion))


def points(asked: Input) -> int | None:
    """The score of the only pair, None for a veto; tile and reasons must agree."""
    by_tile = int(Problem.of(asked).tile(slice(None))[0, 0])
    if vetoes(asked.mentees[0], asked.mentors[0], asked.policy):
        assert by_tile < 0
        return None
    told = reasons(asked.mentees[0], asked.mentors[0], asked.policy)
    assert by_tile == sum(reason.points for reason in told)
    return by_tile


def score(criterion: dict, wants: Fact, has: Fact, **facts: Fact) -> int | None:
    return points(pair(criterion, wants, has, **facts))


def names(*values: str) -> frozenset[str]:
    return frozenset(values)


@pytest.mark.parametrize(
    "criterion,wants,has,given",
    [
        (SKILLS | {"enough": 3}, names("a", "b", "c", "d"), names("a", "b", "c"), 10),
        (SKILLS | {"enough": 3}, names("a", "b", "c", "d"), names("a", "b", "x"), 6),
        (SKILLS | {"enough": 3}, names("a", "b", "c", "d"), names("a"), 3),
        (SKILLS | {"enough": 3}, names("a", "b", "c", "d"), names("x"), 0),
        (SKILLS | {"enough": 3}, names("a"), names("a", "x"), 10),
        (SKILLS, names("a", "b", "c", "d"), names("a", "b", "c"), 7),
        (SKILLS, "a", names("a", "x"), 10),
        (SKILLS | {"must": True}, names("a"), names("x"), None),
        # Go is wanted three times as much as C.
        (SKILLS, {"Go": 3, "C": 1}, names("Go"), 7),
        (SKILLS, {"Go": 3, "C": 1}, {"C": 9}, 2),
        (SKILLS | {"enough": 1}, {"Go": 3, "C": 1}, names("C"), 3),
        (SKILLS | {"enough": 1}, {"Go": 3, "C": 1}, names("Go", "C"), 10),
        # From level 3 on a skill counts in full; a plain set is level 1.
        (SKILLS | {"full_level": 3}, {"Go": 3, "C": 1}, {"Go": 2}, 5),
        (SKILLS | {"full_level": 3}, {"Go": 3, "C": 1}, {"Go": 9, "C": 3}, 10),
        (SKILLS | {"full_level": 3}, names("Go", "C"), names("Go"), 1),
        (SKILLS | {"full_level": 3, "must": True}, names("Go"), {"C": 9}, None),
        (SAME, {"a": 9, "b": 1}, names("b"), 10),
        (SAME, "law", "law", 10),
        (SAME, "law", "art", 0),
        (SAME, 7, 7, 10),
        (SAME, True, True, 10),
        (SAME, True, False, 0),
        (SAME, names("a", "b"), names("b", "c"), 10),
        (SAME, names("a", "b"), "b", 10),
        # Yes is no number, though Python holds the two equal.
        (SAME, True, 1, 0),
        (SAME, 1, "1", 10),
        (SAME | {"must": True}, "law", "art", None),
        (SAME | {"kind": "different"}, "law", "art", 10),
        (SAME | {"kind": "different"}, "law", "law", 0),
        (SAME | {"kind": "different", "must": True}, "law", "law", None),
        (SAME | {"kind": "different", "must": True}, names("a", "b"), names("b"), None),
        (GRADE, "AA", "AO", 9),
        (GRADE, "AA", "EO", 12),
        (GRADE, "AA", "HEO", 0),
        (GRADE, "EO", "AO", 0),
        (GRADE | {"must": True}, "EO", "AO", None),
        (GRADE | {"must": True}, "AA", "HEO", None),
        (YEARS, 10, 3, 1),
        (YEARS, 10, 10, 0),
        (YEARS, 10, 12, 0),
        (YEARS, 10, 13, 4),
        (YEARS, 10, 15, 4),
        (YEARS, 10, 16, 7),
        (YEARS, 0, 10**9, 7),
        (YEARS | {"must": True}, 10, 12, None),
        (PAIRS, "grow", True, 8),
        (PAIRS, "grow", False, 3),
        (PAIRS, 7, "no", 5),
        (PAIRS, "stay", "yes", 0),
        (PAIRS | {"must": True}, "stay", "yes", None),
        (CLOCK, 60, 180, 10),
        (CLOCK, 60, 181, 9),
        (CLOCK, 0, 240, 5),
        (CLOCK, 0, -360, 0),
        (CLOCK, 0, 600, 0),
        (CLOCK | {"must": True}, 0, 360, 0),
        (CLOCK | {"must": True}, 0, 361, None),
        (CLOCK | {"must": True}, 780, -660, 10),
        (WISH, "Gay", names("Gay", "Asexual"), 0),
        (WAITED, 0, None, 0),
        (WAITED, 1, None, 5),
        (WAITED, 2, None, 10),
        (WAITED, 3, None, 10),
        (WAITED | {"must": True}, 0, None, None),
        (WAITED | {"must": True}, 1, None, 5),
    ],
)
def test_each_kind_gives_what_its_page_says(
    criterion: dict, wants: Fact, has: Fact, given: int | None
) -> None:
    facts: dict[str, Fact] = {"matters": False} if criterion["kind"] == "wish" else {}
    assert score(criterion, wants, has, **facts) == given


@pytest.mark.parametrize(
    "matters,wants,has,given",
    [
        (True, "Gay", names("Gay", "Asexual"), 10),
        (True, "Gay", names("Asexual"), 0),
        (True, "", names("Gay"), 5),
        (True, "Gay", names(), 5),
        (False, "", names(), 0),
        (None, "Gay", names("Gay"), 0),
        (None, "Gay", None, 0),
    ],
)
def test_a_wish_speaks_only_for_those_who_said_yes(
    matters: Fact, wants: Fact, has: Fact, given: int
) -> None:
    assert score(WISH, wants, has, matters=matters) == given


def test_a_wish_as_a_must_rules_out_only_for_those_who_said_yes() -> None:
    must = WISH | {"must": True, "must_answer": True}
    assert score(must, "Gay", names("Asexual"), matters=True) is None
    assert score(must, "Gay", None, matters=True) is None
    assert score(must, "Gay", names("Asexual"), matters=False) == 0
    assert score(must, "Gay", None, matters=False) == 0


@pytest.mark.parametrize("silence", [None, "", "  ", frozenset(), frozenset({"", " "})])
@pytest.mark.parametrize(
    "criterion",
    [SKILLS, SAME, SAME | {"points": 7}, SAME | {"points": 1}, CLOCK, PAIRS, YEARS, GRADE],
)
def test_unanswered_is_half_the_points_rounded_down(criterion: dict, silence: Fact) -> None:
    most = policy(criterion).most_points
    spoken: Fact = {"zone": 0, "ladder": 4}.get(criterion["kind"], "grow")
    if criterion is GRADE:
        spoken = "AA"
    assert score(criterion, silence, spoken) == most // 2
    assert score(criterion, spoken, silence) == most // 2
    assert score(criterion, silence, silence) == most // 2
    if most > 1:
        assert score(criterion | {"unanswered": 2}, silence, spoken) == 2
    assert score(criterion | {"unanswered": 0}, spoken, silence) == 0


def test_a_silent_mentee_ranks_all_mentors_by_the_other_criteria() -> None:
    other = SAME | {"name": "other", "mentee": "town", "mentor": "town", "points": 3}
    facts = [("law", "Rome"), ("art", "Bonn"), (None, "Rome"), (None, "Bonn")]
    mentors = [Mentor(f"m{j}", 1, {"has": h, "town": t}) for j, (h, t) in enumerate(facts)]
    mentee = Mentee("e", {"wants": None, "town": "Rome"})
    both = [sum(r.points for r in reasons(mentee, m, policy(SAME, other))) for m in mentors]
    alone = [sum(r.points for r in reasons(mentee, m, policy(other))) for m in mentors]
    assert [b - a for a, b in zip(alone, both, strict=True)] == [5, 5, 5, 5]


def test_a_silent_mentor_stands_between_a_full_fit_and_none() -> None:
    assert [score(SAME, "law", has) for has in ("law", None, "", "art")] == [10, 5, 5, 0]


@pytest.mark.parametrize("criterion", [SKILLS, SAME, SAME | {"kind": "different"}, CLOCK])
def test_a_must_rules_nobody_out_for_silence_unless_it_says_so(criterion: dict) -> None:
    spoken: Fact = 0 if criterion is CLOCK else "law"
    assert score(criterion | {"must": True}, None, spoken) == 5
    assert score(criterion | {"must": True, "must_answer": True}, None, spoken) is None
    assert score(criterion | {"must": True, "must_answer": True}, spoken, None) is None


def test_values_listed_as_blank_are_no_answer() -> None:
    blank = SAME | {"blank": ["Other"]}
    assert score(blank, "Other", "Other") == 5
    assert score(blank, names("Other", "law"), names("Other", "law")) == 10
    assert score(blank, names("Other", "law"), names("Other", "art")) == 0


@pytest.mark.parametrize(
    "criterion,fact,sentence",
    [
        (YEARS, "ten", "must be a whole number"),
        (YEARS, True, "must be a whole number"),
        (GRADE, "CEO", "must be one of the steps of the ladder, which has no 'CEO'"),
        (GRADE, 3, "must be one of the steps of the ladder"),
        (CLOCK, 1440, "must be minutes east of UTC, between -1439 and 1439"),
        (CLOCK, "Europe/Rome", "must be a whole number"),
        (PAIRS, frozenset({"a"}), "must be a single value, not a set"),
        (PAIRS, {"a": 1}, "must be a single value, not a set"),
        (SAME, (60, 120), "must be a single value or a set"),
        (WAITED, -1, "must be a whole number from 0"),
        (WAITED, True, "must be a whole number"),
        (WEEK, frozenset({"Mon"}), "must be 336 half-hours, each 0 or 1"),
    ],
)
def test_a_fact_of_the_wrong_type_is_refused(criterion: dict, fact: Fact, sentence: str) -> None:
    with pytest.raises(ProblemError) as error:
        solve(pair(criterion, fact, None))
    assert str(error.value) == (
        f"The answer 'wants' of mentee 'e' {sentence}, as the criterion 'c' reads it."
    )


def test_a_condition_must_be_yes_or_no() -> None:
    with pytest.raises(ProblemError, match=r"^The answer 'matters' of mentee 'e' must be yes or"):
        score(WISH, "Gay", names("Gay"), matters="yes")


# --------------------------------------------------------------------- hours, ranks, priority

ALWAYS = "1" * 336


def hours(*free: int) -> str:
    """A week that is free in these half-hours."""
    return "".join("01"[at in free] for at in range(336))


def week(criterion: dict, mentee: str, mentor: str, offsets: tuple[Fact, Fact]) -> int | None:
    return points(pair(criterion, mentee, mentor, offsets=offsets))


@pytest.mark.parametrize(
    "common,given", [(0, None), (3, None), (4, 5), (5, 6), (7, 8), (8, 10), (336, 10)]
)
def test_common_hours_give_their_share_of_the_hours_that_are_enough(
    common: int, given: int | None
) -> None:
    mentee = hours(*range(common))
    assert week(WEEK | {"must": True}, mentee, ALWAYS, ((0,), (0,))) == given
    assert week(WEEK, mentee, ALWAYS, ((0,), (0,))) == 10 * min(common, 8) // 8


def test_hours_are_those_common_in_every_period_of_the_cohort() -> None:
    evening = hours(*range(36, 44))
    assert week(WEEK, evening, evening, ((60, 120), (60, 120))) == 10
    # An hour of the four is lost while only one of the clocks has changed.
    assert week(WEEK, evening, evening, ((60, 120), (60, 60))) == 7
    assert week(WEEK, evening, evening, ((600, 600), (60, 60))) == 0


@pytest.mark.parametrize(
    "mentee,mentor,offsets",
    [
        (None, ALWAYS, ((0,), (0,))),
        (ALWAYS, "", ((0,), (0,))),
        (ALWAYS, ALWAYS, (None, (0,))),
        (ALWAYS, ALWAYS, ((0,), ())),
    ],
)
def test_hours_without_a_clock_are_unanswered(
    mentee: Fact, mentor: Fact, offsets: tuple[Fact, Fact]
) -> None:
    must = {"must": True}
    answers = must | {"must_answer": True}
    assert points(pair(WEEK, mentee, mentor, offsets=offsets)) == 5
    assert points(pair(WEEK | must, mentee, mentor, offsets=offsets)) == 5
    assert points(pair(WEEK | answers, mentee, mentor, offsets=offsets)) is None


def test_a_week_listed_as_blank_is_no_answer() -> None:
    never = hours()
    assert week(WEEK, never, ALWAYS, ((0,), (0,))) == 0
    assert week(WEEK | {"blank": [never]}, never, ALWAYS, ((0,), (0,))) == 5


@pytest.mark.parametrize("text", ["1" * 335, "1" * 337, "2" * 336, "x"])
def test_a_week_of_the_wrong_length_is_refused(text: str) -> None:
    with pytest.raises(ProblemError) as error:
        solve(pair(WEEK, text, ALWAYS, offsets=((0,), (0,))))
    assert str(error.value) == (
        "The hours of mentee 'e' must be 336 half-hours of a week, Monday 00:00 first, "
        f"each 0 or 1; there are {len(text)}."
    )


def test_hours_are_common_only_to_two_weeks() -> None:
    with pytest.raises(WrongFactError, match="336 half-hours"):
        Hours(4, 2).verdict("Mon", "Mon", 10)


def test_offsets_that_are_none_or_for_other_periods_are_refused() -> None:
    with pytest.raises(ProblemError) as error:
        solve(pair(WEEK, ALWAYS, ALWAYS, offsets=("UTC", (0,))))
    assert str(error.value) == (
        "The answer 'wants' of mentee 'e' must be 336 half-hours beside the 'utc_offsets' of the "
        "cohort's periods, as the criterion 'c' reads it."
    )
    with pytest.raises(ProblemError, match=r"^Everybody's UTC offsets must be given for the same"):
        solve(pair(WEEK, ALWAYS, ALWAYS, offsets=((0,), (0, 60))))


@pytest.mark.parametrize(
    "ranks,given",
    [
        (("m", "a", "b"), 10),
        (("a", "m"), 6),
        (("a", "b", "m", "c"), 3),
        (("a", "b", "c", "m"), 0),
        (("a",), 0),
        ((), 5),
    ],
)
def test_the_first_choice_gives_all_points_and_each_further_place_less(
    ranks: tuple[str, ...], given: int
) -> None:
    assert points(pair(FIRST, None, None, ranks=(ranks, ("e",)))) == given
    swapped = tuple({"m": "e"}.get(other, other) for other in ranks)
    assert points(pair(FIRST | {"side": "mentor"}, None, None, ranks=(("m",), swapped))) == given
    must = points(pair(FIRST | {"must": True}, None, None, ranks=(ranks, ())))
    assert must == (None if given == 0 else given)
    strict = FIRST | {"must": True, "must_answer": True}
    assert points(pair(strict, None, None, ranks=(ranks, ()))) == (
        None if given in (0, 5) else given
    )


def test_a_reason_says_what_was_answered_but_never_whom_somebody_ranked() -> None:
    def told(criterion: dict, wants: Fact, has: Fact, **more: object) -> tuple[str, str]:
        asked = pair(criterion, wants, has, **more)
        (reason,) = reasons(asked.mentees[0], asked.mentors[0], asked.policy)
        return reason.mentee, reason.mentor

    assert told(SKILLS, {"Rust": 3, "Go": 1}, names("Go")) == ("Go, Rust", "Go")
    assert told(SAME, True, 7) == ("yes", "7")
    assert told(SAME, False, None) == ("no", "")
    assert told(CLOCK, -210, None) == ("UTC-03:30", "")
    assert told(FIRST, None, None, ranks=(("m", "secret"), ())) == ("", "")
    assert told(WEEK, ALWAYS, hours(1), offsets=((0,), (0,))) == ("168 h a week", "0.5 h a week")
    assert told(WEEK, ALWAYS, None, offsets=((0,), (0,))) == ("168 h a week", "")


def test_common_hours_are_named_on_the_mentors_clock() -> None:
    asked = pair(WEEK, hours(36, 37), hours(38, 39), offsets=((0,), (60,)))
    (reason,) = reasons(asked.mentees[0], asked.mentors[0], asked.policy)
    assert reason.shared == ("Mon 19:00-20:00",)
