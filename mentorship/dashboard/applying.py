"""The next step of somebody who applies or has applied; the words are those of the page itself."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentorship.dashboard.step import Found, NextStep
from mentorship.shared.base.zones import local
from programs.models import Application, Interview, User
from programs.what_next import what_next

Status = Application.Status

# How it ended, where it did not end with a place.
_ENDED: dict[str, Promise] = {
    Status.DRAFT: gettext_lazy("Your application was not sent in"),
    Status.DECLINED: gettext_lazy("There was no place for you this time"),
    Status.LAPSED: gettext_lazy("Your offer has ended"),
    Status.WITHDRAWN: gettext_lazy("You took your application back"),
}


def take_an_offer(found: Found, user: User, at: datetime) -> NextStep | None:
    for application in _in(found, Status.OFFERED):
        if application.offer_until is not None and at < application.offer_until:
            return _step(application, user, at, _("A place is free for you"), _("Answer"))
    return None


def go_to_an_interview(found: Found, user: User, at: datetime) -> NextStep | None:
    for application in _in(found, Status.SUBMITTED):
        interview = _interview(application)
        if interview is not None and interview.planned_at > at:
            return _step(application, user, at, _("Your interview"), _("Open it"))
    return None


def finish_an_application(found: Found, user: User, at: datetime) -> NextStep | None:
    for application in _in(found, Status.DRAFT):
        if application.cohort.accepts_applications(at):
            title = _("Finish your application")
            # leads to the page where it goes on
            url = reverse("application-edit", args=[application.code])
            return NextStep(title, _words(application, user, at), url, _("Continue"))
    return None


def wait_for_a_match(found: Found, user: User, at: datetime) -> NextStep | None:
    matched = {match.cohort_id for match in found["matches"]}
    for application in _in(found, Status.ACCEPTED):
        cohort = application.cohort
        if cohort.pk not in matched and not cohort.is_over(local(at, cohort.time_zone).date()):
            return NextStep(
                _("You take part"),
                _words(application, user, at),
                reverse("profile"),
                _("Complete your profile"),
            )
    return None


def wait_for_a_decision(found: Found, user: User, at: datetime) -> NextStep | None:
    for application in _in(found, Status.SUBMITTED, Status.WAITLISTED):
        if not _is_over(application, at):
            is_sent_in = application.status == Status.SUBMITTED
            title = (
                _("Your application is with the coordinators")
                if is_sent_in
                else _("You are on the waiting list")
            )
            return _step(application, user, at, title, _("Open your application"))
    return None


def read_how_it_ended(found: Found, user: User, at: datetime) -> NextStep | None:
    """Of an application that led to no place, while its round has not begun."""
    for application in _in(found, *_ENDED):
        if local(at, application.cohort.time_zone).date() < application.cohort.starts_on:
            title = str(_ENDED[application.status])
            return _step(application, user, at, title, _("Open your application"))
    return None


def _in(found: Found, *statuses: str) -> Iterator[Application]:
    return (one for one in found["applications"] if one.status in statuses)


def _is_over(application: Application, at: datetime) -> bool:
    cohort = application.cohort
    return cohort.archived_at is not None or cohort.is_over(local(at, cohort.time_zone).date())


def _words(application: Application, user: User, at: datetime) -> str:
    return what_next(application, at, user.told_zone, interview=_interview(application))


def _interview(application: Application) -> Interview | None:
    """The one that is planned, as the section found it."""
    planned: list[Interview] = getattr(application, "planned", [])
    return planned[0] if planned else None


def _step(application: Application, user: User, at: datetime, title: str, button: str) -> NextStep:
    url = reverse("application-detail", args=[application.code])
    return NextStep(title, _words(application, user, at), url, button)
