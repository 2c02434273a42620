"""Training and measuring on a device, against the CPU."""

import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch

from thumbnailer.gpu_check.finding import Finding
from thumbnailer.gpu_check.made_up import made_up_split
from thumbnailer.metrics.matching_error.measure import shot_errors
from thumbnailer.selection.gevaden import Gevaden, GevadenConfig, GevadenNetwork
from thumbnailer.training import loop
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.loop import Trained, train
from thumbnailer.training.models import Recipe
from thumbnailer.training.state import State, save_state

STEPS, EVERY = 60, 20
LOSSES_WITHIN, PS_WITHIN, PME_WITHIN, WEIGHTS_WITHIN = 1e-3, 0.1, 1e-8, 1e-3
PAPERS = GevadenConfig(dropout=0.0)  # its widths


@dataclass(frozen=True, slots=True)
class Size:
    """How large the check's networks and videos are.

    Attributes:
        model: the network; without dropout, which each device draws for itself.
        videos: how many.
        seconds: of each.
        samples: of the matching error.
    """

    model: GevadenConfig = PAPERS
    videos: int = 20
    seconds: int = 120
    samples: int = 2000


def training_checks(device: str, work: Path, size: Size) -> Iterator[Finding]:
    """Yield what training on the device gives beside training on the CPU."""
    base = TrainingConfig(steps=STEPS, evaluate_every=EVERY)
    _run(size, base, work / "cpu")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        on_device = _run(size, replace(base, device=device), work / "device")
    yield _losses(work / "cpu.csv", work / "device.csv")
    said = sorted({str(warning.message) for warning in told})
    yield Finding("no warning", not said, "; ".join(said) or "none")
    mixed = _run(size, replace(base, device=device, mixed_precision=True), work / "mixed")
    apart = abs(mixed.validation_score - on_device.validation_score)
    scores = f"PS {mixed.validation_score:.3f}, without {on_device.validation_score:.3f}"
    yield Finding("mixed precision", apart <= PS_WITHIN, scores)
    yield _resumed(size, replace(base, device=device), on_device, work / "killed")
    yield _matching_errors(device, size)


def _recipe(size: Size) -> Recipe:
    return Recipe(size.model, GevadenNetwork, Gevaden, "GEVADEN")


def _run(size: Size, config: TrainingConfig, out: Path) -> Trained:
    split = made_up_split(size.videos, size.seconds, size.model.feature_dim)
    return train(_recipe(size), split, config, out)


def _losses(cpu: Path, device: Path) -> Finding:
    """Compare the means of every loss between evaluations."""
    left, right = (np.genfromtxt(path, delimiter=",", skip_header=1) for path in (cpu, device))
    apart = np.abs(left - right)[:, 2:] / np.maximum(1.0, np.abs(left)[:, 2:])  # not step, not PS
    worst = float(apart.max())
    return Finding(
        f"losses of {STEPS} steps as on the CPU", worst <= LOSSES_WITHIN, f"apart by {worst:.1e}"
    )


def _resumed(size: Size, config: TrainingConfig, whole: Trained, out: Path) -> Finding:
    """Let a run end at its first evaluation, as if killed, and another go on from what it left."""

    def save_and_die(path: Path, state: State) -> None:
        save_state(path, state)
        raise KeyboardInterrupt

    with patch.object(loop, "save_state", save_and_die), suppress(KeyboardInterrupt):
        _run(size, config, out)
    was_left = out.with_suffix(".state").is_file()
    went_on = _run(size, config, out)
    pairs = zip(whole.network.parameters(), went_on.network.parameters(), strict=True)
    worst = max(float((one - other).detach().abs().max()) for one, other in pairs)
    figure = f"weights apart by {worst:.1e}" + ("" if was_left else "; it left no state")
    return Finding("a killed run goes on", was_left and worst <= WEIGHTS_WITHIN, figure)


def _matching_errors(device: str, size: Size) -> Finding:
    draw = torch.Generator().manual_seed(0)
    shots = torch.randn(size.seconds, size.model.shot_dim, generator=draw)
    generated = torch.randn(size.samples, 3, size.model.shot_dim, generator=draw)
    gifs = torch.tensor([[3, 40, 9], [7, 8, 50]])
    given = (generated, shots, gifs)
    on_cpu, there = shot_errors(*given), shot_errors(*(each.to(device) for each in given))
    worst = float((on_cpu - there.cpu()).abs().max())
    return Finding("PME (Eq. 8) as on the CPU", worst <= PME_WITHIN, f"apart by {worst:.1e}")
