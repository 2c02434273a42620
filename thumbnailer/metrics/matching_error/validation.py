"""Checks at the door of the matching error."""

import torch
from torch import Tensor

from thumbnailer.errors import BadFeaturesError, BadTrainingDataError


def check_inputs(generated: Tensor, features: Tensor, gifs: Tensor) -> None:
    """Check shapes, numbers and indices.

    Raises:
        BadFeaturesError: generated or features do not fit or are not finite.
        BadTrainingDataError: gifs is not a table of shots of this video.
    """
    _check_table("features", features, axes=2)
    _check_table("generated", generated, axes=3)
    _check_length("generated", generated, 2, features.shape[1])
    _check_gifs(gifs, shots=len(features), positions=generated.shape[1])


def _check_table(name: str, table: Tensor, *, axes: int) -> None:
    if table.ndim != axes or not table.numel() or not table.is_floating_point():
        raise BadFeaturesError(
            f"{name} == {table.dtype} of shape {tuple(table.shape)}, "
            f"must be floats with {axes} axes, none of them empty"
        )
    if not torch.isfinite(torch.stack(table.aminmax())).all():  # quicker than to ask each number
        row = int((~torch.isfinite(table)).nonzero()[0, 0])
        raise BadFeaturesError(f"{name}[{row}] holds nan or infinity, must be finite")


def _check_length(name: str, table: Tensor, axis: int, length: int) -> None:
    if table.shape[axis] != length:
        raise BadFeaturesError(
            f"{name}.shape[{axis}] == {table.shape[axis]}, must be {length} to fit the others"
        )


def _check_gifs(gifs: Tensor, *, shots: int, positions: int) -> None:
    integral = not (gifs.is_floating_point() or gifs.is_complex() or gifs.dtype is torch.bool)
    if not integral or gifs.ndim != 2 or not len(gifs) or gifs.shape[1] != positions:
        raise BadTrainingDataError(
            f"gifs == {gifs.dtype} of shape {tuple(gifs.shape)}, must be whole numbers, one row a "
            f"ground truth (1 or more) and {positions} columns, as generated has"
        )
    outside = ((gifs < 0) | (gifs >= shots)).any(dim=1).nonzero()
    if len(outside):
        row = int(outside[0, 0])
        raise BadTrainingDataError(
            f"gifs[{row}] == {gifs[row].tolist()}, must be shots of the video, "
            f"0 to {shots - 1}: leave the annotation out"
        )
