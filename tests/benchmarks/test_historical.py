"""How long an archive of 30,000 tests takes; prints figures, asserts none of time."""

import resource
import time
from itertools import pairwise
from pathlib import Path

import pyarrow.csv
import pytest

from experiments.studies.historical.analysis import analyse
from experiments.studies.historical.document import as_json
from experiments.studies.historical.reading import read_counts
from experiments.studies.historical.text import as_text
from tests.experiments.studies.historical.made_up import Truth, draw, write_as_upworthy

pytestmark = pytest.mark.benchmark


def test_an_archive_as_large_as_upworthys(tmp_path: Path) -> None:
    path = tmp_path / "packages.csv"
    truth = Truth(tests=30_000, weeks=117, broken=(22, 50), arms=8, same=0.05)
    write_as_upworthy(draw(truth, seed=1)[0], path)
    marks = [time.perf_counter()]

    def lap() -> None:
        marks.append(time.perf_counter())

    options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    pyarrow.csv.read_csv(path, parse_options=options)
    lap()
    reading = read_counts(path)
    lap()
    analysis = analyse(reading.archive)
    lap()
    document = as_json(reading, analysis)
    lap()
    bare, read, analysed, written = (b - a for a, b in pairwise(marks))
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"\n{len(reading.archive.arms):,} arms of {reading.archive.count:,} tests: read "
        f"{read:.2f} s (pyarrow alone {bare:.2f} s), analysed {analysed:.2f} s, written as JSON "
        f"{written:.2f} s, {len(document) / 2**20:.0f} MiB; peak {peak_gib:.2f} GiB"
    )
    assert analysis.weeks is not None
    assert len(analysis.weeks.windows) == 1
    assert "Windows of weeks in which assignment was broken: 1" in as_text(reading, analysis)
