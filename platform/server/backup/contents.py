"""Contents of a backup's folder, and the document in it that says what it must hold."""

import hashlib
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from server.backup.postgres_tools import BackupError

DATABASE, MEDIA, KEYS, CONTENTS = "database.dump", "media.jsonl", "keys.env", "contents.json"
FINGERPRINT_DIGITS = 16
_ROOTS = """
SELECT relname FROM pg_class
WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
ORDER BY relname
"""


class Medium(msgspec.Struct, frozen=True):
    """One file of the storage; no size where it was missing when the backup was made."""

    name: str
    size_bytes: int | None


class Contents(msgspec.Struct, frozen=True):
    """What a backup holds.

    Attributes:
        made_at: when.
        rows: how many, by table.
        media: how many files the list names.
        keys: fingerprint of each secret, by its variable.
    """

    made_at: datetime
    rows: dict[str, int]
    media: int
    keys: dict[str, str]


def read_contents(folder: Path) -> Contents:
    """Read the document of a backup.

    Raises:
        BackupError: where the folder holds no whole backup.
    """
    try:
        return msgspec.json.decode((folder / CONTENTS).read_bytes(), type=Contents)
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupError(f"{folder} holds no backup: {error}") from error


def secrets() -> dict[str, str]:
    """Return the site's secrets by their variables, as they are set."""
    return {
        "COVERLIFT_SECRET_KEY": settings.SECRET_KEY,
        "COVERLIFT_TOKEN_KEYS": ",".join(settings.TOKEN_KEYS),
        "COVERLIFT_VIEWER_KEY": settings.VIEWER_KEY,
    }


def fingerprints() -> dict[str, str]:
    """Return by variable what tells whether a secret is the same, and not what it is."""
    return {
        name: hashlib.sha256(value.encode()).hexdigest()[:FINGERPRINT_DIGITS]
        for name, value in secrets().items()
    }


def rows_by_table() -> dict[str, int]:
    """Count the rows of every table as the present transaction sees them."""
    with connection.cursor() as cursor:
        cursor.execute(_ROOTS)
        tables = [name for (name,) in cursor.fetchall()]
        return {table: _count(cursor, table) for table in tables}


def _count(cursor: CursorWrapper, table: str) -> int:
    name = connection.ops.quote_name(table)
    cursor.execute(f"SELECT count(*) FROM {name}")  # noqa: S608  of the catalogue, quoted
    return int(cursor.fetchone()[0])
