"""An experiment's views and clicks, read once and divided by viewer.

What is added up by viewer needs all that a viewer did, and events lie in the order of time. So one
pass over them deals them out to files, each with its share of the viewers, and each file is small
enough to be worked on in memory. The files have no name: whatever is killed leaves none behind.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import reduce
from tempfile import TemporaryFile
from typing import IO

import numpy as np
from django.conf import settings

from experiments.analysis.layout import Layout
from experiments.analysis.measured import stratified
from experiments.analysis.stats.records import IntArray, StratifiedCounts
from experiments.analysis.viewer_events import ViewerEvents, longer_sum
from experiments.events.keys import DAY_MS, date_of, key_ms, key_step
from experiments.events.scan import ROW, Rows, spans_with_events, views_and_clicks
from experiments.measures import Step


class ViewerParts:
    """Views and clicks of an experiment, and of others, by share of the viewers."""

    def __init__(self, layout: Layout, files: Sequence[IO[bytes]]) -> None:
        """Take the layout of the experiment, and the empty files of the parts."""
        self._layout, self._files = layout, files
        self._cells = np.array(sorted(layout.cells), np.int64)
        # By day: by video, cell, and view or click.
        self._counted: dict[int, IntArray] = {}

    def __len__(self) -> int:
        """Return how many parts there are."""
        return len(self._files)

    def add(self, rows: Rows) -> None:
        """Deal a span's rows out, keys ascending and after all that are there; count its own."""
        part = (rows["viewer"].astype(np.int64) >> 31) * len(self) >> 32
        order = np.argsort(part.astype(np.int16), kind="stable")
        ends = np.cumsum(np.bincount(part, minlength=len(self)))
        for file, dealt in zip(self._files, np.split(rows[order], ends[:-1]), strict=True):
            dealt.tofile(file)
        self._count(rows)

    def _count(self, rows: Rows) -> None:
        cell = rows["cell"].astype(np.int64)
        own = np.isin(cell, self._cells)
        if not own.any():
            return
        key = rows["key"][own].astype(np.int64)
        place = np.searchsorted(self._cells, cell[own]) * 2
        place += key_step(key) == Step.CLICK
        place += rows["video"][own] * np.int64(2 * self._cells.size)
        day = int(key_ms(key[0])) // DAY_MS
        self._counted[day] = longer_sum(self._counted.get(day, key[:0]), np.bincount(place))

    def counts(self) -> StratifiedCounts:
        """Return the experiment's views and clicks by phase, video and arm."""
        return self._stratified(self._all())

    def daily_counts(self) -> list[tuple[date, StratifiedCounts]]:
        """Return the same by day (UTC), in order of time; every day has the videos of all."""
        videos = self.counts().video_ids
        return [
            (date_of(day), self._stratified(self._counted[day], videos))
            for day in sorted(self._counted)
        ]

    def _all(self) -> IntArray:
        return reduce(longer_sum, self._counted.values(), np.zeros(0, np.int64))

    def _stratified(self, counted: IntArray, videos: IntArray | None = None) -> StratifiedCounts:
        width = max(2 * self._cells.size, 1)
        table = np.pad(counted, (0, -counted.size % width))
        table = table.reshape(table.size // width, self._cells.size, 2)
        video, cell = np.nonzero(table.any(axis=2))
        rows = np.stack([video, self._cells[cell], *table[video, cell].T])
        return stratified(self._layout, rows, videos)

    def read(self, part: int) -> ViewerEvents:
        """Return all events of a part, those of other experiments among them."""
        file = self._files[part]
        file.seek(0)
        return ViewerEvents.of(np.frombuffer(file.read(), dtype=ROW))


@contextmanager
def viewer_parts(
    layout: Layout, number: int = 1, others: Iterable[Layout] = ()
) -> Iterator[ViewerParts]:
    """Read the events of an experiment, and of others, divided by viewer.

    Args:
        layout: of the experiment.
        number: into how many parts.
        others: whose events are read with it.
    """
    cells = [*layout.cells, *(cell for other in others for cell in other.cells)]
    settings.SPOOL_ROOT.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        files = [stack.enter_context(TemporaryFile(dir=settings.SPOOL_ROOT)) for _ in range(number)]
        parts = ViewerParts(layout, files)
        for span in spans_with_events(cells):
            parts.add(views_and_clicks(cells, span))
        yield parts
