"""Who may see which part of a person's profile. A table and three questions of it; no rows.

Each audience is part of the next wider one: what the cohort sees, matched people and coordinators
see too. Coordinators see everything, as the program could not be run otherwise; the pages on
which people choose say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Viewer(StrEnum):
    """What somebody is to the person they look at."""

    MATCH = "match"
    COHORT = "cohort"
    COORDINATOR = "coordinator"


class Audience(models.TextChoices):
    """Who may see a field, the widest first."""

    COHORT = "cohort", _("Everybody in my cohorts")
    MATCHED = "matched", _("People I am matched with")
    COORDINATORS = "coordinators", _("Coordinators only")


_READERS: Mapping[Audience, frozenset[Viewer]] = {
    Audience.COHORT: frozenset(Viewer),
    Audience.MATCHED: frozenset({Viewer.MATCH, Viewer.COORDINATOR}),
    Audience.COORDINATORS: frozenset({Viewer.COORDINATOR}),
}

_ALL = tuple(Audience)
# Two who work together know each other's name and clock.
_KNOWN_TO_A_MATCH = (Audience.COHORT, Audience.MATCHED)
# Strangers write to nobody.
_NEVER_THE_COHORT = (Audience.MATCHED, Audience.COORDINATORS)


@dataclass(frozen=True, slots=True)
class Field:
    """A part of a profile: who sees it unless told otherwise, and who may be chosen.

    `facts` are the facts of the matching that tell the same thing.
    """

    name: str
    label: str | Promise
    usual: Audience
    choices: tuple[Audience, ...] = _ALL
    facts: tuple[str, ...] = ()

    def audience(self, chosen: Mapping[str, str]) -> Audience:
        """Who may see it: the person's choice among those it allows.

        A word that is no choice means the fewest, so that no mistake shows more.
        """
        told = chosen.get(self.name, self.usual)
        return Audience(told) if told in self.choices else self.choices[-1]


FIELDS: tuple[Field, ...] = (
    Field("name", _("Name"), Audience.COHORT, _KNOWN_TO_A_MATCH),
    Field("pronouns", _("Pronouns"), Audience.COHORT),
    Field("time_zone", _("Time zone"), Audience.MATCHED, _KNOWN_TO_A_MATCH),
    Field("headline", _("Headline"), Audience.COHORT),
    Field("story", _("Your story"), Audience.MATCHED),
    Field("languages", _("Languages"), Audience.COHORT, facts=("languages",)),
    Field("skills", _("Skills"), Audience.COHORT, facts=("skills_offered", "skills_wanted")),
    Field("styles", _("Ways of learning or teaching"), Audience.MATCHED, facts=("styles",)),
    Field("interests", _("Interests"), Audience.COHORT),
    Field("hours", _("When you can meet"), Audience.MATCHED, facts=("hours",)),
    Field("capacity", _("Mentees you can take"), Audience.COORDINATORS, facts=("capacity",)),
    Field("email", _("E-mail address"), Audience.MATCHED, _NEVER_THE_COHORT),
    Field("channel", _("How you like to be reached"), Audience.MATCHED, _NEVER_THE_COHORT),
    Field("reach", _("Where you can be reached"), Audience.MATCHED, _NEVER_THE_COHORT),
    Field("linkedin", _("LinkedIn"), Audience.MATCHED),
    Field("github", _("GitHub"), Audience.MATCHED),
    Field("site", _("Your site"), Audience.MATCHED),
)
FIELD_OF: Mapping[str, Field] = {field.name: field for field in FIELDS}


def seen_fields(viewer: Viewer, chosen: Mapping[str, str]) -> frozenset[str]:
    """The names of the fields this viewer may see."""
    return frozenset(field.name for field in FIELDS if viewer in _READERS[field.audience(chosen)])


def hidden_facts(viewer: Viewer, chosen: Mapping[str, str]) -> frozenset[str]:
    """The facts of the matching that tell this viewer what the person does not show them."""
    seen = seen_fields(viewer, chosen)
    return frozenset(fact for field in FIELDS if field.name not in seen for fact in field.facts)
