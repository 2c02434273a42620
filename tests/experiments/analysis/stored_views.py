"""Views of a few viewers over three days, stored as events."""

import numpy as np

from experiments.analysis.layout import Layout
from experiments.events.bulk import copy_events
from experiments.events.columns import EventColumns
from experiments.events.keys import HOUR_MS, Flag, impression_id, pack_context
from experiments.measures import Step
from experiments.models import Experiment

FIRST_HOUR = 24 * 6000


def store_views(experiment: Experiment, rng: np.random.Generator, views: int = 400) -> None:
    """Store views of few viewers over three days, many clicked, some suspect."""
    ms = np.sort(rng.integers(FIRST_HOUR * HOUR_MS, (FIRST_HOUR + 60) * HOUR_MS, views))
    ms[:2], ms[-1] = FIRST_HOUR * HOUR_MS, (FIRST_HOUR + 60) * HOUR_MS  # bounds of hours
    impressions = impression_id(ms, experiment.pk % 1000, np.arange(views))
    viewer = rng.choice(np.arange(1, 2**63 - 1, 2**63 // 60), views)
    cells = np.array(sorted(Layout.of(experiment).cells))
    videos = np.array(experiment.videos.values_list("pk", flat=True))
    video, cell = rng.choice(videos, views), rng.choice(cells, views)
    flags = np.where(rng.random(views) < 0.1, int(Flag.BOT_RATE), 0)
    context = pack_context(rng.integers(0, 40, views), rng.integers(0, 4, views), flags)
    steps = ((Step.LOADED, 0.5), (Step.VIEWABLE, 1.0), (Step.CLICK, 0.4))
    stored = [rng.random(views) < share for _, share in steps]
    place = np.concatenate([np.flatnonzero(at) for at in stored])
    step = np.repeat([int(step) for step, _ in steps], [at.sum() for at in stored])
    key = impressions[place] | step
    copy_events(EventColumns(key, viewer[place], video[place], cell[place], context[place]))
