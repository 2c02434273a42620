"""The click rate by first views: that of the first views alone, tested as the design calls for."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from experiments.analysis.cuts.views import Views
from experiments.analysis.first_views import first_views
from experiments.analysis.layout import Layout
from experiments.analysis.viewer_parts import viewer_parts
from experiments.models import Video
from experiments.serving import allocation_phases, feed
from experiments.unit import Unit
from tests.experiments.analysis.visits import Seen, come_back, firsts, visit
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def read(
    unit: Unit, number: int, videos: int = 12, viewers: int = 40
) -> tuple[list[dict[str, Any]], list[Seen]]:
    experiment = make_experiment(videos=videos, unit=unit)
    seen = come_back("pilot", viewers)
    layout = Layout.of(experiment)
    with viewer_parts(layout, number) as parts:
        return first_views(layout, parts, unit, 1), list(firsts(seen).values())


@pytest.mark.parametrize(
    ("unit", "number"),
    [(Unit.VIEWER_VIDEO, 1), (Unit.VIEWER_VIDEO, 3), (Unit.VIEWER, 1)],
)
def test_the_means_are_those_of_the_first_views(unit: Unit, number: int) -> None:
    lines, first = read(unit, number)
    assert [line["arm"] for line in lines] == ["raw", "re_seq2seq", "gevaden"]
    for arm, line in enumerate(lines):
        views = [view for view in first if view.arm == arm]
        assert line["units"] == len(views)
        assert line["clicks"] == sum(view.clicked for view in views)
        rates = [
            np.mean([view.clicked for view in views if view.video == video])
            for video in sorted({view.video for view in views})
        ]
        assert line["mean_ctr"]["value"] == pytest.approx(np.mean(rates))
    control, *others = lines
    assert control["improvement"] is None
    for line in others:
        ratio = line["mean_ctr"]["value"] / control["mean_ctr"]["value"] - 1
        assert line["improvement"]["value"] == pytest.approx(ratio)
        assert line["improvement"]["low"] < ratio < line["improvement"]["high"]
        assert 0 < line["p_value"] <= 1


def test_one_video_is_compared_by_its_viewers() -> None:
    lines, _ = read(Unit.VIEWER_VIDEO, 1, videos=1, viewers=240)
    assert lines[1]["improvement"]["low"] is not None


def test_viewers_in_many_parts_have_no_error_and_so_nothing_is_said() -> None:
    assert read(Unit.VIEWER, 2)[0] == []


@pytest.mark.parametrize("number", [1, 3])
def test_each_viewers_first_view_of_a_video_and_its_click(number: int) -> None:
    experiment = make_experiment(videos=5)
    seen = come_back("pilot", 12)
    allocation_phases.change(experiment, weights={0: 1, 1: 5, 2: 1})
    feed.refresh()
    seen += come_back("pilot", 14, seed=8)
    visit("pilot", "program", np.random.default_rng(1), click=1, agent="curl/8.5")
    layout, slugs = Layout.of(experiment), dict(Video.objects.values_list("pk", "slug"))
    found: Counter[tuple[str, int, bool]] = Counter()
    with viewer_parts(layout, number) as parts:
        for part in range(number):
            first = Views.of(parts.read(part)).first_of_pairs()
            arms = layout.places(first.cell)[1].tolist()
            rows = zip(first.video.tolist(), arms, first.clicked.tolist(), strict=True)
            found.update((slugs[video], arm, clicked) for video, arm, clicked in rows)
    by_hand = firsts(seen).values()
    assert found == Counter((view.video, view.arm, view.clicked) for view in by_hand)
    assert len(by_hand) < len(seen)
