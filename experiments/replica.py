"""The paper's pilot at a chosen scale, drawn straight into the event tables.

Simulated, and says so wherever it is shown: the catalogue, the viewers and their clicks are drawn
from experiments.simulation; assignment, events, rollup and report are the product's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from experiments import bulk, phases, storage
from experiments.assignment import UNIT_BITS, assign_many
from experiments.errors import ExperimentError
from experiments.impressions import (
    DAY_MS,
    Device,
    Step,
    event_key,
    impression_id,
    ms_of,
    pack_context,
)
from experiments.models import Arm, Experiment, Video
from experiments.simulation.catalogue import CatalogueEntry
from experiments.simulation.click_model import ClickModel, Population, draw_population
from experiments.simulation.month import PAPER_VIEWS, PLACES, Month, Views, sequence_in_ms

FIRST_DAY = datetime(2020, 6, 1, tzinfo=UTC)  # a Monday; the paper does not say which month
DAYS = 30
VIEWERS_A_VIEW = 1 / 35  # about one viewer for 35 page views: 3 million at full size
POPULARITY_SHAPE = 4.0
ARMS = (("raw thumbnails", "raw"), ("re-SEQ2SEQ", "re_seq2seq"), ("GEVADEN", "gevaden"))
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Replica:
    """One replica: an ended experiment, and all that is needed to draw its days again."""

    experiment: Experiment
    video_ids: NDArray[np.int64]
    viewer_numbers: NDArray[np.int64]
    month: Month
    population: Population


def prepare(slug: str, entries: Sequence[CatalogueEntry], *, scale: float, seed: int,
            catalogue: str) -> Replica:  # fmt: skip
    """Create the replica's videos and experiment, or find them if they are there.

    Args:
        slug: names the experiment.
        entries: the catalogue.
        scale: share of the paper's traffic, in (0, 1].
        seed: makes the replica repeatable.
        catalogue: says where the entries come from, for all who look at the results.

    Raises:
        ExperimentError: where the scale is out of range, or the slug belongs to something else.
    """
    if not 0 < scale <= 1:
        raise ExperimentError(f"scale == {scale}, must be over 0 and at most 1")
    views = len(entries) * sum(PAPER_VIEWS) * scale
    month = Month(
        videos=len(entries),
        viewers=max(1, round(views * VIEWERS_A_VIEW)),
        views=views,
        days=DAYS,
        first_weekday=FIRST_DAY.weekday(),
        popularity_shape=POPULARITY_SHAPE,
        seed=seed,
    )
    simulated = (
        f"The paper's pilot at {scale:.4g} of its traffic, {month.viewers:,} viewers "
        f"drawn with seed {seed} from a click model with the rates of Table 3. {catalogue}"
    )
    experiment = _experiment(slug, entries, simulated, seed)
    ids = experiment.videos.order_by("pk").values_list("pk", flat=True)
    model = ClickModel()
    population = draw_population(model, month.videos, month.viewers, range(PLACES), seed)
    numbers = np.random.default_rng([seed, 5]).integers(0, 1 << UNIT_BITS, month.viewers)
    return Replica(experiment, np.fromiter(ids, np.int64), numbers, month, population)


@transaction.atomic
def _experiment(
    slug: str, entries: Sequence[CatalogueEntry], simulated: str, seed: int
) -> Experiment:
    existing = Experiment.objects.filter(slug=slug).first()
    if existing is not None:
        if existing.simulated != simulated:
            raise ExperimentError(
                f"{slug} exists with another scale, seed or catalogue: choose another slug"
            )
        return existing
    experiment = Experiment.objects.create(
        slug=slug,
        name="The paper's pilot, replicated",
        question="What would the paper's pilot have shown, with the significance it never printed?",
        simulated=simulated,
        salt=f"replica-{seed}",
        state=Experiment.State.ENDED,
        started_at=FIRST_DAY,
        ended_at=FIRST_DAY + timedelta(days=DAYS),
    )
    Arm.objects.bulk_create(
        Arm(experiment=experiment, index=index, name=name, selector=selector, weight=weight)
        for index, ((name, selector), weight) in enumerate(zip(ARMS, PAPER_VIEWS, strict=True))
    )
    videos = Video.objects.bulk_create(
        (
            Video(slug=f"{slug}-{entry.key}"[:100], title=f"{entry.key} (simulated)",
                  duration_s=entry.duration_s, source="the pilot's catalogue, no file")
            for entry in entries
        ),
        batch_size=CHUNK,
    )  # fmt: skip
    for start in range(0, len(videos), CHUNK):
        experiment.videos.add(*videos[start : start + CHUNK])
    return experiment


def write(replica: Replica) -> Iterator[int]:
    """Write the month day by day, each in one transaction; yield each day's impressions.

    A day that is already there is left as it is, so that an interrupted run goes on.
    """
    first_ms = ms_of(FIRST_DAY)
    owner = f"replica:{replica.experiment.pk}:{replica.experiment.slug}"
    block = storage.lease_block(first_ms, first_ms + DAYS * DAY_MS, owner)
    for day, views in enumerate(replica.month.draw()):
        ms = first_ms + day * DAY_MS + views.offset_ms
        ids = impression_id(ms, block.number, sequence_in_ms(ms))
        if len(ids) and not bulk.is_stored(event_key(int(ids[0]), Step.VIEWABLE)):
            bulk.copy_events(_events(replica, views, ids))
        yield len(ids)


def _events(replica: Replica, views: Views, impressions: NDArray[np.int64]) -> bulk.EventColumns:
    """Assign each view its arm, draw its click, and lay both steps out as rows in key order."""
    numbers = replica.viewer_numbers[views.viewer]
    videos = replica.video_ids[views.video]
    arms = assign_many(phases.plan(replica.experiment), numbers, videos).astype(np.int64)
    chance = replica.population.probability(views.video, arms, views.viewer, views.position)
    clicked = views.luck < chance
    key = np.concatenate(
        (event_key(impressions, Step.VIEWABLE), event_key(impressions[clicked], Step.CLICK))
    )
    order = np.argsort(key, kind="stable")
    row = np.concatenate((np.arange(len(impressions)), np.flatnonzero(clicked)))[order]
    cell_of_arm = phases.cells(replica.experiment)
    cells = np.array([cell_of_arm[index] for index in range(len(ARMS))])
    device = np.full(len(row), int(Device.UNKNOWN))
    return bulk.EventColumns(
        key=key[order],
        viewer=numbers[row],
        video=videos[row],
        cell=cells[arms[row]],
        context=pack_context(views.position[row], device, np.zeros_like(device)),
    )
