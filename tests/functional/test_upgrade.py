"""A database that the last release filled is migrated, and goes on counting.

`tests/releases/VERSION.dump` is what `pg_dump --format=custom` wrote of a small site then: two
experiments, one of them over; counted events and some that were not counted yet; people.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from standalone.postgres import find_binaries
from standalone.processes import site_environment
from standalone.stack import manage

pytestmark = pytest.mark.functional
RELEASES = sorted((Path(__file__).resolve().parents[1] / "releases").glob("*.dump"))
DATABASE = "test_upgrade"


@pytest.fixture(params=RELEASES, ids=lambda path: path.stem)
def site(request: pytest.FixtureRequest, database_url: str) -> Iterator[dict[str, str]]:
    """Give the environment of a site whose database is that of the release."""
    server = database_url.rsplit("/", 1)[0]
    with closing(psycopg2.connect(f"{server}/postgres")) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        url = f"{server}/{DATABASE}"
        words = [str(find_binaries() / "pg_restore"), "--exit-on-error", "--no-owner", "-d", url]
        subprocess.run([*words, str(request.param)], check=True)
        yield site_environment(url)
        cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def query(site: dict[str, str], sql: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(site["DATABASE_URL"])) as connection:
        cursor = connection.cursor()
        cursor.execute(sql)
        return list(cursor.fetchall())


COUNTS = "SELECT sum(views), sum(clicks) FROM experiments_daycount"
ROLES = """
SELECT username, array_agg(name ORDER BY name) FROM auth_user
LEFT JOIN auth_user_groups ON user_id = auth_user.id
LEFT JOIN auth_group ON auth_group.id = group_id
WHERE NOT is_superuser GROUP BY username ORDER BY username
"""


def test_nothing_is_lost_and_what_was_not_counted_is_counted(site: dict[str, str]) -> None:
    assert query(site, COUNTS) == [(380, 129)]
    events = query(site, "SELECT count(*) FROM experiments_event")
    manage(site, "migrate", "--verbosity", "0")
    assert query(site, "SELECT count(*) FROM experiments_event") == events
    assert query(site, COUNTS) == [(380, 129)]
    manage(site, "rollup", capture=True)
    assert query(site, COUNTS) == [(398, 129)]
    manage(site, "check_counts", capture=True)
    report = json.loads(manage(site, "report", "pilot", "--json", capture=True))
    assert sum(arm["views"] for arm in report["arms"]) == 378
    assert query(site, ROLES) == [("ann", ["Operator"]), ("bea", ["Analyst"])]
