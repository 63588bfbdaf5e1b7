"""What the site holds about people: one declaration per table, written beside the models.

Each app declares its tables in its `personal.py`. From these declarations follow the page and the
file that show people everything about them, what an erasure does, what the retention sweep
forgets, and the test that no field of a person goes undeclared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words = str | Promise
Rows = QuerySet[Any]

# How many rows one statement of a sweep changes: short enough that nobody waits for it.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One field: why it is kept and who reads it.

    `value` tells what of it is the person's, where a row tells of others too: it gets the row
    and the person. `read_by` may be a function of the row, where people choose their readers.
    """

    purpose: Words
    read_by: "Words | Callable[[Any], Words]"
    value: Callable[[Any, Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """How long rows are kept, in words, and which of them are past it at an instant.

    Without `past` nothing forgets them by itself, and the words say what does. `act` is what
    happens then, where it is not what an erasure does.
    """

    words: Words
    past: "Callable[[Rows, datetime], Rows] | None" = None
    act: "Erase | None" = None


@dataclass(frozen=True, slots=True)
class Erase:
    """What becomes of rows when their person is erased, or their term is over.

    `act` returns how many rows it changed; `kept` says in a sentence what stays and why, empty
    when nothing does. `act` takes rows of any number and may be called twice.
    """

    act: Callable[[Rows], int]
    kept: Words = ""


def deleted() -> Erase:
    """The rows go."""
    return Erase(lambda rows: _in_batches(rows, lambda batch: batch.delete()[0]))


def blanked(kept: Words, **values: Any) -> Erase:
    """The rows stay, for the sentence `kept`, with these fields emptied."""
    told = ~Q(**values)

    def act(rows: Rows) -> int:
        return _in_batches(rows.filter(told), lambda batch: batch.update(**values))

    return Erase(act, kept)


def left(kept: Words) -> Erase:
    """The rows stay as they are, for the sentence `kept`."""
    return Erase(lambda rows: 0, kept)


def _in_batches(rows: Rows, act: Callable[[Rows], int]) -> int:
    """Let `act` change the rows, a batch at a time. The rows must no longer be found then."""
    manager = rows.model._default_manager
    total = 0
    # the keys first: a batch must not depend on what its predecessor changed
    keys = list(rows.order_by().values_list("pk", flat=True).distinct())
    for start in range(0, len(keys), BATCH):
        total += act(manager.filter(pk__in=keys[start : start + BATCH]))
    return total


@dataclass(frozen=True, slots=True)
class Held:
    """One table in which one kind of person is found.

    `person` is the way from a row to the person, as a query writes it, and `key` what of the
    person stands there; the way is "pk" for the table of people itself. `fields` are told with
    their purpose; `machinery` names keys and bookkeeping, shown without words of their own;
    `others` names fields that tell of somebody else and are never shown. `hidden` says why
    nothing of a table is shown, where that is so; `shown` narrows which rows are. `labels` name
    fields that the model leaves without words.
    """

    model: type[Model]
    title: Words
    person: str
    kept: Term
    erase: Erase
    fields: Mapping[str, Told] = field(default_factory=dict)
    machinery: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    hidden: Words = ""
    key: str = "pk"
    shown: Q = field(default_factory=Q)
    labels: Mapping[str, Words] = field(default_factory=dict)

    def rows_of(self, person: Any) -> Rows:
        """The rows that tell of this person."""
        rows = self.model._default_manager.filter(**{self.person: getattr(person, self.key)})
        return rows.distinct() if "__" in self.person else rows


_HELD: list[Held] = []
_IMPERSONAL: dict[type[Model], Words] = {}


def register(*held: Held) -> None:
    """Declare tables with personal data."""
    _HELD.extend(held)


def impersonal(why: Words, *models: type[Model]) -> None:
    """Declare tables that tell of nobody. Raises ValueError for one declared twice."""
    for model in models:
        if model in _IMPERSONAL:
            raise ValueError(f"{model._meta.label} is declared twice")
        _IMPERSONAL[model] = why


def everything_held() -> tuple[Held, ...]:
    """All declarations, those of the lowest app first."""
    return tuple(_HELD)


def undeclared(model: type[Model]) -> set[str]:
    """The fields of a model that no declaration names; empty when all is well."""
    if model in _IMPERSONAL:
        return set()
    named: set[str] = set()
    for held in _HELD:
        if held.model is model:
            named |= {*held.fields, *held.machinery, *held.others}
            named |= {held.person.partition("__")[0]}
    return {column.name for column in model._meta.concrete_fields} - named


def days(words: "str | _StrPromise", count: int) -> Words:
    """A term in words, with its days: "{days} days after the cohort has ended."."""
    return format_lazy(words, days=count)


# When a row was made and last saved.
STAMPS = ("created_at", "updated_at")

# Who reads what, in the words of the pages.
YOU = _("You")
COORDINATORS = _("You and the coordinators of the program")
STAFF = _("You, the coordinators and the reviewers of the program")
MATCH = _("You, the coordinators and those you are matched with")
NOBODY = _("Nobody; the site works with it")
