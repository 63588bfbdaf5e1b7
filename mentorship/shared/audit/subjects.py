"""What the subjects of events are called, and which part of a program they belong to.

An event keeps only the code of its subject. Each app declares, once for every model that events
are about, where a name for it is found; then a page can say it and one can look for it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet


@dataclass(frozen=True, slots=True)
class Named:
    """How things of one model are told of in the history.

    `name` is the lookup of the words for it, such as "applicant__name"; several rows are joined.
    `place` is the lookup of the part of the program it belongs to; empty where it has none.
    """

    model: type[Model]
    name: str = ""
    place: str = ""

    @property
    def label(self) -> str:
        """As events name the model."""
        return self.model._meta.label

    def codes(self, **lookups: Any) -> QuerySet[Any]:
        """The codes of the things that these lookups find."""
        return self.model._default_manager.filter(**lookups).values("code")

    def names(self, codes: Iterable[str]) -> dict[str, str]:
        """The words for each of these things, in one query."""
        rows = self.model._default_manager.filter(code__in=codes).order_by("pk")
        found: dict[str, list[str]] = defaultdict(list)
        for code, name in rows.values_list("code", self.name):
            if name and str(name) not in found[code]:
                found[code].append(str(name))
        return {code: ", ".join(names) for code, names in found.items()}


_NAMED: dict[str, Named] = {}


def declare(*named: Named) -> None:
    """Add models that events are about. Raises ValueError for one declared twice."""
    for one in named:
        if one.label in _NAMED:
            raise ValueError(f"declared twice: {one.label}")
        _NAMED[one.label] = one


def declared() -> tuple[Named, ...]:
    """Everything that was declared."""
    return tuple(_NAMED.values())


def names_of(codes: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The words for things, given as pairs of model label and code: one query for each model."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for label, code in codes:
        wanted[label].add(code)
    found: dict[str, str] = {}
    for label in sorted(wanted.keys() & _NAMED.keys()):
        if _NAMED[label].name:
            found |= _NAMED[label].names(wanted[label])
    return found


def called(words: str) -> Q:
    """Events whose subject has these words in its name."""
    condition = Q(pk__in=[])
    for one in declared():
        if one.name:
            codes = one.codes(**{f"{one.name}__icontains": words})
            condition |= Q(subject_type=one.label, subject_code__in=codes)
    return condition


def within(place: Any) -> Q:
    """Events about this part of a program, or about nothing that belongs to any one part."""
    placed = [one for one in declared() if one.place]
    condition = ~Q(subject_type__in=[one.label for one in placed])
    for one in placed:
        for lookups in ({one.place: place}, {f"{one.place}__isnull": True}):
            condition |= Q(subject_type=one.label, subject_code__in=one.codes(**lookups))
    return condition & (~Q(subject_type=place._meta.label) | Q(subject_code=place.code))
