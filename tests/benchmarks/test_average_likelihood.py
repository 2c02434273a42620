"""The time that Eq. 10 takes for one long video, next to looking at all triples of a short one.

Four kinds of model, because the time depends on how the draws of z agree: "mean" generates the
video's mean and little else; "wide" moves along smooth directions; "modes" moves between pulls
towards 8 shots a position; "strays" ends near another shot with every draw, which no trained model
should. Temperatures are in units of the distance between two shots.
"""

import time

import pytest
import torch
from torch import Tensor

from tests.benchmarks.made_up_features import made_up_features
from thumbnailer.selection.parts.average_likelihood import rank_triples

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("one_thread")]

SHOTS, DRAWS, DIMENSION, LATENT = 1500, 256, 128, 10
BRUTE_FORCE_SHOTS = 232
TEMPERATURES = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
KINDS = ["mean", "wide", "modes", "strays"]
REPEATS = 5


def made_up_likelihoods(kind: str, shots: int, temperature: float) -> Tensor:
    """Return (L, 3, n) softmaxes of -‖g - x‖ / T."""
    generator = torch.Generator().manual_seed(0)
    features = made_up_features(shots, DIMENSION, seed=1)
    features = features / torch.cdist(features, features).median()
    generated = made_up_gifs(kind, features, generator)
    distances = torch.cdist(generated, features.expand(DRAWS, -1, -1))
    return (-distances / temperature).softmax(dim=2)


def made_up_gifs(kind: str, features: Tensor, generator: torch.Generator) -> Tensor:
    """Return (L, 3, d) generated features of one video."""
    latents = torch.randn(DRAWS, LATENT, generator=generator)
    directions = torch.randn(3, LATENT, DIMENSION, generator=generator)
    moves = torch.einsum("lk,ikd->lid", latents, directions) / LATENT**0.5  # (L, 3, d)
    moves = moves.tanh() / DIMENSION**0.5
    mean = features.mean(dim=0)
    if kind == "strays":
        near = features[torch.randint(len(features), (DRAWS, 3), generator=generator)]
        return torch.add(near, moves, alpha=0.3)
    if kind == "modes":
        pulls = torch.randn(3, LATENT, 8, generator=generator) / LATENT**0.5
        shares = (2 * torch.einsum("lk,ikm->lim", latents, pulls)).softmax(dim=2)
        ends = features[torch.randint(len(features), (3, 8), generator=generator)]
        pulled = torch.einsum("lim,imd->lid", shares, ends)
        return torch.add(0.6 * mean + 0.4 * pulled, moves, alpha=0.1)
    return torch.add(mean, moves, alpha={"mean": 0.2, "wide": 1.0}[kind])


def cpu_ms(likelihoods: Tensor, count: int) -> float:
    begun_s = time.process_time()
    rank_triples(likelihoods, count=count)
    return (time.process_time() - begun_s) * 1e3


@pytest.mark.parametrize("kind", KINDS)
def test_a_video_of_1500_shots(kind: str) -> None:
    print(f"\n{kind}: CPU ms at n = {SHOTS}, L = {DRAWS}, the best triple / the ten best")
    for temperature in TEMPERATURES:
        likelihoods = made_up_likelihoods(kind, SHOTS, temperature)
        repeats = 1 if kind == "strays" else REPEATS
        one, ten = (sorted(cpu_ms(likelihoods, k) for _ in range(repeats)) for k in (1, 10))
        print(f"  T = {temperature}: {one[repeats // 2]:.0f} / {ten[repeats // 2]:.0f}")


@pytest.mark.parametrize("kind", KINDS)
def test_next_to_looking_at_all_triples(kind: str) -> None:
    likelihoods = made_up_likelihoods(kind, BRUTE_FORCE_SHOTS, temperature=0.1)
    begun_s = time.process_time()
    best = best_of_all(likelihoods.double())
    brute_ms = (time.process_time() - begun_s) * 1e3
    ours_ms = min(cpu_ms(likelihoods, 1) for _ in range(REPEATS))
    print(
        f"\n{kind}, n = {BRUTE_FORCE_SHOTS}: {ours_ms:.1f} ms, all triples {brute_ms:.0f} ms "
        f"({brute_ms / ours_ms:.0f} times)"
    )
    assert rank_triples(likelihoods).scores.item() == pytest.approx(best, rel=1e-10)


def best_of_all(likelihoods: Tensor) -> float:
    """Return the highest average likelihood, looking at each first shot with all pairs."""
    first, second, third = likelihoods.unbind(dim=1)
    best = 0.0
    for shot in range(likelihoods.shape[2]):
        scores = (first[:, shot, None] * second).T @ third / len(first)
        scores.fill_diagonal_(0.0)
        scores[shot] = 0.0
        scores[:, shot] = 0.0
        best = max(best, scores.max().item())
    return best
