"""The command of the made-up world, with networks that learn nothing in one step."""

from dataclasses import replace
from pathlib import Path

import pytest

from thumbnailer.training import made_up_table
from thumbnailer.training.made_up_table import main


def test_the_tables_are_made_and_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_up_table, "MODES", (1,))
    monkeypatch.setattr(made_up_table, "TESTED", 3)
    quick = replace(made_up_table.TRAINING, steps=1, evaluate_every=1, batch_size=2)
    monkeypatch.setattr(made_up_table, "TRAINING", quick)
    document = tmp_path / "made_up_world.md"
    places = ("<!-- figures: world-1 -->", "<!-- figures: world-differences -->")
    document.write_text("".join(f"Text.\n{place}\nstale\n<!-- end -->\n" for place in places))
    given = ["--work", str(tmp_path / "work"), "--out", str(tmp_path), "--seeds", "2"]
    assert main(given) == 0
    written = document.read_text()
    for title in (
        "random",
        "ridge",
        "best input column alone",
        "RankNet",
        "re-SEQ2SEQ",
        "GEVADEN, λ = 1",
    ):
        assert f"| {title} | " in written
    assert "| 1 | GEVADEN, λ = λ* | re-SEQ2SEQ | " in written
    assert "stale" not in written
    kept = sorted((tmp_path / "work").glob("*.json"))
    assert "gevaden-1-1.json" in {path.name for path in kept}
    at_ns = [path.stat().st_mtime_ns for path in kept]
    assert main(given) == 0
    assert [path.stat().st_mtime_ns for path in kept] == at_ns
