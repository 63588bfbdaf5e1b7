"""What a run looks for, how far it is and what it proved, in words for people."""

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.models import MatchingRun
from mentorship.shared.base.codes import CodeConverter
from programs.models import Participant

_AIMS = {
    "most-mentees-then-total": gettext_lazy(
        "First as many mentees as possible get a match, then the points of all matches together "
        "are as high as possible."
    ),
    "total": gettext_lazy(
        "The points of all matches together are as high as possible, even if somebody stays "
        "without a match for that."
    ),
    "stable": gettext_lazy(
        "No mentee and mentor who are not together would both rather be: first counts whom they "
        "chose themselves, then the points."
    ),
    "fair-floor": gettext_lazy(
        "First as many mentees as possible get a match, then the match with the fewest points has "
        "as many as possible, then the points of all matches together are as high as possible."
    ),
}

_PROVEN = {
    "most-mentees-then-total": gettext_lazy(
        "No other matching places more mentees, and none that places %(matched)d has more than "
        "%(score)d points."
    ),
    "total": gettext_lazy("No other matching has more than %(score)d points."),
    "stable": gettext_lazy(
        "No mentee and mentor who are not together would both rather be than stay as they are."
    ),
    "fair-floor": gettext_lazy(
        "No other matching places more mentees; none that places %(matched)d has more points in "
        "its weakest match, and of those none has more than %(score)d points together."
    ),
}

_STEPS = {
    "reading": gettext_lazy("Reading what people told"),
    "meetings": gettext_lazy("Looking for the best meetings"),
    "sample": gettext_lazy("Comparing a sample of the mentees with the mentors"),
    "scores": gettext_lazy("Comparing every mentee with every mentor"),
    "solving": gettext_lazy("Looking for the best matches"),
    "proof": gettext_lazy("Proving that there are none better"),
    "ties": gettext_lazy("Drawing lots where two matchings are equally good"),
}

# As the engine quotes a person.
_CODE = re.compile(f"'({CodeConverter.regex})'")


def aim_of(objective: str) -> str:
    """What an objective looks for; nothing for one that is not known here."""
    return str(_AIMS.get(objective, ""))


def step_of(run: MatchingRun) -> str:
    """What an unfinished run is doing."""
    if run.status == MatchingRun.Status.QUEUED:
        return _("Waiting for a free worker")
    return str(_STEPS.get(run.step, _STEPS["solving"]))


def proof_of(run: MatchingRun) -> str:
    """The proof of a finished run in one line anyone understands."""
    if not run.mentees:
        return _("Nobody waits for a match, so there is nothing to place.")
    if not run.seats:
        return _("No mentor has a free place, so nobody could be placed.")
    if run.is_proven:
        return str(_PROVEN.get(run.objective, _PROVEN["most-mentees-then-total"])) % _figures(run)
    if not run.gap:
        words = _(
            "%(matched)d of %(mentees)d mentees are matched; time ran out before it was clear "
            "whether the weakest match could have more points."
        )
    elif run.objective == "stable":
        words = _(
            "%(matched)d of %(mentees)d mentees are matched; %(gap)d times a mentee and a mentor "
            "who are not together would both rather be."
        )
    else:
        words = _(
            "%(matched)d of %(mentees)d mentees are matched; the best possible could have at most "
            "%(bound)d. The gap to the proof is %(gap)d points."
        )
    return words % _figures(run)


def failure_of(run: MatchingRun) -> str:
    """Why a run failed, with the names of the people whom the engine knows by their codes."""
    codes = set(_CODE.findall(run.failure))
    if not codes:
        return run.failure
    people = Participant.objects.filter(cohort=run.cohort_id, code__in=codes).select_related("user")
    names = {person.code: person.user.name for person in people}
    return _CODE.sub(lambda found: names.get(found[1], found[0]), run.failure)


def floor_of(run: MatchingRun) -> str:
    """What the fair floor reached and what it cost; nothing for a run without one."""
    if not run.floor:
        return ""
    words = _("The weakest match has %(lowest)d points.")
    if run.floor["is_proven"]:
        words = _(
            "The weakest match has %(lowest)d points. Raising it so far costs %(cost)d points in "
            "all."
        )
    return words % {"lowest": run.floor["lowest"], "cost": run.floor["cost"]}


def _figures(run: MatchingRun) -> dict[str, Any]:
    return {
        "matched": run.matched,
        "mentees": run.mentees,
        "bound": run.matched_bound,
        "score": run.score,
        "gap": run.gap,
    }
