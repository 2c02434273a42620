"""All of Table 2, part 2, on a small data set with small models."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tests.thumbnailer.training.made_up import shrink_models, write_tvsum
from tests.thumbnailer.training.test_main import QUICK
from thumbnailer.training import controls, rows, table, video_metrics
from thumbnailer.training.made_up_table import DOCUMENT
from thumbnailer.training.rows import SWAPPED, TITLES
from thumbnailer.training.runs import MODELS


def test_every_row_and_picture_is_made_and_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink_models(monkeypatch, feature_dim=24)
    for module in (video_metrics, rows):
        monkeypatch.setattr(module, "SAMPLES", 200)
    monkeypatch.setattr(controls, "AT_ONCE", 100)
    monkeypatch.setattr(table, "PICTURED", 1)
    data = write_tvsum(tmp_path, feature_dim=24)
    config = replace(QUICK, steps=10)
    work, out, cards = (tmp_path / name for name in ("work", "out", "cards"))
    places = {out / "a.md": "summary", out / "b.md": "swaps", cards / "a.md": "card-gevaden"}
    for file, place in places.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"Text.\n<!-- figures: {place} -->\nstale\n<!-- end -->\n")
    another = out / "models" / DOCUMENT
    another.parent.mkdir()
    another.write_text("<!-- figures: world-1 -->\nanother command's\n<!-- end -->\n")
    make = partial(
        table.make_table, data, work, out, cards=cards, folds=(0, 3), seeds=2, config=config
    )
    make()
    document = (out / "models" / "tvsum.md").read_text()
    for title in TITLES.values():
        assert f"| {title} | " in document
    scores = document[: document.index("## Perceptual matching error")]
    for row in SWAPPED:  # the controls of draws, which publish nothing
        assert f"| {TITLES[row]} |  | " in scores
    summary = (out / "a.md").read_text()
    assert all(f"| {title} | " in summary for title in TITLES.values())
    swaps = (out / "b.md").read_text()
    assert "| seed 0 | seed 1 | all seeds | p |" in swaps
    assert all(f"| {TITLES[name]} | " in swaps for name in SWAPPED.values())
    assert "nan" not in document + summary + (cards / "a.md").read_text()
    assert "4 test videos of folds 0, 3" in document
    assert "another command's" in another.read_text()
    ET.fromstring((out / "models" / "comments-1.svg").read_text())  # noqa: S314  our own

    weights = work / f"{MODELS[0]}-0-0.pt"
    written = weights.stat().st_mtime_ns
    figures = json.loads((work / "figures-uniform-0-0.json").read_text())
    assert len(figures) == 2
    make()
    assert weights.stat().st_mtime_ns == written
    assert (out / "models" / "tvsum.md").read_text() == document

    mean = np.mean([found["ps"] for found in figures.values()])
    card = (cards / "a.md").read_text()
    assert f"{mean:.3f}" in card
    shipped = json.loads((work / "figures-gevaden-0-0.json").read_text())  # from the first seed
    assert f"| **{np.mean([found['ps'] for found in shipped.values()]):.3f}** |" in card
    for file in places:
        filled = file.read_text()
        assert "stale" not in filled
        assert filled.startswith("Text.\n<!-- figures:")


def test_missing_data_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data", str(tmp_path), "--work", str(tmp_path / "w"), "--out", str(tmp_path)]
    assert table.main(arguments) == 1
    assert "annotations.npz cannot be read" in capsys.readouterr().err
