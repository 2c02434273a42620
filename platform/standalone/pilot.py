"""`make pilot`: the paper's pilot study, end to end, on real videos with simulated viewers."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from standalone.postgres import PostgresError
from standalone.processes import (
    ROOT,
    VAR,
    ProcessError,
    free_port,
    only_one,
    stop_cleanly_on_signals,
)
from standalone.serve import DEFAULT_PORT
from standalone.stack import Site, site

ARMS = ("raw thumbnails=raw", "re-SEQ2SEQ=re_seq2seq", "GEVADEN=gevaden")
QUESTION = "Do animated thumbnails of three shots bring more clicks than a still image?"
SIMULATED = (
    "Simulated viewers drove the real site over HTTP; they click at rates taken from the "
    "paper's Table 3, so this shows that the system works, not that the thumbnails do."
)
VIEWERS = 3000
PLANNED_VIEWS = 20_000  # of some 25,000 that come: where they end is planned, and not by the result
REPLICA_SCALE = 0.01


def main() -> int:
    """Run the study; say in a sentence what stands in the way if something does."""
    stop_cleanly_on_signals()
    started = time.monotonic()
    try:
        with only_one("pilot"):
            pilot()
    except (ProcessError, PostgresError) as error:
        print(f"pilot: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\npilot: interrupted; run it again and it goes on with what is there")
        return 130
    print(
        f"pilot: done in {time.monotonic() - started:.0f} s. `make serve` shows it all; then open\n"
        f"  http://127.0.0.1:{DEFAULT_PORT}/            what viewers see\n"
        f"  http://127.0.0.1:{DEFAULT_PORT}/console/    your console: it begins with an account"
    )
    return 0


def pilot() -> None:
    """Take the clips in, make thumbnails, run the experiment, and report on it."""
    with step("clips"):
        folder, manifest = clips()
    print("pilot: starting database, web server and worker ...", flush=True)
    with site(free_port(), with_beat=False) as running:
        with step("catalogue"):
            running.manage("import_videos", str(folder), *manifest)
        with step("thumbnails, by the worker"):
            running.manage("make_thumbnails", "--wait")
        with step("traffic of simulated viewers, over HTTP"):
            study = start_study(running)
            simulate(running, study)
        with step("the paper's catalogue at 1 % of its traffic, simulated"):
            running.manage("replicate_pilot", "--scale", str(REPLICA_SCALE))
        open_to_visitors(running)
        with step("what the worker would add to the reports"):
            running.manage("two_way", study)
            running.manage("two_way", "pilot-replica")
            running.manage("renew_summaries")
        running.manage("report", study)
        running.manage("report", "pilot-replica")


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what begins, and how long it took."""
    print(f"pilot: {title} ...", flush=True)
    started = time.monotonic()
    yield
    print(f"pilot: {title}: {time.monotonic() - started:.1f} s", flush=True)


def clips() -> tuple[Path, tuple[str, ...]]:
    """Return the folder of videos, and what credits them: VIDEOS, or the examples' clips.

    Raises:
        ProcessError: where VIDEOS is no folder or no clip can be had.
    """
    if own := os.environ.get("VIDEOS"):
        folder = Path(own).expanduser().resolve()
        if not folder.is_dir():
            raise ProcessError(f"VIDEOS == {own!r} is not a folder: name one that holds videos")
        return folder, ()
    manifest, folder = ROOT / "examples" / "videos.toml", VAR / "clips"
    words = [sys.executable, "-m", "standalone.clips", "--manifest", str(manifest)]
    subprocess.run([*words, "--to", str(folder)], cwd=ROOT, check=False)
    if not folder.is_dir() or not any(folder.iterdir()):
        raise ProcessError("no clip could be had (see above): make pilot VIDEOS=/folder/of/videos")
    return folder, ("--manifest", str(manifest))


def start_study(running: Site) -> str:
    """Start the experiment that simulated viewers will see, and return its slug."""
    arms = [word for arm in ARMS for word in ("--arm", arm)]
    words = ["start_experiment", "pilot", "--name", "Pilot study on real clips", *arms]
    words += ["--views", str(PLANNED_VIEWS)]
    return running.manage_quietly(*words, "--question", QUESTION, "--simulated", SIMULATED)


def simulate(running: Site, study: str) -> None:
    """Let the viewers come, count what they did, and end the experiment."""
    words = ["--url", running.url, "--experiment", study, "--viewers", str(VIEWERS)]
    running.manage("simulate_traffic", *words)
    running.manage("rollup")
    running.manage("end_experiment", study)


def open_to_visitors(running: Site) -> None:
    """Leave one experiment running for whoever opens the feed: their clicks are real."""
    arms = [word for arm in ARMS for word in ("--arm", arm)]
    words = ["start_experiment", "live", "--name", "This site's own visitors", *arms, "--once"]
    running.manage_quietly(*words, "--question", QUESTION)


if __name__ == "__main__":
    sys.exit(main())
