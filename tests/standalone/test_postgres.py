"""The project's own Postgres: started once, shared, stopped by the last, never half made."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from standalone import postgres
from tests.waiting import PATIENCE_S, is_alive, wait_until

PLATFORM = Path(postgres.__file__).parents[1]
HOLD = """
import sys
from pathlib import Path
from standalone import postgres
from tests.waiting import PATIENCE_S, is_alive, wait_until
with postgres.running(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


def cluster(folder: Path) -> postgres.Cluster:
    return postgres.Cluster(folder, postgres.find_binaries(), postgres.find_privileges(folder))


def answer(url: str, query: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
            return row[0] if row else None
    finally:
        connection.close()


def hold(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        env={**os.environ, "PYTHONPATH": str(PLATFORM)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def release(holder: subprocess.Popen[str]) -> None:
    holder.communicate("\n", timeout=PATIENCE_S)


def server_process(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def test_serves_a_database_and_stops_with_its_last_user(folder: Path) -> None:
    with postgres.running(folder) as url:
        assert answer(url, "SELECT current_database()") == "coverlift"
        with postgres.running(folder) as second_url:
            assert second_url == url
        assert answer(url, "SELECT 1") == 1
    assert not cluster(folder).is_running()


def test_keeps_data_between_starts(folder: Path) -> None:
    with postgres.running(folder) as url:
        connection = psycopg2.connect(url)
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 42 AS number")
        connection.close()
    with postgres.running(folder) as url:
        assert answer(url, "SELECT number FROM kept") == 42


def test_another_process_shares_the_server(folder: Path) -> None:
    holder = hold(folder)
    assert holder.stdout is not None
    url = holder.stdout.readline().strip()
    with postgres.running(folder) as ours:
        assert ours == url
        release(holder)
        assert answer(ours, "SELECT 1") == 1
    assert not cluster(folder).is_running()


def test_two_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    holders = [hold(folder), hold(folder)]
    urls = {holder.stdout.readline().strip() for holder in holders if holder.stdout}
    for holder in holders:
        release(holder)
    assert len(urls) == 1
    assert not cluster(folder).is_running()


def test_a_user_killed_with_9_does_not_keep_the_server_for_ever(folder: Path) -> None:
    holder = hold(folder)
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.kill()
    holder.communicate()
    assert cluster(folder).is_running()
    with postgres.running(folder):
        pass
    assert not cluster(folder).is_running()


def test_a_server_killed_with_9_starts_again_with_its_data(folder: Path) -> None:
    holder = hold(folder)
    assert holder.stdout is not None
    url = holder.stdout.readline().strip()
    answer(url, "SELECT pg_current_wal_lsn()")
    server = server_process(folder)
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: not is_alive(server), "the server has ended")
    with postgres.running(folder) as again:
        assert answer(again, "SELECT 1") == 1
    release(holder)


def test_a_half_made_folder_is_made_again(folder: Path) -> None:
    (folder / "data.unfinished").mkdir(parents=True)
    (folder / "data.unfinished" / "junk").touch()
    with postgres.running(folder) as url:
        assert answer(url, "SELECT 1") == 1


def test_data_of_another_version_is_named_not_touched(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("9\n")
    with (
        pytest.raises(postgres.PostgresError, match="data of PostgreSQL version 9, and 18"),
        postgres.running(folder),
    ):
        pass
    assert (folder / "data" / "PG_VERSION").read_text() == "9\n"


def test_a_server_that_cannot_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "START_ATTEMPTS", 1)
    with postgres.running(folder):
        pass
    with (folder / "data" / "postgresql.auto.conf").open("a") as conf:
        conf.write("shared_buffers = 'nonsense'\n")
    with pytest.raises(postgres.PostgresError, match="nonsense"), postgres.running(folder):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(postgres.PostgresError, match=r"file/postgres cannot be made"),
        postgres.running(tmp_path / "file" / "postgres"),
    ):
        pass


def test_a_missing_package_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(postgres.PostgresError, match="make setup"):
        postgres.find_binaries()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another id to run PostgreSQL")
def test_root_without_user_namespaces_runs_it_as_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = postgres._works
    monkeypatch.setattr(postgres, "_works", lambda words: words[0] != "unshare" and works(words))
    if not works(("setpriv", "--version")):
        pytest.skip("setpriv is not installed here")
    with postgres.running(folder) as url:
        assert answer(url, "SELECT 1") == 1
    assert (folder / "data").stat().st_uid == postgres.NOBODY_ID


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused")
def test_root_without_any_way_is_told_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_works", lambda _: False)
    folder.mkdir()
    with pytest.raises(postgres.PostgresError, match="set DATABASE_URL"):
        postgres.find_privileges(folder)
