"""Views read from events are those that viewers had, in their order, with their clicks."""

from collections import Counter

import numpy as np
import pytest

from experiments.analysis.cuts.views import views
from experiments.analysis.layout import Layout
from experiments.models import Video
from tests.experiments.analysis.visits import come_back, visit
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("parts", [1, 3])
def test_they_are_what_viewers_saw(parts: int) -> None:
    layout = Layout.of(make_experiment(videos=3))
    seen = come_back("pilot", 12)
    visit("pilot", "robot", np.random.default_rng(1), agent="Googlebot/2.1")
    slugs = dict(Video.objects.values_list("pk", "slug"))
    found: Counter[tuple[str, int, bool]] = Counter()
    lengths: list[int] = []
    for part in range(parts):
        read = views(layout, part=part, parts=parts)
        arms = layout.places(read.cell)[1]
        rows = zip(read.video.tolist(), arms.tolist(), read.clicked.tolist(), strict=True)
        found.update((slugs[video], arm, clicked) for video, arm, clicked in rows)
        lengths += np.bincount(read.viewer).tolist() if read.viewer.size else []
        for viewer in range(read.first.size):
            assert np.all(np.diff(read.key[read.viewer == viewer]) > 0)
    assert found == Counter((view.video, view.arm, view.clicked) for view in seen)
    assert sorted(lengths) == sorted(Counter(view.viewer for view in seen).values())


def test_without_events_there_are_none() -> None:
    read = views(Layout.of(make_experiment()))
    assert (read.viewer.size, read.first.size, read.number.size) == (0, 0, 0)
