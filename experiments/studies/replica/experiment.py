"""The replica's videos, arms and viewers: all that is needed to draw its days again and again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from experiments.design import slug_problem
from experiments.errors import ExperimentError
from experiments.models import Arm, Experiment, Video
from experiments.serving import allocation_phases
from experiments.serving.assignment import UNIT_BITS
from experiments.stopping import StoppingRule
from experiments.studies.simulation.catalogue import CatalogueEntry
from experiments.studies.simulation.click_model import ClickModel, Population, draw_population
from experiments.studies.simulation.month import PAPER_VIEWS, PLACES_SEEN, Month

FIRST_DAY = datetime(2020, 6, 1, tzinfo=UTC)  # a Monday; the paper does not say which month
DAYS = 30
VIEWERS_A_VIEW = 1 / 35  # about one viewer for 35 page views: 3 million at full size
ARMS = (("raw thumbnails", "raw"), ("re-SEQ2SEQ", "re_seq2seq"), ("GEVADEN", "gevaden"))
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Replica:
    """One replica: an ended experiment, and all that is needed to draw its days again.

    Attributes:
        experiment: what its rows and counts belong to.
        video_ids: primary key of each video, (V,), in the order of the catalogue.
        viewer_numbers: what stands for each viewer in the rows, (U,), crawlers last.
        month: who sees what, and when.
        population: who clicks.
    """

    experiment: Experiment
    video_ids: NDArray[np.int32]
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
        ExperimentError: where the scale is out of range, the slug is none, or it belongs to
            something else.
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
        seed=seed,
    )
    simulated = (
        f"The paper's pilot at {100 * scale:.4g} % of its traffic, {month.viewers:,} viewers "
        f"drawn with seed {seed} from a click model with the rates of Table 3. {catalogue}"
    )
    experiment = _experiment(slug, entries, simulated, seed)
    ids = experiment.videos.order_by("pk").values_list("pk", flat=True)
    viewers = month.viewers + month.bots
    population = draw_population(ClickModel(), month.videos, viewers, PLACES_SEEN, seed)
    numbers = np.random.default_rng([seed, 5]).integers(0, 1 << UNIT_BITS, viewers)
    return Replica(experiment, np.fromiter(ids, np.int32), numbers, month, population)


@transaction.atomic
def _experiment(
    slug: str, entries: Sequence[CatalogueEntry], simulated: str, seed: int
) -> Experiment:
    if problem := slug_problem(slug):
        raise ExperimentError(problem)
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
        stopping_rule=StoppingRule.FIXED_HORIZON,  # the paper looked once, after its month
        planned_days=DAYS,
        planned_end=FIRST_DAY + timedelta(days=DAYS),
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
    allocation_phases.start(experiment)
    allocation_phases.end(experiment, FIRST_DAY + timedelta(days=DAYS))
    return experiment
