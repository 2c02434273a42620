"""All of Table 2, part 2, on a small data set with small models."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.thumbnailer.training.made_up import shrink_models, write_tvsum
from tests.thumbnailer.training.test_main import QUICK
from thumbnailer.training import figures_of_video, rows, table
from thumbnailer.training.rows import TITLES
from thumbnailer.training.runs import MODELS


def test_every_row_and_picture_is_made_and_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink_models(monkeypatch, feature_dim=24)
    for module in (figures_of_video, rows):
        monkeypatch.setattr(module, "SAMPLES", 200)
    monkeypatch.setattr(rows, "AT_ONCE", 100)
    monkeypatch.setattr(table, "PICTURED", 1)
    data = write_tvsum(tmp_path, feature_dim=24)
    config = replace(QUICK, steps=10)
    work, out = tmp_path / "work", tmp_path / "out"
    table.make_table(data, work, out, (0, 3), config)
    document = (out / "tvsum.md").read_text()
    for title in TITLES.values():
        assert f"| {title} | " in document
    assert "nan" not in document
    assert "4 test videos of folds 0, 3" in document
    ET.fromstring((out / "comments-1.svg").read_text())  # noqa: S314  our own

    weights = work / f"{MODELS[0]}-0.pt"
    written = weights.stat().st_mtime_ns
    figures = json.loads((work / "figures-uniform-0.json").read_text())
    assert len(figures) == 2
    table.make_table(data, work, out, (0, 3), config)
    assert weights.stat().st_mtime_ns == written
    assert (out / "tvsum.md").read_text() == document


def test_missing_data_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data", str(tmp_path), "--work", str(tmp_path / "w"), "--out", str(tmp_path)]
    assert table.main(arguments) == 1
    assert "annotations.npz cannot be read" in capsys.readouterr().err
