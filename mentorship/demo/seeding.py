"""Made programs, played by the real actions from their first day until now.

Nothing is written past an action, except what a person's own sign-up would write, the account and
its confirmed address, and what makes somebody the owner of the site. A seeding is one transaction:
it is there in full or not at all.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from feedback.metrics.tasks import compute_figures
from feedback.tasks import remind_due_checkins, send_due_surveys
from mentorship.demo import cast, civil_service, desk, developers, mail, next_round, together
from mentorship.demo.director import DAY, Dates, Director, Seeded
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.tasks import deliver_due
from programs.actions import cohorts


def require_made_up_place() -> None:
    """Raise RuleBroken unless made people may live here: in the demo, or under the tests."""
    if settings.DEMO or os.environ.get("DJANGO_SETTINGS_MODULE") == "mentorship.settings.test":
        return
    raise RuleBroken(
        "Made-up people are for the demo's settings only. Nothing was written; "
        "use DJANGO_SETTINGS_MODULE=mentorship.settings.embedded."
    )


def require_no_strangers() -> None:
    """Raise RuleBroken when somebody is here whom neither a seeding nor the demo made."""
    count = cast.strangers().count()
    if count:
        raise RuleBroken(
            f"This database holds people whom the demo did not make ({count}). Nothing was "
            "written; choose another DATA_DIR or DATABASE_URL."
        )


def seed(scenario: str) -> Seeded:
    """Play one of `SCENARIOS` into a database that holds made people only, up to now.

    A database that was seeded before gets one more program, and the new cast is let in.
    Raises RuleBroken where made people may not live, or when the database is in use.
    """
    require_made_up_place()
    require_no_strangers()
    if settings.DEMO and cast.seeding() is None:
        mail.forget_all()  # mails of people who are gone
    with transaction.atomic(), _few_collections():
        seeded = SCENARIOS[scenario](Director(scenario))
        cast.note_seeded(
            seeded.program,
            by=seeded.cast["coordinator"],
            scenario=scenario,
            cohort_code=seeded.cohort.code,
            cast=seeded.cast,
        )
    return seeded


def _empty(director: Director) -> Seeded:
    """A program and a cohort in preparation: nobody has applied, nobody could."""
    dates = Dates(director.monday + 70 * DAY)
    return director.seeded(*developers.found(director, dates))


def _applications_open(director: Director) -> Seeded:
    """The last days for applications: a full desk and nothing decided."""
    dates = Dates(director.monday + 28 * DAY)
    program, cohort = developers.found(director, dates)
    coordinator = director.cast["coordinator"]
    director.play.at(dates.day(-44), lambda: cohorts.open(cohort, by=coordinator))
    director.play.at(director.now - DAY, lambda: developers.import_developers(cohort, coordinator))
    next_round.applicant_begins(director, cohort, director.now - timedelta(hours=3))
    director.play.at(director.now, _catch_up)
    director.play.run(director.now)
    return director.seeded(program, cohort)


def _matched(director: Director) -> Seeded:
    """Everybody is accepted and introduced; the first week is ahead."""
    dates = Dates(director.monday + 7 * DAY)
    program, cohort = developers.found(director, dates)
    developers.until_matched(director, cohort, dates)
    director.play.at(director.now, _catch_up)
    director.play.run(director.now)
    return director.seeded(program, cohort)


def _mid_program(director: Director) -> Seeded:
    """The sixth week, another program, a round that takes applications, one that is matched."""
    dates = Dates(director.monday - 35 * DAY)
    program, cohort = developers.found(director, dates)
    developers.until_matched(director, cohort, dates)
    together.work_together(director, cohort, dates.day(-10, 14))
    together.ask_how_it_goes(director, cohort, dates)
    civil_service.play(director)
    director.count_weekly(dates.day(-10, 19))
    next_round.open_up(director, program, cohort)
    desk.set_up(director, program, cohort)
    director.play.at(director.now, _catch_up)
    director.play.run(director.now)
    return director.seeded(program, cohort)


SCENARIOS: dict[str, Callable[[Director], Seeded]] = {
    "empty": _empty,
    "applications-open": _applications_open,
    "matched": _matched,
    "mid-program": _mid_program,
}


def _catch_up() -> None:
    """Everything that is due at this moment."""
    remind_due_checkins()
    send_due_surveys()
    deliver_due()
    compute_figures()


@contextmanager
def _few_collections() -> Iterator[None]:
    """Look for garbage rarely: millions of short-lived rows make it a fifth of the work."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
