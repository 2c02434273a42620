"""A site of a test's own, to be killed: Postgres in a folder, granian in front, both at -9."""

import http.client
import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import psycopg2

from experiments.measures import EVENTS_OF, Step
from standalone import postgres
from standalone.processes import free_port
from tests import migrated
from tests.experiments.world import BROWSER
from tests.waiting import PATIENCE_S, wait_until

ROOT = Path(__file__).resolve().parents[2]
FURNISH = """
import django
django.setup()
from tests.experiments.world import make_experiment
make_experiment(videos={videos})
"""
STORED = "SELECT key & 7, count(*) FROM experiments_event GROUP BY 1"
SUMS = ", ".join(f"coalesce(sum({name}), 0)" for name in EVENTS_OF.values())
COUNTED = f"SELECT {SUMS} FROM experiments_daycount"  # noqa: S608  our own columns

_decode = msgspec.json.Decoder(dict[str, object]).decode  # a feed has 150 KB
HEADERS = {"User-Agent": BROWSER, "Content-Type": "text/plain"}


@dataclass
class OwnSite:
    """A running site; each part can be killed and started again at the same address."""

    cluster: postgres.Cluster
    database_url: str
    port: int
    server: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def python(self, *words: str) -> str:
        """Run a Python program in the site's environment and return what it prints."""
        done = subprocess.run([sys.executable, *words], env=self.environment, cwd=ROOT, text=True,
                              capture_output=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def query(self, sql: str) -> list[tuple[int, ...]]:
        """Return the rows of a query."""
        connection = psycopg2.connect(self.database_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def stored(self) -> Counter[str]:
        """Return how many events of each step are stored."""
        return Counter({Step(step).name.lower(): events for step, events in self.query(STORED)})

    def counted(self) -> Counter[str]:
        """Return how many events of each step are counted; those that are not yet are not."""
        (sums,) = self.query(COUNTED)
        names = (step.name.lower() for step in EVENTS_OF)
        return +Counter(dict(zip(names, sums, strict=True)))

    def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, object]]:
        """Ask the web server, as `request`."""
        return request(self.port, method, path, body)

    def start_server(self, probe: str = "/api/feed?viewer=probe", workers: int = 2) -> None:
        """Start the web server in a process group of its own and wait until it answers."""
        words = [sys.executable, "-m", "granian", "--interface", "wsgi"]
        words += ["server.wsgi:application", "--host", "127.0.0.1", "--port", str(self.port)]
        words += ["--workers", str(workers), "--blocking-threads", "8", "--log-level", "critical"]
        self.server = subprocess.Popen(
            words, env=self.environment, cwd=ROOT, start_new_session=True
        )
        wait_until(lambda: request(self.port, "GET", probe)[0] == 200, "the web server answers")

    def kill_server(self) -> None:
        """Kill -9 the web server and its workers, whatever they are doing."""
        if self.server is not None:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()
            self.server = None

    def kill_postgres(self) -> None:
        """Kill -9 every process of the database server."""
        tell(self._postgres_processes(), signal.SIGKILL)

    @contextmanager
    def hanging_postgres(self) -> Iterator[None]:
        """Stop every process of the database server, as a stalled disk does; then let them go on.

        Its listener goes first: a new connection is taken by the kernel and then hears nothing.
        """
        stopped = self._postgres_processes()
        tell(stopped, signal.SIGSTOP)
        try:
            yield
        finally:
            tell(stopped, signal.SIGCONT)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Let no process of the database server write to a file, as on a full disk."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        full = (0, before[1])
        for pid in self._postgres_processes():
            with suppress(ProcessLookupError):  # of a session that has just ended
                resource.prlimit(pid, resource.RLIMIT_FSIZE, full)
        try:
            yield
        finally:
            with suppress(FileNotFoundError, ProcessLookupError):  # it may have died of it
                for pid in self._postgres_processes():
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

    @property
    def postmaster(self) -> int:
        """The id of the database server's first process."""
        return int((self.cluster.data / "postmaster.pid").read_text().split()[0])

    def _postgres_processes(self) -> list[int]:
        """Return the ids of the database server's processes, that of its listener first."""
        postmaster = self.postmaster
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        return [postmaster, *map(int, children)]

    def start_postgres(self) -> None:
        """Start the database server again at its address; it recovers by itself."""
        port = urlsplit(self.database_url).port
        words = [*self.cluster.program("pg_ctl"), "start", "-w", "-D", str(self.cluster.data),
                 "-l", str(self.cluster.log), "-o", f"-p {port}"]  # fmt: skip

        def has_started() -> bool:
            return subprocess.run(words, capture_output=True, check=False).returncode == 0

        wait_until(has_started, "the killed server's process and shared memory are gone")


def tell(pids: Iterable[int], what: signal.Signals) -> None:
    """Send a signal to processes, those that have just ended excepted."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def request(
    port: int,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    within_s: float = PATIENCE_S,
    sender: str = "",
) -> tuple[int, dict[str, object]]:
    """Return status and JSON of an answer, {} where it is none; status 0 where no answer came.

    A proxy would name the sender's address.
    """
    by_proxy = {"X-Forwarded-For": sender} if sender else {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=within_s)
    try:
        connection.request(method, path, body=body, headers=HEADERS | by_proxy)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == 503:
            assert answer.headers["Retry-After"]
        return answer.status, _document(text)
    except (OSError, http.client.HTTPException):
        return 0, {}
    finally:
        connection.close()


def _document(text: bytes) -> dict[str, object]:
    try:
        return _decode(text)
    except msgspec.DecodeError:
        return {}


@contextmanager
def own_site(folder: Path, videos: int = 30) -> Iterator[OwnSite]:
    """Run a migrated site with one experiment of so many videos for as long as the block lasts."""
    migrated.copy_server(folder)
    with postgres.running(folder) as url:
        cluster = postgres.Cluster(
            folder, postgres.find_binaries(), postgres.find_privileges(folder)
        )
        site = OwnSite(cluster, url, free_port())
        site.environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": f"{ROOT}/platform",
                            "DJANGO_SETTINGS_MODULE": "server.settings"}  # fmt: skip
        site.python("-c", FURNISH.format(videos=videos))
        try:
            yield site
        finally:
            site.kill_server()
