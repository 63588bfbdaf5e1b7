"""The parts of a person's home page, each a function of the person: data and a template."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from feedback.models import CheckIn, Invitation
from matching.models import Match
from mentorship.shared.base.zones import local
from programs.models import Application, Cohort, User


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    template: str
    data: list[Any]


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do now."""

    title: str
    text: str
    url: str
    button: str


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
    rows = Invitation.objects.filter(
        participant__user=user,
        answered_at__isnull=True,
        survey__opens_at__lte=at,
        survey__closes_at__gt=at,
    ).select_related("survey")
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


def next_step(user: User, at: datetime, by_template: dict[str, Section]) -> NextStep | None:
    """The most pressing thing among what the sections found; None when there is nothing."""
    checkin_rows = by_template["feedback/_my_checkins.html"].data
    unanswered = next((c for c in checkin_rows if c.is_over(at)), None)
    if unanswered is not None:
        return NextStep(
            _("Did you meet?"),
            _("Tell in two clicks how your check-in with %(names)s went.") % _names(unanswered),
            reverse("checkin-detail", args=[unanswered.code]),
            _("Say how it went"),
        )
    for survey in by_template["feedback/_my_surveys.html"].data:
        return NextStep(
            survey.survey.title,
            _("A few questions, a few minutes. Your answers shape the program."),
            reverse("survey-answer", args=[survey.code]),
            _("Answer the survey"),
        )
    for application in by_template["programs/_my_applications.html"].data:
        if application.status == Application.Status.DRAFT and (
            application.cohort.accepts_applications(at)
        ):
            return NextStep(
                _("Finish your application"),
                _("%(cohort)s takes applications until the end of %(day)s (%(zone)s).")
                % {
                    "cohort": application.cohort.name,
                    "day": date_format(application.cohort.apply_until, "j F"),
                    "zone": application.cohort.time_zone,
                },
                reverse("application-edit", args=[application.code]),
                _("Continue"),
            )
    for checkin in checkin_rows:
        when = local(checkin.starts_at, user.time_zone)
        return NextStep(
            _("Your next check-in"),
            _("With %(names)s on %(day)s at %(time)s, your time.")
            % (
                _names(checkin)
                | {"day": date_format(when, "l j F"), "time": when.strftime("%H:%M")}
            ),
            reverse("checkin-detail", args=[checkin.code]),
            _("Open it"),
        )
    for application in by_template["programs/_my_applications.html"].data:
        if application.status in (Application.Status.SUBMITTED, Application.Status.WAITLISTED):
            return NextStep(
                _("Your application is with the coordinators"),
                _("You hear from them by mail. Until then you can complete your profile."),
                reverse("profile"),
                _("Complete your profile"),
            )
    for cohort in by_template["programs/_open_cohorts.html"].data:
        return NextStep(
            _("Apply for a program"),
            _("%(program)s takes applications now.") % {"program": cohort.program.name},
            reverse("program-detail", args=[cohort.program.code]),
            _("Read about it"),
        )
    return None


def _names(checkin: CheckIn) -> dict[str, str]:
    return {"names": ", ".join(person.user.name for person in checkin.others)}
