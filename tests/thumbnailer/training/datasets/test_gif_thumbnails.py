import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbnailer.errors import BadTrainingDataError
from thumbnailer.training.datasets.gif_thumbnails import (
    ANNOTATED,
    COUNTS,
    read_catalogue,
    read_gif_thumbnails,
)
from thumbnailer.training.datasets.labels import LabelSet

RECORD: dict[str, Any] = {"gifs": {"a.gif": [7, 2.0, 5]}, "frames": 250, "fps": 25.0}
COMMENTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1]


def read(folder: Path, annotated: dict[str, Any], counts: dict[str, Any] | None = None) -> LabelSet:
    (folder / ANNOTATED).write_text(json.dumps(annotated))
    (folder / COUNTS).write_text(json.dumps({"v": COMMENTS} if counts is None else counts))
    return read_gif_thumbnails(folder)


def test_gifs_keep_their_play_order_and_counts_end_with_the_video(tmp_path: Path) -> None:
    found = read(tmp_path, {"v": RECORD})
    [video] = found.videos
    assert found.defects == ()
    assert video.gifs.tolist() == [[7, 2, 5]]
    assert video.counts.tolist() == COMMENTS[:10]


def test_seconds_may_stand_for_frames(tmp_path: Path) -> None:
    [video] = read(tmp_path, {"v": {"gifs": {}, "seconds": 9}}).videos
    assert len(video.counts) == 9
    assert video.gifs.shape == (0, 3)


@pytest.mark.parametrize(
    ("gif", "reason"),
    [
        ([1, 2], "must be a list of 3 seconds"),
        ([1, 2, 3, 4], "must be a list of 3 seconds"),
        ("1 2 3", "must be a list of 3 seconds"),
        (None, "must be a list of 3 seconds"),
        ([1, 2, 2], "must be three different seconds"),
        ([1, 2, 10], "must lie within the video's 10 seconds"),
        ([-1, 2, 3], "must lie within the video's 10 seconds"),
        ([1, 2, 3.5], "must be whole seconds"),
        ([1, 2, "3"], "must be whole seconds"),
        ([1, 2, float("nan")], "must be whole seconds"),
        ([1, 2, float("inf")], "must"),
    ],
)
def test_a_gif_that_makes_no_sense_is_left_out_alone(
    tmp_path: Path, gif: object, reason: str
) -> None:
    gifs = {"good.gif": [1, 2, 3], "bad.gif": gif}
    found = read(tmp_path, {"v": RECORD | {"gifs": gifs}})
    assert found.videos[0].gifs.tolist() == [[1, 2, 3]]
    [defect] = found.defects
    assert defect.record == "v bad.gif"
    assert reason in defect.reason


@pytest.mark.parametrize(
    ("record", "counts", "reason"),
    [
        (RECORD, None, "it has no comment counts"),
        (RECORD, [], "it has no comment counts"),
        (RECORD, [0] * 10, "not one second of it has a comment"),
        (RECORD, [0] * 10 + [5], "not one second of it has a comment"),
        (RECORD, [1, -1, *COMMENTS], "must be finite and >= 0"),
        (RECORD, [float("nan"), *COMMENTS], "must be finite and >= 0"),
        (RECORD, ["1", *COMMENTS], "must be a list of numbers"),
        (RECORD, [True, *COMMENTS], "must be a list of numbers"),
        (RECORD, COMMENTS[:6], "its comment counts end after 6 of 10 seconds"),
        (RECORD | {"fps": 0}, COMMENTS, "it lasts 0 s"),
        (RECORD | {"fps": "25"}, COMMENTS, "fps == '25', must be a number"),
        (RECORD | {"frames": None}, COMMENTS, "frames == None, must be a number"),
        (RECORD | {"frames": 50}, COMMENTS, "it lasts 2 s, must last at least 3"),
        (RECORD | {"gifs": [1]}, COMMENTS, "must be an object of names and shots"),
        ([], COMMENTS, "it is a list, must be an object"),
    ],
)
def test_a_video_that_makes_no_sense_is_left_out_alone(
    tmp_path: Path, record: object, counts: object, reason: str
) -> None:
    found = read(tmp_path, {"v": record, "w": RECORD}, {"v": counts, "w": COMMENTS})
    assert [video.name for video in found.videos] == ["w"]
    [defect] = found.defects
    assert defect.record == "v"
    assert reason in defect.reason


def test_counts_of_no_video_are_listed(tmp_path: Path) -> None:
    found = read(tmp_path, {"v": RECORD}, {"v": COMMENTS, "x": [1]})
    assert [defect.record for defect in found.defects] == ["x"]


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / ANNOTATED).write_text(text)
    with pytest.raises(BadTrainingDataError, match=r"annotated_data\.json"):
        read_gif_thumbnails(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
RECORDS = JSON | st.fixed_dictionaries({"gifs": JSON, "fps": JSON, "frames": JSON})


@given(record=RECORDS, counts=JSON | st.lists(st.floats() | st.integers(), max_size=12))
def test_whatever_a_record_holds_it_is_used_whole_or_listed(
    tmp_path_factory: pytest.TempPathFactory, record: object, counts: object
) -> None:
    found = read(tmp_path_factory.mktemp("any"), {"v": record}, {"v": counts})
    assert found.videos or found.defects
    for video in found.videos:
        assert video.counts.max() > 0
        assert ((video.gifs >= 0) & (video.gifs < len(video.counts))).all()


def test_the_known_defects_of_the_published_data_are_found(shared_data: Path) -> None:
    found = read_gif_thumbnails(shared_data / "gif-thumbnails")
    videos = {defect.record for defect in found.defects if " " not in defect.record}
    assert len(found.videos) == 1066
    assert sum(len(video.gifs) for video in found.videos) == 5248
    assert videos == {
        "60854403_105888946",
        "61767346_107410253",
        "56683842_99049683",
        "54749526_95765447",
    }


def test_the_published_catalogue_is_whole(shared_data: Path) -> None:
    videos, defects = read_catalogue(shared_data / "gif-thumbnails" / "unannotated_data.json")
    assert defects == ()
    assert len(videos) == 9814
    assert round(sum(video.seconds for video in videos) / 3600) == 1232
