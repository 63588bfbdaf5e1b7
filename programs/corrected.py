"""What a correction changed, in words for the person."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from mentorship.shared.questions import hours, skills
from programs.models import Correction
from programs.models.profiles import ContactWay
from programs.visibility import FIELD_OF


class Change(NamedTuple):
    """One line of the mail; `before` or `after` is empty where nothing was told."""

    label: str
    before: str
    after: str


def in_words(correction: Correction) -> list[Change]:
    """Every change of this correction, in the language that is active now."""
    if correction.application is None:
        return [
            Change(str(FIELD_OF[name].label), _words(name, before), _words(name, after))
            for name, before, after in correction.changes
        ]
    asked = {one.key: one for one in correction.application.questionnaire.questions.all()}
    return [
        Change(asked[key].label, asked[key].in_words(before), asked[key].in_words(after))
        if key in asked
        else Change(key, str(before or ""), str(after or ""))
        for key, before, after in correction.changes
    ]


def _words(name: str, value: Any) -> str:
    """What a field of the profile holds, as text."""
    if not value:
        return ""
    if name == "skills":
        return _skills(value)
    if name == "hours":
        return hours.in_words(value)
    if name == "channel":
        return str(ContactWay(value).label) if value in ContactWay.values else str(value)
    return ", ".join(value) if isinstance(value, list) else str(value)


def _skills(value: list[dict[str, Any]]) -> str:
    taught = ", ".join(skill["name"] for skill in value if skill["teaches"])
    told = skills.in_words(value)
    return (
        _("%(skills)s; can teach %(taught)s") % {"skills": told, "taught": taught}
        if taught
        else told
    )
