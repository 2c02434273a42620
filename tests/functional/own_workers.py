"""A site without web server: a database and folders of a test's own, and workers on them."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest

from standalone import processes
from standalone.processes import site_commands, site_environment
from tests import migrated
from tests.waiting import PATIENCE_S


@contextmanager
def own_database(database_url: str, name: str, folder: Path) -> Iterator[dict[str, str]]:
    """Give the environment of a migrated site, all of whose files lie in the folder."""
    server = database_url.rsplit("/", 1)[0]
    name += os.environ.get("PYTEST_XDIST_WORKER", "")
    environment = site_environment(f"{server}/{name}")
    for kind in ("MEDIA", "FEATURES", "SPOOL", "UPLOADS", "IMPORT"):
        environment[f"COVERLIFT_{kind}_ROOT"] = str(folder / kind.lower())
    environment["COVERLIFT_STEP_TIME_S"] = str(PATIENCE_S)
    with closing(psycopg2.connect(f"{server}/postgres")) as connection, programs_of_tests(folder):
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {migrated.template(database_url)}")
        yield environment
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def programs_of_tests(folder: Path) -> Iterator[None]:
    """Let programs that are started meanwhile log to the folder, and take their time to start.

    They are killed in the end: a worker that is told to stop takes five seconds to do so.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "VAR", folder)
        patch.setattr(processes, "READY_WITHIN_S", PATIENCE_S)
        patch.setattr(processes, "STOP_WITHIN_S", 0)
        yield


def worker(*options: str) -> list[str]:
    """Return the command of a worker that makes one video at a time."""
    return [*site_commands(0, with_beat=False)["worker-1"], *options]
