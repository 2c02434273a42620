"""Whatever is killed, stopped or stalled at random under load: acknowledged = stored = counted.

`make chaos` lets it go on for minutes (SECONDS=600), with an act every second or as EVERY=10 says,
and prints what was done; docs/reliability.md keeps the figures.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from standalone import processes
from standalone.processes import Program, programs, site_commands, site_environment
from tests.clips import write_clip
from tests.functional.chaos import Chaos, children_of, jumping_clock
from tests.functional.clients import Clients
from tests.functional.own_site import OwnSite, own_site
from tests.functional.test_faults import stored
from tests.waiting import wait_until

pytestmark = pytest.mark.functional
SECONDS = float(os.environ.get("COVERLIFT_CHAOS_S") or 10)
EVERY_S = float(os.environ.get("COVERLIFT_CHAOS_EVERY_S") or 1)
SEED = int(os.environ.get("COVERLIFT_CHAOS_SEED") or 0)
AWAY_S = min(30.0, SECONDS / 5)
COUNTED = "SELECT coalesce(sum(views), 0), coalesce(sum(clicks), 0) FROM experiments_daycount"
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
    clock = tmp_path / "clock"
    with programs(commands(site.port), site.environment | jumping_clock(clock)) as running:
        wait_until(lambda: site.request("GET", "/readyz")[0] == 200, "the site answers")
        clients = Clients(site, "chaos")
        clients.wait_until(200, times=20)
        memory = memory_bytes(running)
        chaos = Chaos(site, running, clock=clock, lasts_s=1, away_s=AWAY_S, seed=SEED)
        go_on(chaos)
        clients.wait_until(200, times=clients.answers[200] + 20)
        clients.finish()
        wait_until(lambda: not site.query("SELECT 1 FROM experiments_arrival"), "all is counted")
        wait_until(lambda: unfinished(site) == 0, "every video has ended")
        grown = memory_bytes(running) / memory
    ((views, clicks),) = site.query(COUNTED)
    print(f"\n{SECONDS:.0f} s: {dict(chaos.done)}; answers {dict(clients.answers)}; "
          f"acknowledged {dict(clients.acknowledged)}; memory x {grown:.2f}")  # fmt: skip
    assert set(clients.answers) <= {0, 200, 503}, logs_of_web_servers(running)
    assert clients.acknowledged == stored(site) == Counter(viewable=views, click=clicks)
    assert grown < MEMORY_GROWS_AT_MOST


def go_on(chaos: Chaos) -> None:
    """Act until the time is over."""
    began_s = time.monotonic()
    while time.monotonic() - began_s < SECONDS:
        chaos.act()
        time.sleep(EVERY_S)
    chaos.end()
