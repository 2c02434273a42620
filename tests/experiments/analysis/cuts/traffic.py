"""Traffic of some days, written straight into the events, with effects that differ by device."""

from datetime import timedelta

import numpy as np
from django.utils import timezone

from experiments.analysis.stats.records import BoolArray, IntArray
from experiments.events.bulk import copy_events
from experiments.events.columns import EventColumns
from experiments.events.keys import (
    DAY_MS,
    SEQUENCES,
    Device,
    event_key,
    impression_id,
    ms_of,
    pack_context,
)
from experiments.events.partitions import ensure_days
from experiments.measures import Step
from experiments.models import Experiment, Phase

DAYS = 5
RATE = 0.08
SLOTS = 12  # of units, dealt out among the arms by their shares


def store(experiment: Experiment, views: int = 20_000, viewers: int = 2000, seed: int = 1) -> None:
    """Store views of the five days before now; only on phones does the last arm lift clicks.

    Each is of the phase in which it falls: the first begins with the five days.
    """
    rng = np.random.default_rng(seed)
    now = timezone.now()
    experiment.started_at = now - timedelta(days=DAYS)
    experiment.save()
    first_ms = ms_of(experiment.started_at)
    ms = np.sort(rng.integers(first_ms, ms_of(now), views))
    cells, arms = _dealt(list(experiment.phases.order_by("number")))
    later = list(experiment.phases.filter(number__gt=1).values_list("started_at", flat=True))
    phase = np.searchsorted(sorted(map(ms_of, later)), ms, side="right")
    pks = np.array(experiment.videos.order_by("pk").values_list("pk", flat=True))
    viewer, video = rng.integers(0, viewers, views), rng.integers(0, len(pks), views)
    slot = (viewer * 31 + video * 17 + viewer // 7) % SLOTS
    cell, arm = cells[phase, slot], arms[phase, slot]
    phone, desktop = int(Device.PHONE), int(Device.DESKTOP)
    device: IntArray = np.where(viewer % 3 == 0, phone, desktop).astype(np.int64)
    lift = np.where((arm == arms.max()) & (device == phone), 2.6, 1.0)
    clicked = rng.random(views) < RATE * lift
    impressions = impression_id(ms, 7, np.arange(views) % SEQUENCES)
    told: dict[Step, BoolArray] = {
        step: rng.random(views) < 0.95 for step in (Step.SERVED, Step.LOADED)
    }
    steps = told | {Step.VIEWABLE: np.ones(views, bool), Step.CLICK: clicked}
    flags = np.zeros(views, np.int64)
    context = pack_context(rng.integers(0, 20, views).astype(np.int64), device, flags)
    ensure_days(range(int(ms[0]) // DAY_MS, int(ms[-1]) // DAY_MS + 1))
    for step, kept in steps.items():
        copy_events(
            EventColumns(
                key=event_key(impressions[kept], step),
                viewer=viewer[kept],
                video=pks[video[kept]],
                cell=cell[kept],
                context=context[kept],
            )
        )


def _dealt(phases: list[Phase]) -> tuple[IntArray, IntArray]:
    """Return the cell and the arm of each slot in each phase, (L, SLOTS) each, arms in turn."""
    cells, arms = [], []
    for phase in phases:
        row = list(phase.cells.order_by("arm__index"))
        slots = [round(SLOTS * cell.share) for cell in row]
        in_turn = np.argsort(np.concatenate([np.arange(n) for n in slots]), kind="stable")
        arms.append(np.repeat(np.arange(len(row)), slots)[in_turn])
        cells.append(np.array([cell.pk for cell in row])[arms[-1]])
    return np.array(cells), np.array(arms)
