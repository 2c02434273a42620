"""Rows can be compared only where all networks of a fold read features alike."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.thumbnailer.selection.tables import SMALL_GEVADEN
from thumbnailer.errors import BadTrainingDataError
from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.selection.gevaden import GevadenNetwork
from thumbnailer.selection.parts.checkpoint import save_checkpoint
from thumbnailer.selection.parts.networks import Projection
from thumbnailer.training.data import Split
from thumbnailer.training.rows import model_rows


def test_weights_that_read_through_another_projection_are_refused(tmp_path: Path) -> None:
    network = GevadenNetwork(SMALL_GEVADEN)
    network.projection.matrix[0, 0] = 1.0
    path = tmp_path / "gevaden.pt"
    save_checkpoint(path, "gevaden", SMALL_GEVADEN, network, MANIFEST, training={})
    nothing = Split((), (), ())
    assert list(model_rows(nothing, {"gevaden": path}, network.projection))
    other = Projection(SMALL_GEVADEN)
    other.matrix.copy_(network.projection.matrix)
    other.matrix[-1, -1] = 0.01
    wider = Projection(replace(SMALL_GEVADEN, shot_dim=SMALL_GEVADEN.shot_dim + 1))
    wider.matrix[:, :-1] = torch.clone(network.projection.matrix)
    for projection in (other, wider):
        with pytest.raises(BadTrainingDataError, match=f"{path} reads features through another"):
            model_rows(nothing, {"gevaden": path}, projection)
