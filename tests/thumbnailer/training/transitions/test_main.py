import re
from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.clips import scene, write_clip
from thumbnailer.training.transitions.__main__ import KNOWN, main


def test_it_reads_a_folder_prints_what_is_known_and_writes_weights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        frames = [scene(number)(index) for index in range(96)]
        write_clip(tmp_path / f"{number}.mp4", frames)
    out = tmp_path / "weights.npz"
    assert main(["--videos", str(tmp_path), "--out", str(out), "--films", "128"]) == 0
    printed = capsys.readouterr().out
    assert len(re.findall(r"transition \d\.\d{3}", printed)) == 2
    assert re.search(r"^[0-9a-f]{64}  weights\.npz$", printed, re.MULTILINE)
    with np.load(out) as weights:
        assert weights["weight0"].shape == (1, 65, 32)


def test_a_folder_without_videos_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--videos", str(tmp_path), "--out", str(tmp_path / "a.npz")]) == 1
    assert "holds 0 videos" in capsys.readouterr().err


def test_known_transitions_are_spans_of_time() -> None:
    rows = [line.split(",") for line in KNOWN.read_text().splitlines()[1:]]
    assert rows
    assert all(0 <= float(from_s) < float(to_s) for _, from_s, to_s in rows)
