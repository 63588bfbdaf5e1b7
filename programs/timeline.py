"""The days of a cohort in order, for its picture, its table and the check before it opens. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from django.utils.translation import gettext as _


class Dated(Protocol):
    """What has the dates of a cohort."""

    apply_from: date
    apply_until: date | None
    review_until: date | None
    match_on: date | None
    starts_on: date
    ends_on: date | None
    match_weeks: int | None

    @property
    def midpoint_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day that has a name. `name` is the attribute it comes from."""

    name: str
    label: str
    on: date


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time between two milestones; `name` is apply, review, match or run."""

    name: str
    start: date
    end: date


def milestones(cohort: Dated) -> list[Milestone]:
    """The days that are set, in their order."""
    told = (
        ("apply_from", _("Applications open"), cohort.apply_from),
        ("apply_until", _("Applications close"), cohort.apply_until),
        ("review_until", _("Reviewed"), cohort.review_until),
        ("match_on", _("Matched"), cohort.match_on),
        ("starts_on", _("Start"), cohort.starts_on),
        ("midpoint_on", _("Half-way"), cohort.midpoint_on),
        ("ends_on", _("End"), cohort.ends_on),
    )
    return [Milestone(name, label, on) for name, label, on in told if on is not None]


def phases(cohort: Dated) -> list[Phase]:
    """The stretches of time from the first day to the last.

    Without an end it is the time of somebody who is introduced on the first day.
    """
    if cohort.apply_until is None:
        first_pair_ends = cohort.starts_on + timedelta(weeks=cohort.match_weeks or 1)
        found = [
            Phase("apply", cohort.apply_from, cohort.starts_on),
            Phase("run", cohort.starts_on, cohort.ends_on or first_pair_ends),
        ]
    else:
        reviewed = cohort.review_until or cohort.apply_until
        found = [
            Phase("apply", cohort.apply_from, cohort.apply_until),
            Phase("review", cohort.apply_until, reviewed),
            Phase("match", reviewed, cohort.starts_on),
            Phase("run", cohort.starts_on, cohort.ends_on or cohort.starts_on),
        ]
    return [phase for phase in found if phase.start < phase.end]
