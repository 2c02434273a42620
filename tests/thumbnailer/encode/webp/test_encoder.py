"""Our WebPs: libwebp and Chromium show what the encoder says, and only what changes is drawn."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests import chromium
from tests.thumbnailer.clips import shared_video
from tests.thumbnailer.encode.likeness import frames_on_screen, ssim
from tests.thumbnailer.encode.moving import Frames, moving_scene
from tests.thumbnailer.encode.webp.structure import read_webp
from thumbnailer.encode.parts.footage import Footage
from thumbnailer.encode.webp.encoder import EncodedWebp, encode_webp
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.probe import probe

LEVELS_APART = 2  # browsers and libwebp may round from YUV to RGB each in their way


def assert_shown_alike(frames: Frames, quality: int, delay_cs: int = 8) -> EncodedWebp:
    """Encode; demand the same frames and durations of the strict reader and of Pillow."""
    webp = encode_webp(Footage(frames), quality=quality, delay_cs=delay_cs)
    assert webp.shown.shape == frames.shape
    strict = read_webp(webp.content)
    assert sum(strict.durations_ms) == 10 * delay_cs * len(frames)
    begun = np.cumsum([0, *strict.durations_ms[:-1]]) // (10 * delay_cs)
    np.testing.assert_array_equal(strict.shown, webp.shown[begun])
    on_screen = frames_on_screen(webp.content, len(frames), delay_cs)
    np.testing.assert_array_equal(on_screen, webp.shown)
    return webp


@pytest.mark.parametrize("quality", [0, 30, 60, 82, 100])
def test_every_decoder_shows_what_the_encoder_says(quality: int) -> None:
    assert_shown_alike(moving_scene(), quality)


@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (3, 1, 1), (2, 1, 7), (2, 7, 1), (1, 5, 3), (2, 97, 131)]
)
@pytest.mark.parametrize("quality", [0, 82, 100])
def test_tiny_and_odd_sizes(shape: tuple[int, int, int], quality: int) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)

    assert_shown_alike(frames, quality)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 5), st.integers(1, 40), st.integers(1, 40)),
    quality=st.integers(0, 100),
    delay_cs=st.integers(1, 20),
)
def test_whatever_moves_is_shown_as_said(
    seed: int, shape: tuple[int, int, int], quality: int, delay_cs: int
) -> None:
    """Random blocks of one colour change from frame to frame."""
    count, height, width = shape
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (1, -(-height // 8), -(-width // 8), 3), dtype=np.uint8)
    changes = rng.random((count, *small.shape[1:3], 1)) < 0.3
    small = np.where(changes, rng.integers(0, 256, small.shape, dtype=np.uint8), small)
    frames = np.repeat(np.repeat(small, 8, axis=1), 8, axis=2)[:, :height, :width]

    assert_shown_alike(np.ascontiguousarray(frames), quality, delay_cs)


def test_a_frozen_picture_is_one_frame() -> None:
    webp = encode_webp(Footage(moving_scene(1).repeat(5, axis=0)))

    assert read_webp(webp.content).durations_ms == [400]


def test_only_what_moves_is_drawn_again() -> None:
    """A square of 8 pixels moves over a picture of 128 x 64."""
    still = moving_scene(1, 64, 128)
    frames = still.repeat(6, axis=0)
    for number in range(6):
        frames[number, 30:38, 40 + 4 * number : 48 + 4 * number] = (250, 20, 30)

    first, *others = read_webp(assert_shown_alike(frames, 82).content).shares_drawn

    assert first == 1
    assert 0 < max(others) < 0.1


def test_a_cut_draws_everything_again() -> None:
    frames = moving_scene(6, 64, 128)

    shares = read_webp(encode_webp(Footage(frames)).content).shares_drawn

    assert shares[3] == 1


def test_a_fading_picture_does_not_lag_behind() -> None:
    """Each step alone is too small to be seen; their sum must not stay on the canvas."""
    picture = moving_scene(1, 64, 128)[0].astype(float)
    fading = [picture * (1 - number / 40) for number in range(30)]
    frames = np.stack(fading).astype(np.uint8)

    webp = encode_webp(Footage(frames))

    assert np.abs(webp.shown[-1].astype(int) - frames[-1]).mean() < 4


def test_better_quality_is_heavier_and_the_best_more_alike() -> None:
    frames = moving_scene(8, 90, 160)
    made = [encode_webp(Footage(frames), quality=quality) for quality in (10, 40, 70, 95)]

    sizes = [len(each.content) for each in made]

    assert sizes == sorted(sizes)
    assert ssim(frames, made[-1].shown) > ssim(frames, made[0].shown)


def by_pillow(frames: Frames, quality: int) -> bytes:
    first, *others = [Image.fromarray(frame) for frame in frames]
    file = BytesIO()
    first.save(
        file, "WEBP", save_all=True, append_images=others, duration=80, quality=quality, method=4
    )
    return file.getvalue()


def test_smaller_than_libwebp_makes_a_real_clip_of_little_motion() -> None:
    path = shared_video("nasa_13013.mp4")
    starts_s = probe(path).duration_s / 2
    [shot] = cut_frames(path, [[starts_s + 0.08 * number for number in range(12)]])
    frames = np.stack(shot)

    own = assert_shown_alike(frames, 82)
    plain = by_pillow(frames, quality=78)

    assert ssim(frames, own.shown) >= ssim(frames, frames_on_screen(plain, 12, 8))
    assert len(own.content) < 0.8 * len(plain)


PAGE = """<!doctype html><script type="module">
const data = (await fetch("/moving.webp")).body;
const decoder = new ImageDecoder({data, type: "image/webp"});
await decoder.completed;
const frames = [];
for (let n = 0; n < decoder.tracks.selectedTrack.frameCount; n++) {
  const {image} = await decoder.decode({frameIndex: n});
  const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  frames.push(context.getImageData(0, 0, canvas.width, canvas.height).data);
}
await fetch("/frames", {method: "POST", body: new Blob(frames)});
</script>"""


@chromium.needed
def test_chromium_shows_what_the_encoder_says(tmp_path: Path) -> None:
    frames = moving_scene(6, 60, 100)
    frames[1] = frames[0]
    frames[1, 20:40, 30:50] = (250, 20, 30)
    webp = assert_shown_alike(frames, 82)
    strict = read_webp(webp.content).shown

    told = chromium.tells(PAGE, {"moving.webp": webp.content}, tmp_path)
    shown = np.frombuffer(told, np.uint8)

    pixels = shown.reshape(*strict.shape[:3], 4)
    assert (pixels[..., 3] == 255).all()
    assert np.abs(pixels[..., :3].astype(int) - strict).max() <= LEVELS_APART
