"""Emptying all tables after a test that commits.

TRUNCATE makes new files for each table and index that it names, 300 of them, for which Postgres
takes a third of a second; a test leaves few rows, which DELETE takes away at once.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from experiments.models import AuditEntry

MOST_BYTES = 8_000_000  # of rows, those deleted before included: TRUNCATE frees their pages
KEEPS_ITS_ROWS = AuditEntry._meta.db_table  # a trigger refuses to delete one
SIZE = "SELECT sum(pg_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name"
# A table's partitions, or itself where it has none.
WITH_ROWS = """
SELECT coalesce(part.relid, name::regclass)::text
FROM unnest(%s::text[]) AS name LEFT JOIN LATERAL pg_partition_tree(name::regclass) AS part ON true
WHERE part.isleaf IS NOT FALSE AND pg_relation_size(coalesce(part.relid, name::regclass)) > 0
"""
_truncating = DatabaseOperations.sql_flush


def sql_flush(operations: Any, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
    """Return what empties tables, in the place of Django's own method, which calls TRUNCATE."""
    names = [f'"{name}"' for name in tables]
    (size,) = _answers(SIZE, names)
    if options.get("reset_sequences") or size > MOST_BYTES:
        return list(_truncating(operations, style, tables, **options))
    deletes = [f"DELETE FROM {name}" for name in names if name != f'"{KEEPS_ITS_ROWS}"']  # noqa: S608
    return ["; ".join(deletes), f"TRUNCATE {KEEPS_ITS_ROWS}"]


def empty_event_tables() -> None:
    """Empty the tables that Django's flush passes over, as their models are not its to manage."""
    tables = [model._meta.db_table for model in apps.get_models() if not model._meta.managed]
    with_rows = _answers(WITH_ROWS, tables)
    if with_rows:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(with_rows)}")


def _answers(query: str, names: list[str]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, [names])
        return [answer for (answer,) in cursor.fetchall()]
