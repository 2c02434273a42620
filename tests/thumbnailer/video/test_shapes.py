"""Films whose frames are of several shapes."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext

from thumbnailer.video.decode import FilmFrame
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.picture import Picture
from thumbnailer.video.sampling import sample_video
from thumbnailer.video.shapes import ShapeWatch

FPS = 12
OTHER_CROP = "h264_metadata=crop_left=6:crop_top=8"
WHOLE, LESS, CODED, SMALL = (160, 90), (154, 82), (160, 96), (80, 48)


def watched(*runs: tuple[tuple[int, int], float, int]) -> ShapeWatch:
    """Watch runs of frames of a size, for so many seconds, with a width of pixels."""
    watch, number = ShapeWatch(), 0
    for size, length_s, aspect in runs:
        picture = Picture(av.VideoFrame(*size, "yuv420p"), pixel_aspect=Fraction(aspect))
        for _ in range(round(length_s * FPS)):
            span_s = number / FPS, (number + 1) / FPS
            watch.see(FilmFrame(*span_s, picture, 0, False, 0, True))
            number += 1
    return watch


def test_a_film_of_one_shape_is_sound() -> None:
    watch = watched((WHOLE, 3, 1))
    assert watch.broken_s() == watch.doubtful_s() == []


@pytest.mark.parametrize("other", [LESS, CODED])
def test_what_is_coded_alike_and_shown_otherwise_for_a_moment_is_broken(
    other: tuple[int, int],
) -> None:
    watch = watched((WHOLE, 2, 1), (other, 0.5, 1), (WHOLE, 1, 1))
    assert watch.broken_s() == watch.doubtful_s() == [(2.0, 2.5)]


def test_a_change_that_lasts_is_the_makers_and_doubtful_only_where_a_film_is_damaged() -> None:
    watch = watched((WHOLE, 2, 1), (CODED, 1.5, 1))
    assert watch.broken_s() == []
    assert watch.doubtful_s() == [(2.0, 3.5)]


def test_another_film_or_other_pixels_for_a_moment_are_the_makers() -> None:
    watch = watched((SMALL, 0.5, 1), (WHOLE, 2, 1), (WHOLE, 0.5, 2))
    assert watch.broken_s() == [(2.5, 3.0)], "pixels of another width are shown otherwise"
    assert watch.doubtful_s() == [(0.0, 0.5), (2.5, 3.0)]


def part(path: Path, count: int, first: int, filters: str) -> bytes:
    """Encode so many frames, and change the headers of their packets."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=FPS, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = *WHOLE, "yuv420p"
        changing = None
        for number in range(count + 1):
            tone = np.full((WHOLE[1], WHOLE[0], 3), 60 + 9 * (number % 12), np.uint8)
            frame = av.VideoFrame.from_ndarray(tone, format="rgb24")
            frame.pts, frame.time_base = first + number, Fraction(1, FPS)
            for packet in stream.encode(frame if number < count else None):
                changing = changing or BitStreamFilterContext(filters, stream)
                packet.stream = stream
                container.mux(changing.filter(packet))
    return path.read_bytes()


def test_a_real_stream_that_changes_its_crop_for_half_a_second_is_damaged(tmp_path: Path) -> None:
    content, first = b"", FPS
    for number, (filters, count) in enumerate([("null", 24), (OTHER_CROP, 6), ("null", 24)]):
        content += part(tmp_path / f"{number}.ts", count, first, filters)
        first += count
    (tmp_path / "a.ts").write_bytes(content)
    log = DecodingLog()
    list(sample_video(tmp_path / "a.ts", rgb_size=8, log=log))
    assert log.is_damaged
    assert np.array(log.broken_s) == pytest.approx(np.array([[2.0, 2.5]]))
