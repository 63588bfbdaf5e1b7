"""A place that is kept for somebody until a deadline: made, taken, turned down, lapsed."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import instant, local
from mentorship.shared.notifications.outbox import notify
from programs.actions import applications
from programs.models import Application, Cohort, Participant, User
from programs.notifications import OfferLapsed, OfferReminder

Status = Application.Status


def end_of(day: date, cohort: Cohort) -> datetime:
    """The last instant of `day` in the cohort's zone, which people read as its 23:59."""
    return instant(day + timedelta(days=1), time.min, cohort.time_zone) - timedelta(microseconds=1)


def usual_day(cohort: Cohort) -> date:
    """The last day of an offer that is made now, when nobody says otherwise."""
    return local(clock.now(), cohort.time_zone).date() + timedelta(days=cohort.offer_days)


def make(application: Application, *, until: datetime, by: User) -> Application:
    """Offer a place until the instant `until`; see `applications.offer`."""
    return applications.offer(application, until=until, by=by)


@transaction.atomic
def take(application: Application, *, by: User) -> Participant:
    """The applicant takes the place and is told that they take part.

    Raises RuleBroken when there is no offer any more, or its deadline is over.
    """
    application = applications.locked_for_decision(application)
    _require_offer(application)
    applications.acted(application, by)
    return applications.accept(application, by=None, words=application.decision_words)


@transaction.atomic
def turn_down(application: Application, *, by: User) -> Application:
    """The applicant leaves the place to others; the list goes on when the cohort says so.

    Raises RuleBroken when there is no offer any more.
    """
    application = applications.locked_for_decision(application)
    _require_offer(application, in_time=False)
    record(by=by, verb="offer.refused", subject=application, program=application.cohort.program)
    application = applications.withdraw(application, by=by)
    go_on(application.cohort, application.role)
    return application


@transaction.atomic
def leave(application: Application, *, by: User) -> Application:
    """Take an application back, whatever it is by now; a place that was offered goes on.

    Raises RuleBroken when it is withdrawn or declined already.
    """
    application = applications.locked_for_decision(application)
    if application.status == Status.OFFERED:
        return turn_down(application, by=by)
    return applications.withdraw(application, by=by)


@transaction.atomic
def lapse(application: Application) -> bool:
    """End an offer whose deadline is over, tell the person, and let the list go on.

    False when somebody was faster: the offer was taken, turned down or ended already.
    """
    application = applications.locked_for_decision(application)
    now = clock.now()
    if application.status != Status.OFFERED or not application.offer_is_over(now):
        return False
    application.status = Status.LAPSED
    application.decided_at = now
    application.save(update_fields=["status", "decided_at"])
    record(
        by=None,
        verb="application.lapsed",
        subject=application,
        program=application.cohort.program,
    )
    notify(OfferLapsed(application), application.applicant, **applications.about(application))
    go_on(application.cohort, application.role)
    return True


@transaction.atomic
def remind(application: Application) -> bool:
    """Ask once, a day before the end, whether the person takes the place."""
    now = clock.now()
    mine = Application.objects.offers_to_remind_of(now).filter(pk=application.pk)
    if not mine.update(offer_reminded_at=now):
        return False
    application.refresh_from_db()
    return notify(
        OfferReminder(application), application.applicant, **applications.about(application)
    )


def go_on(cohort: Cohort, role: str) -> Application | None:
    """Offer the place that became free to the next on the list, if the cohort wants that.

    The caller holds the cohort's lock. None when nobody waits, no place is free, or the cohort is
    archived.
    """
    if not cohort.offers_go_on or cohort.archived_at is not None:
        return None
    free = cohort.free_places(role)
    waiting = Application.objects.on_waiting_list(cohort, role).first()
    if waiting is None or (free is not None and free < 1):
        return None
    return applications.offer(waiting, until=end_of(usual_day(cohort), cohort), by=None)


def _require_offer(application: Application, *, in_time: bool = True) -> None:
    if application.status == Status.ACCEPTED:
        raise RuleBroken(_("You have taken this place already."))
    if application.status != Status.OFFERED:
        raise RuleBroken(_("There is no offer any more. Your application says how it stands."))
    if in_time and application.offer_is_over(clock.now()):
        raise RuleBroken(_("The offer has ended. Write to the coordinators if you still want it."))
