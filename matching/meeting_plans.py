"""What a plan of meetings says: to coordinators how good it is, to people whom they meet when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching.choosing import to_do
from matching.fitting import Card, cards
from matching.models import MeetAndGreet, Meeting, MeetingQuerySet
from programs.models import Choice, Participant, User

# For so long after a meeting the home page still says that one may rank.
_LATELY = timedelta(days=62)

# --- For coordinators -----------------------------------------------------------------------------


def proof_of(planned: MeetAndGreet) -> str:
    """How good a plan is at least, in a line anyone understands."""
    figures = planned.figures
    if not figures["mentees"] or not figures["mentors"]:
        return _(
            "Nobody is there to meet: it needs mentees without a match and mentors with a place."
        )
    *served, (_least, points, most_points) = figures["goals"]
    for least, reached, bound in served:
        if bound > reached:
            return _could_be_served(least, bound - reached)
    if most_points > points:
        words = _(
            "No other plan lets mentees meet more. How well those who meet fit each other could be "
            "better by %(gap)d of %(bound)d points at most."
        )
        return words % {"gap": most_points - points, "bound": most_points}
    if len(served) == 1:
        return _("No other plan lets more mentees meet somebody, and none that does fits better.")
    return _(
        "No other plan lets more mentees meet somebody, and none that does lets more of them meet "
        "two, three and so on. Of all such plans none fits better."
    )


def _could_be_served(least: int, gap: int) -> str:
    """The honest gap, where time ran out before a proof."""
    if least == 1:
        words = ngettext(
            "Time ran out before the proof: at most %(gap)d mentee more could meet somebody.",
            "Time ran out before the proof: at most %(gap)d mentees more could meet somebody.",
            gap,
        )
    else:
        words = ngettext(
            "No other plan lets more mentees meet somebody. Time ran out before the rest of the "
            "proof: at most %(gap)d mentee more could meet %(least)d.",
            "No other plan lets more mentees meet somebody. Time ran out before the rest of the "
            "proof: at most %(gap)d mentees more could meet %(least)d.",
            gap,
        )
    return words % {"gap": gap, "least": least}


def met_table(planned: MeetAndGreet) -> list[dict[str, int]]:
    """How many mentees and mentors meet how many, from none up."""
    met = {side: dict(rows) for side, rows in planned.figures["met"].items()}
    nobody = {"mentees": len(planned.figures["unmet"]), "mentors": len(planned.figures["idle"])}
    counts = {
        side: {0: nobody[side], **{int(n): people for n, people in of_side.items()}}
        for side, of_side in met.items()
    }
    most = max(n for of_side in counts.values() for n in of_side)
    return [
        {"count": n} | {side: of_side.get(n, 0) for side, of_side in counts.items()}
        for n in range(most + 1)
    ]


def meets_nobody(planned: MeetAndGreet) -> Any:
    """Whoever was asked about and is in no meeting, mentees first."""
    codes = [*planned.figures.get("unmet", ()), *planned.figures.get("idle", ())]
    there = Participant.objects.filter(cohort=planned.cohort_id, code__in=codes).present()
    return there.select_related("user").order_by("role", "user__name", "pk")


# --- For the people -------------------------------------------------------------------------------


@dataclass(slots=True)
class Mine:
    """A meeting as one of the two reads it: the other as everybody in the cohort may see them."""

    meeting: Meeting
    me: Participant
    other: Card


def mine(rows: MeetingQuerySet, user: User) -> list[Mine]:
    """These meetings of a person as they read them, in the order of time."""
    found = list(
        rows.with_people().select_related("mentee__user__profile", "mentor__user__profile")
    )
    sides = [one.side_of(user) for one in found]
    shown = cards(one.other_than(me) for one, me in zip(found, sides, strict=True))
    return [Mine(*of_one) for of_one in zip(found, sides, shown, strict=True)]


@dataclass(slots=True)
class Meetings:
    """What a person's home page says of meetings: those to come, and where to choose after them."""

    coming: list[Mine]
    to_rank: list[Participant]


def on_home(user: User, at: datetime) -> Meetings:
    """Meetings to come, and parts in whose cohort the person has met people and may rank now.

    Two queries at most.
    """
    lately = Meeting.objects.of(user).filter(slot__starts_at__gt=at - _LATELY)
    told = mine(lately, user)
    coming = [one for one in told if one.meeting.ends_at > at]
    met = {one.me.pk for one in told} - {one.me.pk for one in coming}
    to_rank = [
        one.part
        for one in (to_do(user, at) if met else ())
        if one.may_choose and one.part.pk in met and one.part.cohort.choice == Choice.RANKED
    ]
    return Meetings(coming, to_rank)


def met_by(one: Participant, at: datetime) -> set[int]:
    """The participants (by number) whom this one has met in a round by the instant `at`."""
    sides = Q(mentee=one) | Q(mentor=one)
    rows = Meeting.objects.told().filter(sides, slot__starts_at__lte=at)
    pairs: Iterable[tuple[int, int]] = rows.order_by().values_list("mentee", "mentor")
    return {person for pair in pairs for person in pair} - {one.pk}
