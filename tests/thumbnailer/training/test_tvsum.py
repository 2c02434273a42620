from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.clips import SHARED, needs_tvsum
from tests.thumbnailer.training.made_up import write_tvsum
from thumbnailer.errors import BadFeaturesError, BadTrainingDataError
from thumbnailer.training.evaluate import oracle_score, random_score
from thumbnailer.training.tvsum import load_tvsum


def change(folder: Path, file: str, **arrays: np.ndarray) -> None:
    with np.load(folder / file) as old:
        np.savez(folder / file, **(dict(old) | arrays))


def test_seconds_are_means_of_their_frames(tmp_path: Path) -> None:
    write_tvsum(tmp_path, videos=2, seconds=60, raters=2)
    ratings = np.ones((2, 600), np.int8)
    ratings[0, 10:15] = 5  # half of second 1
    change(tmp_path, "annotations.npz", **{"video0/user_anno": ratings})
    video = next(v for v in load_tvsum(tmp_path) if v.name == "video0")
    assert video.opinions.shape == (2, 60)
    assert video.opinions[:, :3].tolist() == [[1, 3, 1], [1, 1, 1]]
    assert video.counts[:3].tolist() == [0, 1, 0]


def test_each_fold_has_one_video_of_each_category(tmp_path: Path) -> None:
    videos = load_tvsum(write_tvsum(tmp_path))
    assert Counter(video.fold for video in videos) == dict.fromkeys(range(5), 2)
    assert [v.name for v in videos][:5] == ["video0", "video2", "video4", "video6", "video8"]


@needs_tvsum
def test_the_real_set_has_the_levels_that_are_known_of_it() -> None:
    videos = load_tvsum(SHARED / "data/tvsum")
    assert Counter(video.fold for video in videos) == dict.fromkeys(range(5), 10)
    assert np.mean([random_score(v) for v in videos]) == pytest.approx(1.06, abs=0.02)
    assert np.mean([oracle_score(v) for v in videos]) == pytest.approx(2.78, abs=0.02)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadTrainingDataError, match=r"annotations\.npz cannot be read"):
        load_tvsum(tmp_path)


def test_a_missing_record_is_named(tmp_path: Path) -> None:
    write_tvsum(tmp_path, videos=1)
    change(tmp_path, "features.npz", other=np.ones((180, 1280)))
    with pytest.raises(BadTrainingDataError, match="has no other/user_anno"):
        load_tvsum(tmp_path)


def test_a_video_too_short_for_spaced_choices_is_named(tmp_path: Path) -> None:
    write_tvsum(tmp_path, videos=1)
    change(tmp_path, "annotations.npz", **{"video0/length_s": np.asarray(20.0)})
    with pytest.raises(BadTrainingDataError, match=r"video0/length_s == 20\.0, must be >= 40"):
        load_tvsum(tmp_path)


def test_features_with_a_hole_are_refused(tmp_path: Path) -> None:
    write_tvsum(tmp_path, videos=1)
    change(tmp_path, "features.npz", video0=np.full((180, 1280), np.nan))
    with pytest.raises(BadFeaturesError):
        load_tvsum(tmp_path)
