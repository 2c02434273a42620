"""The busiest viewers' share of the views, against counting them one by one."""

from math import ceil, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.analysis.stats.concentration import busiest_share, viewers_by_views


@given(st.lists(st.integers(1, 40), min_size=1, max_size=350))
def test_the_busiest_hundredth_is_that_of_the_sorted_list(views: list[int]) -> None:
    busiest = sorted(views, reverse=True)[: ceil(len(views) / 100)]
    found = busiest_share(viewers_by_views(np.arange(len(views)), np.array(views)))
    assert found == pytest.approx(sum(busiest) / sum(views))


def test_rows_of_a_viewer_add_up_and_who_saw_nothing_is_no_viewer() -> None:
    viewers = viewers_by_views(np.array([0, 1, 0, 2]), np.array([3, 4, 2, 0]))
    assert viewers.tolist() == [1, 0, 0, 0, 1, 1]
    assert busiest_share(viewers) == pytest.approx(5 / 9)


def test_without_views_there_is_no_share() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert isnan(busiest_share(viewers_by_views(nothing, nothing)))
