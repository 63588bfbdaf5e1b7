"""Matching mentees with mentors: provably best, explained. Only these names are for others."""

from matching.engine.assignment import solve
from matching.engine.certificate import check
from matching.engine.policy import Criterion, Policy
from matching.engine.types import (
    FACTS,
    CertificateError,
    EngineError,
    Exclusion,
    Fact,
    Mentee,
    Mentor,
    Pair,
    PolicyError,
    ProblemError,
    Reason,
    Result,
)

__all__ = [
    "FACTS",
    "CertificateError",
    "Criterion",
    "EngineError",
    "Exclusion",
    "Fact",
    "Mentee",
    "Mentor",
    "Pair",
    "Policy",
    "PolicyError",
    "ProblemError",
    "Reason",
    "Result",
    "check",
    "solve",
]
