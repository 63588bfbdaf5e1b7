"""A matching looked at by groups, outside the scorer: PURE, no Django, no clock, no chance.

The scorer never sees what people say about themselves; this sees nothing else than that and the
outcome. People in, a table out that may be shown.
"""

from matching.fairness.hiding import SMALLEST_GROUP, GroupName
from matching.fairness.intervals import CONFIDENCE, Interval
from matching.fairness.tables import (
    FOUR_FIFTHS,
    Audit,
    Dimension,
    Group,
    Impact,
    Person,
    Rate,
    Score,
    audit,
)

__all__ = [
    "CONFIDENCE",
    "FOUR_FIFTHS",
    "SMALLEST_GROUP",
    "Audit",
    "Dimension",
    "Group",
    "GroupName",
    "Impact",
    "Interval",
    "Person",
    "Rate",
    "Score",
    "audit",
]
