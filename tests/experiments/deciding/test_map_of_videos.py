"""The map ships what each video's own clicks speak for, as far as they do."""

import csv
import io
from math import isnan

import numpy as np
import pytest
from django.test import Client

from experiments.analysis.videos.build import build_videos
from experiments.deciding.decide import decide
from experiments.deciding.map_of_videos import map_of_videos, said
from experiments.errors import StateError
from experiments.models import Experiment, ShippedPicture, TwoWayError
from experiments.serving import lifecycle
from tests.experiments.analysis.report.cast import Counts, add_day, counted_study, end
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
DRAWN = np.random.default_rng(7)


def study(rates: list[tuple[float, float]], views: int) -> Experiment:
    """Make a study of videos with these click rates in control and arm."""
    return counted_study(drawn(rates, (views, views)))


def drawn(rates: list[tuple[float, float]], views: tuple[int, int]) -> Counts:
    """Draw the clicks of videos with these click rates in control and arm."""
    return tuple(
        tuple((n, int(DRAWN.binomial(n, rate))) for n, rate in zip(views, of_video, strict=True))
        for of_video in rates
    )


def with_noise_and_changed_shares() -> Experiment:
    """Make a study in which counts added up, and chance alone, would ship other pictures."""
    rates = [(0.05, 0.05 * lift) for lift in np.linspace(0.6, 1.4, 20)]
    experiment = make_experiment(videos=20, weights=(9, 1))
    add_day(experiment, drawn(rates, (9000, 1000)))
    lifecycle.change(experiment, weights={"raw": 1, "re_seq2seq": 9})
    add_day(experiment, drawn([(c / 2, arm / 2) for c, arm in rates], (1000, 9000)), day=1)
    noise = {"value": 3.0, "low": 2.9, "high": 3.1, "level": 0.95, "reason": ""}
    TwoWayError.objects.create(
        experiment=experiment, watermark=0, took_s=1, sums=9, comparisons=[], noise=noise
    )
    end(experiment)
    return experiment


def test_what_is_shipped_is_the_map_that_the_page_of_videos_shows() -> None:
    experiment = with_noise_and_changed_shares()
    page = Client().get("/dashboards/pilot/map.csv").content.decode("utf-8-sig")
    shown = {line["video"]: line["selector"] for line in csv.DictReader(io.StringIO(page))}
    pictures = ShippedPicture.objects.filter(decision=decide(experiment, "map"))
    assert dict(pictures.values_list("video__slug", "selector")) == shown
    assert set(shown.values()) == {"raw", "re_seq2seq"}
    assert build_videos(experiment).noise.used == 3.0


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
