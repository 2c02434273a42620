"""The time to choose shots of one video whose features are at hand, models loaded, on one core."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch

from tests.benchmarks.made_up_features import made_up_features
from tests.thumbnailer.selection import tables as selection_tables
from thumbnailer.registry import load_selector
from thumbnailer.selection.gevaden import KIND, RULE, GevadenConfig, GevadenNetwork
from thumbnailer.selection.parts.average_likelihood import rank_triples
from thumbnailer.selection.parts.base import ShotTable
from thumbnailer.selection.parts.checkpoint import in_full, load_shipped_network
from thumbnailer.selection.parts.matching import distances_to

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("one_thread")]

LENGTHS = (60, 188, 650, 1500)  # 188 is the median of the paper's videos
LEARNED = ("re_seq2seq", "gevaden", "ranknet", "shot_scorer")
REPEATS = 5


def table(shots: int) -> ShotTable:
    features = made_up_features(shots, 1280, seed=1).abs().float().numpy()
    unseen = selection_tables.shot_table(8).frames  # pixels, which these selectors do not look at
    return ShotTable(features, np.arange(2, shots - 2), unseen)


def median_cpu_ms(work: Callable[[], object]) -> float:
    times_ms = []
    for _ in range(REPEATS):
        begun_s = time.process_time()
        work()
        times_ms.append((time.process_time() - begun_s) * 1e3)
    return sorted(times_ms)[REPEATS // 2]


@pytest.mark.parametrize("name", LEARNED)
def test_choosing(name: str) -> None:
    selector = load_selector(name)
    selector.rank(table(60), seed=0)
    for shots in LENGTHS:
        given = table(shots)
        found_ms = median_cpu_ms(partial(selector.rank, given, seed=0))
        print(f"\n{name}, n = {shots}: {found_ms:.0f} ms")


def test_the_floor_of_the_video_encoder() -> None:
    """Time what no order of work can save: each step reads both layers' recurrent weights."""
    for shots in LENGTHS:
        floor_ms = median_cpu_ms(partial(multiply, 2 * shots))  # one a layer and step
        print(f"\nproducts with recurrent weights alone, n = {shots}: {floor_ms:.0f} ms")


def multiply(times: int) -> None:
    weights, state = torch.ones(4 * 512, 512), torch.ones(512)
    for _ in range(times):
        weights @ state


def test_equation_10_of_the_shipped_model() -> None:
    network, _ = load_shipped_network(KIND, RULE, GevadenConfig, GevadenNetwork)
    network = in_full(network.eval())
    shots = torch.from_numpy(table(1500).features)
    with torch.inference_mode():
        projected = network.projection(shots)
        generated = network.sample_gifs(projected, 256, torch.Generator().manual_seed(0))
        distances = distances_to(generated, projected)
        likelihoods = (-distances / network.temperature).softmax(dim=2)
        one, ten = (median_cpu_ms(partial(rank_triples, likelihoods, count=k)) for k in (1, 10))
    print(f"\nn = 1500, L = 256: {one:.0f} ms, the ten best {ten:.0f} ms")
