"""Events dealt out by viewer add up to what Postgres counts by viewer, to the last digit."""

import numpy as np
import pytest

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.measured import UnusableMetricError
from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.standardise import joined
from experiments.analysis.viewer_parts import viewer_parts
from experiments.events import scan
from experiments.events.keys import (
    FLAGS_SHIFT,
    context_flags,
    key_step,
)
from experiments.events.rollup import roll_up
from experiments.measures import Step
from experiments.metrics import PRIMARY
from experiments.models import Event
from experiments.serving import allocation_phases
from tests.experiments.analysis.stored_views import store_views
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


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
@pytest.mark.parametrize(("seed", "at_once"), [(0, 100), (1, 1_000_000)])
def test_sums_are_those_that_postgres_groups(
    number: int, is_counted: bool, seed: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "EVENTS_AT_ONCE", at_once)
    rng = np.random.default_rng(seed)
    other, experiment = make_experiment("other", videos=2), make_experiment("pilot", videos=5)
    for weights in ({0: 1, 1: 5, 2: 1}, {0: 1, 1: 1, 2: 1}):
        allocation_phases.change(experiment, weights=weights)
    store_views(other, rng)
    store_views(experiment, rng)
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
    store_views(experiment, np.random.default_rng(2))
    layout = Layout.of(experiment)
    with viewer_parts(layout) as parts:
        counts, place = joined(parts.counts())
        found = parts.read(0).sums(layout, counts, place)
    assert len(counts.shares) == 2
    rows = [row[:4] for row in as_rows(found)]
    assert rows == sorted(set(rows))
    np.testing.assert_array_equal(found.counts().views, counts.views)


def test_days_add_up_to_all() -> None:
    experiment = make_experiment(videos=3)
    allocation_phases.change(experiment, weights={0: 1, 1: 5, 2: 1})
    store_views(experiment, np.random.default_rng(5))
    with viewer_parts(Layout.of(experiment), 3) as parts:
        days, whole = parts.daily_counts(), parts.counts()
    assert [(day - days[0][0]).days for day, _ in days] == [0, 1, 2]
    for _, counts in days:
        assert counts.video_ids.tolist() == whole.video_ids.tolist()
    np.testing.assert_array_equal(sum(counts.views for _, counts in days), whole.views)
    np.testing.assert_array_equal(sum(counts.clicks for _, counts in days), whole.clicks)


def test_a_click_without_its_view_is_refused() -> None:
    experiment = make_experiment(videos=1)
    store_views(experiment, np.random.default_rng(3), views=40)
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
    store_views(experiment, np.random.default_rng(4))
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
