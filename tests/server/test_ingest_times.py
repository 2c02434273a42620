"""Times of batches add up over the web processes of a machine."""

import subprocess
import sys
from pathlib import Path

from standalone.processes import ROOT

STORE = """
from server import ingest_times
for events in (2, 3):
    with ingest_times.timed_batch():
        ingest_times.note_size(events)
"""
SCRAPE = """
from prometheus_client import CollectorRegistry, generate_latest
from server import ingest_times
registry = CollectorRegistry()
ingest_times.register(registry)
print(generate_latest(registry).decode())
"""


def run(code: str, folder: Path) -> str:
    environment = {"PYTHONPATH": str(ROOT / "platform"), "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    words = [sys.executable, "-c", code]
    return subprocess.run(
        words, env=environment, capture_output=True, text=True, check=True
    ).stdout  # fmt: skip


def test_any_process_answers_for_all(tmp_path: Path) -> None:
    for _ in range(2):
        run(STORE, tmp_path)
    told = run(SCRAPE, tmp_path).splitlines()
    assert "coverlift_ingest_seconds_count 4.0" in told
    assert "coverlift_batch_events_sum 10.0" in told
