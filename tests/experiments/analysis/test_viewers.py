"""Facts about viewers, added up part by part, as by hand."""

import json
from collections import Counter

import numpy as np
import pytest

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.stats.two_way import CodedSums
from experiments.analysis.viewers import ViewerTally
from experiments.events.ingest import receive
from experiments.models import Experiment
from experiments.serving import feed, lifecycle
from tests.experiments.analysis.visits import come_back, visit
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db


def kept(experiment: Experiment, parts: int) -> dict[str, object]:
    layout = Layout.of(experiment)
    tally = ViewerTally(experiment, layout, parts)
    videos = np.zeros(0, dtype=np.int64)
    for part in range(parts):
        sums = CodedSums.of(queries.viewer_video_sums(layout, part=part, parts=parts))
        videos = np.union1d(videos, sums.video_ids)
        tally.add(sums)
    return tally.kept(videos)


@pytest.mark.parametrize("parts", [1, 4])
def test_busy_viewers_and_views_of_a_video_are_counted_over_all_parts(parts: int) -> None:
    experiment = make_experiment(videos=3)
    seen = come_back("pilot", 30)
    by_viewer = Counter(view.viewer for view in seen)
    pairs = {(view.viewer, view.video) for view in seen}
    found = kept(experiment, parts)
    assert found["busiest_share"] == pytest.approx(max(by_viewer.values()) / len(seen))
    clickers = Counter(view.viewer for view in seen if view.clicked)
    share = max(clickers.values()) / clickers.total()
    assert found["busiest_clicks_share"] == pytest.approx(share)
    assert found["views_of_pairs"] == pytest.approx(len(seen) / len(pairs))
    assert found["first_views"]


def test_where_nobody_comes_back_first_views_are_all_views_and_not_counted_again() -> None:
    experiment = make_experiment(videos=3)
    for viewer in range(9):
        visit("pilot", f"v{viewer}", np.random.default_rng(viewer))
    found = kept(experiment, 1)
    assert (found["views_of_pairs"], found["first_views"]) == (1.0, [])


def test_without_any_view_nothing_is_known() -> None:
    found = kept(make_experiment(), 1)
    assert found == {
        "busiest_share": None,
        "busiest_clicks_share": None,
        "views_of_pairs": None,
        "first_views": [],
        "overlaps": [],
    }


@pytest.mark.parametrize("parts", [1, 4])
def test_units_are_counted_in_the_others_of_its_time_and_videos(parts: int) -> None:
    one, early, other, late = (
        make_experiment(slug, videos=2) for slug in ("one", "early", "other", "late")
    )
    lifecycle.end(early)
    for experiment in (early, other, late):
        experiment.videos.set(one.videos.all())
    Experiment.objects.filter(pk=early.pk).update(
        started_at="2020-01-01T00:00Z", ended_at="2020-01-02T00:00Z"
    )
    Experiment.objects.filter(pk=late.pk).update(started_at="2099-01-01T00:00Z")
    feed.refresh()
    for viewer in range(6):
        visit("one", f"v{viewer}", np.random.default_rng(viewer))
    for viewer in range(4, 9):
        visit("other", f"v{viewer}", np.random.default_rng(viewer))
    lifecycle.end(one)
    assert kept(one, parts)["overlaps"] == [
        {"slug": "other", "viewers": 2, "of_viewers": 6, "pairs": 2 * 2}
    ]


def test_a_second_experiment_gets_what_the_first_leaves_and_that_is_said() -> None:
    """Case A4: pages show each video in one of the two; the viewers are in both."""
    first = make_experiment("first", videos=8, holdback=0.3)
    second = make_experiment("second", videos=1)
    second.videos.set(first.videos.all())
    feed.refresh()
    shown: dict[str, set[str]] = {"first": set(), "second": set()}
    for viewer in range(12):
        slots = feed.slots(f"v{viewer}").slots
        events = [{"token": slot.token, "step": "viewable"} for slot in slots if slot.token]
        receive(json.dumps({"events": events}).encode(), BROWSER)
        for slot in slots:
            if slot.experiment:
                shown[slot.experiment].add(f"v{viewer}")
    both = len(shown["first"] & shown["second"])
    assert kept(second, 1)["overlaps"] == [
        {"slug": "first", "viewers": both, "of_viewers": len(shown["second"]), "pairs": 0}
    ]
    assert both > 6
