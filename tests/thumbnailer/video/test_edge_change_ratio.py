import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from thumbnailer.video.edge_change_ratio import (
    edge_change_ratios,
    edge_maps,
    gradient,
    otsu_thresholds,
)


def bar(left: int) -> NDArray[np.bool_]:
    edges = np.zeros((36, 64), dtype=bool)
    edges[5:30, left] = True
    return edges


def ratio_of(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> float:
    [ratio] = edge_change_ratios(before[None], after[None])
    return float(ratio)


@given(st.lists(st.integers(0, 50), min_size=4, max_size=12).filter(lambda c: sum(c) > 0))
def test_otsus_threshold_leaves_the_least_variance_within_both_sides(counts: list[int]) -> None:
    values = np.repeat(np.arange(len(counts)), counts).astype(np.float64)

    def within(level: int) -> float:
        sides = (values[values < level], values[values >= level])
        return sum(len(side) * float(side.var()) for side in sides if len(side))

    found = round(float(otsu_thresholds(np.asarray([counts]))[0]) * len(counts))
    best = min(within(level) for level in range(1, len(counts)))
    assert within(found) == pytest.approx(best, abs=1e-9)


def test_edges_lie_where_a_square_begins() -> None:
    gray = np.full((36, 64), 0.2, np.float32)
    gray[10:20, 20:40] = 0.9
    counts = np.bincount((gray * 127).astype(np.intp).ravel(), minlength=128)
    [edges] = edge_maps(gradient(gray[None]), counts[None])
    assert edges[9:11, 22:38].all()
    assert not edges[12:18, 22:38].any()
    assert not edges[:8].any()


@pytest.mark.parametrize(("moved", "ratio"), [(0, 0.0), (2, 0.0), (3, 1.0)])
def test_an_edge_may_move_a_little(moved: int, ratio: float) -> None:
    assert ratio_of(bar(20), bar(20 + moved)) == ratio


def test_new_edges_and_lost_ones_count_alike() -> None:
    both = bar(10) | bar(40)
    assert ratio_of(bar(10), both) == ratio_of(both, bar(10)) == 0.5


def test_pictures_without_edges_have_not_changed() -> None:
    nothing = np.zeros((36, 64), dtype=bool)
    assert ratio_of(nothing, nothing) == 0.0
    assert ratio_of(nothing, bar(10)) == 1.0
