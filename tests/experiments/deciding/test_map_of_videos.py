"""The map ships what each video's own clicks speak for, as far as they do."""

from math import isnan

import numpy as np
import pytest

from experiments.analysis.report.build import build
from experiments.deciding.map_of_videos import map_of_videos, said
from experiments.errors import StateError
from experiments.unit import Unit
from tests.experiments.analysis.report.cast import Counts, counted_study

pytestmark = pytest.mark.django_db
DRAWN = np.random.default_rng(7)


def study(rates: list[tuple[float, float]], views: int) -> Counts:
    """Return counts of videos with these click rates in control and arm."""
    return tuple(
        tuple((views, int(DRAWN.binomial(views, rate))) for rate in of_video) for of_video in rates
    )


def test_videos_that_differ_clearly_get_their_own_arm() -> None:
    helped, harmed = (0.05, 0.10), (0.10, 0.05)
    report = build(counted_study(study([helped, harmed] * 10, 20_000)))
    found = map_of_videos(report, Unit.VIEWER_VIDEO)
    videos = report.counts.video_ids.tolist()
    assert [found.pictures[pk] for pk in videos] == ["re_seq2seq", "raw"] * 10
    assert found.videos == {"raw": 10, "re_seq2seq": 10}
    # Half of the videos gain what the other half lose: 0.10 and 0.10 over 0.05 and 0.10.
    assert found.gain_over_control == pytest.approx(1 / 3, abs=0.03)
    assert found.gain_over_one == pytest.approx(1 / 3, abs=0.03)
    assert found.wrong < 0.01
    assert said(found).startswith("Videos by arm: raw on 10, re_seq2seq on 10. Expected clicks: +3")
    assert said(found).endswith(
        "Of the videos that change, 0 % are expected to gain nothing by it."
    )


def test_videos_that_say_little_get_what_is_best_for_most() -> None:
    report = build(counted_study(study([(0.05, 0.06)] * 30, 3000)))
    found = map_of_videos(report, Unit.VIEWER_VIDEO)
    assert found.elsewhere == "re_seq2seq"
    assert found.videos["re_seq2seq"] >= 28
    assert 0 <= found.gain_over_one < 0.01
    assert found.gain_over_control == pytest.approx(0.2, abs=0.05)


def test_where_no_video_gets_another_arm_none_is_wrong() -> None:
    report = build(counted_study(study([(0.10, 0.03)] * 12, 5000)))
    found = map_of_videos(report, Unit.VIEWER_VIDEO)
    assert set(found.pictures.values()) == {"raw"}
    assert isnan(found.wrong)
    assert found.gain_over_control == 0


@pytest.mark.parametrize("counts", [(((900, 50), (900, 60)),), (((900, 0), (900, 0)),) * 3])
def test_too_little_makes_no_map(counts: Counts) -> None:
    with pytest.raises(StateError, match="a map takes 2 videos, and clicks"):
        map_of_videos(build(counted_study(counts)), Unit.VIEWER_VIDEO)
