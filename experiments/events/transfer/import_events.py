"""Events in from a file: every value is checked as at the beacon's door, and stored once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from experiments.events.bulk import EventColumns, distinct, store_new
from experiments.events.clock import now_ms
from experiments.events.ingest import MAX_WATCHED_S, STEPS, Receipt, note_refused
from experiments.events.keys import (
    END_MS,
    Device,
    Flag,
    key_impression,
    key_ms,
    key_step,
    pack_context,
)
from experiments.events.tokens import CLOCK_SKEW_MS
from experiments.events.transfer.files import SCHEMA, batches
from experiments.measures import Step
from experiments.models import Cell, Video

_FLAGS_END = 32
_NOT_WHOLE = {"step", "video", "experiment", "seconds"}
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


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
        receipt = _store(part)
        note_refused(receipt)
        total.accepted += receipt.accepted
        total.duplicate += receipt.duplicate
        total.rejected += receipt.rejected
        total.samples |= receipt.samples
        told(total)
    return total


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One checked part of a file.

    Attributes:
        events: the good events, each once, keys ascending.
        good: how many good rows there were, repeats counted.
        receipt: what was refused.
    """

    events: EventColumns
    good: int
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
    """Primary keys by name, and the latest time that an event can have."""

    videos: dict[str, int]
    cells: dict[tuple[str, int, int], int]
    latest_ms: int

    @classmethod
    def read(cls) -> "_Names":
        cells = Cell.objects.values_list(
            "phase__experiment__slug", "phase__number", "arm__index", "pk"
        )
        return cls(
            videos=dict(Video.objects.values_list("slug", "pk")),
            cells={(slug, phase, arm): pk for slug, phase, arm, pk in cells},
            latest_ms=min(now_ms() + CLOCK_SKEW_MS, END_MS),
        )


def _check(batch: pa.RecordBatch, names: _Names) -> _Part:
    receipt = Receipt()
    columns = {name: batch.column(name) for name in SCHEMA.names}
    numbers = {name: _numbers(columns[name]) for name in SCHEMA.names if name not in _NOT_WHOLE}
    step = _by_name(columns["step"], {name: int(step) for name, step in STEPS.items()})
    video = _by_name(columns["video"], names.videos)
    cell = _cells(columns["experiment"], numbers["phase"], numbers["arm"], names)
    seconds = columns["seconds"].to_numpy(zero_copy_only=False)
    checks = _checks(numbers, step, video, cell, seconds)
    checks["future"] = key_ms(numbers["impression"]) > names.latest_ms
    good = _refuse(batch, receipt, checks)
    context = pack_context(numbers["position"], numbers["device"], numbers["flags"])
    ms = np.where(step == Step.WATCHED, np.nan_to_num(seconds) * 1000, -1).round().astype(np.int64)
    events = [numbers["impression"] | step, numbers["viewer"], video, cell, context, ms]
    chosen = [column[good] for column in events]
    kept = np.unique(chosen[0], return_index=True)[1]
    given = EventColumns(*(column[kept] for column in chosen))
    return _Part(given, int(good.sum()), receipt)


def _store(part: _Part) -> Receipt:
    stored = store_new(_with_implied(part.events))
    part.receipt.accepted = int(_among(part.events.key, np.sort(stored)).sum())
    part.receipt.duplicate = part.good - part.receipt.accepted
    return part.receipt


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


def _refuse(batch: pa.RecordBatch, receipt: Receipt, checks: dict[str, Bools]) -> Bools:
    """Count each bad row under its first reason, keep a sample, and return which rows are good."""
    good = np.ones(batch.num_rows, dtype=bool)
    for reason, wrong in checks.items():
        refused = np.flatnonzero(wrong & good)
        if refused.size:
            receipt.reject(reason, batch.slice(int(refused[0]), 1).to_pylist()[0])
            receipt.rejected[reason] += refused.size - 1
        good &= ~wrong
    return good


def _among(numbers: Ints, pool: Ints) -> Bools:
    """Return which numbers are in an ascending pool."""
    if not pool.size:
        return np.zeros(numbers.shape, dtype=bool)
    found: Bools = pool[np.searchsorted(pool, numbers).clip(max=pool.size - 1)] == numbers
    return found


def _with_implied(events: EventColumns) -> EventColumns:
    """Add the viewable that each click proves, where the batch (its keys ascending) has it not."""
    clicks = np.flatnonzero(key_step(events.key) == Step.CLICK)
    viewable = key_impression(events.key[clicks]) | Step.VIEWABLE
    missing = ~_among(viewable, events.key)
    implied = clicks[missing]
    flag = pack_context(0, 0, int(Flag.IMPLIED))
    watched = np.full(len(implied), -1)
    return EventColumns(
        key=np.concatenate([events.key, viewable[missing]]),
        viewer=np.concatenate([events.viewer, events.viewer[implied]]),
        video=np.concatenate([events.video, events.video[implied]]),
        cell=np.concatenate([events.cell, events.cell[implied]]),
        context=np.concatenate([events.context, events.context[implied] | flag]),
        watched_ms=np.concatenate([_watched(events), watched]),
    )


def _watched(events: EventColumns) -> Ints:
    assert events.watched_ms is not None  # noqa: S101  an import always has the column
    return events.watched_ms.astype(np.int64)


def _numbers(column: pa.Array) -> Ints:
    """Return whole numbers, -1 where there is none."""
    filled: Ints = pc.fill_null(pc.cast(column, pa.int64()), -1).to_numpy(zero_copy_only=False)
    return filled


def _by_name(column: pa.Array, known: dict[str, int]) -> Ints:
    """Return the number of each row's name, -1 where the name is unknown or absent."""
    coded = column.dictionary_encode()
    numbers = np.array([known.get(n, -1) for n in coded.dictionary.to_pylist()] + [-1])
    found: Ints = numbers[pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)]
    return found


def _cells(experiment: pa.Array, phase: Ints, arm: Ints, names: _Names) -> Ints:
    """Return each row's cell, -1 where experiment, phase and arm name none."""
    slugs = {slug: i for i, slug in enumerate(sorted({slug for slug, _, _ in names.cells}))}
    codes = (_by_name(experiment, slugs) << 40) | ((phase & 0xFFFFF) << 20) | (arm & 0xFFFFF)
    known = {(slugs[s] << 40) | (p << 20) | a: pk for (s, p, a), pk in names.cells.items()}
    codes_there = distinct(codes)
    cells = np.array([known.get(code, -1) for code in codes_there.tolist()], dtype=np.int64)
    found: Ints = cells[np.searchsorted(codes_there, codes)]
    return found
