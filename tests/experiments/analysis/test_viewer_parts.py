"""Events dealt out by viewer add up to what Postgres counts by viewer, to the last digit."""

import numpy as np
import pytest

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.measured import UnusableMetricError
from experiments.analysis.stats.standardise import joined
from experiments.analysis.stats.two_way import CodedSums
from experiments.analysis.viewer_parts import viewer_parts
from experiments.events.bulk import copy_events
from experiments.events.columns import EventColumns
from experiments.events.keys import (
    FLAGS_SHIFT,
    HOUR_MS,
    Flag,
    context_flags,
    impression_id,
    key_step,
    pack_context,
)
from experiments.events.rollup import roll_up
from experiments.measures import Step
from experiments.metrics import PRIMARY
from experiments.models import Event, Experiment
from experiments.serving import allocation_phases
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
FIRST_HOUR = 24 * 6000


def store(experiment: Experiment, rng: np.random.Generator, views: int = 400) -> None:
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


def as_rows(sums: CodedSums, first_viewer: int = 0) -> list[tuple[int, ...]]:
    """Return viewer, video, stratum, arm, views and clicks, in order."""
    columns = (
        sums.viewer + first_viewer,
        sums.video_ids[sums.video],
        sums.stratum,
        sums.arm,
        sums.views,
        sums.clicks,
    )
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("number", [1, 7])
@pytest.mark.parametrize("is_counted", [True, False])
@pytest.mark.parametrize("seed", [0, 1])
def test_sums_are_those_that_postgres_groups(number: int, is_counted: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    other, experiment = make_experiment("other", videos=2), make_experiment("pilot", videos=5)
    for weights in ({0: 1, 1: 5, 2: 1}, {0: 1, 1: 1, 2: 1}):
        allocation_phases.change(experiment, weights=weights)
    store(other, rng)
    store(experiment, rng)
    if is_counted:
        roll_up()
    layout = Layout.of(experiment)
    grouped = CodedSums.of(queries.viewer_measures(layout, PRIMARY.measures).of(PRIMARY))
    rows, viewers = [], 0
    with viewer_parts(layout, number, [Layout.of(other)]) as parts:
        counts, place = parts.counts(), np.arange(3)
        for part in range(number):
            found = parts.read(part).of_layout(layout).sums(layout, counts, place)
            rows += as_rows(found, viewers)
            viewers += found.viewers
    assert rows == as_rows(grouped)
    assert viewers == grouped.viewers
    np.testing.assert_array_equal(counts.views, grouped.counts().views)
    np.testing.assert_array_equal(counts.clicks, grouped.counts().clicks)


def test_phases_of_equal_shares_are_one_stratum() -> None:
    experiment = make_experiment(videos=3)
    for weights in ({0: 1, 1: 5, 2: 1}, {0: 1, 1: 1, 2: 1}):
        allocation_phases.change(experiment, weights=weights)
    store(experiment, np.random.default_rng(2))
    layout = Layout.of(experiment)
    with viewer_parts(layout) as parts:
        counts, place = joined(parts.counts())
        found = parts.read(0).sums(layout, counts, place)
    assert len(counts.shares) == 2
    rows = [row[:4] for row in as_rows(found)]
    assert rows == sorted(set(rows))
    np.testing.assert_array_equal(found.counts().views, counts.views)


def test_a_click_without_its_view_is_refused() -> None:
    experiment = make_experiment(videos=1)
    store(experiment, np.random.default_rng(3), views=40)
    keys = Event.objects.filter(context__lt=1 << FLAGS_SHIFT).values_list("key", flat=True)
    clicked = [key for key in keys if key_step(key) == Step.CLICK]
    Event.objects.filter(key=clicked[0] - Step.CLICK + Step.VIEWABLE).delete()
    layout = Layout.of(experiment)
    with viewer_parts(layout) as parts:
        counts, events = parts.counts(), parts.read(0)
    with pytest.raises(UnusableMetricError, match="more clicks"):
        events.sums(layout, counts, np.arange(1))


def test_a_part_has_whole_viewers_and_keeps_their_order_of_time() -> None:
    experiment = make_experiment(videos=2)
    store(experiment, np.random.default_rng(4))
    with viewer_parts(Layout.of(experiment), 5) as parts:
        read = [parts.read(part) for part in range(5)]
    kept = [
        (viewer, key)
        for viewer, key, context in Event.objects.values_list("viewer", "key", "context")
        if key_step(key) != Step.LOADED and not context_flags(context)
    ]
    assert sum(events.key.size for events in read) == len(kept)
    assert sum(int(events.viewer.max()) + 1 for events in read) == len({v for v, _ in kept})
    for events in read:
        order = np.lexsort((events.key, events.viewer))
        assert (order == np.arange(events.key.size)).all()
