import numpy as np
import pytest
from numpy.typing import NDArray

from tests.thumbnailer.clips import shared_video
from thumbnailer.encode.crop import best_window
from thumbnailer.video.cut import cut_frames

PLACES = {"left": 40, "middle": 160, "right": 280}


def shot_of(video: str, time_s: float) -> NDArray[np.uint8]:
    [frames] = cut_frames(shared_video(video), [[time_s, time_s + 0.4, time_s + 0.8]])
    return np.stack(frames)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_window_shows_what_stands_out_wherever_it_is(place: int) -> None:
    toy = shot_of("mdn_toys_concat_50s.mp4", 30)[:, 30:110, 100:160]  # on a wooden floor
    shot = np.full((3, 180, 320, 3), (120, 80, 60), np.uint8)
    shot[:, 50:130, max(0, place - 30) : max(0, place - 30) + 60] = toy
    rows, columns = best_window(shot, 100, 180)
    assert (rows.start, rows.stop) == (0, 180)
    assert columns.stop - columns.start == 100
    assert columns.start <= place <= columns.stop


def test_a_face_is_in_the_window_wherever_it_is() -> None:
    shot = shot_of("tears_of_steel_battle.webm", 20)  # a man on the left, machines on both sides
    for mirrored in (shot, shot[:, :, ::-1]):
        _, columns = best_window(np.ascontiguousarray(mirrored), 76, 134)
        face = 84 if mirrored is shot else 320 - 84
        assert columns.start + 15 < face < columns.stop - 15


def test_where_nothing_stands_out_the_middle_is_shown() -> None:
    rows, columns = best_window(np.full((1, 180, 320, 3), 127, np.uint8), 100, 180)
    assert rows == slice(0, 180)
    assert abs((columns.start + columns.stop) / 2 - 160) < 25
