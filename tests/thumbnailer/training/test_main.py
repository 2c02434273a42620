"""The training command, end to end on a small data set."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.training.made_up import write_tvsum
from thumbnailer.selection.checkpoint import load_checkpoint
from thumbnailer.training import __main__ as command
from thumbnailer.training import models
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.data import split_by_fold
from thumbnailer.training.evaluate import published_score, random_score
from thumbnailer.training.loop import train
from thumbnailer.training.tvsum import load_tvsum

SMALL = {"shot_dim": 8, "video_dim": 24, "gif_dim": 12}
QUICK = TrainingConfig(
    steps=60,
    batch_size=6,
    learning_rate=1e-2,
    window_min_s=40,
    window_max_s=50,
    evaluate_every=10,
    patience=10,
    ridge_penalty=1.0,
)


@pytest.fixture
def small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, recipe in list(models.RECIPES.items()):
        monkeypatch.setitem(
            models.RECIPES, name, replace(recipe, config=replace(recipe.config, **SMALL))
        )


every_model = pytest.mark.parametrize("name", models.RECIPES)


@every_model
@pytest.mark.usefixtures("small_models")
def test_training_learns_what_people_like(tmp_path: Path, name: str) -> None:
    split = split_by_fold(load_tvsum(write_tvsum(tmp_path)), 0)
    recipe = models.RECIPES[name]
    trained = train(recipe, split, QUICK, tmp_path / "log.csv")
    selector = recipe.selector(trained.network, "test")
    reached = np.mean([published_score(selector, video) for video in split.test])
    assert reached > np.mean([random_score(video) for video in split.test]) + 0.5
    rows = list(csv.DictReader((tmp_path / "log.csv").read_text().splitlines()))
    assert max(float(row["validation_ps"]) for row in rows) == trained.validation_score
    assert {"step", "total", "regression"} <= set(rows[0])


@every_model
@pytest.mark.usefixtures("small_models")
def test_the_same_seed_trains_the_same_weights(tmp_path: Path, name: str) -> None:
    write_tvsum(tmp_path)
    sums = set()
    for _ in range(2):
        command.run(name, tmp_path, tmp_path / "a.pt", replace(TrainingConfig(), steps=20))
        sums.add(load_checkpoint(tmp_path / "a.pt", name).sha256)
    assert len(sums) == 1


@pytest.mark.usefixtures("small_models")
def test_the_command_writes_weights_log_and_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tvsum(tmp_path)
    out = tmp_path / "model.pt"
    assert (
        command.main(["gevaden", "--data", str(tmp_path), "--out", str(out), "--steps", "20"]) == 0
    )
    printed = capsys.readouterr().out
    for row in ("random", "uniform", "ridge", "oracle", "gevaden, published"):
        assert f"| {row} | " in printed
    assert load_checkpoint(out, "gevaden").sha256 in printed
    assert out.with_suffix(".csv").is_file()


def test_a_folder_without_data_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["gevaden", "--data", str(tmp_path), "--out", str(tmp_path / "model.pt")]
    assert command.main(arguments) == 1
    assert "annotations.npz cannot be read" in capsys.readouterr().err
