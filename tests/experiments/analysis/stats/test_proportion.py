import numpy as np
import pytest
from scipy.stats import binomtest

from experiments.analysis.stats.proportion import proportion


@pytest.mark.parametrize(("method", "scipys"), [("wilson", "wilson"), ("beta", "exact")])
@pytest.mark.parametrize("hits", [0, 3, 40])
def test_the_interval_is_scipys(hits: int, method: str, scipys: str) -> None:
    got = proportion(hits, 40, level=0.9, method=method)  # type: ignore[arg-type]
    interval = binomtest(hits, 40).proportion_ci(0.9, method=scipys)
    assert got.value == hits / 40
    assert (got.low, got.high, got.level) == pytest.approx((interval.low, interval.high, 0.9))


def test_without_trials_there_is_no_share() -> None:
    got = proportion(0, 0)
    assert np.isnan([got.value, got.low, got.high]).all()
    assert got.reason
