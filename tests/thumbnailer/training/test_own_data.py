"""Training on GIFs that people accepted, in the paper's format."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.thumbnailer.training.made_up import FEATURE_DIM, shrink_models
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.selection.parts.checkpoint import load_checkpoint
from thumbnailer.training.__main__ import main
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.datasets.load import load_data_set
from thumbnailer.training.sampling import draw_batch


def write_gifs(folder: Path, *, videos: int = 20, most_gifs: int = 3) -> Path:
    """Videos of 18 to 37 s with none to three GIFs each."""
    rng = np.random.default_rng(0)
    records, counts, features = {}, {}, {}
    for number in range(videos):
        name, seconds = f"v{number}", 18 + number
        gifs = {
            f"{gif}.gif": rng.choice(np.arange(2, seconds - 2), 3, replace=False).tolist()
            for gif in range(number % (most_gifs + 1))
        }
        records[name] = {"gifs": gifs, "seconds": seconds}
        counts[name] = rng.integers(1, 50, seconds).tolist()
        features[name] = rng.normal(size=(seconds, FEATURE_DIM)).astype(np.float16)
    (folder / "annotated_data.json").write_text(json.dumps(records))
    (folder / "annotated_dm_count.json").write_text(json.dumps(counts))
    np.savez(folder / "features.npz", allow_pickle=False, **features)
    return folder


def test_batches_hold_whole_videos_and_only_gifs_that_were_accepted(tmp_path: Path) -> None:
    videos = load_data_set(write_gifs(tmp_path), default_extractor).videos
    projected = {v.name: torch.from_numpy(v.counts[:, None]) for v in videos}
    config = TrainingConfig(batch_size=len(videos))
    batch = draw_batch(videos, projected, config, np.random.default_rng(0))
    accepted = {tuple(gif) for video in videos for gif in video.gifs.tolist()}
    assert sorted(batch.lengths.tolist()) == [len(video.features) for video in videos]
    assert {tuple(gif) for row in batch.gifs.tolist() for gif in row} <= accepted


@pytest.mark.parametrize("model", ["gevaden", "ranknet"])
def test_the_command_trains_on_them_and_tells_what_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], model: str
) -> None:
    shrink_models(monkeypatch)
    folder, out = write_gifs(tmp_path), tmp_path / "a.pt"
    given = ["--data", str(folder), "--out", str(out), "--steps", "3"]
    assert main([model, *given]) == 0
    printed = capsys.readouterr()
    assert "left out: v0: it has no GIF to learn from" in printed.err
    assert "latent variable" not in printed.err
    assert "| random |" in printed.out
    assert load_checkpoint(out, model).sha256 in printed.out


def test_gifs_of_one_mode_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shrink_models(monkeypatch)
    folder = write_gifs(tmp_path, most_gifs=1)
    given = ["--data", str(folder), "--out", str(tmp_path / "a.pt"), "--steps", "1"]
    assert main(["ranknet", *given]) == 0
    assert "nothing to learn for GEVADEN's latent variable" in capsys.readouterr().err
