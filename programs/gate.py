"""The gate before matching, asked of people: what is missing, in sentences and with a way on.

The conditions are those of the lists (`programs.models.gates`), so that a page about one person
and a list of many cannot tell different things.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mentorship.shared.base.zones import local
from programs.models import (
    Cohort,
    Consent,
    GateItem,
    Participant,
    Profile,
    RequiredText,
    TextVersion,
)
from programs.models.gates import Requirement, declare, declared


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that somebody still has to do. `url` is the path of the page where it is done."""

    key: str
    label: str
    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a person's checklist. `done_at` is known of texts only."""

    key: str
    label: str
    sentence: str
    url: str
    is_done: bool
    done_at: datetime | None = None


# --- What a cohort may ask ------------------------------------------------------------------------


def _tells_nothing(name: str) -> Q:
    """People whose profile has nothing in this field, or who have none."""
    told = Profile.objects.filter(user=OuterRef("user"), **{f"{name}__isnull": False})
    return Q(~Exists(told.exclude(**{name: ""}).exclude(**{name: []})))


def _of_the_profile(name: str, label: str | Promise, sentence: str | Promise) -> None:
    declare(Requirement(name, label, sentence, "profile", partial(_tells_nothing, name)))


_of_the_profile(
    "headline",
    gettext_lazy("A headline in the profile"),
    gettext_lazy("Write a headline into your profile."),
)
_of_the_profile(
    "story",
    gettext_lazy("A story in the profile"),
    gettext_lazy("Tell your story in your profile."),
)
_of_the_profile(
    "languages",
    gettext_lazy("Languages in the profile"),
    gettext_lazy("Say in your profile which languages you can talk in."),
)
_of_the_profile(
    "skills",
    gettext_lazy("Skills in the profile"),
    gettext_lazy("Name your skills in your profile."),
)
_of_the_profile(
    "interests",
    gettext_lazy("Interests in the profile"),
    gettext_lazy("Name your interests in your profile."),
)
_of_the_profile(
    "reach",
    gettext_lazy("A way to be reached"),
    gettext_lazy("Say in your profile where your match can reach you."),
)
_of_the_profile(
    "hours",
    gettext_lazy("Weekly hours in the profile"),
    gettext_lazy("Say in your profile when you can usually meet."),
)


# --- What is missing ------------------------------------------------------------------------------


def missing(participant: Participant) -> list[Missing]:
    """What this person still has to do before they are matched here; empty is ready."""
    return missing_of([participant])[participant.pk]


def missing_of(participants: Sequence[Participant]) -> dict[int, list[Missing]]:
    """The same for many, by the participant's key, in at most three queries."""
    return {
        pk: [Missing(s.key, s.label, s.sentence, s.url) for s in steps if not s.is_done]
        for pk, steps in steps_of(participants).items()
    }


def steps_of(participants: Sequence[Participant]) -> dict[int, list[Step]]:
    """Everything that is asked of each of these people, done or not, in at most three queries."""
    items = _items({one.cohort_id for one in participants})
    texts = [item.text for rows in items.values() for item in rows if item.text is not None]
    read = _read(participants, texts)
    lacking = _lacking(participants, items)
    found: dict[int, list[Step]] = {}
    for one in participants:
        asked = items[one.cohort_id]
        found[one.pk] = [
            *_texts_of(one, asked, read),
            *_others_of(one, asked, lacking),
        ]
    return found


def _items(cohorts: Iterable[int]) -> Mapping[int, list[Any]]:
    """What each cohort asks; retired texts are asked of nobody.

    A text comes with the code of its newest version, `version_code`.
    """
    newest = TextVersion.objects.filter(text=OuterRef("text"), number=OuterRef("text__newest"))
    rows = GateItem.objects.filter(cohort__in=cohorts).select_related("text")
    found: dict[int, list[Any]] = defaultdict(list)
    for item in rows.annotate(version_code=Subquery(newest.values("code"))):
        if item.text is None or item.text.retired_at is None:
            found[item.cohort_id].append(item)
    return found


def _read(
    participants: Sequence[Participant], texts: Iterable[RequiredText]
) -> dict[tuple[int, int], datetime]:
    """When somebody last read a version of a text that still counts, by person and text."""
    rows = (
        Consent.objects.still_counting()
        .filter(
            user__in={one.user_id for one in participants},
            version__text__in={text.pk for text in texts},
        )
        .order_by("at")
        .values_list("user_id", "version__text_id", "at")
    )
    return {(user, text): at for user, text, at in rows}


def _lacking(
    participants: Sequence[Participant], items: Mapping[int, list[Any]]
) -> dict[int, set[str]]:
    """Which declared requirements each person misses, asked by the lists' own conditions."""
    keys = {item.key for rows in items.values() for item in rows}
    asked = [requirement for requirement in declared() if requirement.key in keys]
    if not asked:
        return {}
    rows = Participant.objects.filter(pk__in=[one.pk for one in participants]).annotate(
        **{f"lacks_{one.key}": _flag(one.missed()) for one in asked}
    )
    found = rows.values_list("pk", *(f"lacks_{one.key}" for one in asked))
    return {
        pk: {one.key for one, lacks in zip(asked, flags, strict=True) if lacks}
        for pk, *flags in found
    }


def _flag(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _texts_of(
    one: Participant,
    asked: Iterable[Any],
    read: Mapping[tuple[int, int], datetime],
) -> list[Step]:
    steps = []
    for item in asked:
        text = item.text
        if text is None or text.role not in ("", one.role):
            continue
        at = read.get((one.user_id, text.pk))
        steps.append(
            Step(
                f"{GateItem.TEXT}-{text.code}",
                text.title,
                _("Read “%(title)s” and say that you have.") % {"title": text.title},
                reverse("text-detail", args=[item.version_code]),
                is_done=at is not None,
                done_at=at,
            )
        )
    return steps


def _others_of(
    one: Participant, asked: Iterable[Any], lacking: Mapping[int, set[str]]
) -> list[Step]:
    keys = {item.key for item in asked}
    return [
        Step(
            requirement.key,
            str(requirement.label),
            str(requirement.sentence),
            reverse(requirement.view),
            is_done=requirement.key not in lacking.get(one.pk, ()),
        )
        for requirement in declared()
        if requirement.key in keys and one.role in requirement.roles
    ]


# --- How a cohort stands --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of those who take part can be matched, and what holds up the others."""

    present: int
    paused: int
    not_ready: int

    @property
    def matchable(self) -> int:
        return self.present - self.paused - self.not_ready


def standing(cohort: Cohort, at: datetime) -> Standing:
    """Everybody present counts once: who is paused and not ready either is paused."""
    day = local(at, cohort.time_zone).date()
    present = Participant.objects.filter(cohort=cohort).present()
    available = present.available(day)
    total, there = present.count(), available.count()
    return Standing(total, total - there, available.not_ready().count())


def what_next(participant: Participant, missing: Sequence[Missing | Step], at: datetime) -> str:
    """What happens next to somebody who takes part, and when, in sentences for them."""
    cohort = participant.cohort
    today = local(at, cohort.time_zone).date()
    if participant.left_at is not None:
        return _("You have left this cohort. Nothing more happens here.")
    if cohort.is_over(today):
        return _("This round is over. Thank you for taking part.")
    if missing:
        told = ngettext(
            "One thing is missing before you can be matched. You find it below.",
            "%(count)d things are missing before you can be matched. You find them below.",
            len(missing),
        ) % {"count": len(missing)}
    else:
        told = _(
            "There is nothing to do for you now. As soon as we have found a match for you, you get "
            "a mail that introduces you, and it stands on your home page."
        )
    return " ".join(filter(None, (told, _when(cohort, today))))


def _when(cohort: Cohort, today: date) -> str:
    """The next day that matters to somebody who waits for a match."""
    if cohort.match_on is not None and cohort.match_on >= today:
        return _("Matching is planned for %(day)s.") % {"day": _day(cohort.match_on)}
    if cohort.starts_on >= today:
        return _("The round starts on %(day)s.") % {"day": _day(cohort.starts_on)}
    return ""


def _day(on: date) -> str:
    return date_format(on, "j F Y")
