from math import isnan

import numpy as np
import pytest

from experiments.analysis.report.verdict import Kind
from experiments.analysis.stats.per_video import video_lifts
from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.videos import sentences
from experiments.analysis.videos.build import build_videos
from experiments.analysis.videos.record import Standing, VideoReport
from experiments.models import Experiment, Thumbnail, TwoWayError
from experiments.unit import Unit
from tests.experiments.analysis.report.cast import Counts, counted_study
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db

ARMS = ("raw", "re_seq2seq", "gevaden")


def drawn(videos: int = 40, *, seed: int = 1) -> Counts:
    """Two arms beside the control: one like it, one better on half of the videos by 60 %."""
    rng = np.random.default_rng(seed)
    lifts = np.column_stack([np.ones(videos), np.ones(videos), 1 + 0.6 * (np.arange(videos) % 2)])
    views = np.asarray(rng.poisson(4000, lifts.shape))
    clicks = np.asarray(rng.binomial(views, 0.05 * lifts))
    return tuple(
        tuple(zip(v, c, strict=True)) for v, c in zip(views.tolist(), clicks.tolist(), strict=True)
    )


def kept(experiment: Experiment, value: float) -> None:
    """Keep what the viewers of an experiment say of the noise of its clicks."""
    noise = {"value": value, "low": value - 0.1, "high": value + 0.1, "level": 0.95, "reason": ""}
    TwoWayError.objects.create(
        experiment=experiment, watermark=0, took_s=1, sums=9, comparisons=[], noise=noise
    )


def lifts(report: VideoReport, arm: str) -> list[float]:
    return [line.lift for row in report.videos for line in row.arms if line.arm == arm]


def test_every_figure_is_that_of_the_statistics() -> None:
    counts = np.array(drawn())
    report = build_videos(counted_study(drawn()))
    plain = VideoCounts(np.arange(40), ARMS, counts[:, :, 0], counts[:, :, 1])
    expected = video_lifts(plain, Unit.VIEWER_VIDEO, 2)
    assert lifts(report, "gevaden") == pytest.approx(expected.lift.tolist())
    signs = {Standing.BETTER: 1, Standing.WORSE: -1, Standing.UNCLEAR: 0}
    shown = [signs[row.arms[2].standing] for row in report.videos if row.arms[2].standing]
    assert shown == expected.declared(0.05).tolist()
    row = report.videos[5]
    assert (row.arms[2].views, row.arms[2].clicks) == tuple(counts[5, 2])
    assert row.arms[2].raw == pytest.approx(plain.ctr[5, 2] / plain.ctr[5, 0] - 1)
    assert row.arms[0].standing is None
    assert isnan(row.arms[0].lift)


def test_the_summary_adds_up_and_the_truth_is_found() -> None:
    report = build_videos(counted_study(drawn()))
    second, third = report.summaries
    assert (second.better, second.worse) == (0, 0)
    assert 15 <= third.better <= 25
    assert third.worse == 0
    shipped = [row.ship for row in report.videos]
    assert shipped.count("gevaden") == third.shipped
    assert report.gained == pytest.approx(sum(row.gained for row in report.videos))
    assert report.best_single_arm == "gevaden"
    assert f"better on {third.better} of 40 videos" in sentences.about_arm(report, third)
    assert "shipping gevaden to all, the best single arm" in sentences.gain(report)


def test_noise_of_viewers_makes_every_video_less_sure() -> None:
    plain = build_videos(counted_study(drawn()))
    noisy_study = counted_study(drawn(), slug="noisy")
    kept(noisy_study, 2.5)
    noisy = build_videos(noisy_study)
    assert (plain.noise.used, noisy.noise.used) == (1.0, 2.5)
    assert np.std(lifts(noisy, "gevaden")) < np.std(lifts(plain, "gevaden"))
    assert "is not known: not computed yet" in sentences.noise(plain.noise)
    assert "the viewers of each video say 2.50 (2.40 to 2.60)" in sentences.noise(noisy.noise)


def test_arms_that_show_the_same_tell_the_noise() -> None:
    experiment = counted_study(drawn())
    rows = Thumbnail.objects.filter(selector__in=["raw", "re_seq2seq"])
    rows.update(shots_s=[1.0], shot_length_s=0, frames_key="known")
    report = build_videos(experiment)
    assert report.noise.by_same_creatives.value == pytest.approx(1, abs=0.6)
    assert report.noise.used == max(1, report.noise.by_same_creatives.value)
    assert "videos on which arms show the same say" in sentences.noise(report.noise)


def test_where_whole_videos_are_assigned_there_is_a_reason_and_no_lift() -> None:
    alone = tuple(
        tuple((1000, 50) if arm == video % 3 else (0, 0) for arm in range(3)) for video in range(6)
    )
    report = build_videos(counted_study(alone, unit=Unit.VIDEO))
    assert "shown in one arm only" in report.reason
    assert report.videos == ()
    assert sentences.gain(report) == ""


def test_before_anything_was_seen_there_is_a_reason() -> None:
    assert build_videos(make_experiment()).reason == "no video has been seen yet"


def test_figures_that_cannot_be_trusted_say_so() -> None:
    dead = tuple((row[0], row[1], (row[2][0], 0)) for row in drawn())
    report = build_videos(counted_study(dead))
    assert report.verdict.kind is Kind.DO_NOT_TRUST
    assert "Dead beacon?" in sentences.trust(report)
    assert sentences.trust(build_videos(counted_study(drawn(), slug="sound"))) == ""
