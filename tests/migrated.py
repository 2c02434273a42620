"""A site's tables, made by the migrations once for all processes of a run, and copied by each."""

import fcntl
import os
import shutil
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg2

from standalone import postgres
from standalone.stack import manage

RUN = "COVERLIFT_TEST_RUN"
TEMPLATE = "test_coverlift_migrated"


def begin_run() -> Path:
    """Make the folder that the processes of this run share; they find it by the environment."""
    folder = Path(tempfile.mkdtemp(prefix="coverlift-tests-"))
    os.environ[RUN] = str(folder)
    return folder


def template(database_url: str) -> str:
    """Return the name of a database that holds a site's tables and no row, to be copied.

    The first process of a run that asks makes it; the others wait for it.
    """
    server = database_url.rsplit("/", 1)[0]
    with closing(psycopg2.connect(f"{server}/postgres")) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATE])
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [TEMPLATE],
        )
        if cursor.fetchall() != [(os.environ[RUN],)]:
            cursor.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {TEMPLATE}")
            _migrate(f"{server}/{TEMPLATE}")
            cursor.execute(f"COMMENT ON DATABASE {TEMPLATE} IS %s", [os.environ[RUN]])
    return TEMPLATE


def copy_server(folder: Path) -> None:
    """Put there what a server of its own with a site's tables has in its folder."""
    made = Path(os.environ[RUN]) / "postgres"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = made.with_suffix(".unfinished")
            with postgres.running(unfinished) as url:
                _migrate(url)
            unfinished.rename(made)
    shutil.copytree(made, folder)


def _migrate(database_url: str) -> None:
    words = "migrate", "--verbosity", "0", "--skip-checks"  # which load every page
    manage({**os.environ, "DATABASE_URL": database_url}, *words)
