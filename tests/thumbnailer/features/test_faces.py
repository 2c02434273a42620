import numpy as np
import pytest

from tests.thumbnailer.clips import shared_video
from thumbnailer.errors import CheckpointMismatchError
from thumbnailer.features import faces
from thumbnailer.features.faces import find_faces
from thumbnailer.video.cut import cut_frames


@pytest.mark.parametrize(
    ("video", "time_s", "middle"),
    [
        ("tears_of_steel_battle.webm", 15, (133, 71)),  # by eye
        ("tears_of_steel_battle.webm", 20, (84, 39)),
        ("tears_of_steel_17s.webm", 1, (152, 51)),
    ],
)
def test_a_face_is_found_where_a_person_sees_it(
    video: str, time_s: float, middle: tuple[int, int]
) -> None:
    [[frame]] = cut_frames(shared_video(video), [[time_s]])
    [left, top, right, bottom, certainty], *others = find_faces(frame)
    assert not others
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx(middle, abs=8)
    assert 0.7 < certainty <= 1


@pytest.mark.parametrize(
    ("video", "time_s"), [("big_buck_bunny_60s.mp4", 10), ("popcornjs_trailer.ogv", 20)]
)
def test_where_there_is_none_none_is_found(video: str, time_s: float) -> None:
    [[frame]] = cut_frames(shared_video(video), [[time_s]])
    assert find_faces(frame).shape == (0, 5)
    assert find_faces(np.zeros((8, 8, 3), np.uint8)).shape == (0, 5)  # smaller than any face


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(faces.HASHES, "onet", "0" * 64)
    faces._networks.cache_clear()
    with pytest.raises(CheckpointMismatchError, match=r"onet\.lz4 is not that of mtcnn 1\.0\.0"):
        find_faces(np.zeros((64, 64, 3), np.uint8))
    monkeypatch.undo()
    assert find_faces(np.zeros((64, 64, 3), np.uint8)).shape == (0, 5)
