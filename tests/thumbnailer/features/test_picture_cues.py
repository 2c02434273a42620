"""One look a second, whatever the frames; a face is as high as it is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.thumbnailer.clips import shared_video
from thumbnailer.features.picture_cues import AT_ONCE, PictureCues, largest_faces, lettering
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.framing import Framing
from thumbnailer.video.sampling import Sample
from thumbnailer.video.ticks import TICKS_PER_S

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
    assert largest_faces([BLANK], 16 / 9) == largest_faces([BLANK], 9 / 16) == [0.0]


def test_the_close_ups_of_a_real_film_are_found_and_its_landscapes_have_none() -> None:
    clip = shared_video("sintel_trailer_480p.mp4")
    close_ups_s, others_s = [14.0, 31.0], [4.0, 38.0, 50.0]  # by eye
    for times_s, found in ((close_ups_s, True), (others_s, False)):
        [run] = cut_frames(clip, [times_s], Framing((224, 224)))
        heights = largest_faces(run, run[0].shape[1] / len(run[0]))
        assert [height > 0.3 for height in heights] == [found] * len(times_s)


def test_pictures_of_two_shapes_are_told_of_in_their_order() -> None:
    clip, times_s = shared_video("sintel_trailer_480p.mp4"), [4.0, 14.0, 31.0, 38.0, 43.5, 50.0]
    [run] = cut_frames(clip, [times_s], Framing((224, 224)))
    aspects = [run[0].shape[1] / len(run[0])] * 2 + [1.0] * (AT_ONCE + 1)
    measurer, alone = PictureCues(), []
    for second, (picture, aspect) in enumerate(zip(run, aspects, strict=False)):
        begun = second * TICKS_PER_S
        measurer.add(Sample(begun, begun + TICKS_PER_S, GRAY, picture, aspect=aspect))
        alone.append(largest_faces([picture], aspect) + lettering([picture], aspect))
    found = np.stack(measurer.finish(), axis=1)
    np.testing.assert_allclose(found, alone, atol=1e-4)
    assert (found > 0).any(axis=0).all()  # a face, and lines of text
