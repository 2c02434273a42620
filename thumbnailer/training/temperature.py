"""The temperature of GEVADEN's likelihood (Eq. 10), chosen by the GIFs that it leads to."""

from collections.abc import Sequence

import numpy as np

from thumbnailer.selection.gevaden import Gevaden, GevadenNetwork
from thumbnailer.training.data import LabelledVideo
from thumbnailer.training.evaluate import candidates_score

GRID = tuple(2.0**power for power in range(-6, 5))


def fit_temperature(network: GevadenNetwork, videos: Sequence[LabelledVideo]) -> None:
    """Set the temperature under which the candidates of these videos have the highest mean PS.

    The one under which people's GIFs are most likely is several times as high, as it has to make
    up for generated features that lie near no shot, and ranks worse (docs/models/gevaden.md).
    """
    selector = Gevaden(network, "in training")
    scores = []
    for value in GRID:
        network.temperature.fill_(value)
        scores.append(np.mean([candidates_score(selector, video) for video in videos]))
    network.temperature.fill_(GRID[int(np.argmax(scores))])
