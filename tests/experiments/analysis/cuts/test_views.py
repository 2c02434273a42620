"""Views read from events are those that viewers had, in their order, with their clicks."""

from collections import Counter

import numpy as np
import pytest

from experiments.analysis.cuts.views import Views
from experiments.analysis.layout import Layout
from experiments.analysis.viewer_parts import viewer_parts
from experiments.models import Video
from tests.experiments.analysis.visits import come_back, visit
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", [1, 3])
def test_they_are_what_viewers_saw(number: int) -> None:
    layout = Layout.of(make_experiment(videos=3))
    seen = come_back("pilot", 12)
    visit("pilot", "robot", np.random.default_rng(1), agent="Googlebot/2.1")
    slugs = dict(Video.objects.values_list("pk", "slug"))
    found: Counter[tuple[str, int, bool]] = Counter()
    lengths: list[int] = []
    with viewer_parts(layout, number) as parts:
        of_parts = [Views.of(parts.read(part)) for part in range(number)]
    for read in of_parts:
        arms = layout.places(read.cell)[1]
        rows = zip(read.video.tolist(), arms.tolist(), read.clicked.tolist(), strict=True)
        found.update((slugs[video], arm, clicked) for video, arm, clicked in rows)
        lengths += np.bincount(read.viewer).tolist() if read.viewer.size else []
        for viewer in range(read.first.size):
            assert np.all(np.diff(read.key[read.viewer == viewer]) > 0)
    assert found == Counter((view.video, view.arm, view.clicked) for view in seen)
    assert sorted(lengths) == sorted(Counter(view.viewer for view in seen).values())


def test_without_events_there_are_none() -> None:
    with viewer_parts(Layout.of(make_experiment())) as parts:
        read = Views.of(parts.read(0))
    assert (read.viewer.size, read.first.size, read.number.size) == (0, 0, 0)
