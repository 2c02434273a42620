"""The training command, end to end on a small data set."""

import csv
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.thumbnailer.training.made_up import shrink_models, write_tvsum
from thumbnailer.errors import BadTrainingDataError
from thumbnailer.selection.parts.checkpoint import load_checkpoint
from thumbnailer.selection.parts.networks import Batch
from thumbnailer.training import __main__ as command
from thumbnailer.training import loop
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.data import split_by_fold
from thumbnailer.training.evaluate import published_score, random_score
from thumbnailer.training.loop import train
from thumbnailer.training.models import RECIPES
from thumbnailer.training.runs import load_selector_from, run_model
from thumbnailer.training.sampling import draw_batch
from thumbnailer.training.tvsum import load_tvsum

QUICK = TrainingConfig(
    steps=60,
    batch_size=6,
    learning_rate=1e-2,
    window_min_s=40,
    window_max_s=50,
    evaluate_every=10,
    patience=10,
    ridge_penalty=1.0,
    averaging=0.8,
)


@pytest.fixture
def small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink_models(monkeypatch)


every_model = pytest.mark.parametrize("name", RECIPES)


@every_model
@pytest.mark.usefixtures("small_models")
def test_training_learns_what_people_like(tmp_path: Path, name: str) -> None:
    split = split_by_fold(load_tvsum(write_tvsum(tmp_path)), 0)
    recipe = RECIPES[name]
    trained = train(recipe, split, QUICK, tmp_path / "run.pt")
    selector = recipe.selector(trained.network, "test")
    reached = np.mean([published_score(selector, video) for video in split.test])
    assert reached > np.mean([random_score(video) for video in split.test]) + 0.5
    rows = list(csv.DictReader((tmp_path / "run.csv").read_text().splitlines()))
    assert max(float(row["validation_ps"]) for row in rows) == trained.validation_score
    assert {"step", "total"} <= set(rows[0])


def test_our_own_model_learns_what_people_like(tmp_path: Path) -> None:
    split = split_by_fold(load_tvsum(write_tvsum(tmp_path)), 0)
    outcome = run_model("shot_scorer", split, QUICK, tmp_path / "a.pt")
    selector = load_selector_from("shot_scorer", tmp_path / "a.pt")
    reached = np.mean([published_score(selector, video) for video in split.test])
    assert reached > np.mean([random_score(video) for video in split.test]) + 0.5
    assert outcome.how == "6 members"
    assert outcome.validation_score > 1.5
    assert outcome.sha256 == load_checkpoint(tmp_path / "a.pt", "shot_scorer").sha256


@pytest.mark.usefixtures("small_models")
def test_a_killed_run_goes_on_to_the_weights_that_it_would_have_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = split_by_fold(load_tvsum(write_tvsum(tmp_path)), 0)
    config = replace(QUICK, steps=40)
    whole = train(RECIPES["gevaden"], split, config, tmp_path / "whole.pt")

    drawn = iter(range(27))  # the 28th batch is never drawn

    def draw_until_killed(*arguments: Any) -> Batch:
        next(drawn)
        return draw_batch(*arguments)

    monkeypatch.setattr(loop, "draw_batch", draw_until_killed)
    with pytest.raises(StopIteration):
        train(RECIPES["gevaden"], split, config, tmp_path / "killed.pt")
    monkeypatch.setattr(loop, "draw_batch", draw_batch)
    torch.manual_seed(99)
    resumed = train(RECIPES["gevaden"], split, config, tmp_path / "killed.pt")
    torch.testing.assert_close(
        resumed.network.state_dict(), whole.network.state_dict(), rtol=0, atol=0
    )
    assert (resumed.step, resumed.validation_score) == (whole.step, whole.validation_score)
    logs = [(tmp_path / f"{name}.csv").read_text() for name in ("whole", "killed")]
    assert logs[0] == logs[1]
    assert not (tmp_path / "killed.state").exists()


@pytest.mark.usefixtures("small_models")
def test_what_another_run_left_is_not_taken_up(tmp_path: Path) -> None:
    split = split_by_fold(load_tvsum(write_tvsum(tmp_path)), 0)
    torch.save({"settings": {"training": asdict(QUICK) | {"seed": 5}}}, tmp_path / "run.state")
    with pytest.raises(BadTrainingDataError, match=r"run\.state .* \(seed == 5, now 0\)"):
        train(RECIPES["ranknet"], split, QUICK, tmp_path / "run.pt")
    (tmp_path / "run.state").write_bytes(b"half a fi")
    with pytest.raises(BadTrainingDataError, match="cannot be read: remove it"):
        train(RECIPES["ranknet"], split, QUICK, tmp_path / "run.pt")


@every_model
@pytest.mark.usefixtures("small_models")
def test_mixed_precision_trains(tmp_path: Path, name: str) -> None:
    split = split_by_fold(load_tvsum(write_tvsum(tmp_path)), 0)
    config = replace(QUICK, steps=10, mixed_precision=True)
    trained = train(RECIPES[name], split, config, tmp_path / "run.pt")
    parts = trained.network.state_dict().values()
    assert all(part.dtype is torch.float32 and part.isfinite().all() for part in parts)


@every_model
@pytest.mark.usefixtures("small_models")
def test_the_same_seed_trains_the_same_weights(tmp_path: Path, name: str) -> None:
    write_tvsum(tmp_path)
    sums = set()
    for _ in range(2):
        command.run(name, tmp_path, tmp_path / "a.pt", replace(QUICK, steps=20))
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
    assert "nor annotations.npz: --data must be a folder" in capsys.readouterr().err


@pytest.mark.usefixtures("small_models")
def test_a_configuration_file_is_kept_in_the_checkpoint(tmp_path: Path) -> None:
    write_tvsum(tmp_path)
    settings, out = tmp_path / "a.toml", tmp_path / "model.pt"
    settings.write_text("[training]\nsteps = 20\nlearning_rate = 1e-3\n[model]\nbeta = 1\n")
    arguments = ["gevaden", "--data", str(tmp_path), "--out", str(out), "--config", str(settings)]
    assert command.main([*arguments, "--seed", "4"]) == 0
    document = torch.load(out, weights_only=True)
    assert document["config"]["beta"] == 1
    kept = document["training"]
    assert (kept["steps"], kept["learning_rate"], kept["seed"]) == (20, 1e-3, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[training]\nstep = 3", "step must be one of seed, steps"),
        ("[training]\nsteps = 'ten'", "steps == 'ten', must be int, such as"),
        ("[model]\nbeta = 'a'", "beta == 'a', must be float"),
        ("[optimizer]\n", r"has \[optimizer\], must be \[training\] or \[model\]"),
        ("steps", "cannot be read as TOML"),
    ],
)
def test_a_configuration_file_that_makes_no_sense_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    write_tvsum(tmp_path)
    (tmp_path / "a.toml").write_text(text)
    arguments = ["gevaden", "--data", str(tmp_path), "--out", str(tmp_path / "model.pt")]
    assert command.main([*arguments, "--config", str(tmp_path / "a.toml")]) == 1
    assert re.search(message, capsys.readouterr().err)
