"""Skills in rows: a name, the level now, the level wanted."""

from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from mentorship.shared.questions import skills
from mentorship.shared.questions.skills import MOST_SKILLS, SPARE_ROWS, Skill, SkillsField


def row(name: str, now: Any = 1, wanted: Any = 3) -> dict[str, Any]:
    return {"name": name, "now": now, "wanted": wanted}


def cleaned(query: str, **options: Any) -> list[Skill]:
    field = SkillsField(**options)
    return field.clean(field.widget.value_from_datadict(QueryDict(query), {}, "s"))


def test_rows_become_skills_and_empty_ones_are_passed_over() -> None:
    assert cleaned(
        "s-0-name=+Python++3&s-0-now=1&s-0-wanted=3&s-1-name=&s-1-now=&s-2-name=Go&s-2-now=0"
    ) == [row("Python 3"), row("Go", 0, 0)]


@pytest.mark.parametrize(
    "query, says",
    [
        ("s-0-now=2", "Row 1 has a level and no skill"),
        ("s-0-name=Go", "how well you know “Go”"),
        ("s-0-name=Go&s-0-now=9", "levels of “Go”"),
        ("s-0-name=Go&s-0-now=1&s-0-wanted=x", "levels of “Go”"),
        ("s-0-name=Go&s-0-now=1&s-1-name=go&s-1-now=2", "“go” stands there twice"),
        ("s-0-name=a%00b&s-0-now=1", "cannot be kept"),
        (f"s-0-name={'x' * 81}&s-0-now=1", "too long"),
        ("", "at least one skill"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(query: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        cleaned(query)


@pytest.mark.parametrize("value", ["Go", {"a": 1}, ["Go"], [row(f"s{n}") for n in range(31)], [[]]])
def test_what_is_no_list_of_skills_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        SkillsField(required=False).clean(value)


def test_no_row_is_no_answer() -> None:
    assert cleaned("", required=False) == []


def test_who_can_teach_is_asked_where_it_matters() -> None:
    query = "s-0-name=Go&s-0-now=4&s-0-teaches=1&s-1-name=C&s-1-now=1"
    assert [s["teaches"] for s in cleaned(query, asks_teaching=True)] == [True, False]
    assert "I can teach it" in SkillsField(asks_teaching=True).widget.render("s", [], {"id": "s"})


def test_there_are_always_spare_rows_until_there_is_no_room() -> None:
    widget = SkillsField(suggestions=["Go", "Rust"]).widget
    some = widget.render("s", [row("Python"), "Go"], {"id": "s"})
    assert some.count('type="text"') == 2 + SPARE_ROWS
    assert "two steps to go" in some
    assert '<option value="Rust">' in some
    full = widget.render("s", [row(f"skill {n}") for n in range(MOST_SKILLS)], {"id": "s"})
    assert full.count('type="text"') == MOST_SKILLS
    assert "no room" in full


_NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "S", "P")), min_size=1).filter(
    lambda name: len(name) <= 80
)
_SKILLS = st.lists(
    st.builds(row, _NAMES, st.integers(0, 4), st.integers(0, 4)),
    max_size=MOST_SKILLS,
    unique_by=lambda skill: skill["name"].casefold(),
)


@given(_SKILLS)
def test_skills_come_back_as_they_were(told: list[dict[str, Any]]) -> None:
    field = SkillsField(required=False)
    context = field.widget.get_context("s", told, {"id": "s"})["widget"]
    data = {
        f"s-{at}-{part}": shown[part]
        for at, shown in enumerate(context["rows"])
        for part in ("name", "now", "wanted")
    }
    assert field.clean(field.widget.value_from_datadict(data, {}, "s")) == told
    assert field.clean(told) == told


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    _ANYTHING
    | st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(row(""), _ANYTHING)), max_size=5)
)
def test_whatever_is_stored_or_sent_can_be_shown_told_and_cleaned(value: Any) -> None:
    field = SkillsField(required=False)
    assert "skill-row" in field.widget.render("s", value, {"id": "s"})
    assert isinstance(skills.in_words(value), str)
    with suppress(ValidationError):
        field.clean(value)


def test_the_gap_is_told_in_words() -> None:
    assert [skills.gap_in_words(0, wanted) for wanted in range(5)] == [
        "",
        "one step to go",
        "two steps to go",
        "three steps to go",
        "4 steps to go",
    ]
    assert skills.in_words([row("Go"), row("C", 4, 2), "Rust"]) == (
        "Go: beginner, wants strong (two steps to go); C: expert; Rust"
    )


def test_levels_and_steps_for_whoever_compares() -> None:
    told: list[Skill] = [
        {"name": "Go", "now": 1, "wanted": 3},
        {"name": "C", "now": 4, "wanted": 2},
        {"name": "Rust", "now": 0, "wanted": 1},
    ]
    assert skills.levels_now(told) == {"Go": 1, "C": 4}
    assert skills.steps_to_go(told) == {"Go": 2, "Rust": 1}
