"""What a list of skills with levels tells the matching. Pure.

A skill is a table: `name`, the level `now`, the level `wanted` (0 to 4), and whether the person
can teach it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mentorship.shared.questions.skills import steps_to_go

HIGHEST: Final = 4
MOST, LONGEST = 200, 80
# How many a person may name on the page of the profile; a correction may bring more.
MOST_ON_A_FORM: Final = 50
_KEYS = {"name", "now", "wanted", "teaches"}

Skill = Mapping[str, Any]


def offered(skills: Iterable[Skill]) -> dict[str, int]:
    """What the person said they can teach, in their order, each with the level, 1 or more.

    The matching reads the level where its policy asks for it, and otherwise the names only.
    """
    return {skill["name"]: max(skill["now"], 1) for skill in skills if skill["teaches"]}


def wanted(skills: Iterable[Skill]) -> dict[str, int]:
    """What the person wants to know better than now, in their order, each with the steps to go."""
    return steps_to_go(skills)


def validate_skills(skills: Any) -> None:
    """Raise ValidationError unless this is a list of skills as described above, each named once."""
    if not isinstance(skills, list) or not all(map(_is_skill, skills)):
        raise ValidationError(_("This is not a list of skills."), code="no_skills")
    if len({skill["name"] for skill in skills}) < len(skills):
        raise ValidationError(_("Please name each skill once."), code="twice")
    if len(skills) > MOST:
        raise ValidationError(
            _("Please name at most %(most)d."), params={"most": MOST}, code="too_many"
        )


def _is_skill(skill: Any) -> bool:
    return (
        isinstance(skill, dict)
        and skill.keys() == _KEYS
        and isinstance(skill["name"], str)
        and 0 < len(skill["name"]) <= LONGEST
        and all(type(skill[at]) is int and 0 <= skill[at] <= HIGHEST for at in ("now", "wanted"))
        and type(skill["teaches"]) is bool
    )
