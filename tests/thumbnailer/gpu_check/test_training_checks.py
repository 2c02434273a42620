"""Training on a device beside the CPU: here the device is the CPU itself."""

from pathlib import Path

import pytest
import torch

from thumbnailer.gpu_check import training_checks
from thumbnailer.selection.gevaden import GevadenConfig
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.loop import Trained

SMALL = training_checks.Size(
    model=GevadenConfig(
        feature_dim=20, shot_dim=6, video_dim=12, gif_dim=8, latent_dim=3, dropout=0.0
    ),
    videos=5,
    seconds=70,
    samples=50,
)


def test_training_passes_where_the_device_is_the_cpu_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(training_checks, "STEPS", 4)
    monkeypatch.setattr(training_checks, "EVERY", 2)
    found = list(training_checks.training_checks("cpu", tmp_path, SMALL))
    assert [each.name for each in found if not each.passed] == []
    assert len(found) == 5


def test_other_losses_and_other_weights_are_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = "step,validation_ps,total\n4,1.0,{}\n8,1.0,1.5\n"
    for name, loss in (("cpu", 2.0), ("device", 2.01)):
        (tmp_path / f"{name}.csv").write_text(rows.format(loss))
    assert not training_checks._losses(tmp_path / "cpu.csv", tmp_path / "device.csv").passed
    assert training_checks._losses(tmp_path / "cpu.csv", tmp_path / "cpu.csv").passed
    network = torch.nn.Linear(2, 2)
    other = torch.nn.Linear(2, 2)
    monkeypatch.setattr(training_checks, "_run", lambda *_: Trained(other, 4, 1.0))
    config = TrainingConfig()
    found = training_checks._resumed(SMALL, config, Trained(network, 4, 1.0), tmp_path / "x")
    assert not found.passed
    assert "it left no state" in found.figure
