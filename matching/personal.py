"""What this stage holds of people: why, who reads it, for how long, and what an erasure does."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from matching import runs
from matching.models import (
    Avoid,
    Exclusion,
    Match,
    MatchingRun,
    Place,
    Preference,
    RunInput,
    Seat,
    Suggestion,
    Unmatched,
)
from mentorship.shared.privacy.registry import (
    COORDINATORS,
    MATCH,
    NOBODY,
    STAMPS,
    Erase,
    Held,
    Rows,
    Term,
    Told,
    blanked,
    days,
    deleted,
    left,
    register,
)
from programs.models import Role
from programs.terms import AFTER_COHORT, cohort_ended

_PAIRS_STAY = _("That two people were matched stays, without your name and without reasons.")
_FIT = _("Tell why two people fit.")


def _own_side(role: str, reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reasons without what they tell of the other side."""
    other = Role.MENTEE if role == Role.MENTOR else Role.MENTOR
    return [
        {key: value for key, value in reason.items() if key != other.value} for reason in reasons
    ]


def _of_match(match: Any, person: Any) -> list[dict[str, Any]]:
    place = match.places.filter(participant__user=person).first()
    return _own_side(place.role, match.reasons)


def _of_suggestion(suggestion: Any, person: Any) -> list[dict[str, Any]]:
    is_mentor = suggestion.mentor.user_id == person.pk
    return _own_side(Role.MENTOR if is_mentor else Role.MENTEE, suggestion.reasons)


def _suggested(role: str) -> Held:
    return Held(
        model=Suggestion,
        title=_("Matches that a matching run proposed"),
        person=f"{role}__user",
        kept=Term(AFTER_COHORT, cohort_ended("run__", stamp="run__updated_at")),
        erase=blanked(_PAIRS_STAY, reasons=[]),
        labels={
            "run": _("run"),
        },
        fields={
            "run": Told(_FIT, COORDINATORS),
            "score": Told(_FIT, COORDINATORS),
            "reasons": Told(_FIT, COORDINATORS, _of_suggestion),
        },
        others=("id", "mentor", "mentee"),
    )


def _forget_inputs(rows: Rows) -> int:
    inputs = rows.select_related("run__cohort__program")
    return sum(runs.forget_input(one.run) for one in inputs)


register(
    Held(
        model=MatchingRun,
        title=_("Matching runs you started"),
        person="asked_by",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("That a matching was run stays, without your name.")),
        fields={"status": Told(_("Tell you when it is done."), COORDINATORS)},
        machinery=("code", "finished_at", "published_at", *STAMPS),
        others=tuple(
            column.name
            for column in MatchingRun._meta.concrete_fields
            if column.name
            not in ("code", "status", "finished_at", "published_at", "asked_by", *STAMPS)
        ),
    ),
    Held(
        model=RunInput,
        title=_("What a matching run was asked"),
        person="run__cohort__participants__user",
        kept=Term(
            days(_("{days} days after the run."), settings.MATCHING_INPUT_DAYS),
        ),
        erase=Erase(_forget_inputs),
        others=("id", "packed", "state", "keep_until"),
        hidden=_(
            "One packed text over everybody in the cohort, by codes, so that the result can be "
            "checked. What it holds of you stands under “Taking part”."
        ),
    ),
    _suggested("mentor"),
    _suggested("mentee"),
    Held(
        model=Unmatched,
        title=_("Matching runs that found nobody for you"),
        person="mentee__user",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("That a run found nobody for somebody stays, without your name.")),
        labels={
            "run": _("run"),
        },
        fields={"run": Told(_("Find what would help."), COORDINATORS)},
        others=("id",),
    ),
    Held(
        model=Match,
        title=_("Matches"),
        person="places__participant__user",
        kept=Term(AFTER_COHORT, cohort_ended()),
        erase=blanked(_PAIRS_STAY, reasons=[]),
        fields={
            "cohort": Told(_("Let two people work together."), MATCH),
            "status": Told(_("Let two people work together."), MATCH),
            "score": Told(_FIT, COORDINATORS),
            "reasons": Told(_FIT, MATCH, _of_match),
            "introduced_at": Told(_("Know when it began."), MATCH),
            "ended_at": Told(_("Know when it ended."), MATCH),
        },
        machinery=("code", *STAMPS),
        others=("id", "run"),
    ),
    Held(
        model=Place,
        title=_("Places in matches"),
        person="participant__user",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_PAIRS_STAY),
        fields={
            "role": Told(_("Let two people work together."), MATCH),
            "from_at": Told(_("Know who worked with whom when."), MATCH),
            "until_at": Told(_("Know who worked with whom when."), MATCH),
        },
        others=("id", "match", "seat", "is_exclusive"),
    ),
    Held(
        model=Seat,
        title=_("Seats you offer"),
        person="participant__user",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("A seat without your name, because matches stand on it.")),
        fields={"number": Told(_("Give you no more mentees than you can take."), NOBODY)},
        others=("id",),
    ),
    Held(
        model=Preference,
        title=_("Whom you would like to work with"),
        person="participant__user",
        kept=Term(AFTER_COHORT, cohort_ended("participant__")),
        erase=deleted(),
        labels={
            "other": _("whom"),
        },
        fields={
            "other": Told(_("Find your match."), COORDINATORS),
            "rank": Told(_("Find your match."), COORDINATORS),
        },
        machinery=STAMPS,
        others=("id",),
    ),
    Held(
        model=Avoid,
        title=_("Whom you would rather not work with"),
        person="participant__user",
        kept=Term(AFTER_COHORT, cohort_ended("participant__")),
        erase=deleted(),
        labels={
            "other": _("whom"),
        },
        fields={"other": Told(_("Keep you apart."), NOBODY)},
        machinery=STAMPS,
        others=("id",),
    ),
    *(
        Held(
            model=Exclusion,
            title=_("Whom you are not matched with"),
            person=f"{role}__user",
            kept=Term(AFTER_COHORT, cohort_ended(f"{role}__")),
            erase=deleted(),
            machinery=STAMPS,
            others=("id", "mentor", "mentee", "reason", "by"),
            hidden=_(
                "A coordinator decided that you and another person are not put together. Ask them "
                "for the reason: it may tell of the other person."
            ),
        )
        for role in ("mentor", "mentee")
    ),
)
