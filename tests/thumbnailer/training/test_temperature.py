from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from tests.thumbnailer.selection.tables import SMALL_GEVADEN
from tests.thumbnailer.training.made_up import FEATURE_DIM, write_tvsum
from thumbnailer.selection.gevaden import Gevaden, GevadenNetwork
from thumbnailer.training.evaluate import candidates_score
from thumbnailer.training.temperature import GRID, fit_temperature
from thumbnailer.training.tvsum import load_tvsum


def test_the_temperature_is_the_one_whose_candidates_people_like_best(tmp_path: Path) -> None:
    videos = load_tvsum(write_tvsum(tmp_path, videos=2, seconds=40))
    torch.manual_seed(0)
    network = GevadenNetwork(replace(SMALL_GEVADEN, feature_dim=FEATURE_DIM))
    network.projection.matrix.normal_()
    for parameter in network.parameters():  # so that draws differ, and temperatures with them
        torch.nn.init.normal_(parameter)
    fit_temperature(network, videos)
    found = float(network.temperature)

    def score(temperature: float) -> float:
        network.temperature.fill_(temperature)
        return float(np.mean([candidates_score(Gevaden(network, "test"), v) for v in videos]))

    scores = {temperature: score(temperature) for temperature in GRID}
    assert scores[found] == max(scores.values())
    assert scores[found] > scores[1.0]  # where it was before
    assert scores[found] > scores[GRID[0]]
