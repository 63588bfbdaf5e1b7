"""Rounds of meetings: how long a plan takes, how near to the best it is; part of `matching`.

The people are developers resampled (`markets.developers`) under their policy. Slots lie in the
afternoons of two days, on the hours of UTC in which most of them are awake; everybody is free from
8 to 20 of their own clock (`free_in_slots`), but for three slots in ten, drawn by chance.
"""

import time
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from benchmarks.figures import Report
from benchmarks.harness import alternate
from benchmarks.markets import SEED, developers
from matching.engine import (
    CertificateError,
    Input,
    MeetingPlan,
    MeetingRound,
    check_meetings,
    free_in_slots,
    plan_meetings,
)

BUSY: Final = 0.3
DAY: Final = 24 * 60


class Round(NamedTuple):
    """A round to be planned: mentees, mentors, slots, and the most meetings of each side."""

    mentees: int
    mentors: int
    slots: int
    mentee_most: int
    mentor_most: int

    def __str__(self) -> str:
        return (
            f"{self.mentees:,} x {self.mentors:,} in {self.slots} slots, "
            f"{self.mentee_most} and {self.mentor_most} meetings"
        )

    def question(self) -> tuple[Input, MeetingRound]:
        asked = developers(self.mentees, self.mentors)
        chance = np.random.default_rng(SEED)
        each = -(-self.slots // 2)
        slots = [(at // each * DAY + 13 * 60 + at % each * 30, 20) for at in range(self.slots)]
        mentee_free = free_in_slots(asked.mentees, slots)
        mentor_free = free_in_slots(asked.mentors, slots)
        mentee_free &= chance.random(mentee_free.shape) > BUSY
        mentor_free &= chance.random(mentor_free.shape) > BUSY
        return asked, MeetingRound(mentee_free, mentor_free, self.mentee_most, self.mentor_most)


USUAL: Final = (Round(150, 60, 12, 3, 4), Round(150, 60, 12, 3, 8))
LARGE: Final = Round(500, 300, 20, 3, 6)


def compare_meetings(report: Report, rounds: tuple[Round, ...], turns: int) -> None:
    """Planning from the question to the proven plan, and the check of it."""
    runs = []
    for each in rounds:
        asked, meet = each.question()
        timing = alternate({"plan": partial(plan_meetings, asked, meet)}, turns)["plan"]
        plan: MeetingPlan = timing.result
        began = time.process_time()
        report.expect(not against(asked, meet, plan), f"the check of {each}")
        checked = time.process_time() - began
        runs.append(
            {
                "round": str(each),
                "cpu": timing.median,
                "check": checked,
                "served": " ".join(str(goal.reached) for goal in plan.goals[:-1]),
                "served gap": plan.served_gap,
                "points": plan.score,
                "gap": plan.gap,
            }
        )
        report.add("meetings planned", str(each), timing.median, "s")
        report.add("gap of the meetings", str(each), plan.gap + plan.served_gap, "points")
    report.show("Rounds of meetings", runs)


def against(asked: Input, meet: MeetingRound, plan: MeetingPlan) -> str:
    """What the checker has against a plan; nothing is ""."""
    try:
        check_meetings(asked, meet, plan)
    except CertificateError as error:
        return str(error)
    return ""
