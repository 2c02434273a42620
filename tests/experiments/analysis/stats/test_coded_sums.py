"""Sums by viewer, video and arm, numbered and sorted."""

import numpy as np
import pytest

from experiments.analysis.stats.coded_sums import CodedSums, added_up, numbered
from experiments.unit import Unit

from .cast import draw_sums


@pytest.mark.parametrize("ids", [[7, 5, 7, 9], [7, 10**15, -3, 7]])
def test_ids_are_numbered_in_order_however_far_apart(ids: list[int]) -> None:
    distinct, places = numbered(np.array(ids))
    assert distinct.tolist() == sorted(set(ids))
    assert distinct[places].tolist() == ids


def test_rows_are_added_up_alike_with_and_without_a_sort() -> None:
    sums = draw_sums(7, videos=5)
    coded, plain = CodedSums.of(sums).counts(), added_up(sums)
    np.testing.assert_array_equal(plain.video_ids, coded.video_ids)
    np.testing.assert_array_equal(plain.views, coded.views)
    np.testing.assert_array_equal(plain.clicks, coded.clicks)


@pytest.mark.parametrize("unit", [Unit.VIEWER, Unit.VIEWER_VIDEO])
def test_units_in_two_arms_are_counted(unit: Unit) -> None:
    sums = draw_sums(3)
    arms_of: dict[tuple[int, int], set[int]] = {}
    for viewer, video, arm in zip(sums.viewer_ids, sums.video_ids, sums.arm_index, strict=True):
        key = (int(viewer), int(video) if unit is Unit.VIEWER_VIDEO else 0)
        arms_of.setdefault(key, set()).add(int(arm))
    crossed = sum(len(arms) > 1 for arms in arms_of.values())
    assert CodedSums.of(sums).crossed(unit) == (len(arms_of), crossed)
    assert CodedSums.of(sums.where(sums.views < 0)).crossed(unit) == (0, 0)
