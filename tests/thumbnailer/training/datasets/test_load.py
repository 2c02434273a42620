import json
from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.clips import SHARED, needs_tvsum, scenes, write_clip
from thumbnailer.errors import BadTrainingDataError
from thumbnailer.features.base import FeatureExtractor
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.training.datasets.load import DataSet, load_data_set


def nothing() -> FeatureExtractor:
    raise AssertionError("no video had to be decoded")


def write_labels(folder: Path, **seconds: int) -> None:
    records = {
        name: {"gifs": {"a.gif": [4, 1, 2]}, "seconds": count} for name, count in seconds.items()
    }
    counts = {name: list(range(count)) for name, count in seconds.items()}
    (folder / "annotated_data.json").write_text(json.dumps(records))
    (folder / "annotated_dm_count.json").write_text(json.dumps(counts))


def load(folder: Path, **features: np.ndarray) -> DataSet:
    np.savez(folder / "features.npz", **features)  # type: ignore[arg-type]  # arrays by name
    return load_data_set(folder, nothing)


def test_labels_and_kept_features_are_joined(tmp_path: Path) -> None:
    write_labels(tmp_path, v=9)
    [video] = load(tmp_path, v=np.ones((8, 5), np.float16)).videos
    assert video.features.shape == (8, 5)
    assert video.features.dtype == np.float32
    assert video.counts.tolist() == list(range(8))
    assert video.gifs.tolist() == [[4, 1, 2]]
    assert np.flatnonzero(video.opinions[0]).tolist() == [1, 2, 4]
    assert 0 <= video.fold < 5


@pytest.mark.parametrize(
    ("features", "reason"),
    [
        (np.ones((4, 5)), "it has 4 features for 9 seconds"),
        (np.ones((19, 5)), "it has 19 features for 9 seconds"),
        (np.full((9, 5), np.nan), "holds nan or infinity"),
        (np.full((9, 1280), 1 / 36), "have a mean length of 0.994"),  # divided by their length
        (np.full((9, 1280), -0.4), "lie from -0.4 to -0.4"),  # standardised
        (np.full((9, 1280), 90.0), "must lie from 0 to 6"),  # of pictures from 0 to 255
        (np.ones(9), r"features.shape == (9,), must be (seconds, D)"),
    ],
)
def test_features_that_do_not_fit_are_listed(
    tmp_path: Path, features: np.ndarray, reason: str
) -> None:
    write_labels(tmp_path, v=9, w=9)
    found = load(tmp_path, v=features, w=np.ones((9, 5)))
    assert [video.name for video in found.videos] == ["w"]
    assert [defect.record for defect in found.defects] == ["v"]
    assert reason in found.defects[0].reason


def test_a_video_without_features_and_file_is_listed(tmp_path: Path) -> None:
    write_labels(tmp_path, v=9)
    [defect] = load_data_set(tmp_path, nothing).defects
    assert defect.reason == "it is neither in features.npz nor a file of videos/"


def test_the_platforms_own_extractor_reads_videos(tmp_path: Path) -> None:
    write_labels(tmp_path, v=6, broken=6)
    (tmp_path / "videos").mkdir()
    write_clip(tmp_path / "videos" / "v.mp4", scenes([3, 3]))
    (tmp_path / "videos" / "broken.mp4").write_bytes(b"no video")
    found = load_data_set(tmp_path, default_extractor)
    assert [video.features.shape for video in found.videos] == [(6, 1280)]
    assert [defect.record for defect in found.defects] == ["broken"]


def test_the_platforms_log_is_a_data_set(tmp_path: Path) -> None:
    line = {"video": "v", "seconds": 9, "shots_s": [4, 1, 2], "views": 10, "clicks": 3}
    (tmp_path / "shots.jsonl").write_text(json.dumps(line))
    [video] = load(tmp_path, v=np.ones((9, 5))).videos
    assert video.counts.max() == pytest.approx(0.3)


@needs_tvsum
def test_tvsum_is_a_data_set() -> None:
    assert len(load_data_set(SHARED / "data/tvsum", nothing).videos) == 50


def test_a_folder_of_no_kind_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadTrainingDataError, match=r"holds neither annotated_data\.json"):
        load_data_set(tmp_path, nothing)


def test_damaged_features_are_an_error(tmp_path: Path) -> None:
    write_labels(tmp_path, v=9)
    (tmp_path / "features.npz").write_bytes(b"PK no")
    with pytest.raises(BadTrainingDataError, match=r"features\.npz cannot be read"):
        load_data_set(tmp_path, nothing)
