from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from thumbnailer.errors import BadFeaturesError, BadTrainingDataError
from thumbnailer.metrics.matching_error import active_set
from thumbnailer.metrics.matching_error.measure import (
    SAMPLES_AT_ONCE,
    ProjectionError,
    matching_error,
    shot_errors,
)

from .ldp import ldp_error


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def errors_of(generated: Tensor, features: Tensor, target: int) -> Tensor:
    """(S, d), (n, d) -> (S,)"""
    return shot_errors(generated[:, None], features, torch.tensor([[target]]))[:, 0, 0]


# Small whole numbers: points coincide, lie in line and are equally far all the time, and which is
# nearest is exact.
@st.composite
def grids(draw: st.DrawFn) -> tuple[Tensor, Tensor, int]:
    """Draw (1, d) generated, (n, d) features, target."""
    shots, dimension = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    size = (shots + 1) * dimension
    numbers = draw(st.lists(st.integers(-4, 4), min_size=size, max_size=size))
    points = torch.tensor(numbers, dtype=torch.float64).reshape(shots + 1, dimension)
    return points[:1], points[1:], draw(st.integers(0, shots - 1))


@pytest.mark.parametrize(
    ("shots", "dimension", "spread"),
    [(9, 1, 1.0), (40, 2, 1.0), (60, 3, 10.0), (100, 8, 0.5), (150, 64, 1.0), (120, 512, 0.7)],
)
def test_agrees_with_scipys_nnls_in_feature_space(
    shots: int, dimension: int, spread: float
) -> None:
    features, generated = normal(shots, dimension), spread * normal(20, dimension, seed=1)
    expected = [ldp_error(g, features.numpy(), 3) for g in generated.numpy()]
    assert errors_of(generated, features, 3).numpy() == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("noise", [0.1, 1e-2, 1e-3, 1e-4])
def test_agrees_with_scipys_nnls_on_almost_frozen_pictures(noise: float) -> None:
    scenes = normal(12, 64).repeat_interleave(10, dim=0)
    features, generated = scenes + noise * normal(120, 64, seed=1), normal(20, 64, seed=2)
    expected = [ldp_error(g, features.numpy(), 55) for g in generated.numpy()]
    assert errors_of(generated, features, 55).numpy() == pytest.approx(expected, abs=1e-8)


@given(grids())
def test_agrees_with_scipys_nnls_on_a_grid(grid: tuple[Tensor, Tensor, int]) -> None:
    generated, features, target = grid
    expected = ldp_error(generated[0].numpy(), features.numpy(), target)
    assert errors_of(*grid).item() == pytest.approx(expected, abs=1e-8)


def test_on_a_line_it_is_the_way_to_the_middle() -> None:
    features = torch.tensor([[0.0], [1.0], [4.0]])
    generated = torch.tensor([[0.4], [0.5], [1.0], [3.0], [-7.0]], dtype=torch.float64)
    expected = [0.0, 0.0, 0.5, 2.5 / 3, 0.0]
    assert errors_of(generated, features, 0).tolist() == pytest.approx(expected, abs=1e-12)
    # The middle shot's cell has two walls, at ½ and at 2½.
    expected = [0.1 / 0.6, 0.0, 0.0, 0.5 / 2, 7.5 / 8]
    assert errors_of(generated, features, 1).tolist() == pytest.approx(expected, abs=1e-12)


def test_in_a_corner_it_is_the_way_to_the_corner() -> None:
    features = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])  # the cell of 0: x, y <= 1
    generated = torch.tensor([[4.0, 5.0], [4.0, 1.0], [4.0, -9.0]])
    expected = [5 / 41**0.5, 3 / 17**0.5, 3 / 97**0.5]
    assert errors_of(generated, features, 0).tolist() == pytest.approx(expected, abs=1e-12)


@given(grids())
def test_lies_in_0_to_1_and_is_0_only_where_the_target_is_nearest(
    grid: tuple[Tensor, Tensor, int],
) -> None:
    generated, features, target = grid
    error = errors_of(*grid).item()
    squared = ((features - generated) ** 2).sum(dim=1)
    assert 0 <= error <= 1
    assert (error == 0) == bool(squared[target] <= squared.min())


@given(grids())
def test_a_wrong_shots_feature_errs_by_half_at_least(grid: tuple[Tensor, Tensor, int]) -> None:
    _, features, target = grid
    errors = errors_of(features, features, target)
    same = (features == features[target]).all(dim=1)
    assert (errors[same] == 0).all()
    assert (errors[~same] >= 0.5 - 1e-12).all()


@given(grids(), st.integers(-3, 3), st.floats(0.01, 100.0), st.integers(0, 99))
def test_moving_turning_and_scaling_all_features_changes_nothing(
    grid: tuple[Tensor, Tensor, int], shift: int, scale: float, seed: int
) -> None:
    generated, features, target = grid
    turn = torch.linalg.qr(normal(features.shape[1], features.shape[1], seed=seed)).Q

    def moved(points: Tensor) -> Tensor:
        return torch.add(scale * (points @ turn), 100 * shift)

    expected = errors_of(*grid).item()
    assert errors_of(moved(generated), moved(features), target).item() == pytest.approx(
        expected, abs=1e-8
    )


@given(grids(), st.lists(st.integers(-4, 4), min_size=4, max_size=4))
def test_one_shot_more_never_lowers_it(grid: tuple[Tensor, Tensor, int], shot: list[int]) -> None:
    generated, features, target = grid
    more = torch.cat([features, torch.tensor([shot[: features.shape[1]]])])
    assert errors_of(generated, more, target).item() >= errors_of(*grid).item() - 1e-9


def test_duplicates_are_no_constraint() -> None:
    features, generated = normal(30, 16), normal(10, 16, seed=1)
    twice = torch.cat([features, features])
    expected = errors_of(generated, features, 4)
    assert errors_of(generated, twice, 34).numpy() == pytest.approx(expected.numpy(), abs=1e-12)
    assert (errors_of(generated, features[:1].expand(5, -1), 2) == 0).all()


def test_every_sample_gif_and_position_has_its_own_error() -> None:
    features, generated = normal(20, 6), normal(4, 3, 6, seed=1)
    gifs = torch.tensor([[0, 5, 9], [5, 5, 2]])
    errors = shot_errors(generated, features, gifs)
    for sample in range(4):
        for gif in range(2):
            for position in range(3):
                expected = ldp_error(
                    generated[sample, position].numpy(),
                    features.numpy(),
                    int(gifs[gif, position]),
                )
                assert errors[sample, gif, position].item() == pytest.approx(expected, abs=1e-8)


def test_samples_that_are_projected_at_a_time_change_nothing() -> None:
    features, generated = normal(20, 6), normal(SAMPLES_AT_ONCE + 9, 3, 6, seed=1)
    gifs = torch.tensor([[0, 5, 9], [5, 5, 2]])
    each = [shot_errors(part, features, gifs) for part in torch.split(generated, 300)]
    torch.testing.assert_close(shot_errors(generated, features, gifs), torch.cat(each))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_the_precision_of_the_features_is_not_that_of_the_figures(dtype: torch.dtype) -> None:
    features, generated = normal(40, 32).to(dtype), normal(9, 3, 32, seed=1).to(dtype)
    gifs = torch.tensor([[1, 2, 3]])
    assert torch.equal(
        shot_errors(generated, features, gifs),
        shot_errors(generated.double(), features.double(), gifs),
    )


def test_nothing_that_comes_in_is_changed() -> None:
    features, generated = normal(30, 8), normal(5, 3, 8, seed=1)
    before = features.clone(), generated.clone()
    shot_errors(generated, features, torch.tensor([[0, 1, 2]]))
    assert torch.equal(features, before[0])
    assert torch.equal(generated, before[1])


def test_both_readings_of_plain_and_squared_errors() -> None:
    features, generated = normal(25, 5), normal(6, 3, 5, seed=1)
    gifs = torch.tensor([[0, 1, 2], [7, 8, 9], [3, 3, 4]])
    errors = shot_errors(generated, features, gifs).numpy()
    found = matching_error(generated, features, gifs)
    plain, squared = errors.mean(axis=2), (errors**2).mean(axis=2)
    assert found.pme.mean_of_best == pytest.approx(plain.min(axis=1).mean())
    assert found.pme.best_of_means == pytest.approx(plain.mean(axis=0).min())
    assert found.pme_squared.mean_of_best == pytest.approx(squared.min(axis=1).mean())
    assert found.pme_squared.best_of_means == pytest.approx(squared.mean(axis=0).min())


def test_a_projection_that_is_not_found_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(cosines: Tensor, offsets: Tensor) -> Tensor:
        return torch.full_like(offsets[:, 0], torch.nan)

    monkeypatch.setattr(active_set, "distances", lost)
    with pytest.raises(ProjectionError, match=r"generated\[0, 0\] against gifs\[0\] has no proj"):
        matching_error(normal(1, 1, 4), normal(9, 4), torch.tensor([[2]]))


GOOD = {
    "generated": normal(4, 3, 6),
    "features": normal(9, 6, seed=1),
    "gifs": torch.tensor([[0, 1, 2]]),
}


def holed(table: Tensor, hole: float) -> Tensor:
    table = table.clone()
    table[2] = hole
    return table


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"features": holed(GOOD["features"], torch.nan)}, BadFeaturesError, r"features\[2\] hol"),
        ({"generated": holed(GOOD["generated"], torch.inf)}, BadFeaturesError, r"generated\[2\] "),
        ({"features": normal(9)}, BadFeaturesError, r"features == torch.float64 of shape \(9,\)"),
        ({"features": normal(0, 6)}, BadFeaturesError, "none of them empty"),
        ({"generated": normal(0, 3, 6)}, BadFeaturesError, "none of them empty"),
        ({"generated": normal(4, 6)}, BadFeaturesError, "must be floats with 3 axes"),
        ({"generated": normal(4, 3, 5)}, BadFeaturesError, r"generated.shape\[2\] == 5, must be 6"),
        ({"features": torch.ones(9, 6).int()}, BadFeaturesError, "features == torch.int32 of sha"),
        ({"gifs": torch.tensor([[0, 1, 9]])}, BadTrainingDataError, r"gifs\[0\] == \[0, 1, 9\], m"),
        ({"gifs": torch.tensor([[-1, 1, 2]])}, BadTrainingDataError, "0 to 8"),
        ({"gifs": torch.tensor([[0, 1]])}, BadTrainingDataError, "3 columns"),
        ({"gifs": torch.tensor([[0.0, 1, 2]])}, BadTrainingDataError, "must be whole numbers"),
        ({"gifs": torch.zeros(0, 3).long()}, BadTrainingDataError, "1 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        shot_errors(**(GOOD | change))
