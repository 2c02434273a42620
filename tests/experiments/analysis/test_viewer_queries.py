"""First views, and units of two experiments, against counting events by hand."""

from collections import Counter

import numpy as np
import pytest

from experiments.analysis.layout import Layout
from experiments.analysis.viewer_queries import first_views, seen_in_both
from experiments.models import Video
from experiments.serving import allocation_phases, feed
from experiments.unit import Unit
from tests.experiments.analysis.visits import come_back, firsts, visit
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("parts", [1, 3])
def test_each_viewers_first_view_of_a_video_and_its_click(parts: int) -> None:
    experiment = make_experiment(videos=5)
    seen = come_back("pilot", 12)
    allocation_phases.change(experiment, weights={0: 1, 1: 5, 2: 1})
    feed.refresh()
    seen += come_back("pilot", 14, seed=8)
    visit("pilot", "program", np.random.default_rng(1), click=1, agent="curl/8.5")
    layout, slugs = Layout.of(experiment), dict(Video.objects.values_list("pk", "slug"))
    found: Counter[tuple[str, int]] = Counter()
    clicked: Counter[tuple[str, int]] = Counter()
    for part in range(parts):
        read = first_views(layout, part=part, parts=parts)
        arms = layout.places(read.cells)[1]
        assert set(read.measures["views"].tolist()) <= {1}
        for video, arm, clicks in zip(
            read.video_ids.tolist(), arms.tolist(), read.measures["clicks"].tolist(), strict=True
        ):
            found[slugs[video], arm] += 1
            clicked[slugs[video], arm] += clicks
    by_hand = firsts(seen).values()
    assert found == Counter((view.video, view.arm) for view in by_hand)
    assert +clicked == Counter((view.video, view.arm) for view in by_hand if view.clicked)
    assert len(by_hand) < len(seen)


@pytest.mark.parametrize("parts", [1, 3])
def test_units_that_two_experiments_have_shown_to(parts: int) -> None:
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
    for unit, expected in ((Unit.VIEWER, 2), (Unit.VIEWER_VIDEO, 2)):
        found = [seen_in_both(first, second, unit, part=part, parts=parts) for part in range(parts)]
        assert sum(found) == expected
    assert seen_in_both(first, first, Unit.VIEWER_VIDEO) == 9
