"""All ready-made questions, and how to find one.

A ready-made question has the name of the fact it tells the matching, so that a policy written for
one program reads the answers of another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mentorship.shared.questions.kinds import Kind
from programs.questions.personality import PERSONALITY
from programs.questions.specs import QuestionSpec
from programs.questions.usual import USUAL
from programs.questions.working import WORKING


@dataclass(frozen=True, slots=True)
class Group:
    """Ready-made questions that a coordinator finds together; `whole` ones are taken as one."""

    name: str
    title: str | Promise
    questions: tuple[QuestionSpec, ...]
    whole: bool = False


GROUPS: tuple[Group, ...] = (
    Group("usual", _("About the person, skills and work"), USUAL),
    Group("working", _("How they like to work together"), WORKING),
    Group(
        "personality",
        _("Personality: the Mini-IPIP, 20 sentences, sensitive"),
        PERSONALITY,
        whole=True,
    ),
)

READY_MADE: tuple[QuestionSpec, ...] = tuple(q for group in GROUPS for q in group.questions)

_BY_KEY: Mapping[str, QuestionSpec] = {spec.key: spec for spec in READY_MADE}


def ready_made(key: str) -> QuestionSpec:
    """The ready-made question of this key. Raises KeyError when there is none."""
    return _BY_KEY[key]


def ready_made_for(role: str) -> tuple[QuestionSpec, ...]:
    """All ready-made questions that make sense for a role, in the order of a form."""
    return tuple(spec for spec in READY_MADE if role in spec.roles)


def declared(table: Mapping[str, Any]) -> QuestionSpec:
    """A question from a table such as a mapping file holds.

    What the table leaves out comes from the ready-made question of that key; a new one needs
    `label` and `kind`, and tells the matching its key as a fact unless `fact` says otherwise.
    Raises KeyError for a missing or unknown entry, ValueError for an unknown kind.
    """
    known = {field.name for field in fields(QuestionSpec)} - {"roles"}
    if unknown := table.keys() - known:
        raise KeyError(sorted(unknown)[0])
    values = dict(table)
    if "kind" in values:
        values["kind"] = Kind(values["kind"])
    for name in ("choices", "shown_if_answers"):
        if name in values:
            values[name] = tuple(values[name])
    if (earlier := _BY_KEY.get(table["key"])) is not None:
        return replace(earlier, **values)
    return QuestionSpec(
        **{"fact": table["key"], "label": table["label"], "kind": table["kind"]} | values
    )
