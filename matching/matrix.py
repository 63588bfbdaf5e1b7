"""What a pair is made of, criterion by criterion: what each side said and the points it gave."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matching import told

# More of a long answer is folded away.
_FEW = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion. `shared` is what both have, `points` of at most `most`."""

    label: str
    mentee: str
    mentor: str
    shared: tuple[str, ...]
    more: int
    points: int
    most: int
    is_must: bool
    is_answered: bool
    is_private: bool

    @property
    def share(self) -> float:
        return self.points / self.most if self.most else 0.0


def matrix_of(reasons: Iterable[Mapping[str, Any]], policy: Mapping[str, Any]) -> list[Row]:
    """A row for each criterion, the heaviest first: for coordinators, who read all of them."""
    labels = told.labels(policy)
    musts = {one["name"] for one in policy.get("criterion", ()) if one.get("must")}
    rows = [
        Row(
            label=labels.get(one["criterion"], one["criterion"]),
            mentee=one["mentee"],
            mentor=one["mentor"],
            shared=tuple(one["shared"])[:_FEW],
            more=max(len(one["shared"]) - _FEW, 0),
            points=one["points"],
            most=one.get("of", one["points"]),
            is_must=one["criterion"] in musts,
            is_answered=one["answered"],
            is_private=one["private"],
        )
        for one in reasons
    ]
    return sorted(rows, key=lambda row: -row.most)
