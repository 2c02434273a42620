import pytest
import torch

from thumbnailer.selection.parts.shot_features import (
    EXTRA_FEATURES,
    LIVELINESS_SCALE,
    PLACE_SCALE,
    RESPONSE_SCALE,
    shot_features,
    standardised,
    weigh_shot_features,
)
from thumbnailer.selection.parts.within_video import within_video


def made_up(shots: int) -> torch.Tensor:
    return torch.randn(shots, 6, generator=torch.Generator().manual_seed(0))


def test_the_appearance_comes_first_and_three_numbers_of_fixed_weight_follow() -> None:
    features = shot_features(made_up(50))
    torch.testing.assert_close(features[:, :6], within_video(made_up(50)))
    others = features[:, 6:]
    assert others.shape == (50, EXTRA_FEATURES)
    deviations = others.square().mean(dim=0).sqrt()
    wanted = torch.tensor([LIVELINESS_SCALE, PLACE_SCALE, RESPONSE_SCALE])
    torch.testing.assert_close(deviations, wanted)


def test_a_lively_stretch_stands_out() -> None:
    features = torch.zeros(60, 6)
    features[30:40] = made_up(10)
    assert 30 <= int(shot_features(features)[:, 6].argmax()) <= 40


def test_both_ends_are_as_far_from_the_middle() -> None:
    place = shot_features(made_up(31))[:, 7]
    torch.testing.assert_close(place, place.flip(0))
    assert int(place.argmin()) == 15


@pytest.mark.parametrize("shots", [1, 2, 3])
def test_a_frozen_picture_and_a_short_video_have_finite_features(shots: int) -> None:
    features = shot_features(torch.ones(shots, 6))
    assert features.shape == (shots, 6 + EXTRA_FEATURES)
    assert features.isfinite().all()
    assert features[:, 6].abs().max() == 0


def test_standardised_columns() -> None:
    columns = standardised(torch.tensor([[1.0, 5.0], [3.0, 5.0]]))
    torch.testing.assert_close(columns, torch.tensor([[-1.0, 0.0], [1.0, 0.0]]))


def test_features_are_weighed_without_being_made() -> None:
    weights = torch.randn(6 + EXTRA_FEATURES, 4, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(
        weigh_shot_features(made_up(50), weights),
        shot_features(made_up(50)) @ weights,
        atol=1e-5,
        rtol=1e-5,
    )
