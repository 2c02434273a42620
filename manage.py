#!/usr/bin/env python
"""Coverlift's command line. Without DATABASE_URL it uses the project's own Postgres in var/."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).resolve().parent
# `platform/` is a plain folder: a package of that name would hide the standard library's.
sys.path.insert(0, str(ROOT / "platform"))
WITHOUT_DATABASE = {"import_counts"}  # commands that read and write files alone


def main() -> None:
    """Run one command, on the project's own Postgres unless DATABASE_URL names another."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415  after sys.path
    from django.db import OperationalError  # noqa: PLC0415  after sys.path

    from standalone.database import database  # noqa: PLC0415  after sys.path
    from standalone.postgres import PostgresError  # noqa: PLC0415  after sys.path

    reads_files_alone = not WITHOUT_DATABASE.isdisjoint(sys.argv[1:2])
    try:
        with nullcontext() if reads_files_alone else database() as url:
            if url is not None:
                os.environ["DATABASE_URL"] = url
            run()
    except (ImproperlyConfigured, PostgresError) as error:
        sys.exit(f"manage.py: {error}")
    except OperationalError as error:
        from django.db import connection  # noqa: PLC0415  needs settings that work

        if connection.connection is not None:
            raise
        sys.exit(f"manage.py: DATABASE_URL does not lead to a database: {first_line(error)}")


def run() -> None:
    """Let Django find and run the command."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415  after sys.path

    execute_from_command_line(sys.argv)


def first_line(error: Exception) -> str:
    """Return the first line of what an error says."""
    return str(error).partition("\n")[0]


if __name__ == "__main__":
    main()
