"""Events in from a file: every value is checked as at the beacon's door, and stored once."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from experiments.events.bulk import store_new
from experiments.events.clock import now_ms
from experiments.events.columns import EventColumns, distinct
from experiments.events.ingest import MAX_WATCHED_S, STEPS, TAKEN
from experiments.events.keys import (
    END_MS,
    Device,
    key_impression,
    key_ms,
    key_step,
    pack_context,
)
from experiments.events.receipts import Receipt
from experiments.events.tokens import CLOCK_SKEW_MS
from experiments.events.transfer.files import SCHEMA, batches
from experiments.events.transfer.views import (
    Bools,
    Ints,
    among,
    as_suspect_as_viewed,
    of_another,
    other_than_first,
    views_stored_of,
    with_implied,
)
from experiments.measures import Step
from experiments.models import Cell, Experiment, Video
from experiments.surface import SURFACES, Surface

_FLAGS_END = 32
_NOT_WHOLE = {"step", "video", "experiment", "seconds", "surface"}
CellName = tuple[str, int, int, int]  # experiment's slug, phase, arm and surface


def import_events(path: Path, told: Callable[[Receipt], None] = lambda _: None) -> Receipt:
    """Store a file's events; parts of the file commit one by one, so a rerun goes on.

    Args:
        path: a .csv, .parquet or .jsonl file.
        told: called with the receipt so far after every part.

    Raises:
        EventsError: where the file cannot be read; the message has its first offending row.
    """
    total = Receipt()
    names = _Names.read()
    checked = (_check(batch, names) for batch in batches(path))
    for part in _one_ahead(checked):
        receipt = _store(part, names)
        receipt.keep()
        total.add(receipt)
        told(total)
    return total


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One checked part of a file.

    Attributes:
        events: the good events, each once, keys ascending.
        repeats: cells of the good rows that repeat another of the part.
        receipt: what was refused.
    """

    events: EventColumns
    repeats: Ints
    receipt: Receipt


def _one_ahead(parts: Iterator[_Part]) -> Iterator[_Part]:
    """Yield the parts, each made by a thread while the database stores the one before."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = pool.submit(next, parts, None)
            yield part


@dataclass(frozen=True, slots=True)
class _Names:
    """Primary keys by name, and the latest time that an event can have.

    Attributes:
        videos: by slug.
        experiments: by slug.
        cells: by name.
        experiment_of: each cell's experiment.
        latest_ms: since 2010.
    """

    videos: dict[str, int]
    experiments: dict[str, int]
    cells: dict[CellName, int]
    experiment_of: dict[int, int]
    latest_ms: int

    @classmethod
    def read(cls) -> "_Names":
        cells = Cell.objects.values_list(
            "phase__experiment__slug", "phase__number", "arm__index", "surface", "pk",
            "phase__experiment",
        )  # fmt: skip
        return cls(
            videos=dict(Video.objects.values_list("slug", "pk")),
            experiments=dict(Experiment.objects.values_list("slug", "pk")),
            cells={(slug, phase, arm, on): pk for slug, phase, arm, on, pk, _ in cells},
            experiment_of={pk: experiment for *_, pk, experiment in cells},
            latest_ms=min(now_ms() + CLOCK_SKEW_MS, END_MS),
        )

    def by_experiment(self, cells: Ints) -> Iterator[tuple[int, int]]:
        """Yield how many of the cells are of each experiment."""
        for cell, events in zip(*np.unique(cells, return_counts=True), strict=True):
            yield self.experiment_of[int(cell)], int(events)


def _check(batch: pa.RecordBatch, names: _Names) -> _Part:
    receipt = Receipt()
    columns = {name: batch.column(name) for name in SCHEMA.names}
    numbers = {name: _numbers(columns[name]) for name in SCHEMA.names if name not in _NOT_WHOLE}
    step = _by_name(columns["step"], {name: int(step) for name, step in STEPS.items()})
    video = _by_name(columns["video"], names.videos)
    surface = _by_name(pc.fill_null(columns["surface"], Surface.FEED.label), SURFACES)
    cell = _cells(columns["experiment"], numbers["phase"], numbers["arm"], surface, names)
    seconds = columns["seconds"].to_numpy(zero_copy_only=False)
    checks = _checks(numbers | {"surface": surface}, step, video, cell, seconds)
    checks["future"] = key_ms(numbers["impression"]) > names.latest_ms
    refusing = _Refusing(batch, receipt, _by_name(columns["experiment"], names.experiments))
    good = refusing.refuse(checks, np.ones(batch.num_rows, dtype=bool))
    whose = [numbers["impression"], numbers["viewer"], video, cell]
    good = refusing.refuse({TAKEN: other_than_first(whose, good)}, good)
    context = pack_context(numbers["position"], numbers["device"], numbers["flags"])
    ms = np.where(step == Step.WATCHED, np.nan_to_num(seconds) * 1000, -1).round().astype(np.int64)
    events = [numbers["impression"] | step, numbers["viewer"], video, cell, context, ms]
    chosen = [column[good] for column in events]
    kept = np.unique(chosen[0], return_index=True)[1]
    given = EventColumns(*(column[kept] for column in chosen))
    return _Part(given, np.delete(chosen[3], kept), receipt)


def _store(part: _Part, names: _Names) -> Receipt:
    receipt, views = part.receipt, views_stored_of(part.events)
    taken = of_another(part.events, views)
    for experiment, events in names.by_experiment(part.events.cell[taken]):
        sample = f"impression {key_impression(int(part.events.key[taken][0]))}"
        receipt.reject(TAKEN, sample, experiment, events)
    own = as_suspect_as_viewed(part.events.take(np.flatnonzero(~taken)), views)
    new = among(own.key, np.sort(store_new(with_implied(own))))
    receipt.accepted = int(new.sum())
    for repeated in (own.cell[~new], part.repeats):
        for experiment, events in names.by_experiment(repeated):
            receipt.repeat(experiment, events)
    return receipt


def _checks(
    numbers: dict[str, Ints], step: Ints, video: Ints, cell: Ints, seconds: NDArray[np.float64]
) -> dict[str, Bools]:
    """Return what is wrong with each row, by reason, the first reason first."""
    impression = numbers["impression"]
    watched = step == Step.WATCHED
    return {
        "malformed": np.logical_or.reduce([column < 0 for column in numbers.values()])
        | (key_step(impression) != 0)
        | (numbers["position"] > np.iinfo(np.int16).max)
        | (numbers["device"] > max(Device))
        | (numbers["flags"] >= _FLAGS_END),
        "unknown_step": step < 0,
        "unknown_video": video < 0,
        "unknown_experiment": cell < 0,
        "bad_seconds": watched & ~((seconds >= 0) & (seconds <= MAX_WATCHED_S)),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Refusing:
    """Counts bad rows of a batch; `experiments` has each row's, -1 where it is unknown."""

    batch: pa.RecordBatch
    receipt: Receipt
    experiments: Ints

    def refuse(self, checks: dict[str, Bools], good: Bools) -> Bools:
        """Count each bad row under its first reason, keep a sample, and return the good ones."""
        for reason, wrong in checks.items():
            refused = np.flatnonzero(wrong & good)
            good = good & ~wrong
            if not refused.size:
                continue
            sample = self.batch.slice(int(refused[0]), 1).to_pylist()[0]
            counted = np.unique(self.experiments[refused], return_counts=True)
            for experiment, events in zip(*(each.tolist() for each in counted), strict=True):
                self.receipt.reject(reason, sample, experiment if experiment >= 0 else None, events)
        return good


def _numbers(column: pa.Array) -> Ints:
    """Return whole numbers, -1 where there is none."""
    filled: Ints = pc.fill_null(pc.cast(column, pa.int64()), -1).to_numpy(zero_copy_only=False)
    return filled


def _by_name(column: pa.Array, known: Mapping[str, int]) -> Ints:
    """Return the number of each row's name, -1 where the name is unknown or absent."""
    coded = column.dictionary_encode()
    numbers = np.array([known.get(n, -1) for n in coded.dictionary.to_pylist()] + [-1])
    found: Ints = numbers[pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)]
    return found


def _cells(experiment: pa.Array, phase: Ints, arm: Ints, surface: Ints, names: _Names) -> Ints:
    """Return each row's cell, -1 where experiment, phase, arm and surface name none."""
    slugs = {slug: i for i, slug in enumerate(sorted({slug for slug, *_ in names.cells}))}
    codes = (_by_name(experiment, slugs) << 40) | ((phase & 0xFFFFF) << 20)
    codes |= ((arm & 0xFFFF) << 4) | (surface & 0xF)
    known = {
        (slugs[s] << 40) | (p << 20) | (a << 4) | on: pk
        for (s, p, a, on), pk in names.cells.items()
    }
    codes_there = distinct(codes)
    cells = np.array([known.get(code, -1) for code in codes_there.tolist()], dtype=np.int64)
    found: Ints = cells[np.searchsorted(codes_there, codes)]
    return found
