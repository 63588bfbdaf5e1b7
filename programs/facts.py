"""What answers tell the matching, by the name of the fact.

Most answers are the fact as they stand. Skills with levels become tables of names with a number,
which the matching's overlap reads as level or as importance where its policy asks for levels
(`full_level`), and as a plain list of names where it does not (matching/bridge.py decides):

- `skills_wanted`: the skills somebody wants to know better, each with the steps to go (1 to 4), so
  that the longer way weighs more. The levels they have go to `skills_have`, unless another
  question tells it.
- any other fact, such as `skills_offered`: the skills somebody has, each with the level (1 to 4).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.skills import levels_now, steps_to_go
from programs.skills import offered, wanted

SKILLS_WANTED: Final = "skills_wanted"
SKILLS_HAVE: Final = "skills_have"

# What can be asked of `Question` for `facts_of`, as values_list takes it.
ASKED: Final = ("key", "kind", "fact")

# What can be asked of `Profile` for `facts_of_profile`.
TOLD_IN_PROFILE: Final = ("languages", "skills", "styles", "hours")


def facts_of(asked: Iterable[tuple[str, str, str]], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The facts in these answers. `asked` are the questions as (key, kind, fact); no fact is ""."""
    told: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    for key, kind, fact in asked:
        if not fact or key not in answers:
            continue
        answer = answers[key]
        if kind != Kind.SKILLS:
            told[fact] = answer
        elif fact == SKILLS_WANTED:
            told[fact] = steps_to_go(answer)
            beside[SKILLS_HAVE] = levels_now(answer)
        else:
            told[fact] = levels_now(answer)
    return beside | told


def facts_of_profile(languages: Any, skills: Any, styles: Any, hours: Any) -> dict[str, Any]:
    """What a profile tells the matching beyond the application, answered only."""
    told = {
        "languages": languages,
        "skills_offered": offered(skills),
        "skills_wanted": wanted(skills),
        "styles": styles,
        "hours": hours,
    }
    return {name: value for name, value in told.items() if value}
