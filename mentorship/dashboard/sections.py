"""The parts of a person's home page, each a function of the person: data and a template."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext as _

from feedback.models import CheckIn, Invitation
from matching.choosing import to_do
from matching.meeting_plans import on_home
from matching.models import Introduction, Match, Place
from matching.priority import of_programs
from mentorship.shared.base.zones import local
from programs import gate
from programs.models import (
    Application,
    Assignment,
    Cohort,
    Interview,
    MemberInvitation,
    Participant,
    Profile,
    Role,
    User,
)
from programs.told import as_told, parts_told


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page; without data it is left out."""

    title: str
    template: str
    data: list[Any]


def duties(user: User, at: datetime) -> Section:
    """Duties in programs that the person is asked to take."""
    rows = MemberInvitation.objects.for_person(user).open(at).select_related("program")
    return Section(_("You are asked to help"), "programs/_my_duties.html", list(rows))


def pause(user: User, at: datetime) -> Section:
    """The day on which a person on a pause is back."""
    profile = Profile.objects.filter(user=user).first()
    back_on = profile and profile.paused_until(local(at, user.time_zone).date())
    return Section(_("Your pause"), "programs/_my_pause.html", [back_on] if back_on else [])


def parts(user: User, at: datetime) -> Section:
    """Where the person takes part, with what is missing before they can be matched there.

    Who waits for a mentor also reads how far they go first, and why.
    """
    rows = Participant.objects.of(user).present().filter(cohort__archived_at__isnull=True)
    rows = rows.annotate(is_matched=Exists(Place.objects.open().filter(participant=OuterRef("pk"))))
    mine: list[Any] = [
        one
        for one in parts_told(rows.select_related("cohort__program"), at)
        if not one.cohort.is_over(local(at, one.cohort.time_zone).date())
    ]
    missing = gate.missing_of(mine) if mine else {}
    waiting = [one for one in mine if one.role == Role.MENTEE and not one.is_matched]
    goes_first = of_programs({one.cohort.program_id for one in waiting}, [user.pk])
    for one in mine:
        one.missing = missing[one.pk]
    for one in waiting:
        one.priority = goes_first.get((one.cohort.program_id, user.pk))
    return Section(_("Your part"), "programs/_my_parts.html", mine)


def introductions(user: User, at: datetime) -> Section:
    """With whom the person was brought together, while it is open; `me` and `other` are known."""
    rows = Introduction.objects.of(user).open().proposed().with_people()
    seen = [introduction.as_seen_by(user) for introduction in rows]
    return Section(_("Introductions"), "matching/_my_introductions.html", seen)


def meetings(user: User, at: datetime) -> Section:
    """Whom the person meets at a meet-and-greet, and where they may rank whom they met."""
    told = on_home(user, at)
    is_there = bool(told.coming or told.to_rank)
    return Section(_("Your meetings"), "matching/_my_meetings.html", [told] if is_there else [])


def choosing(user: User, at: datetime) -> Section:
    """Where the person may choose whom they would like, or is asked."""
    rows: list[Any] = to_do(user, at)
    return Section(_("Choosing"), "matching/_my_choosing.html", rows)


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
    """Each knows its interviews that are planned as `planned`."""
    planned = Prefetch("interviews", Interview.objects.planned(), to_attr="planned")
    rows = Application.objects.of(user).select_related("cohort__program").prefetch_related(planned)
    return Section(_("Your applications"), "programs/_my_applications.html", as_told(rows, at))


def reviews(user: User, at: datetime) -> Section:
    """How many applications wait for the person's review."""
    count = Assignment.objects.of(user).to_do().count() if user.has_a_duty else 0
    return Section(_("Yours to review"), "programs/_my_reviews.html", [count] if count else [])


def open_cohorts(user: User, at: datetime) -> Section:
    mine = Application.objects.of(user).values("cohort")
    rows = Cohort.objects.perhaps_accepting(at).exclude(pk__in=mine).select_related("program")
    found = [cohort for cohort in rows if cohort.accepts_applications(at)]
    return Section(_("Open for applications"), "programs/_open_cohorts.html", found)


SECTIONS: tuple[Callable[[User, datetime], Section], ...] = (
    introductions,
    meetings,
    choosing,
    duties,
    matches,
    checkins,
    surveys,
    parts,
    pause,
    reviews,
    applications,
    open_cohorts,
)
