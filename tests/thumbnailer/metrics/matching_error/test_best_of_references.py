import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from thumbnailer.metrics.matching_error.best_of_references import best_of_references


def test_each_sample_may_meet_another_ground_truth_or_all_the_same() -> None:
    errors = torch.tensor([[0.0, 0.4], [0.8, 0.2], [0.4, 0.6]])
    best = best_of_references(errors)
    assert best.mean_of_best == pytest.approx(0.2)
    assert best.best_of_means == pytest.approx(0.4)


def test_with_one_ground_truth_both_are_the_mean() -> None:
    best = best_of_references(torch.tensor([[0.2], [0.6]]))
    assert best.mean_of_best == best.best_of_means == pytest.approx(0.4)


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=9))
def test_to_choose_for_each_sample_is_never_worse(errors: list[list[float]]) -> None:
    best = best_of_references(torch.tensor(errors, dtype=torch.float64))
    assert best.mean_of_best <= best.best_of_means + 1e-12
