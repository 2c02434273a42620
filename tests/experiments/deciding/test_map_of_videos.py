"""The map ships what each video's own clicks speak for, as far as they do."""

from math import isnan

import numpy as np
import pytest

from experiments.analysis.videos.build import build_videos
from experiments.deciding.map_of_videos import map_of_videos, said
from experiments.errors import StateError
from experiments.models import Experiment
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
DRAWN = np.random.default_rng(7)


def study(rates: list[tuple[float, float]], views: int) -> Experiment:
    """Make a study of videos with these click rates in control and arm."""
    return counted_study(
        tuple(
            tuple((views, int(DRAWN.binomial(views, rate))) for rate in of_video)
            for of_video in rates
        )
    )


def test_videos_that_differ_clearly_get_their_own_arm() -> None:
    helped, harmed = (0.05, 0.10), (0.10, 0.05)
    experiment = study([helped, harmed] * 10, 20_000)
    found = map_of_videos(build_videos(experiment))
    videos = experiment.videos.order_by("pk").values_list("pk", flat=True)
    assert [found.pictures[pk] for pk in videos] == ["re_seq2seq", "raw"] * 10
    assert found.videos == {"raw": 10, "re_seq2seq": 10}
    assert found.wrong < 0.01
    assert said(found).startswith("Videos by arm: raw on 10, re_seq2seq on 10. Shipping the best")
    assert said(found).endswith("0 % are expected to gain nothing by it.")


def test_videos_that_say_little_get_what_is_best_for_most() -> None:
    found = map_of_videos(build_videos(study([(0.05, 0.06)] * 30, 3000)))
    assert found.elsewhere == "re_seq2seq"
    assert found.videos["re_seq2seq"] >= 28


def test_where_no_video_gets_another_arm_none_is_wrong() -> None:
    found = map_of_videos(build_videos(study([(0.10, 0.03)] * 12, 5000)))
    assert set(found.pictures.values()) == {"raw"}
    assert isnan(found.wrong)
    assert "gain nothing" not in said(found)


def test_a_video_that_is_gone_is_not_shipped() -> None:
    experiment = study([(0.05, 0.10)] * 4, 5000)
    gone = experiment.videos.order_by("pk")[0]
    pk = gone.pk
    gone.delete()
    found = map_of_videos(build_videos(experiment))
    assert len(found.pictures) == 3
    assert pk not in found.pictures


def test_too_little_makes_no_map() -> None:
    with pytest.raises(StateError, match="pilot has 1 videos to map, must have 2"):
        map_of_videos(build_videos(counted_study((((900, 50), (900, 60)),))))
    with pytest.raises(StateError, match="unseen has no map: no video has been seen yet"):
        map_of_videos(build_videos(make_experiment("unseen")))
