"""Whatever is killed, stopped or stalled at random under load: acknowledged = stored = counted.

`make chaos` lets it go on for minutes (SECONDS=600), with an act every second or as EVERY=10 says,
and prints what was done; docs/reliability.md keeps the figures. EVENTS=10000000 ends it earlier,
as soon as so many are acknowledged.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.measures import Step
from standalone import processes
from standalone.processes import Program, programs, site_commands, site_environment
from tests.clips import write_clip
from tests.functional.chaos import Chaos, children_of, jumping_clock
from tests.functional.clients import Clients
from tests.functional.own_site import OwnSite, own_site
from tests.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.functional
SECONDS = float(os.environ.get("COVERLIFT_CHAOS_S") or 10)
EVERY_S = float(os.environ.get("COVERLIFT_CHAOS_EVERY_S") or 1)
SEED = int(os.environ.get("COVERLIFT_CHAOS_SEED") or 0)
AWAY_S = min(30.0, SECONDS / 5)
ENOUGH_EVENTS = float(os.environ.get("COVERLIFT_CHAOS_EVENTS") or "inf")
COUNTED_WITHIN_S = max(PATIENCE_S, SECONDS)
SLOTS = 99  # of a page: with these steps and its click, it tells 496 events at once, of at most 500
STEPS = (Step.SERVED, Step.LOADED, Step.VIEWABLE, Step.ANIMATED, Step.CALM)
TELL_EVERY_S = 60
MEMORY_GROWS_AT_MOST = 2.0  # after a start: a process that was killed is a new one


def memory_bytes(running: list[Program]) -> int:
    """Return what the web servers hold, their children included."""
    web = [each.process.pid for each in running if each.name.startswith("web")]
    pages = 0
    for pid in [*web, *(child for each in web for child in children_of(each))]:
        pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def logs_of_web_servers(running: list[Program]) -> str:
    """Return what the web servers logged: a failure's traceback is there alone."""
    web = [each.log for each in running if each.name.startswith("web")]
    return "\n".join(f"{log}:\n{log.read_text(errors='replace')}" for log in web)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OwnSite]:
    with own_site(tmp_path / "postgres", videos=SLOTS) as running:
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
    clock = tmp_path / "clock"
    with programs(commands(site.port), site.environment | jumping_clock(clock)) as running:
        wait_until(lambda: site.request("GET", "/readyz")[0] == 200, "the site answers")
        clients = Clients(site, "chaos", slots=SLOTS, steps=STEPS, at_once=16)
        clients.wait_until(200, times=20)
        memory = memory_bytes(running)
        chaos = Chaos(site, running, clock=clock, lasts_s=1, away_s=AWAY_S, seed=SEED)
        go_on(chaos, clients)
        clients.wait_until(200, times=clients.answers[200] + 20)
        clients.finish()
        wait_until(lambda: not site.query("SELECT 1 FROM experiments_arrival"), "all is counted",
                   COUNTED_WITHIN_S)  # fmt: skip
        wait_until(lambda: unfinished(site) == 0, "every video has ended")
        grown = memory_bytes(running) / memory
    print(f"\n{dict(chaos.done)}; answers {dict(clients.answers)}; "
          f"acknowledged {clients.acknowledged.total():,}; memory x {grown:.2f}")  # fmt: skip
    # 429: who sends the same seven times while the database is away is told to wait.
    assert set(clients.answers) <= {0, 200, 429, 503}, logs_of_web_servers(running)
    assert clients.acknowledged == site.stored() == site.counted()
    assert grown < MEMORY_GROWS_AT_MOST


def go_on(chaos: Chaos, clients: Clients) -> None:
    """Act until the time is over, or enough events are acknowledged; tell how far it is."""
    began_s = told_at_s = now_s = time.monotonic()
    while now_s - began_s < SECONDS and clients.acknowledged.total() < ENOUGH_EVENTS:
        assert not clients.failures, clients.failures
        chaos.act()
        time.sleep(EVERY_S)
        now_s = time.monotonic()
        if now_s - told_at_s > TELL_EVERY_S:
            told_at_s = now_s
            print(f"{now_s - began_s:.0f} s: {clients.acknowledged.total():,} acknowledged, "
                  f"{chaos.done.total()} acts", flush=True)  # fmt: skip
    chaos.end()
