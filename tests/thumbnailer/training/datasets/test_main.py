import json
from pathlib import Path

import pytest

from thumbnailer.training.datasets.__main__ import main


def test_the_published_labels_are_summed_up(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(shared_data / "gif-thumbnails")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "1066 videos, 69.0 h, 5248 GIFs",
        "9814 videos without annotations, 1231.7 h",
        "132 records left out",
    ]
    assert "  60854403_105888946: it has no comment counts" in lines
    assert len(lines) == 3 + 132


def test_a_log_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = {"video": "v", "seconds": 9, "shots_s": [4, 1, 2], "views": 10, "clicks": 3}
    (tmp_path / "shots.jsonl").write_text(json.dumps(line) + "\nno line\n")
    assert main([str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert printed == "1 videos, 0.0 h, 1 GIFs\n1 records left out\n  line 2: it is no JSON\n"


def test_a_folder_without_labels_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    assert "holds neither annotated_data.json" in capsys.readouterr().err
