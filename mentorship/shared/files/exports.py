"""Lists that a person may take along as CSV or XLSX, declared by the apps.

An app declares an `Export` for each list its dashboard pages show and makes a view of it. Its
columns are functions over a row of the page's own queryset, so nobody takes more than they see.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

from django.db import models
from django.http import Http404, HttpRequest, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.files.tables import Format, write_table

# Rows fetched together; the rest of them waits in the database.
FETCHED = 500
_PIECE = 64 * 1024


class Column(NamedTuple):
    """A column: its name, which is never translated so that it can come back, and its cells."""

    name: str
    cell: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Export:
    """A list. `thing` is what the address names: a cohort, a program, a run, a survey."""

    name: str
    label: str | Promise
    # The name of the address that answers with the file, and of the page that shows the list.
    route: str
    page: str
    # What of the things with this code the person may take lists of; at most one.
    things: Callable[[Any, str], models.QuerySet[Any]]
    # The rows as the page shows them with the same parameters.
    rows: Callable[[Any, Any, QueryDict], "models.QuerySet[Any] | Iterable[Any]"]
    columns: Callable[[Any, QueryDict], Sequence[Column]]
    program: Callable[[Any], Any]


_BY_ROUTE: dict[str, Export] = {}


def register(export: Export) -> Export:
    """Declare a list. Raises ValueError when its address is taken."""
    if export.route in _BY_ROUTE:
        raise ValueError(f"two exports at {export.route}")
    _BY_ROUTE[export.route] = export
    return export


def declared() -> tuple[Export, ...]:
    """Every list, by the name of its address."""
    return tuple(_BY_ROUTE[route] for route in sorted(_BY_ROUTE))


def export_view(export: Export) -> Callable[..., HttpResponseBase]:
    """The view that answers with the file. POST, because it is written down who took what."""

    @require_POST
    def view(request: HttpRequest, code: str) -> HttpResponseBase:
        thing = export.things(request.user, code).first()
        if thing is None:
            raise Http404
        asked = request.POST.get("format", "")
        format = Format.XLSX if asked == Format.XLSX else Format.CSV
        return _answer(request, export, thing, format)

    return view


def _answer(request: HttpRequest, export: Export, thing: Any, format: Format) -> HttpResponseBase:
    """The whole file, laid on a disk first: nobody gets half of one that failed.

    Outside a transaction: where the database has one writer, a long list must not be it.
    """
    columns = export.columns(thing, request.GET)
    rows = export.rows(thing, request.user, request.GET)
    out, count = write_table(
        format, str(export.label), [column.name for column in columns], _cells(columns, rows)
    )
    size = out.seek(0, os.SEEK_END)
    out.seek(0)
    program = export.program(thing)
    record(
        by=request.user,  # type: ignore[arg-type]  # signed in: the list was found
        verb="list.exported",
        subject=thing,
        program=program,
        list=export.name,
        format=format.value,
        rows=count,
    )
    day = clock.now().date().isoformat()
    name = slugify(export.name)
    return StreamingHttpResponse(
        _parts(out),
        content_type=format.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{day}.{format.value}"',
            "Content-Length": str(size),
        },
    )


def _parts(out: IO[bytes]) -> Iterator[bytes]:
    """The file piece by piece. Closes it when the answer is sent, and when it never is."""

    def parts() -> Iterator[bytes]:
        with out:
            yield b""
            yield from iter(lambda: out.read(_PIECE), b"")

    begun = parts()
    next(begun)  # from here on it closes the file whatever happens
    return begun


def _cells(columns: Sequence[Column], rows: Any) -> Iterator[list[Any]]:
    fetched = rows.iterator(FETCHED) if isinstance(rows, models.QuerySet) else rows
    for row in fetched:
        yield [column.cell(row) for column in columns]
