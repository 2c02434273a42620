"""Start the programs of the site as children, watch them, and stop all of them."""

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
STOP_WITHIN_S = 15.0
READY_WITHIN_S = 60.0
PR_SET_PDEATHSIG = 1
WEB_PROGRAMS = 2
QUICK_END_S = 10.0  # who ends within it of a start may be unable to run at all
QUICK_ENDS = 5


class ProcessError(RuntimeError):
    """A program of the site cannot start or has ended; the message says which and why."""


class Program:
    """One child process, its output in a file of its own."""

    def __init__(self, name: str, words: list[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = VAR / "log" / f"{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._words, self._environment = words, dict(environment)
        self._quick_ends = 0
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        self._started_at_s = time.monotonic()
        with self.log.open("ab") as output:
            return subprocess.Popen(
                self._words,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  no threads yet
            )

    def check(self) -> None:
        """Raise ProcessError if the program has ended."""
        if (status := self.process.poll()) is not None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
            raise ProcessError(
                f"{self.name} ended with status {status}; the end of {self.log} says:\n{tail}"
            )

    def revive(self) -> bool:
        """Start the program again if it has ended, and tell whether it had.

        Raises:
            ProcessError: where it ended soon after each of its last starts: it cannot run.
        """
        if self.process.poll() is None:
            return False
        is_quick = time.monotonic() - self._started_at_s < QUICK_END_S
        self._quick_ends = self._quick_ends + 1 if is_quick else 0
        if self._quick_ends == QUICK_ENDS:
            self.check()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # children that it has left behind
        self.process = self._start()
        return True

    def stop(self, deadline: float) -> None:
        """Wait for the end of a program told to stop, and force it at the deadline."""
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def end_with_parent() -> None:
    """Ask Linux to end this child when its parent dies, by kill -9 too."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def programs(
    commands: Mapping[str, list[str]], environment: Mapping[str, str]
) -> Iterator[list[Program]]:
    """Run the named commands for as long as the block lasts; then stop every one of them."""
    started: list[Program] = []
    try:
        started.extend(Program(name, words, environment) for name, words in commands.items())
        yield started
    finally:
        deadline = time.monotonic() + STOP_WITHIN_S
        for program in started:
            program.process.terminate()
        for program in started:
            program.stop(deadline)


def site_commands(port: int, *, with_beat: bool) -> dict[str, list[str]]:
    """Return the words that start the site's programs: web servers, workers, the clock of tasks.

    The web servers listen on one port and know nothing of each other: Granian ends all workers of
    a server where one of them ends twice within seconds.
    """
    python = sys.executable
    celery = [python, "-m", "celery", "-A", "server.celery"]
    worker = [*celery, "worker", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    web = [python, "-m", "granian", "--interface", "wsgi", "server.wsgi:application"]
    web += ["--host", "127.0.0.1", "--port", str(port), "--no-ws", "--log-level", "warning"]
    web += ["--workers", "1", "--blocking-threads", "8", "--respawn-failed-workers"]
    commands = {
        **{f"web-{number}": web for number in range(1, WEB_PROGRAMS + 1)},
        **{
            f"worker-{number}": [*worker, "--hostname", f"worker-{number}@%h"]
            for number in range(1, (os.cpu_count() or 1) + 1)
        },
    }
    if os.environ.get("COVERLIFT_EVENT_LOG"):
        commands["drain"] = [python, str(ROOT / "manage.py"), "drain", "--every", "0.5"]
    if with_beat:
        schedule = str(VAR / "celerybeat-schedule")
        commands["beat"] = [*celery, "beat", "--schedule", schedule]
    return commands


def site_environment(database_url: str) -> dict[str, str]:
    """Return the environment in which the site's programs find each other."""
    paths = [str(ROOT / "platform"), str(ROOT)]
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "PYTHONPATH": os.pathsep.join(paths),
        "PROMETHEUS_MULTIPROC_DIR": str(_empty_folder(VAR / "figures")),
    }


def _empty_folder(folder: Path) -> Path:
    """Return the folder without what processes of before have left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def wait_until_ready(url: str, running: list[Program]) -> None:
    """Wait until the address answers 200.

    Raises:
        ProcessError: where a program ends meanwhile, or the answer takes over a minute.
    """
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        for program in running:
            program.check()
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise ProcessError(f"{url} did not answer within {READY_WITHIN_S:.0f} s; see {VAR / 'log'}")


def free_port() -> int:
    """Return a port of the loopback address that no program holds at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Tell whether a server could bind the port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """Hold the block to one process at a time on this folder.

    Raises:
        ProcessError: where another process is in it; the message names it.
    """
    VAR.mkdir(exist_ok=True)
    with (VAR / f"{name}.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise ProcessError(
                f"`make {name}` already runs here ({file.read().strip() or 'starting'}); "
                "stop it first"
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield


def _raise_exit(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def stop_cleanly_on_signals() -> None:
    """Turn the signals that end a process into SystemExit, so that every block is left."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_exit)
