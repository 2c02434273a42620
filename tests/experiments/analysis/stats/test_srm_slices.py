import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multivariate import test_mvmean as mean_vector_test

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.stats.srm_slices import (
    CONCENTRATION,
    sequential_srm,
    srm_by_video,
)

from .cast import ARMS, counts_of, draw_counts


def test_by_video_is_hotellings_test() -> None:
    counts = draw_counts(4, videos=50)
    got = srm_by_video(counts, [1, 1, 1])
    excess = counts.views - counts.views.sum(axis=1, keepdims=True) / 3
    oracle = mean_vector_test(excess[:, 1:])
    assert got.p_value == pytest.approx(oracle.pvalue)
    assert got.statistic == pytest.approx(oracle.t2)


def test_by_video_allows_for_repeated_views_where_a_chi_square_does_not() -> None:
    rng = np.random.default_rng(5)
    alarms = []
    for _ in range(60):
        # Each randomised unit views a video five times.
        views = 5 * rng.multinomial(200, [0.5, 0.5], size=80)
        counts = VideoCounts(np.arange(80), ARMS[:2], views, np.zeros_like(views))
        naive = stats.chisquare(views.sum(axis=0)).pvalue
        alarms.append((naive < 0.05, srm_by_video(counts, [1, 1]).p_value < 0.05))
    naive_rate, honest_rate = np.mean(alarms, axis=0)
    assert naive_rate > 0.2
    assert honest_rate < 0.15


def test_by_video_finds_a_broken_split_and_forbidden_traffic() -> None:
    counts = draw_counts(4, videos=50)
    assert srm_by_video(counts, [0.4, 0.3, 0.3]).alarm
    forbidden = srm_by_video(counts, [1, 1, 0])
    assert forbidden.forbidden == (0, 0, int(counts.views[:, 2].sum()))
    assert forbidden.alarm


@pytest.mark.parametrize(
    ("counts", "weights", "why"),
    [
        (draw_counts(1, videos=3), [1, 1, 1], "3 videos with views: too few"),
        (draw_counts(1, videos=9), [1, 0, 0], "too few to check 1 arms"),
        (counts_of(np.full((9, 2), 50), np.zeros((9, 2), int)), [1, 1], "does not vary"),
    ],
)
def test_by_video_says_why_it_cannot_check(
    counts: VideoCounts, weights: list[float], why: str
) -> None:
    got = srm_by_video(counts, weights)
    assert np.isnan(got.p_value)
    assert why in got.reason
    assert not got.mismatch


def test_sequential_ratio_is_the_dirichlet_multinomials() -> None:
    share = np.array([0.5, 0.3, 0.2])
    seen = np.array([600, 300, 100])
    mixture = stats.dirichlet_multinomial.logpmf(seen, CONCENTRATION * share, 1000)
    promised = stats.multinomial.logpmf(seen, 1000, share)
    got = sequential_srm([seen], share)
    assert got.p_values[0] == pytest.approx(np.exp(promised - mixture))


def test_sequential_is_always_valid_and_finds_a_break() -> None:
    rng = np.random.default_rng(6)
    fair = [
        sequential_srm(rng.multinomial(500, [0.5, 0.5], 28), [1, 1], threshold=0.05).alarm_at
        for _ in range(200)
    ]
    assert np.mean([at is not None for at in fair]) <= stats.binom.ppf(0.999, 200, 0.05) / 200
    broken = np.vstack([rng.multinomial(500, [0.5, 0.5], 10), rng.multinomial(500, [0.6, 0.4], 10)])
    at = sequential_srm(broken, [1, 1]).alarm_at
    assert at is not None
    assert 11 <= at <= 18


def test_sequential_follows_legal_changes_of_weights() -> None:
    units = [[900, 100], [900, 100], [500, 500], [500, 500]]
    weights = [[9, 1], [9, 1], [1, 1], [1, 1]]
    assert sequential_srm(units, weights).alarm_at is None
    assert sequential_srm(units, [9, 1]).alarm_at == 3


def test_sequential_alarms_at_once_for_a_zero_weight_arm() -> None:
    got = sequential_srm([[10, 10, 0], [10, 10, 1]], [1, 1, 0])
    assert got.alarm_at == 2
    assert got.p_values[1] == 0


def test_sequential_refuses_units_without_a_time() -> None:
    with pytest.raises(InputError, match=r"units.shape == \(2,\), must be \(T, 2\)"):
        sequential_srm([10, 10], [1, 1])
