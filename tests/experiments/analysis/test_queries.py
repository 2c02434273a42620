"""What people read is what was sent."""

from typing import Any

import numpy as np
import pytest

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.stats.records import ViewerVideoSums
from experiments.events.ingest import receive
from experiments.events.rollup import roll_up
from experiments.metrics import PRIMARY
from experiments.models import Experiment, Video
from experiments.serving import allocation_phases, feed
from experiments.serving.feed import Slot
from tests.experiments import beacons
from tests.experiments.analysis.report.cast import add_day, counted_study
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db


def visit(viewers: range, *, agent: str = BROWSER) -> np.ndarray:
    """Let viewers see all slots and click on the first; return [view, click] by (video, arm)."""
    sent = np.zeros((2, 3, 3), dtype=np.int64)
    order = {
        slug: i
        for i, slug in enumerate(Video.objects.order_by("pk").values_list("slug", flat=True))
    }
    for viewer in viewers:
        for slot in beacons.visit(f"v{viewer}", clicks=is_first, agent=agent):
            place = order[slot.video.slug], slot.arm
            sent[0][place] += 1
            sent[1][place] += is_first(slot)
    return sent


def is_first(slot: Slot) -> bool:
    return slot.position == 0


def test_counts_by_video_and_arm_over_all_phases() -> None:
    experiment = make_experiment()
    sent = visit(range(40))
    allocation_phases.change(experiment, weights={0: 0, 1: 1, 2: 1})
    feed.refresh()
    sent = sent + visit(range(40, 60))
    roll_up()
    counts = queries.video_counts(Layout.of(experiment)).total()
    assert counts.arms == ("raw", "re_seq2seq", "gevaden")
    assert (counts.views == sent[0]).all()
    assert (counts.clicks == sent[1]).all()
    for rows in (
        queries.daily_counts(Layout.of(experiment)),
        queries.hourly_counts(Layout.of(experiment)),
    ):
        assert sum(row.views for row in rows) == sent[0].sum()
        assert sum(row.clicks for row in rows) == sent[1].sum()


def test_programs_are_in_the_gross_and_not_in_the_net() -> None:
    experiment = make_experiment()
    people, programs = visit(range(5)), visit(range(5, 8), agent="curl/8.5")
    roll_up()
    net = queries.video_counts(Layout.of(experiment)).total()
    gross = queries.video_counts(Layout.of(experiment), include_bots=True).total()
    assert (net.views == people[0]).all()
    assert (gross.views == people[0] + programs[0]).all()


def test_an_experiment_without_events_has_no_videos() -> None:
    experiment = make_experiment()
    assert queries.video_counts(Layout.of(experiment)).total().views.shape == (0, 3)
    assert queries.daily_counts(Layout.of(experiment)) == []
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


def test_a_day_in_which_shares_changed_favours_no_arm() -> None:
    """Both arms click at 4 %, then at 6 %, on one day; the second arm is shown mostly later."""
    experiment = counted_study((((900, 36), (100, 4)),), ended=False)
    allocation_phases.change(experiment, weights={0: 1, 1: 9})
    add_day(experiment, (((100, 6), (900, 54)),))
    rows = queries.daily_counts(Layout.of(experiment))
    assert [(row.views, row.clicks) for row in rows] == [(1000, 42), (1000, 58)]
    assert [row.ctr for row in rows] == pytest.approx([0.05, 0.05])
