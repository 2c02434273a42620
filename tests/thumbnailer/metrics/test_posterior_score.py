from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thumbnailer.metrics.posterior_score import posterior_score


def test_posterior_score_by_hand() -> None:
    assert posterior_score([1, 3, 0], [2, 8, 1, 4]) == pytest.approx((8 + 4 + 2) / 8)


def test_without_comments_it_is_undefined() -> None:
    assert isnan(posterior_score([0, 1, 2], np.zeros(5)))


@settings(deadline=None)  # time is measured elsewhere
@given(st.lists(st.integers(0, 1000), min_size=3, max_size=50), st.integers(1, 9))
def test_it_lies_between_0_and_3_and_knows_no_unit(counts: list[int], unit: int) -> None:
    score = posterior_score([0, 1, 2], counts)
    if max(counts) == 0:
        assert isnan(score)
    else:
        assert 0 <= score <= 3
        assert posterior_score([0, 1, 2], np.asarray(counts) * unit) == pytest.approx(score)
