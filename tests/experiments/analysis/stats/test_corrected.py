"""Corrected estimates hit the truth as often from above as from below; the raw ones do not."""

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.corrected import after_stopping, best_of
from experiments.analysis.stats.horizon import AlwaysValid


def test_a_test_of_one_look_needs_no_correction() -> None:
    assert after_stopping(2.5, [1.0], [1.96]) == pytest.approx(1.0)


def test_of_a_test_that_stops_at_the_first_winner_half_of_the_estimates_are_too_high() -> None:
    looks, drift = 10, 6.0  # of Z at the last look: nearly all stop before
    times = np.arange(1, looks + 1) / looks
    criticals = AlwaysValid(1.0).boundary(0.05, 0.95, looks).criticals
    rng = np.random.default_rng(3)
    walks = rng.normal(drift / looks, np.sqrt(1 / looks), (400, looks)).cumsum(axis=1)
    raw, found = [], []
    for walk in walks:
        z = walk / np.sqrt(times)
        crossed = np.flatnonzero(z > criticals)
        if not crossed.size:
            continue
        at = int(crossed[0])
        raw.append(float(z[at] / np.sqrt(times[at])))
        factor = after_stopping(float(z[at]), times[: at + 1].tolist(), criticals[: at + 1])
        found.append(raw[-1] * factor)
    assert len(found) > 395
    assert np.mean(np.array(raw) > drift) > 0.55
    too_high = int((np.array(found) > drift).sum())
    assert stats.binomtest(too_high, len(walks), 0.5).pvalue > 0.001


def test_the_best_of_several_is_too_high_half_of_the_time() -> None:
    truth, error = np.array([0.10, 0.08, 0.06]), 0.02
    covariance = error**2 * (0.5 * np.eye(3) + 0.5)  # one control for all
    rng = np.random.default_rng(4)
    draws = rng.multivariate_normal(truth, covariance, 2000)
    best = draws.argmax(axis=1)
    raw = draws.max(axis=1) > truth[best]
    found = [best_of(draw, covariance, -np.inf) for draw in draws]
    assert raw.mean() > 0.55
    assert stats.binomtest(int((found > truth[best]).sum()), 2000, 0.5).pvalue > 0.001


def test_a_clear_best_is_hardly_corrected_and_a_close_one_stays_in_its_interval() -> None:
    covariance = np.diag([1e-4, 1e-4])
    assert best_of(np.array([0.30, 0.10]), covariance, 0.28) == pytest.approx(0.30, abs=1e-6)
    assert best_of(np.array([0.1001, 0.1000]), covariance, 0.08) == 0.08


def test_one_that_moves_with_the_best_says_nothing_of_it() -> None:
    covariance = np.array([[1e-4, 2e-4], [2e-4, 5e-4]])
    assert best_of(np.array([0.10, 0.05]), covariance, 0.0) == 0.10
