import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbnailer.errors import BadTrainingDataError
from thumbnailer.training.datasets.labels import LabelSet
from thumbnailer.training.datasets.platform_log import read_platform_log

LINE: dict[str, Any] = {
    "video": "v",
    "seconds": 10,
    "shots_s": [7, 2, 5],
    "views": 100,
    "clicks": 8,
}


def read(folder: Path, *lines: object) -> LabelSet:
    path = folder / "shots.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return read_platform_log(path)


def test_a_second_has_the_share_of_clicks_of_all_gifs_that_show_it(tmp_path: Path) -> None:
    other = LINE | {"shots_s": [2, 3, 4], "views": 300, "clicks": 12}
    [video] = read(tmp_path, LINE, other).videos
    assert video.gifs.tolist() == [[7, 2, 5], [2, 3, 4]]
    assert video.counts.tolist() == pytest.approx([0, 0, 0.05, 0.04, 0.04, 0.08, 0, 0.08, 0, 0])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"views": 0}, "must be views > 0"),
        ({"clicks": 101}, "must be views > 0, >= clicks >= 0"),
        ({"clicks": -1}, "must be views > 0, >= clicks >= 0"),
        ({"views": 1.5}, "views == 1.5, must be a whole number"),
        ({"seconds": None}, "seconds == None, must be a whole number"),
        ({"seconds": 11}, "seconds == 11, but a line before says 10"),
        ({"shots_s": [1, 2]}, "must be a list of 3 seconds"),
        ({"shots_s": [1, 2, 99]}, "must lie within the video's 10 seconds"),
        ({"video": 3}, "must be an object with the name of a video"),
    ],
)
def test_a_line_that_makes_no_sense_is_listed_by_its_number(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    found = read(tmp_path, LINE, LINE | change)
    assert found.videos[0].gifs.tolist() == [[7, 2, 5]]
    [defect] = found.defects
    assert defect.record == "line 2"
    assert reason in defect.reason


def test_a_video_that_no_one_clicked_is_listed(tmp_path: Path) -> None:
    found = read(tmp_path, LINE | {"clicks": 0})
    assert found.videos == ()
    assert found.defects[0].reason == "not one of its GIFs was clicked"


def test_lines_that_are_no_json_are_listed(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"video": \n\n[')
    assert [d.record for d in read_platform_log(tmp_path / "a.jsonl").defects] == [
        "line 1",
        "line 2",
        "line 3",
    ]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadTrainingDataError, match=r"none\.jsonl cannot be read"):
        read_platform_log(tmp_path / "none.jsonl")


value = st.none() | st.integers(-3, 12) | st.floats() | st.lists(st.integers(-2, 12), max_size=4)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(LINE, value)) | value, max_size=4))
def test_whatever_lines_hold_they_are_used_or_listed(
    tmp_path_factory: pytest.TempPathFactory, lines: list[object]
) -> None:
    found = read(tmp_path_factory.mktemp("any"), LINE, *lines)
    assert len(found.videos) == 1
    assert len(found.videos[0].gifs) + len(found.defects) == 1 + len(lines)
