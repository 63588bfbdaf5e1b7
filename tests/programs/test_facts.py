"""What answers tell the matching."""

from mentorship.shared.questions.kinds import Kind
from programs.facts import facts_of

PYTHON = {"name": "Python", "now": 1, "wanted": 3}
GO = {"name": "Go", "now": 2, "wanted": 2}
RUST = {"name": "Rust", "now": 0, "wanted": 1}


def test_answers_are_facts_as_they_stand() -> None:
    asked = [("hours", Kind.HOURS, "hours"), ("why", Kind.LONG_TEXT, ""), ("a", Kind.NUMBER, "age")]
    assert facts_of(asked, {"hours": [1, 2], "why": "So.", "other": 1}) == {"hours": [1, 2]}


def test_skills_wanted_are_the_steps_to_go_and_what_one_has_comes_along() -> None:
    asked = [("learn", Kind.SKILLS, "skills_wanted")]
    assert facts_of(asked, {"learn": [PYTHON, GO, RUST]}) == {
        "skills_wanted": {"Python": 2, "Rust": 1},
        "skills_have": {"Python": 1, "Go": 2},
    }


def test_skills_that_another_question_tells_stand() -> None:
    asked = [("have", Kind.ITEMS, "skills_have"), ("learn", Kind.SKILLS, "skills_wanted")]
    told = facts_of(asked, {"learn": [PYTHON], "have": ["C"]})
    assert told["skills_have"] == ["C"]


def test_skills_offered_are_levels() -> None:
    asked = [("teach", Kind.SKILLS, "skills_offered")]
    assert facts_of(asked, {"teach": [PYTHON, GO, RUST]}) == {
        "skills_offered": {"Python": 1, "Go": 2}
    }
