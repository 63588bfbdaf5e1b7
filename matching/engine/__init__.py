"""Matching mentees with mentors: provably best, explained. Only these names are for others."""

from matching.engine.breakdowns import Breakdown, RunnerUp, breakdown, runners_up
from matching.engine.certificate import check
from matching.engine.explain import public, reasons, reasons_of, vetoes
from matching.engine.flow import installed
from matching.engine.input import Input
from matching.engine.meeting_check import check_meetings
from matching.engine.meetings import plan_meetings
from matching.engine.passes import Stopped, Work
from matching.engine.policy import OBJECTIVES, Criterion, Policy
from matching.engine.result import Floor, Result, State
from matching.engine.rounds import (
    Meeting,
    MeetingGoal,
    MeetingPlan,
    MeetingPrices,
    MeetingRound,
    free_in_slots,
)
from matching.engine.seats import Recruit, SeatPrice, Wanted, recruit, seat_prices
from matching.engine.sensitivity import Sensitivity, Sure, WeightMove, how_sure
from matching.engine.solving import solve
from matching.engine.types import (
    FACTS,
    CertificateError,
    EngineError,
    Fact,
    Mentee,
    Mentor,
    Pair,
    PairOfIds,
    PolicyError,
    ProblemError,
    Reason,
)
from matching.engine.unplaced import (
    Change,
    Remedy,
    RuledOut,
    Unplaced,
    WhyUnmatched,
    applied,
    why_unmatched,
)
from matching.engine.why import Apart, Cost, Move, Veto, WhyNot, why_not
from matching.engine.words import sentences

__all__ = [
    "FACTS",
    "OBJECTIVES",
    "Apart",
    "Breakdown",
    "CertificateError",
    "Change",
    "Cost",
    "Criterion",
    "EngineError",
    "Fact",
    "Floor",
    "Input",
    "Meeting",
    "MeetingGoal",
    "MeetingPlan",
    "MeetingPrices",
    "MeetingRound",
    "Mentee",
    "Mentor",
    "Move",
    "Pair",
    "PairOfIds",
    "Policy",
    "PolicyError",
    "ProblemError",
    "Reason",
    "Recruit",
    "Remedy",
    "Result",
    "RuledOut",
    "RunnerUp",
    "SeatPrice",
    "Sensitivity",
    "State",
    "Stopped",
    "Sure",
    "Unplaced",
    "Veto",
    "Wanted",
    "WeightMove",
    "WhyNot",
    "WhyUnmatched",
    "Work",
    "applied",
    "breakdown",
    "check",
    "check_meetings",
    "free_in_slots",
    "how_sure",
    "installed",
    "plan_meetings",
    "public",
    "reasons",
    "reasons_of",
    "recruit",
    "runners_up",
    "seat_prices",
    "sentences",
    "solve",
    "vetoes",
    "why_not",
    "why_unmatched",
]
