"""What goes into the engine and what comes out: frozen, plain, free of names and addresses.

Ids are opaque strings. The ids of mentors and of mentees are two separate name spaces: whoever
calls brings in `excluded` the pairs that are one and the same person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

# None, a missing key, blank text and an empty set all mean "not answered".

Fact = str | int | bool | frozenset[str] | Mapping[str, int] | tuple[int, ...] | None
"""A set may say more of each of its values: {"Go": 3} is how well, or how much wanted, 1 to 9."""

PairOfIds = tuple[str, str]
"""(mentee id, mentor id)."""

MOST_PEOPLE_POINTS: Final = 2**52
"""Every sum of gains stays below this, so that float64 solvers add them without rounding."""

LARGEST_WHOLE_FACT: Final = 10**9

FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "skills_offered": "skills a mentor can teach (set)",
        "skills_wanted": "skills a mentee wants to learn (set)",
        "skills_have": "skills a mentee already has (set)",
        "interests": "topics somebody likes to talk about (set)",
        "styles": "ways of learning or of teaching (set)",
        "channels": "where somebody likes to communicate (set)",
        "languages": "languages somebody can hold a conversation in (set)",
        "industry": "the industry somebody works in (text)",
        "organisation": "the organisation somebody works for (text)",
        "organisation_size": "how many people that organisation employs (text)",
        "work_mode": "remote, hybrid or in person (text)",
        "job_title": "the work somebody does (text)",
        "profession": "the profession somebody belongs to (text)",
        "grade": "the step somebody stands on in a ladder of grades (text)",
        "years_experience": "years of work experience (whole number)",
        "people_manager": "whether somebody leads people (yes or no)",
        "career_goal": "what a mentee wants from the next years (text)",
        "country": "the country somebody lives in (text)",
        "time_zone": "IANA name of somebody's time zone (text)",
        "hours": "the 336 half-hours of a local week, Monday 00:00 first, as 0s and 1s (text)",
        "utc_offsets": "minutes east of UTC in each period of the cohort (whole numbers)",
        "reporting_line": "people somebody reports to or leads (set)",
        "priority": "how often a mentee went without a match before (whole number)",
        "utc_offset": "minutes east of UTC on the day of the run (whole number)",
        "caregiver": "whether somebody cares for others; private (yes or no)",
        "identities": "identities a mentor lists for matching; private (set)",
        "identity_wished": "identity a mentee would like in a mentor; private (text or set)",
        "identity_matters": "whether a mentee asks for that; private (yes or no)",
        "capacity": "how many mentees a mentor takes; feeds Mentor.seats (whole number)",
    }
)
"""The ready-made names of facts, with one line of meaning. A policy may name others."""

SENSITIVE_FACTS: Final = frozenset(
    {"caregiver", "identities", "identity_wished", "identity_matters"}
)
"""Facts whose reasons a pair must never read, whatever a policy says."""


class EngineError(ValueError):
    """Anything the engine refuses; the message is a sentence for a coordinator."""


class PolicyError(EngineError):
    """The policy cannot be used as it is written."""


class ProblemError(EngineError):
    """The people, seats or exclusions cannot be used as they are."""


class CertificateError(EngineError):
    """A stored result does not follow from its input."""


@dataclass(frozen=True, slots=True)
class Mentor:
    """Somebody who offers `seats` places (0 or more) to mentees.

    `ranks` are the ids of mentees in the order this mentor would like them, best first.
    """

    id: str
    seats: int
    facts: Mapping[str, Fact]
    ranks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mentee:
    """Somebody who looks for one mentor; `ranks` are mentors' ids, best first."""

    id: str
    facts: Mapping[str, Fact]
    ranks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """What one criterion gave one pair.

    `points` of at most `of`; `shared` holds the common values where there are any; `mentee` and
    `mentor` are the two answers as plain text, "" for none. `answered` is False when the points
    are those for an unanswered question. A `private` reason is for coordinators only.
    """

    criterion: str
    kind: str
    points: int
    of: int
    shared: tuple[str, ...]
    mentee: str
    mentor: str
    answered: bool
    private: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A suggested pair and its points; `explain.reasons` says what they are made of."""

    mentee: str
    mentor: str
    score: int
