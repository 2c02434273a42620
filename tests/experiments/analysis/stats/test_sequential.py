import numpy as np
import pytest
from scipy import integrate, optimize, stats

from experiments.analysis.stats.contrast import contrast
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.results import Mode
from experiments.analysis.stats.sequential import (
    best_rho_squared,
    confidence_sequence,
    mixture_critical,
    mixture_p_value,
    normal_score,
)

from .cast import growing_means, means_of


@pytest.mark.parametrize(("z", "information", "rho2"), [(2.5, 3.0, 1.0), (4.0, 0.5, 10.0)])
def test_the_p_value_is_one_over_the_normal_mixture(
    z: float, information: float, rho2: float
) -> None:
    s = z * np.sqrt(information)  # the score S_I

    def mixed(effect: float) -> float:
        likelihood = np.exp(effect * s - effect**2 * information / 2)
        return float(likelihood * stats.norm.pdf(effect, scale=np.sqrt(rho2)))

    ratio = integrate.quad(mixed, -50, 50, points=[0, s / (information + 1 / rho2)])[0]
    assert mixture_p_value(z, information, rho2) == pytest.approx(1 / ratio, rel=1e-6)


def test_the_band_is_the_p_value_inverted() -> None:
    critical = mixture_critical(3.0, 0.7, 0.05)
    assert mixture_p_value(critical, 3.0, 0.7) == pytest.approx(0.05)


def test_rho_makes_the_band_tightest_where_it_is_tuned() -> None:
    best = optimize.minimize_scalar(
        lambda log_rho2: mixture_critical(40.0, np.exp(log_rho2), 0.05), bounds=(-8, 3)
    )
    assert best_rho_squared(40.0, 0.05) == pytest.approx(np.exp(best.x), rel=1e-3)


def test_a_true_null_looked_at_every_day_is_rejected_in_at_most_5_percent() -> None:
    rejected = sum(
        confidence_sequence(growing_means(seed, looks=28), 1).stopping_rule_met
        for seed in range(60)
    )
    assert rejected <= stats.binom.ppf(0.999, 60, 0.05)


@pytest.mark.parametrize("seed", range(6))
def test_interval_p_value_and_verdict_agree_at_every_look(seed: int) -> None:
    result = confidence_sequence(growing_means(seed, looks=10, lift=1.15), 1)
    assert result.mode is Mode.ALWAYS_VALID
    lows = [look.difference.low for look in result.looks]
    assert lows == sorted(lows)  # what was once excluded stays excluded
    for look in result.looks:
        for shown in (look.difference, look.improvement):
            assert look.crossed == (look.p_value < 0.05) == (shown.low > 0 or shown.high < 0)
    crossed = [look.number for look in result.looks if look.crossed]
    assert result.stopped_at == (crossed[0] if crossed else None)


def test_the_plan_tunes_the_band() -> None:
    looks = [means_of(0.0, 0.02)]
    widths = [
        confidence_sequence(looks, 1, tuned_standard_error=tuned).looks[0].difference.high
        for tuned in (0.2, 0.02, 0.002)
    ]
    assert widths[1] < min(widths[0], widths[2])


def test_a_look_that_cannot_be_tested_says_so_and_is_passed_over() -> None:
    looks = [means_of(0.0, np.nan), means_of(0.01, 0.02), means_of(0, np.nan), means_of(0.0, 0.01)]
    shown = confidence_sequence(looks, 1).looks
    assert [look.reason for look in shown] == ["not known", "", "not known", ""]
    assert shown[3].difference.low >= shown[1].difference.low
    assert not confidence_sequence(looks[:1], 1).stopping_rule_met


def test_bands_that_part_are_nan_and_say_that_the_effect_changed() -> None:
    shown = confidence_sequence([means_of(0.5, 0.01), means_of(0.1, 0.005)], 1).looks
    assert "effect has changed" in shown[1].difference.reason
    assert np.isnan(shown[1].difference.low)
    assert shown[1].crossed


def test_more_comparisons_share_alpha() -> None:
    looks = [means_of(0.0, 0.01)]
    one, two = (confidence_sequence(looks, 1, comparisons=n).looks[0] for n in (1, 2))
    assert two.difference.high > one.difference.high


def test_a_statistic_past_every_tail_is_its_own_score() -> None:
    c = contrast(means_of(0.6, 0.01), 1, 0)
    assert normal_score(c) == pytest.approx(60, rel=0.1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tuned_standard_error": 0.0}, "tuned_standard_error == 0.0, must be positive"),
        ({"comparisons": 0}, "comparisons == 0, must be at least 1"),
        ({"level": 1.0}, "level == 1.0, must be between"),
    ],
)
def test_refuses_what_cannot_be(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        confidence_sequence([means_of(0.0, 0.01)], 1, **wrong)  # type: ignore[arg-type]
