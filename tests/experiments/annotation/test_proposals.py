from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.annotation.proposals import ORDERS, PROPOSALS, comment_peaks, propose
from experiments.errors import AnnotationError
from thumbnailer.training.datasets.gif_thumbnails import read_gif_thumbnails


def waves(seconds: int) -> np.ndarray:
    """Comments that peak at every fourth second, more and more."""
    seconds_of = np.arange(seconds)
    return np.where(seconds_of % 4 == 0, 10 + seconds_of, 1).astype(float)


def test_a_peak_has_more_than_both_its_neighbours() -> None:
    counts = np.asarray([9, 1, 5, 2, 2, 3, 3, 1, 4, 9], float)
    assert comment_peaks(counts).tolist() == [2]


def test_peaks_away_from_the_ends_are_drawn() -> None:
    found = propose(waves(61), np.random.default_rng(0))
    shots = {shot for gif in found for shot in gif}
    assert len(set(found)) == len(found) == PROPOSALS
    assert all(shot % 4 == 0 for shot in shots)
    assert 0 not in shots
    assert 60 not in shots


def test_shots_are_drawn_in_proportion_to_comments() -> None:
    counts = np.ones(101)
    counts[2:-2:2] = 10
    counts[50] = 40
    found = propose(counts, np.random.default_rng(0), wanted=2000)
    drawn = Counter(shot for gif in found for shot in gif)
    usual = np.mean([drawn[second] for second in range(4, 97, 2) if second != 50])
    # Drawn without replacement, three times: 4 times the weight gives 3.7 times the draws.
    assert drawn[50] / usual == pytest.approx(3.7, rel=0.15)


def test_orders_come_at_the_shares_of_the_published_gifs() -> None:
    found = propose(waves(400), np.random.default_rng(0), wanted=3000)
    ranks = Counter(tuple(np.argsort(np.argsort(gif)).tolist()) for gif in found)
    for order, share in ORDERS.items():
        assert ranks[order] / 3000 == pytest.approx(share, abs=0.03)  # 3 standard deviations


def test_the_published_gifs_have_these_orders(shared_data: Path) -> None:
    labels = read_gif_thumbnails(shared_data / "gif-thumbnails")
    gifs = np.concatenate([video.gifs for video in labels.videos])
    ranks = Counter(map(tuple, np.argsort(np.argsort(gifs, axis=1), axis=1).tolist()))
    for order, share in ORDERS.items():
        assert ranks[order] / len(gifs) == pytest.approx(share, abs=0.0006)


def test_where_peaks_are_few_all_commented_seconds_are_drawn() -> None:
    counts = np.ones(12)
    assert len(propose(counts, np.random.default_rng(0))) == PROPOSALS


def test_the_same_seed_proposes_the_same() -> None:
    first, second = (propose(waves(80), np.random.default_rng(3)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("counts", [[], [5], [1] * 6, [9, 9, 0, 1, 1, 0, 9, 9]])
def test_too_few_seconds_are_an_error(counts: list[float]) -> None:
    with pytest.raises(AnnotationError, match="must be >= 3"):
        propose(np.asarray(counts, float), np.random.default_rng(0))


@given(st.lists(st.integers(0, 9), min_size=7, max_size=60), st.integers(1, 40))
def test_proposals_are_different_disjoint_and_inside(counts: list[int], wanted: int) -> None:
    values = np.asarray(counts, float)
    try:
        found = propose(values, np.random.default_rng(0), wanted=wanted)
    except AnnotationError:
        assert (values[2:-2] > 0).sum() < 3
        return
    assert 1 <= len(found) <= wanted
    assert len(set(found)) == len(found)
    for gif in found:
        assert len(set(gif)) == 3
        assert all(2 <= shot < len(counts) - 2 and values[shot] > 0 for shot in gif)
