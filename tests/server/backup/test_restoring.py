"""What is backed up comes back, row by row and file by file; what is damaged is named."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections
from pytest_django.fixtures import Settings

from experiments.events import archive, archive_files
from experiments.events.keys import date_of
from experiments.events.rollup import roll_up
from experiments.making.media_list import media_names
from experiments.models import ArchivedDay, Video
from server.backup.making import back_up
from server.backup.postgres_tools import BackupError
from server.backup.restoring import restore_from
from tests.experiments.beacons import visit
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = """
SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
AND relnamespace = 'public'::regnamespace
"""


@pytest.fixture
def site() -> None:
    """A site with counted events, all of whose media are there."""
    make_experiment(videos=2)
    for viewer in ("ann", "bea"):
        visit(viewer, clicks=lambda _: True)
    roll_up()
    for name in media_names():
        default_storage.save(name, ContentFile(b"a picture"))


@pytest.fixture
def empty_database(site: None) -> Iterator[str]:
    """Name of a database without tables."""
    name = f"restored_{os.getpid()}"
    _on_server(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    yield name
    _on_server(f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(*statements: str) -> None:
    database = connections["default"].settings_dict
    server = psycopg2.connect(
        host=database["HOST"], port=database["PORT"], user=database["USER"],
        password=database["PASSWORD"], dbname="postgres",
    )  # fmt: skip
    server.autocommit = True
    for statement in statements:
        server.cursor().execute(statement)
    server.close()


def use(name: str) -> None:
    """Let the site's connection lead to this database."""
    connection.close()
    connection.settings_dict["NAME"] = name


@pytest.fixture
def own_name() -> Iterator[str]:
    name = str(connection.settings_dict["NAME"])
    yield name
    use(name)


def everything() -> dict[str, list[str]]:
    """Return every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")  # noqa: S608
            rows[table] = [text for (text,) in cursor.fetchall()]
    return rows


def test_every_row_comes_back(tmp_path: Path, own_name: str, empty_database: str) -> None:
    before = everything()
    assert len(before["experiments_event"]) == 8
    made, contents = back_up(tmp_path)
    assert contents.rows["experiments_event"] == 8
    assert (made / "keys.env").stat().st_mode & 0o777 == 0o600
    use(empty_database)
    assert list(restore_from(made)) == []
    assert everything() == before
    visit("cem")
    roll_up()
    assert len(everything()["experiments_event"]) == 10


def test_what_is_amiss_is_named(
    tmp_path: Path, own_name: str, empty_database: str, settings: Settings
) -> None:
    made, _ = back_up(tmp_path)
    first, second, *_ = media_names()
    default_storage.delete(first)
    default_storage.delete(second)
    default_storage.save(second, ContentFile(b"half"))
    settings.VIEWER_KEY = "another"
    use(empty_database)
    sentences = list(restore_from(made))
    assert sentences[0].startswith("COVERLIFT_VIEWER_KEY is another one")
    assert sentences[1:] == [
        f"{first} is not in the storage: copy it there",
        f"{second} has 4 bytes, had 9: copy it anew",
    ]


def test_a_database_with_tables_is_left_as_it_is(tmp_path: Path, site: None) -> None:
    made, _ = back_up(tmp_path)
    Video.objects.update(title="newer")
    with pytest.raises(CommandError, match="restored into an empty one"):
        call_command("restore", str(made))
    assert set(Video.objects.values_list("title", flat=True)) == {"newer"}


def test_a_damaged_backup_is_noticed(tmp_path: Path, own_name: str, empty_database: str) -> None:
    made, _ = back_up(tmp_path)
    dump = (made / "database.dump").read_bytes()
    use(empty_database)
    (made / "database.dump").write_bytes(dump[: len(dump) * 9 // 10])
    with pytest.raises(BackupError, match="pg_restore failed"):
        list(restore_from(made))
    assert everything() == {}
    (made / "database.dump").write_bytes(dump)
    document = json.loads((made / "contents.json").read_bytes())
    document["rows"]["experiments_event"] += 1
    (made / "contents.json").write_text(json.dumps(document))
    with pytest.raises(BackupError, match="other rows than the backup held: experiments_event"):
        list(restore_from(made))


def test_a_folder_without_a_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="holds no backup"):
        list(restore_from(tmp_path))


@pytest.mark.usefixtures("site")
def test_a_day_of_archived_events_that_is_missing_or_damaged_is_named(
    settings: Settings, tmp_path: Path
) -> None:
    settings.ARCHIVE_ROOT = tmp_path
    path = archive_files.path_of(5_700)
    archive_files.write(path, [])
    day = date_of(5_700)
    ArchivedDay.objects.create(
        day=day, events=0, size_bytes=path.stat().st_size, sha256=archive_files.sha256_of(path)
    )
    assert list(archive.wrong_files()) == []
    path.write_bytes(b"damaged")
    assert "not as it was written" in " ".join(archive.wrong_files())
    path.unlink()
    assert f"the archived events of {day}" in " ".join(archive.wrong_files())
