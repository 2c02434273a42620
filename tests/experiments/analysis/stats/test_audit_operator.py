import numpy as np

from experiments.analysis.stats.audit_operator import DailyOperator, Season
from experiments.analysis.stats.scenarios import Scenario
from experiments.unit import Unit


def test_a_real_winner_is_declared_by_who_looks_every_day() -> None:
    real = Scenario(
        Unit.VIEWER_VIDEO, rates=(0.04, 0.12), videos=30, views=400.0, viewer_spread=0.0
    )
    assert DailyOperator(real, Season(days=5))(np.random.default_rng(1)) == (1.0,)
