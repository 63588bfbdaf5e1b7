"""Many rows in one statement, where an object for each would cost more than the database does.

Neither validates, sends signals, nor reads anything back. Values are taken as the database takes
them: a foreign key is a number, JSON is text.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

Row = Sequence[Any]

BATCH: Final = 1_000
"""Rows of a statement at most; fewer where the database takes fewer values."""


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows of these fields, named as columns are ("run_id"). IntegrityError as ever."""
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    into = f"{quote(model._meta.db_table)} ({', '.join(map(quote, names))})"
    for some in _batches(connection, rows, len(names)):
        values = _values(len(some), len(names))
        # Names of our own models, quoted, and places for values.
        _execute(connection, f"INSERT INTO {into} VALUES {values}", some)  # noqa: S608


def update_rows(model: type[models.Model], name: str, rows: Iterable[Row], **same: Any) -> None:
    """Set one field in many rows, (primary key, value) each, and others to the `same` in all."""
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    cast = _field(model, name).db_type(connection)
    sets = [f"{quote(name)} = CAST(told.column2 AS {cast})"]
    sets += [f"{quote(field)} = %s" for field in same]
    of_all = [_field(model, n).get_db_prep_save(v, connection) for n, v in same.items()]
    table = quote(model._meta.db_table)
    for some in _batches(connection, rows, 2, beside=len(of_all)):
        told = f"(VALUES {_values(len(some), 2)}) AS told"
        sql = f"UPDATE {table} SET {', '.join(sets)} FROM {told} WHERE {table}.id = told.column1"  # noqa: S608
        _execute(connection, sql, some, of_all)


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    found = model._meta.get_field(name)
    if not isinstance(found, models.Field):
        raise TypeError(f"{name!r} is no field with a column of its own.")
    return found


def _batches(
    connection: BaseDatabaseWrapper, rows: Iterable[Row], wide: int, beside: int = 0
) -> Iterator[list[Row]]:
    most = connection.features.max_query_params
    size = min(BATCH, (most - beside) // wide) if most else BATCH
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some


def _values(high: int, wide: int) -> str:
    row = f"({', '.join(['%s'] * wide)})"
    return ", ".join([row] * high)


def _execute(
    connection: BaseDatabaseWrapper, sql: str, rows: Iterable[Row], before: Sequence[Any] = ()
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [*before, *chain.from_iterable(rows)])
