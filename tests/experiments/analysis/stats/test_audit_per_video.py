import numpy as np
import pytest

from experiments.analysis.stats import audit_per_video
from experiments.analysis.stats.audit_per_video import (
    COVERED,
    WRONG,
    Verdicts,
    mostly_none,
    none,
    normal,
    skewed,
)
from experiments.analysis.stats.per_video import video_lifts


def test_effects_are_drawn_as_their_names_say() -> None:
    rng = np.random.default_rng(1)
    assert not none(rng, 9).any()
    assert normal(rng, 90_000).std() == pytest.approx(0.15, rel=0.02)
    assert np.mean(mostly_none(rng, 9000) == 0) == pytest.approx(0.9, abs=0.01)
    drawn = skewed(rng, 90_000)
    assert np.median(drawn) < drawn.mean()
    assert np.mean(drawn < 0) == pytest.approx(1 - np.exp(-0.08 / 0.15), abs=0.01)


def test_clicks_are_as_noisy_as_is_said() -> None:
    rng = np.random.default_rng(2)
    case = Verdicts(1, none, noise=2.0)
    clicks = case._counts(rng, np.full((40_000, 2), 0.05)).clicks
    # Views are Poisson: their variance adds a little.
    assert clicks.var() / (3000 * 0.05 * 0.95) == pytest.approx(2.05, rel=0.03)
    assert case._known_noise(rng) == pytest.approx(2, abs=0.35)
    assert Verdicts(1, none)._known_noise(rng) == 1


def test_judging_by_chance_alone_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Verdicts(60, mostly_none)
    right = case(np.random.default_rng(3))
    assert right[0] < 0.2

    def too_sure(*arguments: object, **options: object) -> object:
        options["dispersion"] = 0.1
        return video_lifts(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(audit_per_video, "video_lifts", too_sure)
    wrong = case(np.random.default_rng(3))
    assert wrong[0] > 0.3
    assert wrong[1] < 0.8


def test_ranges_are_what_is_stated_and_two_errors_more() -> None:
    assert Verdicts(1, none).ranges(400) == {WRONG: (0.0, 7.2), COVERED: (87.0, 100.0)}
    assert Verdicts(1, normal).ranges(100) == {WRONG: (0.0, 5.4), COVERED: (87.0, 93.0)}
    assert Verdicts(1, mostly_none).ranges(100) == {WRONG: (0.0, 6.0), COVERED: (87.0, 100.0)}
