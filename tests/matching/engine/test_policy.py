"""Policies come back as they went in, and every mistake is told in a sentence."""

import json

import pytest

from matching.engine import FACTS, Policy, PolicyError
from tests.matching.engine.programs import SAMPLES

PLAIN = {"name": "c", "kind": "same", "mentee": "town", "mentor": "town", "points": 3}
LADDER = {"name": "c", "kind": "ladder", "mentee": "y", "mentor": "y", "gaps": {"1": 3}}
TABLE = {"name": "c", "kind": "table", "mentee": "y", "mentor": "y", "pairs": [["a", "b", 3]]}
RANKS = {"kind": "ranks", "side": "mentee", "mentee": None, "mentor": None}
ZONE = PLAIN | {"kind": "zone", "full_hours": 2, "none_hours": 6}


def one(**changes: object) -> dict[str, object]:
    """A policy of one criterion, changed; a None takes the key away."""
    table = {k: v for k, v in (PLAIN | changes).items() if v is not None}
    return {"name": "P", "criterion": [table]}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/policy.toml")), ids=lambda p: p.parent.name)
def test_a_policy_comes_back_equal_through_json(path) -> None:
    policy = Policy.from_toml(path.read_text())
    stored = json.loads(json.dumps(policy.to_dict()))
    assert Policy.from_dict(stored) == policy
    assert Policy.from_dict(stored).to_dict() == policy.to_dict()


def test_a_stored_policy_says_everything() -> None:
    toml = """
        name = "All"
        objective = "total"
        [[criterion]]
        name = "years"
        label = "Years ahead"
        kind = "ladder"
        mentee = "years"
        mentor = "years"
        gaps = { "2" = 1, "-3..-1" = 2, "10.." = 4, "..-9" = 3 }
        must = true
        must_answer = true
        unanswered = 2
        blank = ["?"]
        when = "wants"
    """
    assert Policy.from_toml(toml).to_dict() == {
        "name": "All",
        "objective": "total",
        "criterion": [
            {
                "name": "years",
                "label": "Years ahead",
                "kind": "ladder",
                "mentee": "years",
                "mentor": "years",
                "points": 4,
                "must": True,
                "must_answer": True,
                "unanswered": 2,
                "private": False,
                "blank": ["?"],
                "when": "wants",
                "gaps": {"..-9": 3, "-3..-1": 2, "2": 1, "10..": 4},
            }
        ],
    }


@pytest.mark.parametrize(
    "parameters",
    [
        {"kind": "overlap", "enough": 3, "full_level": 4},
        {"kind": "overlap"},
        {"kind": "hours", "full_hours": 4, "least_hours": 2},
        {"kind": "zone", "full_hours": 4, "none_hours": 9},
        {"kind": "ranks", "side": "mentor", "of": 7, "mentee": None, "mentor": None},
        {"kind": "priority", "full": 3, "mentor": None},
        {"kind": "ladder", "points": None, "steps": ["A", "B"], "gaps": {"1": 3, "2..": 1}},
        {"kind": "table", "points": None, "pairs": [["a", "b", 3], ["b", "a", 0]]},
    ],
    ids=lambda table: table["kind"],
)
def test_the_parameters_of_every_kind_come_back(parameters: dict) -> None:
    policy = Policy.from_dict(one(**parameters))
    stored = policy.to_dict()["criterion"][0]
    assert {k: v for k, v in parameters.items() if v is not None}.items() <= stored.items()
    assert Policy.from_dict(json.loads(json.dumps(policy.to_dict()))) == policy


@pytest.mark.parametrize(
    "objective", ["most-mentees-then-total", "total", "stable", "fair-floor", None]
)
def test_every_objective_comes_back(objective: str | None) -> None:
    policy = Policy.from_dict(one() | {"objective": objective})
    assert policy.objective == objective or objective is None
    assert Policy.from_dict(policy.to_dict()) == policy
    assert Policy.from_dict(one()).objective == "most-mentees-then-total"


def test_the_label_is_the_name_and_silence_neutral_unless_said() -> None:
    (criterion,) = Policy.from_dict(one(points=7)).criteria
    assert (criterion.label, criterion.unanswered, criterion.points_unanswered) == ("c", None, 3)
    (criterion,) = Policy.from_dict(one(points=7, unanswered="neutral")).criteria
    assert criterion.points_unanswered == 3


def test_a_bare_must_needs_no_points() -> None:
    table = one(kind="different", points=None, must=True)
    table["criterion"] += [PLAIN | {"name": "d"}]
    assert [c.points for c in Policy.from_dict(table).criteria] == [0, 3]


@pytest.mark.parametrize("fact", ["caregiver", "identities", "identity_wished", "identity_matters"])
@pytest.mark.parametrize("side", ["mentee", "mentor", "when"])
def test_a_criterion_over_a_sensitive_answer_is_always_private(fact: str, side: str) -> None:
    (criterion,) = Policy.from_dict(one(**{side: fact})).criteria
    assert criterion.private is True
    with pytest.raises(PolicyError) as error:
        Policy.from_dict(one(**{side: fact, "private": False}))
    assert str(error.value) == (
        "Criterion 'c' reads a sensitive answer; its reason must stay private."
    )


def test_every_fact_has_a_meaning() -> None:
    assert {"skills_wanted", "utc_offset", "identity_matters", "capacity"} <= FACTS.keys()
    assert all(meaning for meaning in FACTS.values())


NAN = float("nan")
NEEDS_WHOLE = "Criterion 'c' needs a whole number for 'points'."


@pytest.mark.parametrize(
    "table,sentence",
    [
        ({}, "The policy needs a text for 'name'."),
        ({"name": "P"}, "The policy needs at least one [[criterion]]."),
        ({"name": "P", "criterion": []}, "The policy needs at least one [[criterion]]."),
        ({"name": "P", "criterion": [3]}, "Criterion 1 must be a table."),
        (
            one() | {"objective": "fairest"},
            "The policy's objective 'fairest' is not known; use one of most-mentees-then-total, "
            "total, stable, fair-floor.",
        ),
        (one() | {"weights": 1}, "The policy has a parameter 'weights' that is not known here."),
        (one(name=None), "Criterion 1 needs a text for 'name'."),
        (one(name=" "), "Criterion 1 needs a text for 'name'."),
        (one(mentee=None), "Criterion 'c' needs a text for 'mentee'."),
        (one(mentor=7), "Criterion 'c' needs a text for 'mentor'."),
        (one(kind=None), "Criterion 'c' needs a text for 'kind'."),
        (
            one(kind="magic"),
            "Criterion 'c' is of a kind 'magic' that is not known; use one of "
            "different, hours, ladder, overlap, priority, ranks, same, table, wish, zone.",
        ),
        (one(weight=2), "Criterion 'c' has a parameter 'weight' that is not known here."),
        (one(points=None), NEEDS_WHOLE),
        (one(points=None, must=False), NEEDS_WHOLE),
        (one(points=NAN), NEEDS_WHOLE),
        (one(points=2.0), NEEDS_WHOLE),
        (one(points=True), NEEDS_WHOLE),
        (one(points="3"), NEEDS_WHOLE),
        (one(points=-1), "Criterion 'c': 'points' is -1, it must not be below 0."),
        (one(points=10**9), "Criterion 'c': 'points' is 1000000000, it must not be above 10000."),
        (one(points=0), "No criterion gives any points; at least one must."),
        (
            {
                "name": "P",
                "criterion": [PLAIN | {"name": f"{n}", "points": 9999} for n in range(11)],
            },
            "The criteria give up to 109989 points together; 100000 is the most.",
        ),
        (
            {"name": "P", "criterion": [PLAIN, PLAIN]},
            "Two criteria are named 'c'.",
        ),
        (one(must="yes"), "Criterion 'c': 'must' must be true or false."),
        (one(must_answer=True), "Criterion 'c': 'must_answer' needs 'must = true' beside it."),
        (one(blank="Other"), "Criterion 'c': 'blank' must be a list of texts."),
        (one(blank=["Other", "Other"]), "Criterion 'c': 'blank' names something twice."),
        (
            one(unanswered="half"),
            "Criterion 'c' needs a whole number for 'unanswered' (or \"neutral\").",
        ),
        (
            one(unanswered=4),
            "Criterion 'c': 'unanswered' (or \"neutral\") is 4, it must not be above 3.",
        ),
        (
            one(kind="overlap", enough=0),
            "Criterion 'c': 'enough' is 0, it must not be below 1.",
        ),
        (
            one(kind="overlap", full_level=10),
            "Criterion 'c': 'full_level' is 10, it must not be above 9.",
        ),
        (
            one(kind="hours", full_hours=169),
            "Criterion 'c': 'full_hours' is 169, it must not be above 168.",
        ),
        (
            one(kind="hours", full_hours=4, least_hours=0),
            "Criterion 'c': 'least_hours' is 0, it must not be below 1.",
        ),
        (
            one(kind="priority", mentor=None, full=0),
            "Criterion 'c': 'full' is 0, it must not be below 1.",
        ),
        (
            one(kind="priority"),
            "Criterion 'c' has a parameter 'mentor' that is not known here.",
        ),
        (one(**RANKS | {"side": "both"}), "Criterion 'c': 'side' must be mentee or mentor."),
        (one(**RANKS | {"side": None}), "Criterion 'c' needs a text for 'side'."),
        (one(**RANKS | {"of": 0}), "Criterion 'c': 'of' is 0, it must not be below 1."),
        (
            {
                "name": "P",
                "criterion": [PLAIN | {"name": f"{n}"} for n in range(51)],
            },
            "The policy has 51 criteria; 50 is the most.",
        ),
        (
            one(kind="same", points=0, must=True),
            "No criterion gives any points; at least one must.",
        ),
        (one(enough=2), "Criterion 'c' has a parameter 'enough' that is not known here."),
        (one(**LADDER | {"gaps": None}), "Criterion 'c' needs 'gaps', a table from gap to points."),
        (
            one(**LADDER | {"gaps": {"one": 3}}),
            "Criterion 'c': the gap 'one' must look like 2, 3..8, 10.. or ..-1.",
        ),
        (
            one(**LADDER | {"gaps": {"..": 3}}),
            "Criterion 'c': the gap '..' must look like 2, 3..8, 10.. or ..-1.",
        ),
        (
            one(**LADDER | {"gaps": {"5..2": 3}}),
            "Criterion 'c': the gap '5..2' ends before it starts.",
        ),
        (
            one(**LADDER | {"gaps": {"1..4": 3, "4..": 2}}),
            "Criterion 'c': the gap 4 is named twice.",
        ),
        (
            one(**LADDER | {"gaps": {"1": -3}}),
            "Criterion 'c': the gap '1' is -3, it must not be below 0.",
        ),
        (one(**LADDER | {"steps": ["A", "A"]}), "Criterion 'c': 'steps' names something twice."),
        (
            one(**LADDER | {"points": 5}),
            "Criterion 'c': 'points' is 5 but its table gives up to 3; leave 'points' out.",
        ),
        (
            one(**TABLE | {"pairs": None}),
            "Criterion 'c' needs 'pairs', a list of [mentee, mentor, points].",
        ),
        (
            one(**TABLE | {"pairs": [["a", "b"]]}),
            "Criterion 'c': 'pairs' must hold rows of [mentee, mentor, points].",
        ),
        (
            one(**TABLE | {"pairs": [[1, "b", 3]]}),
            "Criterion 'c': the values in 'pairs' must be texts.",
        ),
        (
            one(**TABLE | {"pairs": [["a", "b", NAN]]}),
            "Criterion 'c' needs a whole number for the points in 'pairs'.",
        ),
        (
            one(**TABLE | {"pairs": [["a", "b", 3], ["a", "b", 2]]}),
            "Criterion 'c': 'pairs' names two values together twice.",
        ),
        (
            one(**ZONE | {"full_hours": None}),
            "Criterion 'c' needs a whole number for 'full_hours'.",
        ),
        (
            one(**ZONE | {"none_hours": 2}),
            "Criterion 'c': 'none_hours' is 2, it must not be below 3.",
        ),
    ],
)
def test_a_mistake_is_told_in_a_sentence(table: dict, sentence: str) -> None:
    with pytest.raises(PolicyError) as error:
        Policy.from_dict(table)
    assert str(error.value) == sentence


def test_a_broken_file_is_told_in_a_sentence() -> None:
    with pytest.raises(PolicyError, match=r"^The policy is not valid TOML: .+\.$"):
        Policy.from_toml("name = ")


def test_nan_in_a_file_is_refused() -> None:
    with pytest.raises(PolicyError, match=NEEDS_WHOLE):
        Policy.from_toml(
            'name = "P"\n[[criterion]]\nname = "c"\nkind = "same"\n'
            'mentee = "a"\nmentor = "b"\npoints = nan\n'
        )


@pytest.mark.parametrize("side", ["mentee", "mentor"])
def test_what_somebody_chose_is_never_for_the_pair(side: str) -> None:
    ranks = {"name": "choice", "kind": "ranks", "side": side, "points": 3}
    (criterion,) = Policy.from_dict({"name": "P", "criterion": [ranks]}).criteria
    assert criterion.private
    with pytest.raises(PolicyError, match="must stay private"):
        Policy.from_dict({"name": "P", "criterion": [ranks | {"private": False}]})
