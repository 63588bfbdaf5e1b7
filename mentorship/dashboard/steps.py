"""The one thing to do now: small questions about what the sections found, most pressing first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from feedback.models import CheckIn
from mentorship.shared.base.zones import local
from programs.models import Application, User

# What each section found, by the name of the section's function.
Found = Mapping[str, list[Any]]

Status = Application.Status


@dataclass(frozen=True, slots=True)
class NextStep:
    title: str
    text: str
    url: str
    button: str


def say_how_it_went(found: Found, user: User, at: datetime) -> NextStep | None:
    for checkin in found["checkins"]:
        if checkin.has_begun(at):
            return NextStep(
                _("Did you meet?"),
                _("Tell in two clicks how your check-in with %(names)s went.")
                % {"names": _names(checkin)},
                reverse("checkin-detail", args=[checkin.code]),
                _("Say how it went"),
            )
    return None


def answer_a_survey(found: Found, user: User, at: datetime) -> NextStep | None:
    for invitation in found["surveys"]:
        return NextStep(
            invitation.survey.title,
            _("A few questions, a few minutes. Your answers shape the program."),
            reverse("survey-answer", args=[invitation.code]),
            _("Answer the survey"),
        )
    return None


def finish_an_application(found: Found, user: User, at: datetime) -> NextStep | None:
    for application in found["applications"]:
        cohort = application.cohort
        if application.status == Status.DRAFT and cohort.accepts_applications(at):
            return NextStep(
                _("Finish your application"),
                _("%(cohort)s takes applications until the end of %(day)s (%(zone)s).")
                % {
                    "cohort": cohort.name,
                    "day": date_format(cohort.apply_until, "j F"),
                    "zone": cohort.time_zone,
                },
                reverse("application-edit", args=[application.code]),
                _("Continue"),
            )
    return None


def meet(found: Found, user: User, at: datetime) -> NextStep | None:
    for checkin in found["checkins"]:
        when = local(checkin.starts_at, user.time_zone)
        return NextStep(
            _("Your next check-in"),
            _("With %(names)s on %(day)s at %(time)s, your time.")
            % {
                "names": _names(checkin),
                "day": date_format(when, "l j F"),
                "time": when.strftime("%H:%M"),
            },
            reverse("checkin-detail", args=[checkin.code]),
            _("Open it"),
        )
    return None


def wait_for_a_match(found: Found, user: User, at: datetime) -> NextStep | None:
    matched = {match.cohort_id for match in found["matches"]}
    for application in found["applications"]:
        cohort = application.cohort
        waits = application.status == Status.ACCEPTED and cohort.pk not in matched
        if waits and local(at, cohort.time_zone).date() <= cohort.ends_on:
            return _profile(
                _("You take part"),
                _("We introduce your match to you by mail. A full profile helps to find the best."),
            )
    return None


def wait_for_a_decision(found: Found, user: User, at: datetime) -> NextStep | None:
    for application in found["applications"]:
        if application.status in (Status.SUBMITTED, Status.WAITLISTED):
            return _profile(
                _("Your application is with the coordinators"),
                _("You hear from them by mail. Until then you can complete your profile."),
            )
    return None


def apply(found: Found, user: User, at: datetime) -> NextStep | None:
    for cohort in found["open_cohorts"]:
        return NextStep(
            _("Apply for a program"),
            _("%(program)s takes applications now.") % {"program": cohort.program.name},
            reverse("program-detail", args=[cohort.program.code]),
            _("Read about it"),
        )
    return None


STEPS: tuple[Callable[[Found, User, datetime], NextStep | None], ...] = (
    say_how_it_went,
    answer_a_survey,
    finish_an_application,
    meet,
    wait_for_a_match,
    wait_for_a_decision,
    apply,
)


def next_step(found: Found, user: User, at: datetime) -> NextStep | None:
    """The most pressing step; None when there is nothing to do."""
    steps = (step(found, user, at) for step in STEPS)
    return next((step for step in steps if step is not None), None)


def _names(checkin: CheckIn) -> str:
    return ", ".join(person.user.name for person in checkin.others)


def _profile(title: str, text: str) -> NextStep:
    return NextStep(title, text, reverse("profile"), _("Complete your profile"))
