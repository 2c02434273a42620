"""What can go wrong with a running site, one act at a time, by chance that can be repeated."""

import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import libfaketime

from standalone.processes import Program
from tests.functional.own_site import OwnSite

HALF_BODIES = 12  # of the 16 threads that answer
JUMPS = ("+0", "+1h", "-1h", "+3d")
FAKETIME = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"


def jumping_clock(file: Path) -> dict[str, str]:
    """Return the environment of programs whose clock is off by what the file says."""
    file.write_text(JUMPS[0])
    return {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}  # fmt: skip


class Chaos:
    """Acts on a site.

    Args:
        site: database and address.
        running: its programs, which are started again when they have ended.
        clock: the file by which their clock jumps.
        lasts_s: how long what passes lasts.
        away_s: how long the database is away at a time.
    """

    def __init__(
        self,
        site: OwnSite,
        running: list[Program],
        *,
        clock: Path,
        lasts_s: float,
        away_s: float,
        seed: int,
    ) -> None:
        self._site, self._running, self._clock = site, running, clock
        self._lasts_s, self._away_s = lasts_s, away_s
        self._random = random.Random(seed)  # noqa: S311  chance that can be repeated
        self._to_do: list[Callable[[], None]] = []
        self.done: Counter[str] = Counter()

    def act(self) -> None:
        """Do one thing, each once before any comes again, and start again what has ended."""
        if not self._to_do:
            self._to_do = [self._kill, self._kill_child, self._kill_parent, self._stall,
                           self._kill_postgres, self._postgres_away, self._hang_postgres,
                           self._fill_disk, self._jump, self._half_bodies]  # fmt: skip
            self._random.shuffle(self._to_do)
        chosen = self._to_do.pop()
        chosen()
        self.done[chosen.__name__.strip("_")] += 1
        for program in self._running:
            program.revive()

    def end(self) -> None:
        """Let the clock be right again."""
        self._clock.write_text(JUMPS[0])

    def _kill(self) -> None:
        program = self._random.choice(self._running)
        os.killpg(program.process.pid, signal.SIGKILL)
        program.process.wait()

    def _kill_child(self) -> None:
        """Kill one process of a program, and leave its parent."""
        program = self._random.choice(self._running)
        children = children_of(program.process.pid)
        if children:
            os.kill(self._random.choice(children), signal.SIGKILL)

    def _kill_parent(self) -> None:
        """Kill a program's first process, and leave its children to find that out."""
        program = self._random.choice(self._running)
        program.process.kill()
        program.process.wait()

    def _stall(self) -> None:
        """Stop a program for a while, as a machine without memory does."""
        program = self._random.choice(self._running)
        os.killpg(program.process.pid, signal.SIGSTOP)
        time.sleep(self._lasts_s)
        os.killpg(program.process.pid, signal.SIGCONT)

    def _kill_postgres(self) -> None:
        self._site.kill_postgres()
        self._site.start_postgres()

    def _postgres_away(self) -> None:
        self._site.kill_postgres()
        time.sleep(self._away_s)
        self._site.start_postgres()

    def _hang_postgres(self) -> None:
        with self._site.hanging_postgres():
            time.sleep(self._lasts_s)

    def _fill_disk(self) -> None:
        """Leave the database no room to write, of which it may die."""
        with self._site.full_disk():
            time.sleep(self._lasts_s)
        if not self._site.cluster.answers():
            with suppress(FileNotFoundError):  # it has ended by itself
                self._site.kill_postgres()
            self._site.start_postgres()

    def _jump(self) -> None:
        self._clock.write_text(self._random.choice(JUMPS))

    def _half_bodies(self) -> None:
        """Hold threads with requests that never end, until their clients go away."""
        head = b"POST /api/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
        held = []
        for _ in range(HALF_BODIES):
            try:
                held.append(socket.create_connection(("127.0.0.1", self._site.port), 1))
                held[-1].sendall(head)
            except OSError:  # nobody listens just now
                break
        time.sleep(self._lasts_s)
        for connection in held:
            connection.close()


def children_of(parent: int) -> list[int]:
    try:
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]
