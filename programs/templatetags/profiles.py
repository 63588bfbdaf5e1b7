"""A person's profile in words and pictures, from what a viewer may see of it."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

from mentorship.shared.questions import hours
from mentorship.shared.questions.skills import Level, gap_in_words
from programs.models import Seen
from programs.visibility import FIELD_OF

register = template.Library()

_LISTS = ("languages", "styles", "interests")


@register.simple_tag
def seen_facts(seen: Seen) -> list[tuple[str, str]]:
    """The short parts of what is seen, as label and text; open ones are left out."""
    told = {name: ", ".join(getattr(seen, name)) for name in _LISTS}
    told["hours"] = hours.in_words(list(seen.hours))
    told["capacity"] = str(seen.capacity or "")
    return [(_other(name), text) for name, text in told.items() if text]


@register.simple_tag
def skill_words(skill: Mapping[str, Any]) -> str:
    """The levels of a skill: "beginner, wants strong (two steps to go)"."""
    now = str(Level(skill["now"]).label)
    gap = gap_in_words(skill["now"], skill["wanted"])
    if not gap:
        return now
    return _("%(now)s, wants %(wanted)s (%(gap)s)") % {
        "now": now,
        "wanted": Level(skill["wanted"]).label,
        "gap": gap,
    }


@register.filter
def without_scheme(link: str) -> str:
    """An address as people say it."""
    return link.removeprefix("https://").removesuffix("/")


def _other(name: str) -> str:
    """The label of a field when somebody else reads it."""
    if name == "capacity":
        return _("Mentees they can take")
    if name == "hours":
        return _("Usually free")
    return str(FIELD_OF[name].label)
