"""One look a second, whatever the frames; a face is as high as it is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.thumbnailer.clips import shared_video
from thumbnailer.features.picture_cues import PictureCues, largest_face
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.framing import Framing
from thumbnailer.video.sampling import Sample

GRAY = np.zeros((36, 64), np.uint8)
BLANK: NDArray[np.uint8] = np.full((224, 224, 3), 120, np.uint8)


@pytest.mark.parametrize(
    "ends", [[60], list(range(1, 61)), [3, 5, 17, 30, 60], [4, 16, 28, 40, 52, 60]]
)
def test_every_second_is_looked_at_once(ends: list[int]) -> None:
    measurer, begun = PictureCues(), 0
    for end in ends:
        measurer.add(Sample(begun, end, GRAY, BLANK, 1))
        begun = end
    faces, lettering = measurer.finish()
    assert faces.tolist() == lettering.tolist() == [0.0] * 5


def test_a_picture_without_a_face_has_none() -> None:
    assert largest_face(BLANK, 16 / 9) == 0.0
    assert largest_face(BLANK, 9 / 16) == 0.0


def test_the_close_ups_of_a_real_film_are_found_and_its_landscapes_have_none() -> None:
    clip = shared_video("sintel_trailer_480p.mp4")
    close_ups_s, others_s = [14.0, 31.0], [4.0, 38.0, 50.0]  # by eye
    for times_s, found in ((close_ups_s, True), (others_s, False)):
        [run] = cut_frames(clip, [times_s], Framing((224, 224)))
        heights = [largest_face(frame, frame.shape[1] / len(frame)) for frame in run]
        assert [height > 0.3 for height in heights] == [found] * len(times_s)
