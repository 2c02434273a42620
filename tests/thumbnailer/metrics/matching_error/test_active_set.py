import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from thumbnailer.metrics.matching_error import active_set

from .test_lockstep import problems


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_what_outgrows_its_active_set_is_flagged_and_solved_with_a_larger_one(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    cosines, offsets = problems(
        torch.randn(40, 12, generator=generator), 3 * torch.randn(30, 12, generator=generator)
    )
    expected = active_set.distances(cosines, offsets)
    small = torch.from_numpy(active_set._solve(cosines.numpy(), offsets.numpy(), 3))
    assert 0 < small.isnan().sum() < 30
    assert torch.equal(small[~small.isnan()], expected[~small.isnan()])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(active_set, "FIRST_CAPACITY", 1)
        assert torch.equal(active_set.distances(cosines, offsets), expected)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_any_number_of_problems_is_shared_among_threads(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    cosines, offsets = problems(torch.randn(20, 5), torch.randn(7, 5))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    expected = active_set.distances(cosines, offsets)[:count]
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    np.testing.assert_array_equal(active_set.distances(cosines, offsets[:count]), expected)
