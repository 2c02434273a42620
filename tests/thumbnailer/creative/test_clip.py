"""Clips go through the decoder of videos, and are cut to the thumbnail's shape."""

from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.clips import with_another_height, write_clip
from tests.thumbnailer.video.test_damage import GOP, film
from thumbnailer.creative import clip
from thumbnailer.errors import UnreadableVideoError

BOX = (320, 180)


@pytest.mark.parametrize(("suffix", "codec"), [("mp4", "libx264"), ("webm", "libvpx")])
def test_the_middle_of_each_frame_is_kept(tmp_path: Path, suffix: str, codec: str) -> None:
    frame = np.zeros((480, 480, 3), np.uint8)
    frame[105:375] = 255  # the middle 16:9 of a square
    path = write_clip(tmp_path / f"a.{suffix}", [frame] * 6, codec=codec)
    shape = clip.shape_of_clip(path, BOX)
    found = list(clip.moments(path, shape))
    assert [round(moment.end_s, 2) for moment in found] == [
        pytest.approx(number / 12, abs=0.02) for number in range(1, 7)
    ]
    assert all(moment.pixels.shape == (180, 320, 3) for moment in found)
    assert found[0].pixels[3:-3].mean() > 250


def test_a_turned_clip_is_upright(tmp_path: Path) -> None:
    frame = np.zeros((180, 320, 3), np.uint8)
    path = write_clip(tmp_path / "a.mp4", [frame] * 2, rotation=90)
    assert clip.shape_of_clip(path, BOX).scaled == (180, 320)


def test_a_damaged_first_picture_does_not_tell_the_shape(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "a.webm", film(), codec="libvpx", gop=GOP)
    damaged = with_another_height(whole, tmp_path / "b.webm")
    assert clip.shape_of_clip(damaged, BOX) == clip.shape_of_clip(whole, BOX)


def test_what_is_neither_picture_nor_clip_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 20)
    with pytest.raises(UnreadableVideoError, match=r"a\.svg is neither a picture \(JPEG, PNG"):
        clip.shape_of_clip(tmp_path / "a.svg", BOX)
