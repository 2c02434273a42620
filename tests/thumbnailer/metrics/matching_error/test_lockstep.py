"""The batch for a GPU, run on the CPU, against the compiled path and against scipy."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from thumbnailer.metrics.matching_error import active_set, lockstep
from thumbnailer.metrics.matching_error.products import products_with
from thumbnailer.metrics.matching_error.shots import centre
from thumbnailer.metrics.matching_error.voronoi_cell import voronoi_cell

from .ldp import least_distance


def problems(features: Tensor, generated: Tensor) -> tuple[Tensor, Tensor]:
    """Return (n, n) cosines and (B, n) offsets for the cell of the first shot."""
    shots = centre(features)
    cell = voronoi_cell(shots, 0)
    return cell.cosines, cell.offsets(products_with(shots, generated))


@pytest.mark.parametrize("spread", [0.5, 20.0])
@pytest.mark.parametrize(("shots", "dimension"), [(1, 3), (30, 1), (50, 2), (100, 8), (200, 64)])
def test_is_the_compiled_path(shots: int, dimension: int, spread: float) -> None:
    torch.manual_seed(0)
    cosines, offsets = problems(torch.randn(shots, dimension), spread * torch.randn(40, dimension))
    np.testing.assert_allclose(
        lockstep.distances(cosines, offsets),
        active_set.distances(cosines, offsets),
        rtol=0,
        atol=1e-10,
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 12))
def test_is_the_compiled_path_where_points_coincide(seed: int, dimension: int, shots: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    points = torch.randint(-3, 4, (shots + 8, dimension), generator=generator).double()
    cosines, offsets = problems(points[8:], points[:8])
    np.testing.assert_allclose(
        lockstep.distances(cosines, offsets),
        active_set.distances(cosines, offsets),
        rtol=0,
        atol=1e-10,
    )


@pytest.mark.parametrize("distances", [active_set.distances, lockstep.distances])
def test_agrees_with_scipys_nnls_on_any_polyhedron_with_an_inside(
    distances: Callable[[Tensor, Tensor], Tensor],
) -> None:
    generator = np.random.default_rng(0)
    normals = generator.normal(size=(60, 10))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    inside = generator.normal(size=(15, 10))
    offsets = inside @ normals.T + generator.exponential(0.1, size=(15, 60))
    found = distances(torch.from_numpy(normals @ normals.T), torch.from_numpy(offsets))
    expected = [least_distance(normals, c) for c in offsets]
    assert found.numpy() == pytest.approx(expected, abs=1e-8)
    assert min(expected) > 0.1


def test_steps_that_run_out_are_nan(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    cosines, offsets = problems(torch.randn(50, 8), 20 * torch.randn(40, 8))
    monkeypatch.setattr(lockstep, "STEPS_PER_CONSTRAINT", 0)
    assert lockstep.distances(cosines, offsets).isnan().all()
