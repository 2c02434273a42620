"""The Postgres of the site: the one that DATABASE_URL names, or the project's own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from standalone import postgres


def _is_production() -> bool:
    return os.environ.get("COVERLIFT_ENV") == "production"


@contextmanager
def database() -> Iterator[str]:
    """Give the address of the database for as long as the block lasts.

    Raises:
        postgres.PostgresError: where the project's own server is needed and cannot run.
    """
    url = os.environ.get("DATABASE_URL", "")
    if url or _is_production():  # where the settings say what is missing
        yield url
        return
    with postgres.running() as url:
        yield url
