import numpy as np

from experiments.analysis.stats.audit_dead_arm import Beacon


def test_a_beacon_is_found_dead_where_it_dies_and_not_where_it_lives() -> None:
    assert Beacon(500.0, dies_on=20)(np.random.default_rng(1)) == (1.0,)
    assert Beacon(500.0)(np.random.default_rng(1)) == (0.0,)
