"""What people read is what was sent."""

from typing import Any

import numpy as np
import pytest

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.stats.records import ViewerVideoSums
from experiments.events.ingest import receive
from experiments.metrics import PRIMARY
from experiments.models import Experiment
from tests.experiments.analysis.sight import visit
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db


def test_refused_events_are_counted_by_reason() -> None:
    make_experiment()
    receive(b'{"events": [{"token": "x", "step": "click"}]}', BROWSER)
    assert queries.rejections() == {"malformed": 1}


def sums_by_viewer(experiment: Experiment, **chosen: Any) -> ViewerVideoSums:
    layout = Layout.of(experiment)
    return queries.viewer_measures(layout, PRIMARY.measures, **chosen).of(PRIMARY)


def test_sums_by_viewer_are_those_by_video_in_one_part_or_many() -> None:
    experiment = make_experiment()
    sent = visit(range(30)) + visit(range(10))
    visit(range(50, 52), agent="curl/8.5")
    whole = sums_by_viewer(experiment)
    assert len(whole.viewer_ids) == 90
    assert set(whole.views.tolist()) == {1, 2}
    order = {pk: i for i, pk in enumerate(sorted(set(whole.video_ids.tolist())))}
    rows = np.array([order[video] for video in whole.video_ids.tolist()])
    for kept, expected in zip((whole.views, whole.clicks), sent, strict=True):
        table = np.zeros((3, 3), dtype=np.int64)
        np.add.at(table, (rows, whole.arm_index), kept)
        assert (table == expected).all()
    parts = [sums_by_viewer(experiment, part=i, parts=3) for i in range(3)]
    viewers = [set(part.viewer_ids.tolist()) for part in parts]
    assert sum(map(len, viewers)) == len(set.union(*viewers)) == 30
    assert sum(int(part.views.sum()) for part in parts) == whole.views.sum()
    assert len(sums_by_viewer(experiment, include_bots=True).views) == 96
