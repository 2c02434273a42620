"""A site brought back from a backup, and compared with it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from django.core.files.storage import default_storage
from django.db import connection

from experiments.events import archive
from server.backup.contents import (
    DATABASE,
    KEYS,
    MEDIA,
    Medium,
    fingerprints,
    read_contents,
    rows_by_table,
)
from server.backup.postgres_tools import BackupError, restore


def restore_from(folder: Path) -> Iterator[str]:
    """Restore the database of a backup, and yield a sentence for each thing that is still amiss.

    Raises:
        BackupError: where the folder holds no whole backup, the database is not empty, or what
            came into it is not what the backup held.
    """
    contents = read_contents(folder)
    if tables := rows_by_table():
        raise BackupError(
            f"the database has {len(tables)} tables, and a backup is restored into an empty one: "
            "make one, and let DATABASE_URL name it"
        )
    restore(folder / DATABASE)
    rows = rows_by_table()
    wrong = [
        name for name in {**contents.rows, **rows} if contents.rows.get(name) != rows.get(name)
    ]
    if wrong:
        raise BackupError(f"other rows than the backup held: {', '.join(sorted(wrong))}")
    _analyse()
    yield from _other_keys(contents.keys, folder / KEYS)
    yield from _missing_media(folder / MEDIA)
    yield from archive.wrong_files()


def _analyse() -> None:
    """Give the planner its statistics, which a dump does not hold for every table."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _other_keys(kept: dict[str, str], file: Path) -> Iterator[str]:
    ours = fingerprints()
    for name, fingerprint in kept.items():
        if ours[name] != fingerprint:
            yield f"{name} is another one than the backup's: set it as {file} has it"


def _missing_media(file: Path) -> Iterator[str]:
    for line in file.read_bytes().splitlines():
        kept = msgspec.json.decode(line, type=Medium)
        if kept.size_bytes is None:
            continue
        try:
            size_bytes = default_storage.size(kept.name)
        except FileNotFoundError:
            yield f"{kept.name} is not in the storage: copy it there"
            continue
        if size_bytes != kept.size_bytes:
            yield f"{kept.name} has {size_bytes} bytes, had {kept.size_bytes}: copy it anew"
