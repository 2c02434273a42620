from pathlib import Path

import numpy as np
import pytest
import torch

from thumbnailer.training.transitions.films import Footage
from thumbnailer.training.transitions.fit import Network, fit, known, lessons, save
from thumbnailer.video import transitions

NONE = np.zeros(150, bool)


def footage(seed: int) -> list[Footage]:
    noise = np.random.default_rng(seed).integers(0, 256, (150, 9, 16), dtype=np.uint8)
    return [Footage(np.sort(noise, axis=0).repeat(4, 1).repeat(4, 2), NONE, NONE)]


@pytest.fixture(scope="module")
def network() -> Network:
    return fit(lessons(footage(1), 400, 1), 12, 1)


def test_it_learns_what_it_knows_again_elsewhere(network: Network) -> None:
    shares = known(network, lessons(footage(2), 60, 2), 0.3)
    assert shares["transition"] > 0.5
    assert shares["cut"] < 0.1
    assert shares["none"] < 0.1


def test_the_product_computes_what_was_fitted(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(network, tmp_path / "weights.npz")
    monkeypatch.setattr(transitions, "WEIGHTS", tmp_path / "weights.npz")
    monkeypatch.setattr(transitions, "_weights", transitions._weights.__wrapped__)
    numbers = lessons(footage(3), 2, 3).numbers
    with torch.no_grad():
        wanted = network(numbers).sigmoid().numpy()
    for film, answer in zip(numbers.numpy(), wanted, strict=True):
        np.testing.assert_allclose(transitions._answers(film.T), answer, atol=0.01)  # 16 bits
    assert wanted.std() > 0.05
