"""PostgreSQL's own programs for dumps, on the site's database."""

import os
import subprocess
from pathlib import Path

from django.db import connection

from experiments.errors import CoverliftError
from standalone.postgres import find_binaries

VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
}


class BackupError(CoverliftError):
    """A backup cannot be made or restored; the message says why."""


def dump(file: Path, snapshot: str) -> None:
    """Write the database as one transaction sees it.

    Args:
        file: to write, in PostgreSQL's custom format.
        snapshot: name of the snapshot that the transaction exported.

    Raises:
        BackupError: with the program's words, such as that the disk is full.
    """
    _run("pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={file}")


def restore(file: Path) -> None:
    """Bring a dump into the database, which must be empty: whole or not at all.

    Raises:
        BackupError: with the program's words, where the dump is damaged.
    """
    database = str(connection.settings_dict["NAME"])
    words = ["--single-transaction", "--exit-on-error", "--no-owner", f"--dbname={database}"]
    _run("pg_restore", *words, str(file))


def _run(program: str, *words: str) -> None:
    parameters = connection.get_connection_params()
    given = {each: str(parameters[name]) for name, each in VARIABLES.items() if name in parameters}
    done = subprocess.run(
        [str(find_binaries() / program), "--no-password", *words],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()}")
