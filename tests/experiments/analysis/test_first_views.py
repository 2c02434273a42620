"""The click rate by first views: that of the first views alone, tested as the design calls for."""

from typing import Any

import numpy as np
import pytest

from experiments.analysis.first_views import first_views
from experiments.analysis.layout import Layout
from experiments.models import Video
from experiments.unit import Unit
from tests.experiments.analysis.visits import Seen, come_back, firsts
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def read(
    unit: Unit, parts: int, videos: int = 12, viewers: int = 40
) -> tuple[list[dict[str, Any]], list[Seen]]:
    experiment = make_experiment(videos=videos, unit=unit)
    seen = come_back("pilot", viewers)
    ids = np.sort(np.array(Video.objects.values_list("pk", flat=True)))
    return first_views(Layout.of(experiment), unit, 1, ids, parts), list(firsts(seen).values())


@pytest.mark.parametrize(
    ("unit", "parts"),
    [(Unit.VIEWER_VIDEO, 1), (Unit.VIEWER_VIDEO, 3), (Unit.VIEWER, 1)],
)
def test_the_means_are_those_of_the_first_views(unit: Unit, parts: int) -> None:
    lines, first = read(unit, parts)
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
