"""What an application tells that a profile asks, too, so that nobody has to write it twice. Pure.

Only answers that fit as they stand are taken: skills come with their levels, and a list of mere
names tells no levels, so none are made up. Answers that only coordinators read stay with them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mentorship.shared.questions.kinds import Kind
from programs import skills

SKILLS_OFFERED: Final = "skills_offered"
_LISTS: Final = (Kind.ITEMS, Kind.SEVERAL_OF)

# Which kinds of answer fit the field of the profile that is named as the fact is.
_FITTING: Mapping[str, tuple[str, ...]] = {
    "time_zone": (Kind.ZONE,),
    "languages": _LISTS,
    "styles": _LISTS,
    "interests": _LISTS,
    "hours": (Kind.HOURS,),
}
# Every field of a profile that can be taken from an application.
FIELDS: Final = (*_FITTING, "skills")


def for_profile(
    asked: Iterable[tuple[str, str, str]], answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Values for fields of the profile, by name; what was not answered is not among them.

    `asked` are the questions as (key, kind, fact), as `facts.ASKED` has them.
    """
    told: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    for key, kind, fact in asked:
        answer = answers.get(key)
        if not answer:
            continue
        if kind in _FITTING.get(fact, ()):
            told[fact] = answer
        elif kind == Kind.SKILLS and fact:
            rows += [{**row, "teaches": fact == SKILLS_OFFERED} for row in answer]
    return told | ({"skills": _each_once(rows)} if rows else {})


def _each_once(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with those of the same name made one, which tells the most of each."""
    kept: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = row["name"].casefold()
        one = kept.setdefault(name, {**row})
        for told in ("now", "wanted", "teaches"):
            one[told] = max(one[told], row[told])
    return list(kept.values())[: skills.MOST_ON_A_FORM]
