"""What happens next with an application, and when, in sentences to the applicant.

One function for each status, since what comes next depends on how far the cohort is. A test
walks every status in every stage.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mentorship.shared.base.zones import local
from programs.deadlines import in_both
from programs.models import Application, Cohort, Interview, Stage

Status = Application.Status


class Moment:
    """What the sentences are made of: an application at an instant, for a reader in a zone."""

    def __init__(
        self,
        application: Application,
        at: datetime,
        reader_zone: str,
        *,
        missing: Sequence[str] = (),
        interview: Interview | None = None,
    ) -> None:
        self.application, self.at, self.reader_zone = application, at, reader_zone
        self.missing, self.interview = missing, interview
        self.cohort: Cohort = application.cohort
        self.stage = self.cohort.stage(at)
        self.accepts = self.cohort.accepts_applications(at)
        self.is_over = self.stage in (Stage.ENDED, Stage.ARCHIVED)

    def told(self, moment: datetime) -> str:
        """An instant in the cohort's zone and the reader's."""
        return in_both(moment, self.cohort.time_zone, self.reader_zone)

    @property
    def deadline(self) -> str:
        """The last second for applications; empty where one may apply at any time."""
        deadline = self.cohort.apply_deadline
        return self.told(deadline) if deadline else ""

    @property
    def ended(self) -> str:
        """That the cohort is over, with its last day if it has one."""
        if self.cohort.ends_on is not None and self.stage == Stage.ENDED:
            return _("This round ended on %(day)s.") % {"day": _day(self.cohort.ends_on)}
        return _("This round is closed and put away.")

    @property
    def ask(self) -> str:
        """Where to ask."""
        address = self.cohort.program.reply_to
        if not address:
            return ""
        return _("Questions? Write to %(address)s.") % {"address": address}


def what_next(
    application: Application,
    at: datetime,
    reader_zone: str = "",
    *,
    missing: Sequence[str] = (),
    interview: Interview | None = None,
) -> str:
    """What happens next and when.

    `reader_zone` is the reader's zone, empty when it is not known. `missing` says what an accepted
    person still has to do before the matching; `interview` is the one that is planned.
    """
    moment = Moment(application, at, reader_zone, missing=missing, interview=interview)
    return _join(*_TELLERS[Status(application.status)](moment))


def _draft(now: Moment) -> tuple[str, ...]:
    if now.accepts:
        if not now.deadline:
            return (_("It is not sent in yet. Send it in whenever you are ready."),)
        return (
            _("It is not sent in yet. You can send it in until %(deadline)s.")
            % {"deadline": now.deadline},
        )
    if now.stage == Stage.DRAFT:
        return (
            _("Applications open on %(day)s. Then you can finish your draft and send it in.")
            % {"day": _day(now.cohort.apply_from)},
        )
    if now.is_over or not now.deadline:
        return (now.ended, _("Your draft was not sent in, so nobody has read it."), _later_round())
    return (
        _("The deadline was %(deadline)s. Your draft was not sent in, so nobody has read it.")
        % {"deadline": now.deadline},
        _("Should the coordinators extend the deadline, you can go on where you stopped."),
        _later_round(),
    )


def _submitted(now: Moment) -> tuple[str, ...]:
    if now.is_over:
        return (now.ended, _("Your application was not decided."), now.ask, _later_round())
    return (*_interview(now), _decision(now), _editable(now))


def _interview(now: Moment) -> tuple[str, ...]:
    if now.interview is None:
        return ()
    told = {"when": now.told(now.interview.planned_at), "place": now.interview.place}
    if now.interview.planned_at <= now.at:
        return (_("You had a talk on %(when)s. The decision comes next.") % told,)
    if now.interview.place:
        return (_("You have an interview on %(when)s, here: %(place)s.") % told,)
    return (_("You have an interview on %(when)s. Where, you hear by mail.") % told,)


def _decision(now: Moment) -> str:
    cohort = now.cohort
    if cohort.is_always_on:
        return _("The coordinators read it and write to you by mail. There is no fixed day for it.")
    today = local(now.at, cohort.time_zone).date()
    by = cohort.review_until or cohort.starts_on
    if today <= by:
        return _("The coordinators read it and write to you by mail by %(day)s.") % {
            "day": _day(by)
        }
    return _join(
        _("The decision was due by %(day)s and is late. You hear by mail.") % {"day": _day(by)},
        now.ask,
    )


def _editable(now: Moment) -> str:
    if not now.accepts:
        return ""
    if not now.deadline:
        return _("Until they decide you can still change your answers.")
    return _("Until %(deadline)s you can still change your answers.") % {"deadline": now.deadline}


def _waitlisted(now: Moment) -> tuple[str, ...]:
    if now.is_over:
        return (now.ended, _("No place became free for you."), _later_round())
    return (
        _(
            "You are on the waiting list, and its order is kept: when a place becomes free, the "
            "next person is offered it by mail."
        ),
        _starts(now),
    )


def _offered(now: Moment) -> tuple[str, ...]:
    until = now.application.offer_until
    if until is None or until <= now.at:
        when = now.told(until) if until else ""
        return (
            _("You could take your place until %(when)s.") % {"when": when},
            _("It goes to the next person.") if now.cohort.offers_go_on else "",
            now.ask,
        )
    return (
        _("Take your place or turn it down until %(when)s.") % {"when": now.told(until)},
        _("After that it goes to the next person.")
        if now.cohort.offers_go_on
        else _("After that the offer ends."),
        _starts(now),
    )


def _accepted(now: Moment) -> tuple[str, ...]:
    if now.is_over:
        return (now.ended, _("Thank you for taking part."))
    if now.missing:
        return (
            _("Before we can match you, this is missing:"),
            " ".join(now.missing),
            _matched_on(now),
        )
    return (_("There is nothing to do for you now."), _matched_on(now))


def _matched_on(now: Moment) -> str:
    cohort, today = now.cohort, local(now.at, now.cohort.time_zone).date()
    if cohort.match_on is not None and today <= cohort.match_on:
        return _("Matches are made on %(day)s; yours is introduced to you by mail.") % {
            "day": _day(cohort.match_on)
        }
    if today < cohort.starts_on:
        return _("Your match is introduced to you by mail before the start on %(day)s.") % {
            "day": _day(cohort.starts_on)
        }
    return _("Your match is introduced to you by mail and stands on your home page.")


def _declined(now: Moment) -> tuple[str, ...]:
    return (_("There was no place for you this time."), _later_round())


def _lapsed(now: Moment) -> tuple[str, ...]:
    until = now.application.offer_until
    told = now.told(until) if until else ""
    return (
        _("The offer was open until %(when)s and was not taken, so it has ended.") % {"when": told},
        "" if now.is_over else now.ask,
        _later_round(),
    )


def _withdrawn(now: Moment) -> tuple[str, ...]:
    if now.accepts and now.deadline:
        return (
            _("You took it back. You can apply again until %(deadline)s.")
            % {"deadline": now.deadline},
        )
    if now.accepts:
        return (_("You took it back. You can apply again at any time."),)
    return (_("You took it back, and nothing more happens."), _later_round())


def _starts(now: Moment) -> str:
    if local(now.at, now.cohort.time_zone).date() >= now.cohort.starts_on:
        return ""
    return _("The round starts on %(day)s.") % {"day": _day(now.cohort.starts_on)}


def _later_round() -> str:
    return _("You may apply for a later round: the program's page shows when.")


def _day(day: date) -> str:
    return str(date_format(day, "j F Y"))


def _join(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


_TELLERS: Final[dict[Status, Callable[[Moment], tuple[str, ...]]]] = {
    Status.DRAFT: _draft,
    Status.SUBMITTED: _submitted,
    Status.WAITLISTED: _waitlisted,
    Status.OFFERED: _offered,
    Status.ACCEPTED: _accepted,
    Status.DECLINED: _declined,
    Status.LAPSED: _lapsed,
    Status.WITHDRAWN: _withdrawn,
}
