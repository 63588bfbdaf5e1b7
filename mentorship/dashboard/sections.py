"""The parts of a person's home page, each a function of the person: data and a template."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from feedback.models import CheckIn, Invitation
from matching.models import Match
from programs.models import Application, Cohort, User


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page; without data it is left out."""

    title: str
    template: str
    data: list[Any]


def matches(user: User, at: datetime) -> Section:
    rows = list(Match.objects.of(user).with_people())
    for match in rows:
        match.others = match.others_than(user)
    return Section(_("Your matches"), "matching/_my_matches.html", rows)


def checkins(user: User, at: datetime) -> Section:
    """What is planned next, and what nobody has spoken of yet."""
    open_ones = Q(starts_at__gt=at) | Q(asked_at__isnull=False)
    rows = list(CheckIn.objects.of(user).scheduled().filter(open_ones).with_people()[:5])
    for checkin in rows:
        checkin.others = checkin.match.others_than(user)
    return Section(_("Check-ins"), "feedback/_my_checkins.html", rows)


def surveys(user: User, at: datetime) -> Section:
    rows = Invitation.objects.of(user).waiting(at).select_related("survey")
    return Section(_("Surveys"), "feedback/_my_surveys.html", list(rows))


def applications(user: User, at: datetime) -> Section:
    rows = Application.objects.of(user).select_related("cohort__program")
    return Section(_("Your applications"), "programs/_my_applications.html", list(rows))


def open_cohorts(user: User, at: datetime) -> Section:
    rows = Cohort.objects.accepting_applications(at).select_related("program")
    mine = Application.objects.of(user).values("cohort")
    return Section(
        _("Open for applications"), "programs/_open_cohorts.html", list(rows.exclude(pk__in=mine))
    )


SECTIONS: tuple[Callable[[User, datetime], Section], ...] = (
    matches,
    checkins,
    surveys,
    applications,
    open_cohorts,
)
