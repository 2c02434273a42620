"""What every test may use: a real Postgres, and the shared data where it is there."""

import gc
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.backends.postgresql.operations import DatabaseOperations
from moto.server import ThreadedMotoServer
from pytest_django import DjangoDbBlocker, Settings
from pytest_django.live_server_helper import LiveServer
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from server import watching
from server.env import bucket_storage, database_from_url
from standalone.database import database
from tests import live, migrated
from tests.buckets import BUCKET, address, s3_service
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("COVERLIFT_SHARED") or ROOT.parent / "shared")

# Examples follow from the tests alone, and no test fails because the machine is busy.
hypothesis.settings.register_profile("coverlift", deadline=None, derandomize=True)
hypothesis.settings.load_profile("coverlift")

MOST_PROCESSES = 8  # each takes up to two gigabytes


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes `-n auto` stands for: one more than cores, as journeys wait."""
    return min(len(os.sched_getaffinity(0)) + 1, MOST_PROCESSES)


def pytest_configure(config: pytest.Config) -> None:
    """Let each of several processes compute in one thread: they share the cores already.

    Workers are as urgent as the tests that wait for them.
    """
    os.environ["COVERLIFT_WORKER_NICENESS"] = "0"
    if config.getoption("numprocesses", None):
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = migrated.begin_run()
        config.add_cleanup(partial(shutil.rmtree, folder, ignore_errors=True))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage while a million objects of modules and tests come, which all stay."""
    gc.disable()
    yield
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the whole journeys: they take longest, and nothing should wait for them."""
    items.sort(key=lambda item: item.get_closest_marker("functional") is None)


@pytest.fixture(autouse=True)
def _any_disk_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out of a test's site how full the disk of this machine happens to be."""
    monkeypatch.setattr(watching, "DISK_LEAST_SHARE", 0.0)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """Start the project's own Postgres for the session, unless DATABASE_URL names a server."""
    with database() as url:
        yield url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    database_url: str, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Point Django at the session's server, before the test database of this process is made."""
    server = database_from_url(database_url)
    configured = connections["default"].settings_dict
    configured.update({name: server[name] for name in ("USER", "PASSWORD", "HOST", "PORT")})
    configured["TEST"]["TEMPLATE"] = migrated.template(database_url)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """End the sessions that a browser's last requests left: the database could not be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    # Where a browser was driven in this thread, Django closes another connection than this.
    connections.close_all()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[ThreadedMotoServer]:
    """A real S3 service on this machine, with a bucket that the default storage is."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with s3_service() as service:
        options = bucket_storage(BUCKET, endpoint_url=address(service), public_url="")
        settings.STORAGES = {**settings.STORAGES, "default": options}
        yield service


@pytest.fixture(scope="session", autouse=True)
def settings_of_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the site's own files out of the tests, and let each step and statement take its time."""
    folder = tmp_path_factory.mktemp("var")
    for kind in ("MEDIA", "FEATURES", "SPOOL", "UPLOADS", "IMPORT"):
        setattr(settings, f"{kind}_ROOT", folder / kind.lower())
    settings.STEP_TIME_S = settings.STATEMENT_TIME_S = PATIENCE_S
    # A password's hash is made to be slow, 0.2 s a user, and no test is of that.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def static_files_looked_for_once() -> Iterator[None]:
    """Let each client of a process serve the static files that its first one found.

    Each has middleware of its own, and WhiteNoise looks at every file as it starts.
    """
    look = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, StaticFile] = {}

    def look_once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            look(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", look_once)
        yield


@pytest.fixture(autouse=True)
def emptied_event_tables(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Empty the event tables after a test that commits: Django's flush passes over them.

    They are partitioned and made by SQL, so their models are not Django's to manage.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction")
    if not commits and "live_server" not in request.fixturenames:
        yield
        return
    from tests import emptying  # noqa: PLC0415  once Django is set up

    monkeypatch.setattr(DatabaseOperations, "sql_flush", emptying.sql_flush)
    request.getfixturevalue("transactional_db")
    yield
    emptying.empty_event_tables()


@pytest.fixture
def live_server(emptied_event_tables: None) -> Iterator[LiveServer]:
    """Run the site for one test: the tables are emptied once its last request is answered.

    pytest-django's own runs for all tests, so that what a page of one test sends as it closes,
    on a busy machine, is stored in the tables of another.
    """
    with live.served() as server:
        yield server


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data, or skip the test where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip(f"real data is absent: {folder} does not exist (set COVERLIFT_SHARED)")
    return folder


@pytest.fixture(scope="session")
def shared_videos(shared_data: Path) -> Path:
    """Return the folder of real clips."""
    return shared_data / "videos"


@pytest.fixture(autouse=True)
def fresh_feed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test with a database a feed that has not read anything yet."""
    if request.node.get_closest_marker("django_db") is None:
        return
    from experiments.serving import feed, feed_state  # noqa: PLC0415  once Django is set up

    monkeypatch.setattr(feed, "state", feed_state.FeedState())
