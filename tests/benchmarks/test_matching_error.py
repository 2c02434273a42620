"""The time that PME takes at the size of the paper's test split, and next to scipy's NNLS.

107 videos, 10,000 samples of 3 features each, 5 ground truths. The numbers of shots are those of
every tenth of the paper's videos in order of length; features are made up. Nine of the 107, evenly
spread and the longest among them, are measured, in CPU seconds of one thread; the time of the
others is interpolated by length.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.benchmarks.made_up_features import made_up_features
from tests.thumbnailer.metrics.matching_error.ldp import ldp_error, least_distance
from thumbnailer.metrics.matching_error.active_set import distances
from thumbnailer.metrics.matching_error.measure import SAMPLES_AT_ONCE, shot_errors
from thumbnailer.metrics.matching_error.products import products_with
from thumbnailer.metrics.matching_error.shots import centre
from thumbnailer.metrics.matching_error.voronoi_cell import voronoi_cell

pytestmark = pytest.mark.benchmark

VIDEOS, SAMPLES, GIFS, POSITIONS = 107, 10_000, 5, 3
DIMENSION = 2048
MEASURED_EVERY = 13
NNLS_PROBLEMS = 20
REPEATS = 5


@pytest.fixture(scope="module")
def shot_counts(shared_data: Path) -> list[int]:
    """Return the shots of 107 videos, the shortest first."""
    path = shared_data / "gif-thumbnails" / "annotated_data.json"
    if not path.is_file():
        pytest.skip(f"the paper's annotations are absent: {path} does not exist")
    videos = json.loads(path.read_text()).values()
    lengths_s = sorted(int(video["frames"] / video["fps"]) for video in videos)
    return lengths_s[5::10][:VIDEOS]


@pytest.fixture(autouse=True)
def compiled(one_thread: None) -> None:
    shot_errors(torch.rand(2, 3, 4), torch.rand(9, 4), torch.tensor([[0, 1, 2]]))


@dataclass(frozen=True, slots=True)
class Case:
    """A made-up video, what a model that learnt something generates for it, and ground truths."""

    features: Tensor  # (n, d)
    generated: Tensor  # (S, 3, d)
    gifs: Tensor  # (M, 3)

    @classmethod
    def make(cls, shots: int) -> "Case":
        features = made_up_features(shots, DIMENSION, seed=shots)
        generator = torch.Generator().manual_seed(shots)
        near = features[torch.randint(shots, (SAMPLES, POSITIONS), generator=generator)]
        noise = torch.randn(near.shape, generator=generator)
        gifs = torch.stack([torch.randperm(shots, generator=generator)[:3] for _ in range(GIFS)])
        return cls(features, 0.5 * (near + features.mean(dim=0)) + 0.3 * noise, gifs)


def cpu_s(work: Callable[[], object]) -> float:
    begun_s = time.process_time()
    work()
    return time.process_time() - begun_s


def report(shot_counts: list[int], measured: list[int], costs_s: list[float]) -> None:
    total_s = np.interp(shot_counts, measured, costs_s).sum()
    problems = VIDEOS * SAMPLES * POSITIONS * GIFS
    print(
        f"{total_s / 60:.1f} min of one core for {problems:,} problems, "
        f"{total_s / problems * 1e6:.1f} µs each; "
        + ", ".join(f"n = {n}: {s:.1f} s" for n, s in zip(measured, costs_s, strict=True))
    )


def test_a_test_split_of_the_papers_size(shot_counts: list[int]) -> None:
    measured = shot_counts[::-MEASURED_EVERY][::-1]  # the longest among them
    print(f"\n{len(measured)} of {VIDEOS} videos measured, median n = {np.median(shot_counts)}")
    costs_s = []
    for shots in measured:
        case = Case.make(shots)
        costs_s.append(cpu_s(partial(shot_errors, case.generated, case.features, case.gifs)))
    report(shot_counts, measured, costs_s)


@pytest.mark.parametrize("part", [0.25, 0.5, 0.75, 1.0])
def test_next_to_scipys_nnls(shot_counts: list[int], part: float) -> None:
    case = Case.make(shot_counts[int(part * (VIDEOS - 1))])
    features = case.features.double().numpy()
    samples = case.generated[:NNLS_PROBLEMS, 0].double().numpy()
    target = int(case.gifs[0, 0])
    expected = np.empty(NNLS_PROBLEMS)

    def project() -> None:
        expected[:] = [ldp_error(sample, features, target) for sample in samples]

    scipy_s = cpu_s(project) / NNLS_PROBLEMS
    ours_s = cpu_s(lambda: shot_errors(case.generated, case.features, case.gifs))
    ours_s /= SAMPLES * POSITIONS * GIFS
    found = shot_errors(case.generated[:NNLS_PROBLEMS], case.features, case.gifs)[:, 0, 0].numpy()
    print(
        f"\nn = {len(features)}: {ours_s * 1e6:.1f} µs from features to error, scipy "
        f"{scipy_s * 1e6:.0f} µs: {scipy_s / ours_s:.0f} times; "
        f"largest difference {np.abs(found - expected).max():.0e}"
    )
    assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("part", [0.25, 0.5, 0.75, 1.0])
def test_the_projection_alone_next_to_scipys_nnls(shot_counts: list[int], part: float) -> None:
    case = Case.make(shot_counts[int(part * (VIDEOS - 1))])
    target = int(case.gifs[0, 0])
    shots = centre(case.features)
    cell = voronoi_cell(shots, target)
    products = products_with(shots, case.generated[:SAMPLES_AT_ONCE, 0])
    offsets = cell.offsets(products)  # (B, n)
    others = torch.arange(len(shots.centred)) != target
    normals = (shots.centred - shots.centred[target]) * cell.inverse_norms[:, None]
    walls, problems = normals[others].numpy(), offsets[:NNLS_PROBLEMS, others].numpy()
    expected = np.empty(NNLS_PROBLEMS)

    def project() -> None:
        expected[:] = [least_distance(walls, c) for c in problems]

    scipy_s = cpu_s(project) / NNLS_PROBLEMS
    ours_s = min(cpu_s(lambda: distances(cell.cosines, offsets)) for _ in range(REPEATS))
    ours_s /= len(offsets)
    print(
        f"\nn = {len(normals)}: {ours_s * 1e6:.2f} µs from the Gram matrix's cosines and offsets, "
        f"scipy's NNLS {scipy_s * 1e6:.0f} µs from unit normals and offsets: "
        f"{scipy_s / ours_s:.0f} times"
    )
    assert distances(cell.cosines, offsets)[:NNLS_PROBLEMS].numpy() == pytest.approx(
        expected, abs=1e-8
    )
