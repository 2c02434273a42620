"""The storyboard shows the frames at the times asked for, row by row."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from tests.thumbnailer.clips import scenes, write_clip
from thumbnailer.encode.storyboard import make_storyboard


def test_each_frame_is_where_the_storyboard_says(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([3, 3, 3]))
    times_s = [0.5 * number for number in range(17)]
    made = make_storyboard(clip, times_s)
    assert (made.times_s, made.columns, made.file_extension) == (
        tuple(times_s),
        10,
        ".jpg",
    )
    picture = np.asarray(Image.open(BytesIO(made.content))).astype(float)
    assert picture.shape == (2 * made.height, 10 * made.width, 3)
    wanted = scenes([3, 3, 3])
    for number, time_s in enumerate(times_s):
        row, column = divmod(number, 10)
        top, left = row * made.height, column * made.width
        shown = picture[top : top + made.height, left : left + made.width]
        there = wanted[round(time_s * 12)].astype(float)
        assert np.abs(shown.mean(axis=(0, 1)) - there.mean(axis=(0, 1))).max() < 10
