"""What one of two who work together, or are brought together, may read of the other."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from matching.models import Introduction
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs.models import Cohort, Participant, Profile, Seen, User
from programs.visibility import Viewer

# What the two see of each other beyond the profile; never anything marked sensitive, and nothing
# that the profile tells already.
_SHOWN_FACTS = {
    "job_title": _("Work"),
    "industry": _("Industry"),
    "years_experience": _("Years of experience"),
    "skills_offered": _("Can teach"),
    "skills_wanted": _("Wants to learn"),
    "styles": _("Ways of learning"),
    "languages": _("Languages"),
    "country": _("Country"),
}


def cards_of(others: Iterable[Participant], cohort: Cohort) -> list[dict[str, Any]]:
    """A card of each: what they let a match see, and whether they are away."""
    people = list(others)
    profiles = Profile.objects.by_user(person.user for person in people)
    sensitive = cohort.sensitive_facts()
    today = local(clock.now(), cohort.time_zone).date()
    return [_card(person, profiles[person.user_id], sensitive, today) for person in people]


def introductions_to_answer(user: User, cohort: Cohort) -> list[Introduction]:
    """Whom else the person was brought together with in this cohort; each knows its `other`."""
    rows = Introduction.objects.of(user).open().proposed().filter(cohort=cohort).with_people()
    return [one for one in rows if not one.as_seen_by(user).my_answer]


def hidden_in(cards: Iterable[dict[str, Any]]) -> frozenset[str]:
    """The facts that those on the cards keep to themselves."""
    return frozenset().union(*(card["seen"].hidden_facts for card in cards))


def _card(
    person: Participant, profile: Profile, sensitive: Collection[str], today: date
) -> dict[str, Any]:
    seen = profile.seen_by(Viewer.MATCH)
    return {
        "participant": person,
        "user": person.user,
        "seen": seen,
        "facts": _facts(person, {*sensitive, *seen.hidden_facts, *_told_already(seen)}),
        "back_on": profile.paused_until(today),
    }


def _facts(person: Participant, left_out: Collection[str]) -> list[tuple[str, Any]]:
    return [
        (str(label), ", ".join(value) if isinstance(value, list | dict) else value)
        for name, label in _SHOWN_FACTS.items()
        if name not in left_out and (value := person.facts.get(name))
    ]


def _told_already(seen: Seen) -> set[str]:
    """Facts that stand in the profile above them."""
    told = {name for name in ("languages", "styles") if getattr(seen, name)}
    return told | ({"skills_offered", "skills_wanted"} if seen.skills else set())
