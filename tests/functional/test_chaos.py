"""Whatever is killed, stopped or stalled at random under load: acknowledged = stored = counted.

`make chaos` lets it go on for minutes (SECONDS=600), and prints what was done; docs/reliability.md
keeps the figures.
"""

import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from standalone import processes
from standalone.processes import Program, programs, site_commands, site_environment
from tests.clips import write_clip
from tests.functional.clients import Clients
from tests.functional.own_site import OwnSite, own_site, request
from tests.functional.test_faults import stored
from tests.waiting import wait_until

pytestmark = pytest.mark.functional
SECONDS = float(os.environ.get("COVERLIFT_CHAOS_S") or 10)
SEED = int(os.environ.get("COVERLIFT_CHAOS_SEED") or 0)
HALF_BODIES = 12  # of the 16 threads that answer
BETWEEN_ACTS_S = 1.0
COUNTED = "SELECT coalesce(sum(views), 0), coalesce(sum(clicks), 0) FROM experiments_daycount"
MEMORY_GROWS_AT_MOST = 2.0  # after a start: a process that was killed is a new one


class Chaos:
    """What can go wrong with a running site, one act at a time."""

    def __init__(self, site: OwnSite, running: list[Program]) -> None:
        self._site, self._running = site, running
        self._random = random.Random(SEED)  # noqa: S311  chance that can be repeated
        self._to_do: list[Callable[[], None]] = []
        self.done: Counter[str] = Counter()

    def act(self) -> None:
        """Do one thing, each once before any comes again, and start again what has ended."""
        if not self._to_do:
            self._to_do = [self._kill, self._kill_child, self._stall, self._kill_postgres,
                           self._hang_postgres, self._half_bodies]  # fmt: skip
            self._random.shuffle(self._to_do)
        chosen = self._to_do.pop()
        chosen()
        self.done[chosen.__name__.strip("_")] += 1
        for program in self._running:
            program.revive()

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

    def _stall(self) -> None:
        """Stop a program for a while, as a machine without memory does."""
        program = self._random.choice(self._running)
        os.killpg(program.process.pid, signal.SIGSTOP)
        time.sleep(BETWEEN_ACTS_S)
        os.killpg(program.process.pid, signal.SIGCONT)

    def _kill_postgres(self) -> None:
        self._site.kill_postgres()
        self._site.start_postgres()

    def _hang_postgres(self) -> None:
        with self._site.hanging_postgres():
            time.sleep(BETWEEN_ACTS_S)

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
        time.sleep(BETWEEN_ACTS_S)
        for connection in held:
            connection.close()


def children_of(parent: int) -> list[int]:
    try:
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def memory_bytes(running: list[Program]) -> int:
    """Return what the web servers hold, their children included."""
    web = [each.process.pid for each in running if each.name.startswith("web")]
    pages = 0
    for pid in [*web, *(child for each in web for child in children_of(each))]:
        pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OwnSite]:
    with own_site(tmp_path / "postgres") as running:
        yield running


def commands(port: int) -> dict[str, list[str]]:
    """Return the programs of a site, with a second clock."""
    once = site_commands(port, with_beat=True)
    second = [*once["beat"][:-1], f"{once['beat'][-1]}-2"]
    return {**once, "beat-2": second}


def import_a_clip_and_a_poison(site: OwnSite, folder: Path) -> None:
    folder.mkdir()
    write_clip(folder / "clip.mp4", seconds=8)
    (folder / "poison.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 40)
    site.python("manage.py", "import_videos", str(folder))
    site.python("manage.py", "make_thumbnails")


def unfinished(site: OwnSite) -> int:
    sql = "SELECT count(*) FROM experiments_video WHERE state NOT IN ('ready', 'failed')"
    return int(site.query(sql)[0][0])


def test_acknowledged_is_stored_is_counted(
    site: OwnSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "VAR", tmp_path)
    monkeypatch.setattr(processes, "STOP_WITHIN_S", 0)
    monkeypatch.setattr(processes, "QUICK_ENDS", 1000)  # here they end by our hand
    site.environment = site_environment(site.database_url) | {
        f"COVERLIFT_{kind}_ROOT": str(tmp_path / kind.lower())
        for kind in ("MEDIA", "FEATURES", "SPOOL")
    }
    import_a_clip_and_a_poison(site, tmp_path / "clips")
    with programs(commands(site.port), site.environment) as running:
        wait_until(lambda: request(site.port, "GET", "/readyz")[0] == 200, "the site answers")
        clients = Clients(site, "chaos")
        clients.wait_until(200, times=20)
        began_s, memory = time.monotonic(), memory_bytes(running)
        chaos = Chaos(site, running)
        while time.monotonic() - began_s < SECONDS:
            chaos.act()
            time.sleep(BETWEEN_ACTS_S)
        clients.wait_until(200, times=clients.answers[200] + 20)
        clients.finish()
        wait_until(lambda: not site.query("SELECT 1 FROM experiments_arrival"), "all is counted")
        wait_until(lambda: unfinished(site) == 0, "every video has ended")
        grown = memory_bytes(running) / memory
    ((views, clicks),) = site.query(COUNTED)
    print(f"\n{SECONDS:.0f} s: {dict(chaos.done)}; answers {dict(clients.answers)}; "
          f"acknowledged {dict(clients.acknowledged)}; memory x {grown:.2f}")  # fmt: skip
    assert set(clients.answers) <= {0, 200, 503}
    assert clients.acknowledged == stored(site) == Counter(viewable=views, click=clicks)
    assert grown < MEMORY_GROWS_AT_MOST
