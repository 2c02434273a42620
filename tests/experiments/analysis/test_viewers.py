"""Facts about viewers, added up part by part, as by hand."""

import json
from collections import Counter

import numpy as np
import pytest

from experiments.analysis.layout import Layout
from experiments.analysis.stats.standardise import joined
from experiments.analysis.viewer_parts import viewer_parts
from experiments.analysis.viewers import ViewerTally, others_of, seen_in_both
from experiments.events.ingest import receive
from experiments.models import Experiment
from experiments.serving import feed, lifecycle
from experiments.unit import Unit
from tests.experiments.analysis.visits import come_back, visit
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db


def kept(experiment: Experiment, number: int) -> dict[str, object]:
    layout = Layout.of(experiment)
    others = {other: Layout.of(other) for other in others_of(experiment)}
    tally = ViewerTally(layout, others)
    with viewer_parts(layout, number, others.values()) as parts:
        counts, place = joined(parts.counts())
        for part in range(number):
            everything = parts.read(part)
            tally.add(everything.of_layout(layout).sums(layout, counts, place), everything)
    return {**tally.kept(), "come_back": tally.come_back}


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
    assert found["come_back"]


def test_where_nobody_comes_back_every_view_is_a_first_view() -> None:
    experiment = make_experiment(videos=3)
    for viewer in range(9):
        visit("pilot", f"v{viewer}", np.random.default_rng(viewer))
    found = kept(experiment, 1)
    assert (found["views_of_pairs"], found["come_back"]) == (1.0, False)


def test_without_any_view_nothing_is_known() -> None:
    found = kept(make_experiment(), 1)
    assert found == {
        "busiest_share": None,
        "busiest_clicks_share": None,
        "views_of_pairs": None,
        "overlaps": [],
        "come_back": False,
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


@pytest.mark.parametrize("number", [1, 3])
def test_units_that_two_experiments_have_shown_to(number: int) -> None:
    one, other = make_experiment("one", videos=3), make_experiment("other", videos=1)
    other.videos.add(one.videos.order_by("pk")[0])
    feed.refresh()
    rng = np.random.default_rng(2)
    for viewer in ("a", "b", "c", "b"):
        visit("one", viewer, rng)
    for viewer in ("b", "c", "d"):
        visit("other", viewer, rng)
    visit("other", "a", rng, agent="curl/8.5")
    first, second = (Layout.of(experiment) for experiment in (one, other))
    found, alone = Counter[Unit](), Counter[Unit]()
    with viewer_parts(first, number, [second]) as parts:
        for part in range(number):
            found += seen_in_both(parts.read(part), first, second)
            alone += seen_in_both(parts.read(part), first, first)
    assert found == {Unit.VIEWER: 2, Unit.VIEWER_VIDEO: 2}
    assert alone[Unit.VIEWER_VIDEO] == 9
