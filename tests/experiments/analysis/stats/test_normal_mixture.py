import numpy as np
import pytest
from scipy import integrate, optimize, stats

from experiments.analysis.stats.normal_mixture import mixture_critical, mixture_p_value, tightest


@pytest.mark.parametrize(("z", "information", "rho2"), [(2.5, 3.0, 1.0), (4.0, 0.5, 10.0)])
def test_the_p_value_is_one_over_the_normal_mixture(
    z: float, information: float, rho2: float
) -> None:
    s = z * np.sqrt(information)  # the score S_I

    def mixed(effect: float) -> float:
        likelihood = np.exp(effect * s - effect**2 * information / 2)
        return float(likelihood * stats.norm.pdf(effect, scale=np.sqrt(rho2)))

    ratio = integrate.quad(mixed, -50, 50, points=[0, s / (information + 1 / rho2)])[0]
    assert mixture_p_value(z, information * rho2) == pytest.approx(1 / ratio, rel=1e-6)


def test_the_band_is_the_p_value_inverted() -> None:
    critical = mixture_critical(2.1, 0.05)
    assert mixture_p_value(critical, 2.1) == pytest.approx(0.05)


def test_the_band_is_tightest_where_it_is_said_to_be() -> None:
    best = optimize.minimize_scalar(
        lambda log_x: mixture_critical(np.exp(log_x), 0.05), bounds=(-4, 7)
    )
    assert tightest(0.05) == pytest.approx(np.exp(best.x), rel=1e-3)
