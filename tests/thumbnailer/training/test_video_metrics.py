from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.thumbnailer.clips import SHARED, needs_tvsum
from tests.thumbnailer.training.made_up import write_tvsum
from thumbnailer.metrics.matching_error.measure import matching_error
from thumbnailer.metrics.posterior_score import posterior_score
from thumbnailer.training.data import LabelledVideo
from thumbnailer.training.tvsum import load_tvsum
from thumbnailer.training.video_metrics import of_people, of_random, of_shots, truths


@pytest.fixture
def video(tmp_path: Path) -> LabelledVideo:
    return load_tvsum(write_tvsum(tmp_path, videos=1, feature_dim=12))[0]


def projected(video: LabelledVideo) -> torch.Tensor:
    return torch.from_numpy(video.features).double()


def test_ground_truths_are_shots_that_may_be_chosen(video: LabelledVideo) -> None:
    found = truths(video)
    assert found.shape == (4, 3)
    assert found.min() >= 2
    assert found.max() < len(video.features) - 2


def test_random_draws_agree_with_their_expectation(video: LabelledVideo) -> None:
    figures = of_random(video, projected(video), seed=0)
    # The standard error of 10,000 draws is below 0.006.
    assert figures.ps_of_draws == pytest.approx(figures.ps, abs=0.03)


def test_random_is_the_mean_over_all_triples_of_a_short_video(video: LabelledVideo) -> None:
    short = LabelledVideo(
        "short", 0, video.features[:24], video.counts[:24], video.opinions[:, :24]
    )
    shots = projected(short)
    every = torch.tensor(list(permutations(short.eligible.tolist(), 3)))
    wanted = matching_error(shots[every], shots, torch.from_numpy(truths(short)))
    found = of_random(short, shots, seed=0)
    assert found.pme == pytest.approx(wanted.pme.mean_of_best, abs=0.01)
    assert found.pme_best_mean == pytest.approx(wanted.pme.best_of_means, abs=0.01)
    assert found.pme_squared == pytest.approx(wanted.pme_squared.mean_of_best, abs=0.01)


def test_a_ground_truth_has_no_error(video: LabelledVideo) -> None:
    shots = projected(video)
    right = of_shots(video, truths(video)[1], shots)
    assert (right.pme, right.pme_best_mean, right.pme_squared) == (0, 0, 0)
    assert right.ps == posterior_score(truths(video)[1], video.counts)
    wrong = of_shots(video, truths(video)[1] + 1, shots)
    assert wrong.pme > 0.4999  # of wrong shots' features: the bisector


def test_people_who_agree_reach_the_peaks(video: LabelledVideo) -> None:
    alike = LabelledVideo(
        "alike", 0, video.features, video.counts, np.repeat(video.opinions[:1], 3, axis=0)
    )
    alone = truths(alike)[0]
    own = alike.opinions[0]
    assert of_people(alike).ps == pytest.approx(posterior_score(alone, own - own.min()))


@needs_tvsum
def test_people_of_the_real_set_lie_between_chance_and_the_oracle() -> None:
    videos = load_tvsum(SHARED / "data/tvsum")
    assert 1.7 < np.mean([of_people(video).ps for video in videos]) < 1.95
