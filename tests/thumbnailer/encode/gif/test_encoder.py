"""Our GIFs: three decoders show what the encoder says, and the laws of quality hold."""

from io import BytesIO
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from PIL.GifImagePlugin import GifImageFile

from tests.thumbnailer.clips import shared_video
from tests.thumbnailer.encode.gif.structure import read_gif
from tests.thumbnailer.encode.likeness import frames_on_screen, ssim
from tests.thumbnailer.encode.moving import few_colours, moving_scene
from thumbnailer.encode.gif.encoder import LOSSLESS, encode_gif
from thumbnailer.encode.parts.footage import Footage
from thumbnailer.video.cut import cut_frames

Frames = NDArray[np.uint8]


def as_ffmpeg_shows(content: bytes) -> Frames:
    with av.open(BytesIO(content), "r", format="gif") as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def as_pillow_shows(content: bytes) -> Frames:
    with Image.open(BytesIO(content)) as image:
        assert isinstance(image, GifImageFile)
        pictures = []
        for number in range(image.n_frames):
            image.seek(number)
            pictures.append(np.asarray(image.convert("RGB")))
    return np.stack(pictures)


def assert_shown_alike(frames: Frames, quality: int, delay_cs: int = 8) -> Frames:
    """Encode; demand the same frames and durations of all three decoders."""
    gif = encode_gif(Footage(frames), quality=quality, delay_cs=delay_cs)
    strict = read_gif(gif.content)
    assert strict.delays_cs == [delay_cs] * len(frames)
    np.testing.assert_array_equal(strict.shown, gif.shown)
    np.testing.assert_array_equal(as_pillow_shows(gif.content), gif.shown)
    np.testing.assert_array_equal(as_ffmpeg_shows(gif.content), gif.shown)
    return gif.shown


@pytest.mark.parametrize("quality", [0, 30, 50, 80, LOSSLESS])
def test_every_decoder_shows_what_the_encoder_says(quality: int) -> None:
    assert_shown_alike(moving_scene(), quality)


@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (3, 1, 1), (2, 1, 7), (2, 7, 1), (1, 5, 3), (2, 97, 131)]
)
@pytest.mark.parametrize("quality", [0, 50, LOSSLESS])
def test_tiny_and_odd_sizes(shape: tuple[int, int, int], quality: int) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)

    assert assert_shown_alike(frames, quality).shape == frames.shape


def test_the_largest_picture_that_is_made() -> None:
    frames = moving_scene(2, 640, 640)

    gif = encode_gif(Footage(frames))

    np.testing.assert_array_equal(read_gif(gif.content).shown, gif.shown)


def test_one_colour() -> None:
    frames = np.full((3, 20, 30, 3), (200, 30, 7), np.uint8)

    np.testing.assert_array_equal(assert_shown_alike(frames, 50), frames)


def test_a_frozen_picture_settles_and_then_costs_next_to_nothing() -> None:
    frames = moving_scene(1).repeat(24, axis=0)

    shown = assert_shown_alike(frames, 50)

    np.testing.assert_array_equal(shown[6:], shown[6:7].repeat(18, axis=0))
    shorter = len(encode_gif(Footage(frames[:12])).content)
    assert len(encode_gif(Footage(frames)).content) <= shorter + 12 * 30


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 4),
    height=st.integers(1, 24),
    width=st.integers(1, 24),
    colours=st.integers(1, 255),
    seed=st.integers(0, 2**32 - 1),
)
def test_up_to_255_colours_are_reproduced(
    count: int, height: int, width: int, colours: int, seed: int
) -> None:
    frames = few_colours(np.random.default_rng(seed), (count, height, width), colours)

    np.testing.assert_array_equal(assert_shown_alike(frames, LOSSLESS), frames)


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 24), st.integers(1, 24)),
    quality=st.integers(0, 100),
    delay_cs=st.integers(2, 300),
    smooth=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_random_frames_are_shown_alike(
    shape: tuple[int, int, int], quality: int, delay_cs: int, smooth: bool, seed: int
) -> None:
    count, height, width = shape
    rng = np.random.default_rng(seed)
    frames = (
        moving_scene(count, max(height, 13), max(width, 9), seed)
        if smooth
        else rng.integers(0, 256, (count, height, width, 3), dtype=np.uint8)
    )

    assert_shown_alike(frames, quality, delay_cs)


def test_255_colours_that_fill_the_code_table_many_times() -> None:
    frames = few_colours(np.random.default_rng(5), (2, 160, 200), 255)

    np.testing.assert_array_equal(assert_shown_alike(frames, LOSSLESS), frames)


def test_the_first_frame_is_full_and_opaque() -> None:
    gif = read_gif(encode_gif(Footage(moving_scene())).content)

    assert gif.transparent[0] is None
    assert all(index is not None for index in gif.transparent[1:])


def test_the_same_frames_make_the_same_bytes() -> None:
    assert (
        encode_gif(Footage(moving_scene())).content == encode_gif(Footage(moving_scene())).content
    )


def test_quality_buys_likeness_with_bytes() -> None:
    frames = moving_scene(8, 90, 160)

    gifs = [encode_gif(Footage(frames), quality=quality) for quality in (10, 40, 70, 100)]

    sizes = [len(gif.content) for gif in gifs]
    likeness = [ssim(frames, gif.shown) for gif in gifs]
    assert sizes == sorted(sizes)
    assert likeness[0] + 0.02 < likeness[-1]
    # Where the palette is what limits the likeness, more bytes may change it a little either way.
    assert all(b > a - 0.005 for a, b in pairwise(likeness))


@pytest.mark.parametrize(
    ("span", "quality", "codes"), [(255, 59, 256), (60, 59, 128), (60, 60, 256)]
)
def test_as_many_colours_as_the_frames_need(span: int, quality: int, codes: int) -> None:
    """Ramps over all levels are far off 127 colours; ramps over a quarter of them are not."""
    rows, columns = np.mgrid[0:96, 0:96] / 95
    ramps = np.stack([rows, columns, (1 - rows) * columns**2], axis=-1)
    frames = (40 + ramps * span * 215 / 255).astype(np.uint8)[None]

    assert len(encode_gif(Footage(frames), quality=quality).table) == codes


def test_no_pixel_of_the_old_shot_trails_into_the_new_one() -> None:
    before, after = np.zeros((3, 40, 60, 3), np.uint8), moving_scene(3, 40, 60)

    shown = encode_gif(Footage(np.concatenate((before, after))), quality=50).shown

    assert np.abs(shown[3].astype(int) - after[0]).mean() < 12
    assert (np.abs(shown[3].astype(int) - after[0]).max(axis=-1) < 90).all()


def test_real_frames_look_like_the_video_for_fewer_bytes_than_lossless() -> None:
    clip = shared_video("tears_of_steel_17s.webm")
    frames = np.stack(cut_frames(clip, [[4 + 0.08 * number for number in range(6)]])[0])

    gif = encode_gif(Footage(frames))

    np.testing.assert_array_equal(frames_on_screen(gif.content, 6, 8), gif.shown)
    assert ssim(frames, gif.shown) > 0.9
    assert len(gif.content) < 0.7 * len(encode_gif(Footage(frames), quality=LOSSLESS).content)


@pytest.mark.parametrize(
    ("frames", "delay_cs", "quality", "message"),
    [
        (np.zeros((0, 4, 4, 3), np.uint8), 8, 50, r"shape \(0, 4, 4, 3\)"),
        (np.zeros((4, 4, 3), np.uint8), 8, 50, "N, H, W, 3"),
        (np.zeros((1, 4, 4, 3), np.float32), 8, 50, "must be uint8"),
        (np.zeros((1, 1, 65536, 3), np.uint8), 8, 50, "65535"),
        (np.zeros((1, 4, 4, 3), np.uint8), -1, 50, "delay_cs == -1"),
        (np.zeros((1, 4, 4, 3), np.uint8), 8, 101, "quality == 101"),
    ],
)
def test_what_cannot_be_encoded_is_named(
    frames: Frames, delay_cs: int, quality: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        encode_gif(Footage(frames), delay_cs=delay_cs, quality=quality)
