import numpy as np
import pytest

from experiments.analysis.stats.audit import Entry, entries
from experiments.analysis.stats.audit_cases import Covariates, Intervals
from experiments.analysis.stats.audit_per_video import PROMISED, WINNERS
from experiments.analysis.stats.scenarios import Scenario
from experiments.unit import Unit


@pytest.mark.parametrize("entry", entries(), ids=lambda e: f"{e.group}, {e.name}")
def test_every_case_gives_each_of_its_figures(entry: Entry) -> None:
    drawn = entry.case(np.random.default_rng(1))
    assert len(drawn) == len(entry.case.figures)
    most = [2.0 if figure in {PROMISED, WINNERS} else 1.0 for figure in entry.case.figures]
    assert all(np.isnan(v) or 0 <= v <= m for v, m in zip(drawn, most, strict=True))


def test_a_wrong_truth_is_found_out() -> None:
    # Intervals around a lifted arm do not cover the truth of arms that are alike.
    class Mistaken(Scenario):
        def mean_ctr(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
            return np.array([0.9, 0.2])

    scenario = Mistaken(
        Unit.VIEWER_VIDEO, rates=(0.1, 0.2), videos=30, views=900.0, viewer_spread=0.0
    )
    missed = Intervals(scenario)(np.random.default_rng(1))
    assert missed[:3] == (1.0, 1.0, 1.0)


def test_covariates_of_too_few_videos_are_refused() -> None:
    assert np.isnan(Covariates(8)(np.random.default_rng(1)))
