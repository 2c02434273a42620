"""Eight bits lose half a step of each row at the most; other files are refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from thumbnailer.errors import CheckpointMismatchError, CheckpointMissingError
from thumbnailer.features import published_weights
from thumbnailer.features.published_weights import SCALE, from_8_bits, load_published


def in_8_bits(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Round weights as those of the files were: each row's largest number becomes 127, or -127."""
    rounded: dict[str, torch.Tensor] = {}
    for name, weights in state.items():
        if weights.ndim == 1:
            rounded[name] = weights.half()
            continue
        largest = weights.flatten(1).abs().amax(dim=1).reshape(-1, *(1,) * (weights.ndim - 1))
        scale = (largest / 127).clamp(min=1e-12)
        rounded[name], rounded[name + SCALE] = (weights / scale).round().char(), scale
    return rounded


def test_each_row_keeps_its_weights_to_half_a_step() -> None:
    rows = (
        np.random.default_rng(0).normal(size=(6, 3, 3, 3))
        * np.logspace(-4, 2, 6)[:, None, None, None]
    )
    state = {
        "a.weight": torch.tensor(rows).float(),
        "a.bias": torch.arange(6.0),
        "a.none": torch.zeros(2, 3),
    }
    back = from_8_bits(in_8_bits(state))
    assert set(back) == set(state)
    steps = np.abs(rows).max(axis=(1, 2, 3)) / 127
    lost = (back["a.weight"] - state["a.weight"]).abs().amax(dim=(1, 2, 3)).numpy()
    assert (lost <= 0.501 * steps).all()
    assert back["a.bias"].tolist() == state["a.bias"].tolist()
    assert not back["a.none"].any()


def test_another_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(published_weights, "FOLDER", tmp_path)
    with pytest.raises(CheckpointMissingError, match=r"eye\.pt is missing"):
        load_published(nn.Linear(2, 2), "eye", "0" * 64)
    (tmp_path / "eye.pt").write_bytes(b"other")
    with pytest.raises(CheckpointMismatchError, match="must be 0000"):
        load_published(nn.Linear(2, 2), "eye", "0" * 64)
