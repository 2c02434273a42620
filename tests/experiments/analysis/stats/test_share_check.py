from dataclasses import replace

import numpy as np
import pytest

from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.records import StratifiedCounts, VideoCounts
from experiments.analysis.stats.share_check import share_check, unit_share_check
from experiments.analysis.stats.srm import combined, srm
from experiments.unit import Unit

from .cast import draw_counts, draw_sums, in_strata


@pytest.mark.parametrize("unit", [Unit.VIEWER_VIDEO, Unit.VIDEO])
def test_each_stratum_is_checked_against_its_own_shares(unit: Unit) -> None:
    shares = [[1, 1, 1], [2, 1, 1]]
    strata = in_strata(draw_counts(videos=300), shares)
    found = share_check(strata, unit)
    apart = [
        share_check(in_one_stratum(counts, shares_), unit)
        for counts, shares_ in zip(strata.strata, shares, strict=True)
    ]
    assert found == combined(apart)


def in_one_stratum(counts: VideoCounts, shares: list[int]) -> StratifiedCounts:
    return StratifiedCounts(
        counts.video_ids, counts.arms, np.array([shares]), counts.views[None], counts.clicks[None]
    )


def test_viewers_are_checked_by_their_own_number() -> None:
    sums = draw_sums(1, rows=5000, viewers=900, sticky=True)
    by_arm = np.bincount(np.unique(sums.viewer_ids - 7) % 3)
    assert unit_share_check(sums, Unit.VIEWER) == srm(sums.arms, by_arm, [1, 1, 1])
    shares = np.array([[1.0, 1, 1], [3, 1, 1]])
    late = replace(sums, stratum=(sums.viewer_ids >= 400).astype(np.int64), shares=shares)
    viewers = late.units(Unit.VIEWER)
    assert viewers.sum(axis=0).tolist() == by_arm.tolist()
    assert unit_share_check(late, Unit.VIEWER) == combined(
        [srm(sums.arms, viewers[0], [1, 1, 1]), srm(sums.arms, viewers[1], [3, 1, 1])]
    )


def test_views_are_no_units_where_viewers_are_assigned() -> None:
    with pytest.raises(DesignError, match="unit == 'viewer' needs sums by viewer"):
        share_check(in_one_stratum(draw_counts(), [1, 1, 1]), Unit.VIEWER)
