"""A backup made while the site serves: all of it as one moment saw it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from experiments.making.media_list import media_names
from server.backup.contents import (
    CONTENTS,
    DATABASE,
    KEYS,
    MEDIA,
    Contents,
    Medium,
    fingerprints,
    rows_by_table,
    secrets,
)
from server.backup.postgres_tools import dump


def back_up(into: Path) -> tuple[Path, Contents]:
    """Make a backup in a folder of its own.

    Args:
        into: the folder of all backups.

    Returns:
        the new folder, named after the time, which appears only once it is whole; what it holds.

    Raises:
        BackupError: where the database cannot be dumped.
        OSError: where the folder cannot be written.
    """
    made_at = timezone.now()
    folder = into / f"coverlift-{made_at:%Y%m%dT%H%M%SZ}"
    unfinished = folder.with_suffix(".unfinished")
    unfinished.mkdir(parents=True, mode=0o700)
    try:
        _write_keys(unfinished / KEYS)
        rows, media = _write_data(unfinished)
        contents = Contents(made_at, rows, media, fingerprints())
        (unfinished / CONTENTS).write_bytes(msgspec.json.encode(contents))
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished)
        raise
    return folder, contents


def _write_keys(file: Path) -> None:
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in secrets().items()))


def _write_data(folder: Path) -> tuple[dict[str, int], int]:
    """Dump the database, list its media and count its rows, all of one moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        dump(folder / DATABASE, cursor.fetchone()[0])
        media = list(_media())
        lines = msgspec.json.Encoder().encode_lines(media)
        (folder / MEDIA).write_bytes(lines)
        return rows_by_table(), len(media)


def _media() -> Iterator[Medium]:
    for name in media_names():
        try:
            yield Medium(name, default_storage.size(name))
        except FileNotFoundError:
            yield Medium(name, None)
